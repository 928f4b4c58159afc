/** `residualbind ism`: which letters of given sequences a prediction rests on. */

import { join } from 'node:path';
import type { Command } from 'commander';
import type { Alphabet } from '../../data/sequences/letters.js';
import { count } from '../../device/count.js';
import {
  ATTRIBUTION_METHODS,
  type Attribution,
  type AttributionMethod,
  type AttributionOptions,
} from '../../gia/attribution/attribution.js';
import {
  attributionFormatOf,
  bySequence,
  encodeAttribution,
  type SequenceAttribution,
} from '../../gia/attribution/attribution-files.js';
import {
  BASELINES,
  type Completeness,
  type IntegratedAttribution,
  integratedGradients,
  STEPS,
} from '../../gia/attribution/integrated.js';
import { mutagenesis } from '../../gia/attribution/mutagenesis.js';
import { saliency } from '../../gia/attribution/saliency.js';
import { TREATMENTS, type Treatment } from '../../gia/structure.js';
import { fileNamesOf } from '../../gia/tables/file-names.js';
import type { ModelFacts } from '../../nn/files/model-facts.js';
import { readModel } from '../../nn/files/model-files.node.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { mutantsNote } from '../../report/structure-words.js';
import { checkStructure, structureRecord } from '../analysis/structure.js';
import { readGiven } from '../models/given-sequences.js';
import {
  aboutModel,
  aboutTasks,
  chosenTasks,
  noteFirst,
  noteInPadding,
  type TaskOptions,
  withTask,
} from '../models/models.js';
import {
  choice,
  examples,
  type GpuFlags,
  outputPath,
  type ProfileOptions,
  positiveInteger,
  withGpu,
  withProfile,
} from '../options.js';
import { checkFolder, writeResult } from '../output/files.js';
import { lockFolder, OutputFile } from '../output/output.js';
import { type LettersOptions, withLetters } from '../probe-options.js';
import { Session } from '../session.js';
import { aligned } from '../tables.js';
import { checkedOption, UsageError } from '../terminal/errors.js';
import { type Io, printResult } from '../terminal/io.js';
import { duration, Progress } from '../terminal/progress.js';

interface IsmOptions extends GpuFlags, LettersOptions, ProfileOptions, TaskOptions {
  readonly method: AttributionMethod;
  readonly baseline?: 'profile' | (typeof BASELINES)[number];
  readonly steps?: number;
  readonly structure?: Treatment;
  readonly out?: string;
  /** A folder. */
  readonly logos?: string;
}

/** Sequences printed, and positions of each. */
const SHOWN = { sequences: 5, positions: 6 };

export function addIsm(program: Command, io: Io): void {
  const command = program
    .command('ism')
    .description('which letters of a sequence its prediction depends on: in-silico mutagenesis, or gradients')
    .argument('<model>', 'directory that train wrote, or a .safetensors file')
    .argument(
      '<sequences...>',
      'files (FASTA, FASTQ or one sequence per line; plain or gzipped), or the sequences themselves',
    )
    .addOption(
      choice(
        '--method <name>',
        'mutagenesis: change of the prediction by every single-letter mutant; saliency: its gradient; integrated: integrated gradients',
        ATTRIBUTION_METHODS,
        'mutagenesis',
      ),
    )
    .addOption(
      choice(
        '--baseline <name>',
        "baseline of integrated gradients: no letters, a quarter of each, or the training set's mean profile (default: zeros)",
        [...BASELINES, 'profile'],
      ),
    )
    .option(
      '--steps <n>',
      `steps along the path of integrated gradients (default: ${STEPS})`,
      positiveInteger,
    )
    .addOption(
      choice(
        '--structure <what>',
        'mutagenesis by models with structure channels: fold every mutant anew, or keep the structure of the sequence (default: fold); gradients always keep it',
        TREATMENTS,
      ),
    )
    .option(
      '--out <file>',
      'scores of all letters: .tsv, .json or .npz; a manifest goes beside it',
      outputPath,
    )
    .option(
      '--logos <dir>',
      'a logo of every sequence, as SVG, with letter heights by importance',
      outputPath,
    );
  withGpu(withProfile(withLetters(withTask(command))))
    .addHelpText(
      'after',
      `\nPositions count from 0 in the sequence as given; index counts sequences from 1. N has no wild\ntype: its scores are 0. A record may end with a dot-bracket line, as ViennaRNA writes it;\nlogos draw it. A model with structure channels folds sequences itself.\n${examples(
        'ism run GGAGGCUGGCAGCUUUAGC',
        'ism run probes.fa --out mutagenesis.npz',
        'ism run folded.fa --logos logos',
        'ism run probes.fa --structure keep --out letters.tsv',
        'ism run probes.fa --method saliency --out saliency.tsv',
        'ism run probes.fa --method integrated --steps 512 --json',
      )}`,
    )
    .action((model: string, sequences: string[], options: IsmOptions) => ism(io, model, sequences, options));
}

async function ism(io: Io, path: string, args: readonly string[], options: IsmOptions): Promise<void> {
  const { out, method, logos } = options;
  for (const name of ['steps', 'baseline'] as const)
    if (options[name] !== undefined && method !== 'integrated')
      throw new UsageError(`--${name} goes with --method integrated`);
  if (options.structure === 'fold' && method !== 'mutagenesis')
    throw new UsageError(
      `--structure fold goes with --method mutagenesis: ${method} is a gradient with respect to letters, with the structure kept`,
    );
  const format = out === undefined ? undefined : checkedOption(() => attributionFormatOf(out));
  using output = out === undefined ? undefined : await OutputFile.open(io, out);
  using _logos = logos === undefined ? undefined : await lockFolder(logos);
  using session = await Session.start(io, {
    command: 'ism',
    given: { model: path, sequences: args },
    options,
  });
  const read = await readGiven(io, args, options);
  await noteFirst(io, path);
  const file = chosenTasks(await readModel(path), options);
  const { length, alphabet } = file.architecture;
  checkStructure(file, options);
  const given = read.encode(length, alphabet);
  const tasks = aboutTasks(file).tasks ?? [];
  const logoFiles = logoFilesOf(given.names.length, tasks);
  if (logos !== undefined) await checkFolder(logos, logoFiles);
  await session.open();
  const model = await session.upload(file);
  const inPadding = noteInPadding(io, file, given.sequences);
  session.stage(method);
  const attribution = await attribute(io, model, file.facts, given.codes, options);
  const { seconds } = session.watch;
  const completeness = 'completeness' in attribution ? attribution.completeness : undefined;
  const record = await session.finish({
    ...aboutModel(file),
    ...aboutTasks(file),
    ...structureRecord(file, { structure: attribution.structure }),
    normalisation: file.facts.normalisation ?? null,
    input: { sources: given.sources, count: given.names.length },
    ...inPadding,
    method,
    completeness: completeness
      ? { absolute: completeness.absolute, relative: finiteOrNull(completeness.relative) }
      : null,
  });
  if (output && format)
    await output.write(await encodeAttribution(attribution, given, format, record), record);
  const sequences = bySequence(attribution, given);
  if (logos) await writeLogos(logos, logoFiles, sequences, alphabet);
  const each = tasks.length > 0 ? ` for ${count(tasks.length, 'task')} each` : '';
  const text = [
    `${HEADINGS[method]} of ${count(given.names.length, 'sequence')}${each}, in ${duration(seconds)}`,
    ...structureLine(attribution),
    ...(completeness ? [completenessLine(completeness, sequences)] : []),
    ...described(sequences, Math.max(1, tasks.length)),
    ...(out ? [`All scores are in ${out}.`] : []),
    ...(logos ? [`Logos are in ${logos}.`] : []),
  ];
  printResult(output?.io ?? io, options.json, { ...record, out: out ?? null, sequences }, text.join('\n'));
}

/** How the structure of sequences was treated; nothing for models that see letters only. */
const structureLine = (attribution: Attribution): string[] =>
  attribution.method === 'mutagenesis'
    ? mutantsNote(attribution).trim().split('\n').filter(Boolean)
    : attribution.structure
      ? ['The structure of the sequences is kept: these are scores of letters alone.']
      : [];

/** The first sequences, each for all tasks, and how many there are besides. */
function described(rows: readonly SequenceAttribution[], tasks: number): string[] {
  const more = rows.length / tasks - SHOWN.sequences;
  return [
    ...rows.slice(0, SHOWN.sequences * tasks).map(describe),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
}

/** One SVG a sequence and task, by the sequence's number: names may hold what file names cannot. */
const logoFilesOf = (count: number, tasks: readonly string[]): readonly string[] =>
  Array.from({ length: count }, (_, i) => `sequence-${i + 1}`).flatMap((name) =>
    tasks.length === 0 ? [`${name}.svg`] : fileNamesOf(tasks).map((task) => `${name}-${task}.svg`),
  );

async function writeLogos(
  folder: string,
  files: readonly string[],
  sequences: readonly SequenceAttribution[],
  alphabet: Alphabet,
): Promise<void> {
  const { attributionLogo } = await import('../../report/figures/attribution-logo.js');
  for (const [i, each] of sequences.entries())
    await writeResult(join(folder, files[i]!), attributionLogo(each, { alphabet }));
}

const HEADINGS: Readonly<Record<AttributionMethod, string>> = {
  mutagenesis: 'In-silico mutagenesis',
  saliency: 'Saliency',
  integrated: 'Integrated gradients',
};

const UNITS: Readonly<Record<AttributionMethod, string>> = {
  mutagenesis: 'mutants/s',
  saliency: 'gradients/s',
  integrated: 'gradients/s',
};

/**
 * Runs the method under a progress bar.
 *
 * @throws UsageError where the model has no profile for the baseline
 */
async function attribute(
  io: Io,
  model: ResidualBind,
  { profile }: ModelFacts,
  codes: Uint8Array,
  { method, baseline, steps, structure }: IsmOptions,
): Promise<Attribution | IntegratedAttribution> {
  if (method === 'integrated' && baseline === 'profile' && !profile)
    throw new UsageError(
      'the file of this model has no nucleotide profile; give --baseline zeros or uniform',
    );
  // How much there is to do is known from the first report on; until then the bar counts in shares.
  using progress = new Progress(io, { label: method, total: 1 });
  const started = performance.now();
  const options: AttributionOptions = {
    signal: io.signal,
    onProgress: ({ done, total }) => {
      const rate = (1000 * done) / (performance.now() - started);
      progress.update(done / total, { tail: `${Math.round(rate).toLocaleString('en')} ${UNITS[method]}` });
    },
  };
  const run = {
    mutagenesis: () => mutagenesis(model, { codes }, { ...options, structure }),
    saliency: () => saliency(model, { codes }, options),
    integrated: () =>
      integratedGradients(
        model,
        { codes },
        { ...options, steps, baseline: baseline === 'profile' ? profile : baseline },
      ),
  };
  const attribution = await run[method]();
  progress.finish();
  return attribution;
}

/** JSON has no infinity, and a gap relative to a difference of zero is infinite. */
const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function completenessLine(
  { absolute, relative }: Completeness,
  sequences: readonly SequenceAttribution[],
): string {
  const share = ({ gap = 0, prediction, baseline = 0 }: SequenceAttribution): number =>
    gap === 0 ? 0 : Math.abs(gap / (prediction - baseline));
  const worst = sequences.reduce((a, b) => (share(b) > share(a) ? b : a));
  const difference = (worst.prediction - worst.baseline!).toPrecision(3);
  return `Scores add up to f(x) - f(baseline) within ${absolute.toPrecision(2)}, at worst ${Number((100 * relative).toPrecision(2))} % of the difference (${namedWith(worst)}: ${difference}).`;
}

/** A sequence's name, with the task where there are several. */
const namedWith = ({ name, task }: SequenceAttribution): string =>
  task === undefined ? name : `${name}, ${task}`;

/** A sequence's highest positions, with the scores of all letters. */
function describe(row: SequenceAttribution): string {
  const { sequence, prediction, baseline, scores, heights } = row;
  const top = Array.from(heights.keys())
    .sort((a, b) => heights[b]! - heights[a]! || a - b)
    .slice(0, SHOWN.positions)
    .sort((a, b) => a - b);
  const letters = Object.keys(scores);
  const against = baseline === undefined ? '' : `, baseline ${baseline.toFixed(4)}`;
  return [
    `${namedWith(row)}  ${sequence}  prediction ${prediction.toFixed(4)}${against}; its highest positions:`,
    aligned([
      ['position', 'letter', 'height', ...letters],
      ...top.map((i) => [
        String(i),
        sequence[i]!,
        heights[i]!.toFixed(4),
        ...letters.map((letter) => scores[letter]![i]!.toFixed(4)),
      ]),
    ]),
  ].join('\n');
}
