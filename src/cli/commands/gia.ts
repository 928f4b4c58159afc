/** `residualbind gia`: global importance of all k-mers (`sweep`) or of chosen patterns (`importance`). */

import type { Command } from 'commander';
import { encodeSequences, readSequences } from '../../data/index.node.js';
import {
  BACKGROUND_KINDS,
  type BackgroundKind,
  type Backgrounds,
  makeBackgrounds,
} from '../../gia/backgrounds.js';
import { type ImportanceOptions, type ImportanceResult, importance, sweep } from '../../gia/importance.js';
import { MAX_K } from '../../gia/kmers.js';
import { type Pattern, parsePattern } from '../../gia/patterns.js';
import { giaTable, toJson, topRows, toTsv } from '../../gia/table.js';
import type { StorageFormat } from '../../nn/evaluation.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { UsageError } from '../errors.js';
import { checkFile, writeResult } from '../files.js';
import { type Io, printResult } from '../io.js';
import { manifest, Stopwatch } from '../manifest.js';
import { type ModelFacts, openModel, printStorageError } from '../models.js';
import {
  choice,
  examples,
  type GpuOptions,
  type ProfileOptions,
  positiveInteger,
  type SeededOptions,
  storageOption,
  wholeNumber,
  withGpu,
  withProfile,
  withSeed,
} from '../options.js';
import { withPairProgress } from '../pairs.js';
import { Profiling } from '../profile.js';
import { duration } from '../progress.js';
import { openGpu } from '../session.js';
import { importanceTable } from '../tables.js';

interface GiaOptions extends GpuOptions, ProfileOptions, SeededOptions {
  readonly backgrounds: number;
  readonly null: BackgroundKind;
  readonly sequences?: string;
  readonly storage?: StorageFormat;
  readonly out?: string;
}

interface SweepOptions extends GiaOptions {
  readonly k: number;
  readonly position: number;
  readonly out: string;
}

/** What `sweep` and `importance` have in common. */
interface Task {
  readonly command: string;
  /** The model's. */
  readonly path: string;
  readonly options: GiaOptions & { readonly patterns?: readonly string[] };
  /** Number of patterns, and how many of them to print. */
  readonly count: number;
  readonly shown: number;
  readonly analysis: (
    model: ResidualBind,
    backgrounds: Backgrounds,
    options: ImportanceOptions,
  ) => Promise<ImportanceResult>;
}

/** Rows printed of a sweep. */
const TOP = 10;

export function addGia(program: Command, io: Io): void {
  const gia = program
    .command('gia')
    .description('global importance analysis: what patterns do to a prediction');
  addSweep(gia, io);
  addImportance(gia, io);
  gia.addHelpText(
    'after',
    examples('gia sweep run --out 6-mers.tsv', "gia importance run 'UGCAUG@17' 'UGCAUG@3+UGCAUG@13'"),
  );
}

function addSweep(gia: Command, io: Io): void {
  const command = gia
    .command('sweep')
    .description('global importance of all 4^k k-mers at one position')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .requiredOption('--out <file>', 'the table of all k-mers: .tsv, or .json; a manifest goes beside it')
    .option('--k <n>', `letters of a k-mer, 1 to ${MAX_K}`, positiveInteger, 6)
    .option('--position <n>', 'position of the first letter, counted from 0', wholeNumber, 17);
  withBackgrounds(command)
    .addHelpText(
      'after',
      examples(
        'gia sweep run --out 6-mers.tsv',
        'gia sweep run --k 7 --position 10 --backgrounds 200 --null uniform --out 7-mers.json',
        'gia sweep run --null dinuc --sequences probes.fa --out 6-mers.tsv',
      ),
    )
    .action((path: string, options: SweepOptions) => {
      const { k, position } = options;
      if (k > MAX_K) throw new UsageError(`--k must be at most ${MAX_K}, not ${k}`);
      return analyse(io, {
        command: 'gia sweep',
        path,
        options,
        count: 4 ** k,
        shown: TOP,
        analysis: (model, backgrounds, rest) => sweep(model, { k, position, backgrounds, ...rest }),
      });
    });
}

function addImportance(gia: Command, io: Io): void {
  const command = gia
    .command('importance')
    .description('global importance of chosen patterns: LETTERS@POSITION, several sites joined by +')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument('<patterns...>', 'for example UGCAUG@17, or UGCAUG@3+UGCAUG@13; positions count from 0')
    .option('--out <file>', 'the table: .tsv, or .json; a manifest goes beside it');
  withBackgrounds(command)
    .addHelpText(
      'after',
      examples(
        "gia importance run 'UGCAUG@17'",
        "gia importance run 'UGCAUG@3' 'UGCAUG@3+UGCAUG@10' 'UGCAUG@3+UGCAUG@10+UGCAUG@17' --out multiplicity.tsv",
        "gia importance run 'GCGCGC@34+UGCAUG@17' --null uniform --json",
      ),
    )
    .action((path: string, texts: string[], options: GiaOptions) => {
      const patterns: readonly Pattern[] = texts.map(parsePattern);
      return analyse(io, {
        command: 'gia importance',
        path,
        options: { patterns: texts, ...options },
        count: texts.length,
        shown: texts.length,
        analysis: (model, backgrounds, rest) => importance(model, patterns, backgrounds, rest),
      });
    });
}

const withBackgrounds = (command: Command): Command =>
  withGpu(
    withSeed(
      withProfile(command)
        .option('--backgrounds <n>', 'sequences into which each pattern is embedded', positiveInteger, 1000)
        .addOption(choice('--null <kind>', 'how backgrounds are drawn', BACKGROUND_KINDS, 'profile'))
        .option('--sequences <file>', 'FASTA or one sequence per line, from which backgrounds are made')
        .addOption(storageOption()),
      'the backgrounds',
    ),
  );

async function analyse(io: Io, { command, path, options, count, shown, analysis }: Task): Promise<void> {
  const { out } = options;
  if (options.backgrounds < 2)
    throw new UsageError('--backgrounds must be at least 2, or there is no interval');
  if (out) await checkFile(out);
  const profiling = await Profiling.start(io, options);
  profiling.stage('open');
  using gpu = await openGpu(io, options);
  profiling.attach(gpu);
  const watch = new Stopwatch(gpu);
  const { model, facts, origin } = await openModel(gpu, path);
  using _model = model;
  profiling.stage('backgrounds');
  const { backgrounds, sequences } = await drawBackgrounds(options, model, facts);
  const storageError = await printStorageError(io, model, backgrounds.codes, options.storage);
  profiling.stage('embed and predict');
  const result = await withPairProgress(io, count * backgrounds.count, out, (progress) =>
    analysis(model, backgrounds, { ...progress, storage: options.storage }),
  );
  profiling.stage('table');
  const [{ mean, variance }] = result.models as [ImportanceResult['models'][number]];
  const table = await giaTable(result.patterns, { mean, variance, n: result.backgrounds });

  const { seconds } = watch;
  const record = {
    ...(await manifest(command, { model: path, ...options }, watch)),
    seed: options.seed,
    preset: facts.preset ?? null,
    model: origin,
    storageError: storageError ?? null,
    trainedOn: facts.data ?? null,
    normalisation: facts.normalisation ?? null,
    sequences,
    patterns: count,
    pairs: result.work.pairs,
    ...(await profiling.finish()),
  };
  if (out) {
    await writeResult(out, out.endsWith('.json') ? toJson(table, record) : toTsv(table));
    await writeResult(`${out}.manifest.json`, `${JSON.stringify(record, null, 2)}\n`);
  }
  const rows = topRows(table, shown);
  const heading = `Global importance of ${count} patterns over ${result.backgrounds} backgrounds, in ${duration(seconds)}`;
  const text = [
    rows.length < count ? `${heading}; the top ${rows.length}:` : `${heading}:`,
    importanceTable(rows),
    ...(out ? [`The whole table is in ${out}.`] : []),
  ];
  printResult(io, options.json, { ...record, out: out ?? null, top: rows }, text.join('\n'));
}

/** Backgrounds and the file they were made from, if any. */
async function drawBackgrounds(
  { null: kind, backgrounds: count, seed, sequences: path }: GiaOptions,
  { architecture: { length } }: ResidualBind,
  { profile }: ModelFacts,
) {
  const given = path === undefined ? undefined : await readSequences(path);
  if (given && kind === 'uniform')
    throw new UsageError('--null uniform uses no sequences; leave out --sequences');
  if (!given && kind === 'profile' && !profile)
    throw new UsageError('this model carries no nucleotide profile; give --sequences or --null uniform');
  if (!given && kind !== 'profile' && kind !== 'uniform')
    throw new UsageError(`--null ${kind} needs --sequences <file>`);
  const backgrounds = makeBackgrounds({
    kind,
    count,
    length,
    seed,
    ...(given
      ? { sequences: encodeSequences(given.sequences, length, given) }
      : profile
        ? { profile: Float64Array.from(profile) }
        : {}),
  });
  return { backgrounds, sequences: given ? { path, sha256: given.sha256, count: given.names.length } : null };
}
