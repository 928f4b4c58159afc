/**
 * Global importance (paper, Eq. 2): how much a pattern changes the prediction on average when it is embedded in
 * backgrounds. Two ways to say which patterns, three to compute the same numbers.
 */

import { kindOf } from '../device/adapter/adapter-info.js';
import * as check from '../device/check.js';
import { ArgumentError, ShapeError, UnsupportedError } from '../device/errors.js';
import type { Precision } from '../device/precision.js';
import { besideSweep, pathOf, preparePrecision } from '../kernels/precision.js';
import { forwardMultiplyAdds } from '../nn/architecture.js';
import { sequencesAtOnce } from '../nn/prediction/predictor.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { Tensor } from '../tensor/tensor.js';
import { COMPUTING, checkBackgrounds, checkModel, checkPatterns } from './arguments.js';
import { type Backgrounds, lettersIn } from './backgrounds/backgrounds.js';
import { checkInLetters } from './backgrounds/letters.js';
import { defaultPosition } from './backgrounds/placement.js';
import { checkNeeds } from './needs.js';
import { allKmers, MAX_K } from './patterns/kmers.js';
import { overlay, type Pattern } from './patterns/patterns.js';
import { chunkChoice, matrixChoice } from './sweep/chunk-choice.js';
import { type EmbeddingSize, EmbeddingSweep } from './sweep/embedding-sweep.js';
import type { Engine } from './sweep/engine.js';
import type { PatternSet } from './sweep/partition.js';
import { multiplyAddsPerPair, planSweep, type SweepPlan } from './sweep/plan.js';
import {
  importancesOf,
  type ModelImportance,
  type RunOptions,
  runEngine,
  type SweepState,
  type Work,
} from './sweep/runner.js';
import { MOST_PATTERNS, MOST_POSITIONS } from './sweep/shared-recorder.js';
import { SharedSweep } from './sweep/shared-sweep.js';
import { sweepSize } from './sweep/size.js';
import { sharedSizes } from './sweep/sizes.js';

/**
 * How importances are computed; they agree to rounding. `filtered`: what patterns share is computed once, the rest by
 * minimal filtering. `shared`: without the latter. `naive`: every embedded sequence is predicted in full.
 */
export const METHODS = ['filtered', 'shared', 'naive'] as const;
/** One of `METHODS`: sharing what patterns have in common, or embedding and predicting each. */
export type Method = (typeof METHODS)[number];

/** How importances are computed. */
export interface ImportanceOptions extends RunOptions {
  /** Default: `naive` for little work, else whichever of `filtered` and `naive` takes fewer multiply-adds. */
  readonly method?: Method | undefined;
  /** Most bytes of GPU memory for the work. Default 256 MiB on software adapters, 2 GiB on hardware, more where a single background takes more (all 8-mers: 0.4 GB). */
  readonly memory?: number | undefined;
  /** Pairs worked on in one submit; chosen from the adapter and the memory by default. Results do not depend on it. */
  readonly chunk?: number | undefined;
  /** What the operands of products are; f16 needs a GPU that was opened for it (`requestGpu`). Default f32. */
  readonly precision?: Precision | undefined;
  /**
   * Take patterns that write letters where no probe has one (`Backgrounds.letters`). Default false: they are
   * refused.
   */
  readonly allowPadding?: boolean | undefined;
}

/** Which k-mers are embedded, and where. */
export interface SweepOptions extends ImportanceOptions {
  /** k-mer length, 1 to 8. Default 6. */
  readonly k?: number | undefined;
  /**
   * 0-based position of the k-mer's first letter. Default 17 where probes fill the input, else the middle of
   * their letters.
   */
  readonly position?: number | undefined;
  /** The sequences that k-mers are embedded in. */
  readonly backgrounds: Backgrounds;
}

/** Importances of every pattern by model, in the unit of the output. */
export interface ImportanceResult {
  /** Names of the patterns, [P]. */
  readonly patterns: readonly string[];
  /** Number of backgrounds, N. */
  readonly backgrounds: number;
  readonly method: Method;
  /** One entry per model of the E axis. */
  readonly models: readonly ModelImportance[];
  /** The same as running statistics over all backgrounds. */
  readonly state: SweepState;
  /** What the work took. */
  readonly work: Work;
  /** Letters of every pattern, [P], that stand where no probe has one; absent where none do. */
  readonly inPadding?: readonly number[];
}

/**
 * Global importance of all 4^k k-mers in a slot, in alphabetical (ACGU) order.
 *
 * @throws ShapeError when the slot leaves the sequence or lengths differ; PaddingError when it leaves the
 * letters; CancelledError; NotFiniteError
 */
export async function sweep(model: ResidualBind, options: SweepOptions): Promise<ImportanceResult> {
  check.object(options, check.argument('options'));
  const { k = 6, position, backgrounds, ...computing } = options;
  checkBackgrounds(backgrounds);
  check.whole(1, MAX_K)(k, check.argument('k'));
  const { length } = backgrounds;
  const at = position ?? kmerPosition(k, backgrounds);
  checkModel(model);
  check.options(computing, COMPUTING);
  return await importanceOf(model, kmerPatterns(k, at, length), backgrounds, computing);
}

/** The default position of k-mers in backgrounds. @throws PaddingError where they do not fit */
export const kmerPosition = (k: number, backgrounds: Backgrounds): number =>
  defaultPosition(lettersIn(backgrounds), backgrounds.length, k, `a ${k}-mer`);

/** All k-mers at a position of sequences of some length. @throws ShapeError when they leave it */
export function kmerPatterns(k: number, position: number, length: number): Pattern[] {
  const kmers = allKmers(k);
  if (!Number.isInteger(position) || position < 0 || position + k > length) {
    throw new ShapeError(
      `a ${k}-mer at position ${position} leaves the sequence of ${length}; positions are 0 to ${length - k}`,
    );
  }
  return kmers.map((letters) => ({ name: letters, sites: [{ position, letters }] }));
}

/** Patterns as what they write over sequences of some length. @throws as `importance` */
export const patternSet = (patterns: readonly Pattern[], length: number): PatternSet => ({
  names: patterns.map(({ name }) => name),
  overlays: overlay(patterns, length),
  length,
});

/**
 * Global importance of any list of patterns, each one or several sites (`patterns.ts`).
 *
 * @throws ShapeError or InvalidSequenceError naming the pattern; PaddingError for one that stands where no
 * probe has a letter; PrecisionError; CancelledError; NotFiniteError
 */
export async function importance(
  model: ResidualBind,
  patterns: readonly Pattern[],
  backgrounds: Backgrounds,
  options: ImportanceOptions = {},
): Promise<ImportanceResult> {
  checkModel(model);
  checkBackgrounds(backgrounds);
  checkPatterns(patterns);
  check.options(options, COMPUTING);
  return await importanceOf(model, patterns, backgrounds, options);
}

/** `importance` of what has been checked, or needs no checks. */
async function importanceOf(
  model: ResidualBind,
  patterns: readonly Pattern[],
  backgrounds: Backgrounds,
  options: ImportanceOptions,
): Promise<ImportanceResult> {
  const set = patternSet(patterns, backgrounds.length);
  checkFit(model, backgrounds, patterns, options);
  const inPadding = checkInLetters(patterns, lettersIn(backgrounds), options.allowPadding);
  const { precision = 'f32' } = options;
  await preparePrecision(model.gpu, precision, 'sweeps');
  const plan = planFor(model, set, backgrounds.count, options);
  using base = Tensor.from(
    model.gpu,
    await model.predict({ codes: backgrounds.codes }, { precision: besideSweep(precision) }),
    [model.models, backgrounds.count],
  );
  using engine = plan
    ? await sharedSweep(model, plan, backgrounds, options)
    : await EmbeddingSweep.create(
        model,
        set,
        backgrounds,
        embeddingSize(model, set, backgrounds.count, {
          ...options,
          storage: precision === 'f16' ? 'f16' : 'f32',
        }),
      );
  const { state, work } = await runEngine(model, set.names, engine as Engine, base, backgrounds, options);
  return {
    patterns: set.names,
    backgrounds: backgrounds.count,
    method: plan?.method ?? 'naive',
    models: importancesOf(state, model.models),
    state,
    work,
    ...(inPadding && { inPadding }),
  };
}

async function sharedSweep(
  model: ResidualBind,
  plan: SweepPlan,
  backgrounds: Backgrounds,
  options: ImportanceOptions,
): Promise<SharedSweep> {
  const { gpu } = model;
  const matrices = options.precision === 'f16' ? matrixChoice(gpu, model, plan) : undefined;
  const choice = matrices ?? chunkChoice(gpu, model, plan);
  const limits = { kind: kindOf(gpu.adapter), bindable: gpu.limits.maxStorageBufferBindingSize };
  const size = sweepSize(plan, model, backgrounds.count, choice.kind, limits, options);
  return await SharedSweep.create(model, plan, backgrounds, size, choice);
}

/** Pairs that are predicted before kernels for a plan of their own are compiled. */
const LITTLE = 2 ** 14;

/**
 * The plan by which patterns are computed; undefined where they are embedded and predicted one by one.
 *
 * @throws ArgumentError for options that do not go together
 */
export function planFor(
  model: Planned,
  set: PatternSet,
  backgrounds: number,
  { method, precision = 'f32' }: Pick<ImportanceOptions, 'method' | 'precision'>,
): SweepPlan | undefined {
  const { architecture } = model;
  if (precision !== 'f32' && method === 'filtered')
    throw new ArgumentError('method', `${precision} goes with the methods shared and naive, not filtered`);
  if (method === 'naive') return undefined;
  if (!sharedSizes(architecture)) {
    if (method === undefined) return undefined;
    throw new ArgumentError(
      'method',
      `the method ${method} cannot follow the layers of this network; take naive`,
    );
  }
  const { names, length } = set;
  if (names.length > MOST_PATTERNS || length > MOST_POSITIONS) {
    if (method === undefined) return undefined;
    throw new ArgumentError(
      'method',
      `the method ${method} takes at most ${MOST_PATTERNS} patterns of ${MOST_POSITIONS} positions`,
    );
  }
  if (method === undefined && names.length * backgrounds < LITTLE) return undefined;
  const plan = planSweep(architecture, set, precision === 'f32' ? (method ?? 'filtered') : 'shared');
  if (precision !== 'f32' && !runsByMatrices(model, plan, precision)) {
    if (method === undefined) return undefined;
    throw new ArgumentError('method', `here ${precision} goes with the method naive, not ${method}`);
  }
  const worthIt = multiplyAddsPerPair(plan) < forwardMultiplyAdds(architecture);
  return method !== undefined || worthIt ? plan : undefined;
}

/** A model to plan for; without its GPU, in f16, for one that has no matrices. */
type Planned = Pick<ResidualBind, 'architecture'> & Partial<Pick<ResidualBind, 'gpu' | 'models'>>;

/** Whether a GPU has matrices for a precision, and a kernel that fits a plan. */
const runsByMatrices = (
  { gpu, architecture, models = 1 }: Planned,
  plan: SweepPlan,
  precision: Precision,
): boolean =>
  gpu !== undefined &&
  pathOf(gpu, precision, 'sweeps') === 'matrices' &&
  matrixChoice(gpu, { architecture, models }, plan) !== undefined;

/** Multiply-adds of matrix products per (pattern, background) and model, by the method that `importance` would take. */
export function multiplyAddsOf(
  model: Planned,
  patterns: readonly Pattern[],
  { count, length }: Pick<Backgrounds, 'count' | 'length'>,
  options: Pick<ImportanceOptions, 'method' | 'precision'> = {},
): number {
  return costOf(model, patterns, { count, length }, options).multiplyAdds;
}

/**
 * The method that `importance` would take, and its multiply-adds of matrix products per (pattern, background)
 * and model.
 */
export function costOf(
  model: Planned,
  patterns: readonly Pattern[],
  { count, length }: Pick<Backgrounds, 'count' | 'length'>,
  options: Pick<ImportanceOptions, 'method' | 'precision'> = {},
): { readonly method: Method; readonly multiplyAdds: number } {
  const plan = planFor(model, patternSet(patterns, length), count, options);
  return plan
    ? { method: plan.method, multiplyAdds: multiplyAddsPerPair(plan) }
    : { method: 'naive', multiplyAdds: forwardMultiplyAdds(model.architecture) };
}

/** Predictions of a block held on the GPU, in bytes. */
const BLOCK_BYTES = 32 * 2 ** 20;

function embeddingSize(
  model: ResidualBind,
  { names }: PatternSet,
  count: number,
  { chunk, storage }: Pick<ImportanceOptions, 'chunk'> & Pick<EmbeddingSize, 'storage'>,
) {
  const block = Math.floor(BLOCK_BYTES / (4 * names.length * model.models));
  return {
    block: Math.max(1, Math.min(count, block)),
    chunk: chunk ?? sequencesAtOnce(model.gpu, model, storage === 'f16' ? 'storage' : 'f32'),
    storage,
  };
}

function checkFit(
  { architecture, models, gpu }: ResidualBind,
  { length, count }: Backgrounds,
  patterns: readonly Pattern[],
  options: ImportanceOptions,
): void {
  if (architecture.channels !== 4) {
    throw new UnsupportedError(
      'a model with structure channels needs a profile per embedded sequence; give one on sequence alone',
    );
  }
  if (length !== architecture.length)
    throw new ShapeError(
      `backgrounds of length ${length} do not fit a model of length ${architecture.length}`,
    );
  checkNeeds({
    patterns: patterns.length,
    backgrounds: count,
    length,
    models,
    keepLocal: options.keepLocal,
    bindable: gpu.limits.maxStorageBufferBindingSize,
    multiplyAdds: () => multiplyAddsOf({ architecture }, patterns, { count, length }, options),
  });
}
