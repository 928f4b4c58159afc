/**
 * Global importance (paper, Eq. 2): how much a pattern changes the prediction on average when it is embedded
 * in backgrounds. Two ways to say which patterns, three to compute the same numbers.
 */

import * as check from '../device/check.js';
import { ArgumentError, ShapeError } from '../device/errors.js';
import { COMPUTING, checkBackgrounds, checkPatterns } from './arguments.js';
import { type Backgrounds, lettersIn } from './backgrounds/backgrounds.js';
import { checkInLetters } from './backgrounds/letters.js';
import { defaultPosition } from './backgrounds/placement.js';
import { chooseMethod, costOf, type Method, type MethodOptions, type NaiveReason } from './method.js';
import {
  type AskedModel,
  checkModel,
  type HostModel,
  isHost,
  isLayered,
  type Model,
  readoutsOf,
  type Written,
} from './model.js';
import { checkNeeds } from './needs.js';
import { allKmers, MAX_K } from './patterns/kmers.js';
import type { Pattern } from './patterns/patterns.js';
import { checkTreatment, type StructureOptions, type Treated, writtenBy } from './structure.js';
import { type GpuSweep, sweepOnGpu } from './sweep/on-gpu.js';
import { sweepOnHost } from './sweep/on-host.js';
import { type PatternSet, patternSet } from './sweep/partition.js';
import type { SizeOptions } from './sweep/size.js';
import {
  importancesOf,
  type ModelImportance,
  type RunOptions,
  type SweepCosts,
  type SweepState,
} from './sweep/state.js';

/** How importances are computed. */
export interface ImportanceOptions extends RunOptions, MethodOptions, SizeOptions, StructureOptions {
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
   * 0-based position of the k-mer's first letter. Default: the middle of the letters of probes, 17 in 41
   * letters.
   */
  readonly position?: number | undefined;
  /** The sequences that k-mers are embedded in. */
  readonly backgrounds: Backgrounds;
}

/** Importances of every pattern by model, in the unit of the output. */
export interface ImportanceResult extends Written, Treated {
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
  readonly work: SweepCosts;
  /** Letters of every pattern, [P], that stand where no probe has one; absent where none do. */
  readonly inPadding?: readonly number[];
}

/**
 * Global importance of all 4^k k-mers in a slot, in alphabetical (ACGU) order.
 *
 * @param model a `ResidualBind`, anything else that predicts on a GPU, or a plain function of codes (`Model`)
 *
 * @throws ShapeError when the slot leaves the sequence or lengths differ; PaddingError when it leaves the
 * letters; CancelledError; NotFiniteError
 */
export async function sweep(model: Model, options: SweepOptions): Promise<ImportanceResult> {
  check.object(options, check.argument('options'));
  const { k = 6, position, backgrounds, ...computing } = options;
  checkBackgrounds(backgrounds);
  const asked = checkModel(model, backgrounds.length);
  check.whole(1, MAX_K)(k, check.argument('k'));
  const { length } = backgrounds;
  const at = position ?? kmerPosition(k, backgrounds);
  check.options(computing, COMPUTING);
  return await importanceOf(asked, kmerPatterns(k, at, length), backgrounds, computing);
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
 * @param model as for `sweep`
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
  checkBackgrounds(backgrounds);
  const asked = checkModel(model, backgrounds.length);
  checkPatterns(patterns);
  check.options(options, COMPUTING);
  return await importanceOf(asked, patterns, backgrounds, options);
}

/** `importance` of what has been checked, or needs no checks. */
async function importanceOf(
  model: AskedModel,
  patterns: readonly Pattern[],
  backgrounds: Backgrounds,
  options: ImportanceOptions,
): Promise<ImportanceResult> {
  const set = patternSet(patterns, backgrounds.length);
  checkFit(model, backgrounds, patterns, options);
  const inPadding = checkInLetters(patterns, lettersIn(backgrounds), options.allowPadding);
  const { method, reason, bare, state, work } = isHost(model)
    ? await importancesOnHost(model, set, backgrounds, options)
    : await sweepOnGpu(model, set, backgrounds, options);
  return {
    patterns: set.names,
    backgrounds: backgrounds.count,
    method,
    ...(reason && { reason }),
    models: importancesOf(state, model),
    bare,
    state,
    work,
    ...(inPadding && { inPadding }),
    ...writtenBy(model, options),
  };
}

/** @throws ArgumentError for a method that takes layers; and as `sweepOnHost` */
async function importancesOnHost(
  model: HostModel,
  set: PatternSet,
  backgrounds: Backgrounds,
  options: ImportanceOptions,
): Promise<GpuSweep> {
  const { reason } = chooseMethod(model, set, backgrounds.count, options);
  return { method: 'naive', reason, ...(await sweepOnHost(model, set, backgrounds, options)) };
}

function checkFit(
  model: AskedModel,
  { length, count }: Backgrounds,
  patterns: readonly Pattern[],
  options: ImportanceOptions,
): void {
  checkTreatment(model, options);
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
    bindable: isHost(model) ? Number.POSITIVE_INFINITY : model.gpu.limits.maxStorageBufferBindingSize,
    multiplyAdds: () => costOf(model, patterns, { count, length }, options).multiplyAdds,
  });
}
