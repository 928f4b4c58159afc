/**
 * Global importance (paper, Eq. 2): how much a pattern changes the prediction on average when it is embedded in
 * backgrounds. Two ways to say which patterns, three to compute the same numbers.
 */

import { kindOf } from '../device/adapter/adapter-info.js';
import * as check from '../device/check.js';
import { ArgumentError, ShapeError, UnsupportedError } from '../device/errors.js';
import type { Precision } from '../device/precision.js';
import { preparePrecision } from '../kernels/precision.js';
import { COMPUTING, checkBackgrounds, checkPatterns } from './arguments.js';
import { type Backgrounds, lettersIn } from './backgrounds/backgrounds.js';
import { checkInLetters } from './backgrounds/letters.js';
import { defaultPosition } from './backgrounds/placement.js';
import { chooseMethod, costOf, type Method, type NaiveReason } from './method.js';
import {
  checkModel,
  isLayered,
  type LayeredModel,
  type Model,
  type Predicts,
  readoutsOf,
  sequencesAtOnce,
} from './model.js';
import { checkNeeds } from './needs.js';
import { allKmers, MAX_K } from './patterns/kmers.js';
import type { Pattern } from './patterns/patterns.js';
import { barePredictions } from './sweep/bare-predictions.js';
import { chunkChoice, matrixChoice } from './sweep/chunk-choice.js';
import { type EmbeddingSize, EmbeddingSweep } from './sweep/embedding-sweep.js';
import type { Engine } from './sweep/engine.js';
import { type PatternSet, patternSet } from './sweep/partition.js';
import type { SweepPlan } from './sweep/plan.js';
import { runEngine } from './sweep/runner.js';
import { SharedSweep } from './sweep/shared-sweep.js';
import { sweepSize } from './sweep/size.js';
import {
  importancesOf,
  type ModelImportance,
  type RunOptions,
  type SweepState,
  type Work,
} from './sweep/state.js';

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
  /** Why the method is `naive` although it was left open; absent otherwise. */
  readonly reason?: NaiveReason;
  /** One entry per model of the E axis; where models have several outputs, one per output of each. */
  readonly models: readonly ModelImportance[];
  /** Predictions of the bare backgrounds, [E * outputs, N]. */
  readonly bare: Float32Array;
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
export async function sweep(model: Model, options: SweepOptions): Promise<ImportanceResult> {
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

/**
 * Global importance of any list of patterns, each one or several sites (`patterns.ts`).
 *
 * @throws ShapeError or InvalidSequenceError naming the pattern; PaddingError for one that stands where no
 * probe has a letter; PrecisionError; CancelledError; NotFiniteError
 */
export async function importance(
  model: Model,
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
  model: Model,
  patterns: readonly Pattern[],
  backgrounds: Backgrounds,
  options: ImportanceOptions,
): Promise<ImportanceResult> {
  const set = patternSet(patterns, backgrounds.length);
  checkFit(model, backgrounds, patterns, options);
  const inPadding = checkInLetters(patterns, lettersIn(backgrounds), options.allowPadding);
  const { precision = 'f32' } = options;
  await preparePrecision(model.gpu, precision, 'sweeps');
  const { plan, reason } = chooseMethod(model, set, backgrounds.count, options);
  const bare = await barePredictions(model, backgrounds, precision);
  using base = bare.tensor;
  using engine: Engine & Disposable =
    plan && isLayered(model)
      ? await sharedSweep(model, plan, backgrounds, options)
      : await EmbeddingSweep.create(
          model,
          set,
          backgrounds,
          embeddingSize(model, set, backgrounds.count, options),
        );
  const { state, work } = await runEngine(model, set.names, engine, base, backgrounds, options);
  return {
    patterns: set.names,
    backgrounds: backgrounds.count,
    method: plan?.method ?? 'naive',
    ...(reason && { reason }),
    models: importancesOf(state, model),
    bare: bare.values,
    state,
    work,
    ...(inPadding && { inPadding }),
  };
}

async function sharedSweep(
  model: LayeredModel,
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

/** Predictions of a block held on the GPU, in bytes. */
const BLOCK_BYTES = 32 * 2 ** 20;

function embeddingSize(
  model: Predicts,
  { names }: PatternSet,
  count: number,
  { chunk, precision }: ImportanceOptions,
): EmbeddingSize {
  const block = Math.floor(BLOCK_BYTES / (4 * names.length * readoutsOf(model)));
  const path = precision === 'f16' ? 'storage' : 'f32';
  return {
    block: Math.max(1, Math.min(count, block)),
    chunk: chunk ?? sequencesAtOnce(model, path),
    path,
  };
}

function checkFit(
  model: Model,
  { length, count }: Backgrounds,
  patterns: readonly Pattern[],
  options: ImportanceOptions,
): void {
  const { gpu } = model;
  if (isLayered(model) && model.architecture.channels !== 4) {
    throw new UnsupportedError(
      'a model with structure channels needs a profile per embedded sequence; give one on sequence alone',
    );
  }
  if (!isLayered(model) && (options.precision ?? 'f32') !== 'f32')
    throw new ArgumentError(
      'precision',
      `precision ${options.precision} needs a model that shows its layers; this one computes in its own precision`,
    );
  if (length !== model.length)
    throw new ShapeError(`backgrounds of length ${length} do not fit a model of length ${model.length}`);
  checkNeeds({
    patterns: patterns.length,
    backgrounds: count,
    length,
    models: readoutsOf(model),
    keepLocal: options.keepLocal,
    bindable: gpu.limits.maxStorageBufferBindingSize,
    multiplyAdds: () => costOf(model, patterns, { count, length }, options).multiplyAdds,
  });
}
