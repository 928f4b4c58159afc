/**
 * Asks a model about a database of motifs: which of them does it respond to? A site is drawn from each
 * motif's matrix for each background and embedded there; the mean change of the prediction is the motif's
 * importance (paper, Eq. 2, with φ drawn from the matrix). The same letters in random order show how much of
 * it the composition alone explains.
 */

import * as check from '../../device/check.js';
import { ArgumentError, ShapeError } from '../../device/errors.js';
import { checkHostMemory } from '../../device/host-memory.js';
import { PRECISIONS, type Precision } from '../../device/precision.js';
import { preparePrecision } from '../../kernels/precision.js';
import { checkBackgrounds } from '../arguments.js';
import { type Backgrounds, lettersIn } from '../backgrounds/backgrounds.js';
import {
  type AskedModel,
  checkModel,
  isHost,
  isLayered,
  type Model,
  type Readout,
  readoutAt,
  readoutsOf,
  type Written,
} from '../model.js';
import type { MemeMotif } from '../motif/formats/meme-format.js';
import { checkNeeds } from '../needs.js';
import {
  checkTreatment,
  keptProfiles,
  type StructureOptions,
  TREATMENTS,
  type Treated,
  writtenBy,
} from '../structure.js';
import { barePredictions } from '../sweep/bare-predictions.js';
import { type DrawnPatterns, DrawnSweep } from '../sweep/drawn-patterns.js';
import { embeddingSize } from '../sweep/on-gpu.js';
import { sweepOnHost } from '../sweep/on-host.js';
import { runEngine } from '../sweep/runner.js';
import type { RunOptions, SweepCosts, SweepState } from '../sweep/state.js';
import { type MotifImportance, motifImportances } from './motif-importance.js';
import { ARRANGEMENTS, motifPatterns, SiteDraws } from './motif-sites.js';
import { type MotifLeftOut, type MotifPlaces, type PlacedMotif, placeMotifs } from './placed-motifs.js';

/** How a database is asked about. */
export interface MotifDatabaseOptions extends Omit<RunOptions, 'keepLocal'>, MotifPlaces, StructureOptions {
  /** Seed of the sites, 0 … 2^32 - 1. Default 1. */
  readonly seed?: number | undefined;
  /** Sequences per submit, or per call of a plain function; results do not depend on it. */
  readonly chunk?: number | undefined;
  /** Default f32. */
  readonly precision?: Precision | undefined;
}

/** What one model, or one of its outputs, says of a database; motifs in order of rank. */
export interface MotifRanking extends Partial<Readout> {
  readonly motifs: readonly MotifImportance[];
}

/** What models say of a database. */
export interface MotifDatabaseResult extends Written, Treated {
  /** Number of backgrounds, N; each has one site of each motif. */
  readonly backgrounds: number;
  /** Seed of the sites. */
  readonly seed: number;
  /** One entry per model; where models have several outputs, one per output of each. */
  readonly models: readonly MotifRanking[];
  /** Motifs that do not fit into the sequences. */
  readonly leftOut: readonly MotifLeftOut[];
  readonly state: SweepState;
  readonly work: SweepCosts;
}

const OPTIONS = {
  positions: check.optional(check.list(check.whole(0), 1)),
  allowPadding: check.optional(check.flag),
  seed: check.optional(check.seed),
  chunk: check.optional(check.whole(1)),
  precision: check.optional(check.oneOf(...PRECISIONS)),
  structure: check.optional(check.oneOf(...TREATMENTS)),
  signal: check.optional(check.signal),
  checkpointSeconds: check.optional(check.number({ least: 0 })),
};

/**
 * Global importance of the motifs of a database, most important first.
 *
 * @param model as for `importance`
 * @param motifs as `parseMeme` gives them
 * @throws ShapeError where no motif fits, or lengths differ; SweepCancelledError with the state reached;
 * NotFiniteError; PrecisionError; OutOfMemoryError
 */
export async function motifDatabase(
  model: Model,
  motifs: readonly MemeMotif[],
  backgrounds: Backgrounds,
  options: MotifDatabaseOptions = {},
): Promise<MotifDatabaseResult> {
  checkBackgrounds(backgrounds);
  const asked = checkModel(model, backgrounds.length);
  check.list(check.object, 1)(motifs, check.argument('motifs'));
  check.options(options, OPTIONS);
  const { positions, allowPadding, seed = 1, ...run } = options;
  const { length, count } = backgrounds;
  const { placed, leftOut } = placeMotifs(motifs, length, lettersIn(backgrounds), {
    positions,
    allowPadding,
  });
  if (placed.length === 0)
    throw new ShapeError(`none of the motifs fits; ${leftOut[0]!.name}: ${leftOut[0]!.reason}`);
  const draws = new SiteDraws(
    seed,
    placed.reduce((most, { pwm }) => Math.max(most, pwm.length), 0),
  );
  const names = placed.map(({ motif }) => motif.name);
  const patterns = motifPatterns(placed, names, backgrounds, draws);
  checkFit(asked, patterns.names.length, backgrounds, options);
  const { state, work } = await embedded(asked, patterns, backgrounds, { ...run, keepLocal: true });
  const size = state.local!.length / readoutsOf(asked);
  const rankings = Array.from({ length: readoutsOf(asked) }, (_, r): MotifRanking => {
    const local = state.local!.subarray(r * size, (r + 1) * size);
    return { ...readoutAt(asked, r), motifs: motifImportances(placed, local, count, draws) };
  });
  const written = writtenBy(asked, options);
  return { backgrounds: count, seed, models: rankings, leftOut, state, work, ...written };
}

/** Patterns that a database has: every motif twice at each of its positions. */
export const patternsOfDatabase = (placed: readonly PlacedMotif[]): number =>
  placed.reduce((sum, { positions }) => sum + positions.length * ARRANGEMENTS.length, 0);

function checkFit(
  model: AskedModel,
  patterns: number,
  { length, count }: Backgrounds,
  { precision = 'f32', structure }: MotifDatabaseOptions,
): void {
  if (length !== model.length)
    throw new ShapeError(`backgrounds of length ${length} do not fit a model of length ${model.length}`);
  if (!isLayered(model) && precision !== 'f32')
    throw new ArgumentError(
      'precision',
      `precision ${precision} needs a model that shows its layers; this one computes in its own precision`,
    );
  checkTreatment(model, { structure });
  const models = readoutsOf(model);
  const bindable = isHost(model) ? Number.POSITIVE_INFINITY : model.gpu.limits.maxStorageBufferBindingSize;
  checkNeeds({ patterns, backgrounds: count, length, models, bindable });
  checkHostMemory(
    models * patterns * count * LOCAL_BYTES,
    `the local importances of ${patterns.toLocaleString('en')} sites in ${count.toLocaleString('en')} backgrounds`,
    'use fewer backgrounds (--backgrounds) or fewer motifs',
  );
}

/** f32, as collected and as saved. */
const LOCAL_BYTES = 8;

/** Embeds and predicts every pair. */
async function embedded(
  model: AskedModel,
  patterns: DrawnPatterns,
  backgrounds: Backgrounds,
  options: RunOptions & Pick<MotifDatabaseOptions, 'chunk' | 'precision' | 'structure'>,
): Promise<{ readonly state: SweepState; readonly work: SweepCosts }> {
  if (isHost(model)) return await sweepOnHost(model, patterns, backgrounds, options);
  const { precision = 'f32' } = options;
  await preparePrecision(model.gpu, precision, 'sweeps');
  const { codes, count } = backgrounds;
  const sequences = { codes, count, profile: await keptProfiles(model, backgrounds, options) };
  using base = (await barePredictions(model, sequences, precision)).tensor;
  using engine = await DrawnSweep.create(
    model,
    patterns,
    sequences,
    embeddingSize(model, patterns, backgrounds.count, options),
  );
  return await runEngine(model, patterns.names, engine, base, backgrounds, options);
}
