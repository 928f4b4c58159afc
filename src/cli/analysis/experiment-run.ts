/**
 * Runs experiments from a command's options to its files: a table of importances, one of comparisons, a JSON
 * file and a manifest each, written as soon as the experiment is done.
 */

import { extname, join } from 'node:path';
import { readText } from '../../data/index.node.js';
import { echo } from '../../device/echo.js';
import { PaddingError } from '../../device/errors.js';
import { topPatterns } from '../../gia/adaptive.js';
import type {
  AllOptions,
  ExperimentResult,
  Labels,
  ReplicatedComparison,
} from '../../gia/experiments/index.js';
import { kmerPatterns, kmerPosition } from '../../gia/importance.js';
import { namedResult } from '../../gia/tables/column-names.js';
import { parseTableJson, parseTsv, type StoredTable } from '../../gia/tables/table-reader.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { count } from '../../report/wording.js';
import { inPrecision } from '../models/precision.js';
import { writeResult } from '../output/files.js';
import { lockFolder, MANIFEST, manifestText } from '../output/output.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { type AnalysisOptions, AnalysisRun } from './analysis.js';
import { experimentText, experimentTsv } from './experiment-text.js';
import { withPairProgress } from './pairs.js';

type Library = typeof import('../../gia/experiments/index.js');

export interface ExperimentCommandOptions extends AnalysisOptions {
  readonly motif?: string;
  /** Of `multiplicity`. */
  readonly suboptimal?: string;
  readonly table?: string;
  /** What `affinity` read, for the manifest. */
  readonly affinities?: { readonly path: string; readonly sha256: string };
  /** A folder. */
  readonly out?: string;
}

/** One experiment, after those whose results it is given. */
type Experiment = (
  model: ResidualBind,
  options: AllOptions,
  before: readonly ExperimentResult[],
) => Promise<ExperimentResult>;

export interface ExperimentCommand {
  readonly command: string;
  /** The models'. */
  readonly paths: readonly string[];
  readonly options: ExperimentCommandOptions;
  /** False for an experiment that takes no motif. Default true. */
  readonly needsMotif?: boolean;
  /** By name, in order. Of several, those that do not fit the letters of probes are left out. */
  readonly runs: (library: Library) => Readonly<Record<string, Experiment>>;
}

/** @throws UsageError, CancelledError, and whatever files and GPU throw */
export async function experiment(
  io: Io,
  { command, paths, options, needsMotif = true, runs }: ExperimentCommand,
): Promise<void> {
  const { out, ...rest } = options;
  const library = await import('../../gia/experiments/index.js');
  using _lock = out === undefined ? undefined : await lockFolder(out, filesOf(command, library));
  const given = options.motif ?? (options.table === undefined ? undefined : await topOf(options.table));
  const named = given === undefined ? undefined : checkedMotif(given);
  const suboptimal = options.suboptimal === undefined ? undefined : checkedMotif(options.suboptimal);
  using run = await AnalysisRun.open(io, {
    command,
    paths,
    options: rest,
    parts: () => [],
    keepsLocal: true,
    shown: 0,
  });
  const { model, backgrounds, profiling } = run;
  profiling.stage('embed and predict');
  const motif = needsMotif ? (named ?? (await searched(io, run))) : undefined;
  const record = () =>
    run.record({ ...(motif && { motif }), backgrounds: backgrounds.count, patterns: undefined });
  const results: (ExperimentResult & { readonly across?: readonly ReplicatedComparison[] })[] = [];
  const skipped: { readonly experiment: string; readonly reason: string }[] = [];
  const works = Object.entries(runs(library));
  try {
    for (const [name, work] of works) {
      const found = await withPairProgress(io, { total: 1 }, (progress) =>
        work(
          model,
          {
            ...run.computing,
            ...progress,
            backgrounds,
            motif: motif ?? '',
            ...(suboptimal && { suboptimal }),
          },
          results,
        ),
      ).catch((error: unknown) => {
        if (!(error instanceof PaddingError) || works.length === 1) throw error;
        skipped.push({ experiment: name, reason: error.message });
        note(io, skippedText(skipped.at(-1)!));
        if (skipped.length === works.length) throw error;
        return undefined;
      });
      if (!found) continue;
      const isShared = paths.length > 1 && found.comparisons.length > 0;
      const result = {
        ...found,
        ...(isShared && { across: library.acrossModels<Labels>(found.comparisons) }),
      };
      results.push(result);
      if (out)
        await save(out, result, { ...(await record()), ...(found.padding && { padding: found.padding }) });
    }
  } catch (error) {
    if (out && results.length > 0)
      note(
        io,
        `${out} has ${results.map(({ experiment: name }) => name).join(', ')}, which were done before`,
      );
    throw error;
  }
  const profile = await profiling.finish();
  const about = { ...(await record()), ...profile };
  if (out && Object.keys(profile).length > 0)
    for (const { experiment: name } of results) await saveManifest(out, name, about);
  const text = [
    ...results.map((result) => experimentText(result, paths, result.across)),
    ...skipped.map(skippedText),
    `${count(backgrounds.count, 'background')}, ${duration(run.watch.seconds)}${inPrecision(run.known)}, ${run.gpu.adapter.name}${out ? `; tables, JSON and manifests in ${out}` : ''}`,
  ];
  printResult(
    io,
    options.json,
    { ...about, results: results.map(namedResult), ...(skipped.length > 0 && { skipped }) },
    text.join('\n\n'),
  );
}

/** Files that a command may write. */
function filesOf(command: string, { EXPERIMENTS }: Library): string[] {
  const name = command.replace('gia ', '');
  const names = name === 'all' ? Object.keys(EXPERIMENTS) : [name];
  const endings = ['.json', '.tsv', '.comparisons.tsv', '.across.tsv', MANIFEST];
  return names.flatMap((each) => endings.map((ending) => `${each}${ending}`));
}

/** `hairpin was left out: …`, for terminal and report. */
export const skippedText = ({
  experiment: name,
  reason,
}: {
  readonly experiment: string;
  readonly reason: string;
}): string => `${name} was left out: ${reason}`;

/** @throws UsageError for letters that no experiment takes */
export function checkedMotif(text: string): string {
  const motif = text.trim().toUpperCase().replaceAll('T', 'U');
  if (!/^[ACGU]+$/.test(motif)) throw new UsageError(`the motif ${echo(text)} must be letters A, C, G and U`);
  return motif;
}

/** A table that gia sweep wrote, .json or tab-separated. @throws FormatError naming file and line */
export async function readTable(path: string): Promise<StoredTable> {
  const { text } = await readText(path);
  return extname(path).toLowerCase() === '.json' ? parseTableJson(text, path) : parseTsv(text, path);
}

/** The top pattern of a table. */
async function topOf(path: string): Promise<string> {
  const { rows } = await readTable(path);
  const top = rows.reduce((best, row) => (row.importance > best.importance ? row : best), rows[0]!);
  return top.pattern.replace(/@\d+$/, '');
}

async function searched(io: Io, run: AnalysisRun): Promise<string> {
  const { model, backgrounds } = run;
  const position = kmerPosition(6, backgrounds);
  const patterns = kmerPatterns(6, position, model.architecture.length);
  const { models } = await withPairProgress(io, { total: patterns.length * backgrounds.count }, (progress) =>
    topPatterns(model, patterns, backgrounds, { ...run.computing, ...progress, top: 1 }),
  );
  const motif = models[0]!.patterns[0]!;
  const [path, ...others] = run.analysis.paths;
  note(io, `the top 6-mer at ${position} is ${motif}${others.length > 0 ? `, by ${path}` : ''}`);
  return motif;
}

async function save(
  folder: string,
  result: ExperimentResult & { readonly across?: readonly ReplicatedComparison[] },
  about: object,
): Promise<void> {
  const { experiment: name, rows, comparisons, across } = result;
  await writeResult(
    join(folder, `${name}.json`),
    `${JSON.stringify({ manifest: about, ...namedResult(result) }, null, 2)}\n`,
  );
  await writeResult(join(folder, `${name}.tsv`), experimentTsv(rows));
  if (comparisons.length > 0)
    await writeResult(join(folder, `${name}.comparisons.tsv`), experimentTsv(comparisons));
  if (across) await writeResult(join(folder, `${name}.across.tsv`), experimentTsv(across));
  await saveManifest(folder, name, about);
}

const saveManifest = (folder: string, name: string, about: object): Promise<void> =>
  writeResult(join(folder, `${name}${MANIFEST}`), manifestText(about));
