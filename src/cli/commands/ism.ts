/** `residualbind ism`: which letters of given sequences a prediction rests on. */

import { join } from 'node:path';
import type { Command } from 'commander';
import { UnsupportedError } from '../../device/errors.js';
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
import type { ModelFacts } from '../../nn/files/model-facts.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { readGiven } from '../models/given-sequences.js';
import { noteInPadding, openModel } from '../models/models.js';
import {
  choice,
  examples,
  type GpuOptions,
  outputPath,
  type ProfileOptions,
  positiveInteger,
  withGpu,
  withProfile,
} from '../options.js';
import { checkFolder, writeResult } from '../output/files.js';
import { manifest, Stopwatch } from '../output/manifest.js';
import { lockFolder, OutputFile } from '../output/output.js';
import { type LettersOptions, withLetters } from '../probe-options.js';
import { Profiling } from '../profiling/profile.js';
import { openGpu } from '../session.js';
import { aligned } from '../tables.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, printResult } from '../terminal/io.js';
import { duration, Progress } from '../terminal/progress.js';

interface IsmOptions extends GpuOptions, LettersOptions, ProfileOptions {
  readonly method: AttributionMethod;
  readonly baseline?: 'profile' | (typeof BASELINES)[number];
  readonly steps?: number;
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
  withGpu(withProfile(withLetters(command)))
    .addHelpText(
      'after',
      `\nPositions count from 0 in the sequence as given; index counts sequences from 1. N has no wild\ntype: its scores are 0. A record may end with a dot-bracket line, as ViennaRNA writes it;\nlogos draw it.\n${examples(
        'ism run GGAGGCUGGCAGCUUUAGC',
        'ism run probes.fa --out mutagenesis.npz',
        'ism run folded.fa --logos logos',
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
  const format = out === undefined ? undefined : attributionFormatOf(out);
  using output = out === undefined ? undefined : await OutputFile.open(io, out);
  using _logos = logos === undefined ? undefined : await lockFolder(logos);
  const profiling = await Profiling.start(io, options);
  profiling.stage('read');
  const read = await readGiven(io, args, options);
  profiling.stage('open');
  using gpu = await openGpu(io, options);
  profiling.attach(gpu);
  const watch = new Stopwatch(gpu);
  const { model, facts, origin } = await openModel(gpu, path);
  using _model = model;
  if (model.architecture.channels !== 4)
    throw new UnsupportedError(
      `${path}: a model with structure channels needs profiles, which ism cannot read; use a model without them`,
    );
  const given = read.encode(model.architecture.length);
  if (logos !== undefined)
    await checkFolder(
      logos,
      Array.from({ length: given.names.length }, (_, i) => logoFile(i)),
    );
  const inPadding = noteInPadding(io, model, facts, given.sequences);
  profiling.stage(method);
  const attribution = await attribute(io, model, facts, given.codes, options);
  const { seconds } = watch;
  const completeness = 'completeness' in attribution ? attribution.completeness : undefined;
  const record = {
    ...(await manifest('ism', { model: path, sequences: args, ...options }, watch)),
    seed: facts.seed ?? null,
    preset: facts.preset ?? null,
    model: origin,
    normalisation: facts.normalisation ?? null,
    input: { sources: given.sources, count: given.names.length },
    ...inPadding,
    method,
    completeness: completeness
      ? { absolute: completeness.absolute, relative: finiteOrNull(completeness.relative) }
      : null,
    ...(await profiling.finish()),
  };
  if (output && format)
    await output.write(await encodeAttribution(attribution, given, format, record), record);
  const sequences = bySequence(attribution, given);
  if (logos) await writeLogos(logos, sequences);
  const shown = sequences.slice(0, SHOWN.sequences);
  const text = [
    `${HEADINGS[method]} of ${sequences.length} ${sequences.length === 1 ? 'sequence' : 'sequences'}, in ${duration(seconds)}`,
    ...(completeness ? [completenessLine(completeness, sequences)] : []),
    ...shown.map(describe),
    ...(shown.length < sequences.length ? [`… and ${sequences.length - shown.length} more`] : []),
    ...(out ? [`All scores are in ${out}.`] : []),
    ...(logos ? [`Logos are in ${logos}.`] : []),
  ];
  printResult(output?.io ?? io, options.json, { ...record, out: out ?? null, sequences }, text.join('\n'));
}

const logoFile = (i: number): string => `sequence-${i + 1}.svg`;

/** One SVG a sequence, by number: names may hold what file names cannot. */
async function writeLogos(folder: string, sequences: readonly SequenceAttribution[]): Promise<void> {
  const { attributionLogo } = await import('../../report/figures/attribution-logo.js');
  for (const [i, each] of sequences.entries())
    await writeResult(join(folder, logoFile(i)), attributionLogo(each));
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
  { method, baseline, steps }: IsmOptions,
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
    mutagenesis: () => mutagenesis(model, { codes }, options),
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

/** JSON has no infinity, which a gap is of a difference of zero. */
const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function completenessLine(
  { absolute, relative }: Completeness,
  sequences: readonly SequenceAttribution[],
): string {
  const share = ({ gap = 0, prediction, baseline = 0 }: SequenceAttribution): number =>
    gap === 0 ? 0 : Math.abs(gap / (prediction - baseline));
  const worst = sequences.reduce((a, b) => (share(b) > share(a) ? b : a));
  const difference = (worst.prediction - worst.baseline!).toPrecision(3);
  return `Scores add up to f(x) - f(baseline) within ${absolute.toPrecision(2)}, at worst ${Number((100 * relative).toPrecision(2))} % of the difference (${worst.name}: ${difference}).`;
}

/** A sequence's highest positions, with the scores of all letters. */
function describe({ name, sequence, prediction, baseline, scores, heights }: SequenceAttribution): string {
  const top = Array.from(heights.keys())
    .sort((a, b) => heights[b]! - heights[a]! || a - b)
    .slice(0, SHOWN.positions)
    .sort((a, b) => a - b);
  const letters = Object.keys(scores);
  const against = baseline === undefined ? '' : `, baseline ${baseline.toFixed(4)}`;
  return [
    `${name}  ${sequence}  prediction ${prediction.toFixed(4)}${against}; its highest positions:`,
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
