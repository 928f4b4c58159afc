/**
 * The most important of many patterns without computing all of them over all backgrounds: successive
 * elimination. Everybody is seen over a few backgrounds; who cannot be among the top is dropped; the rest are
 * seen over twice as many, until those left have been seen over all. `importance.ts` does the computing,
 * `elimination.ts` decides.
 */

import * as check from '../device/check.js';
import { ArgumentError, NotFiniteError, ShapeError } from '../device/errors.js';
import { COMPUTING, checkBackgrounds, checkPatterns } from './arguments.js';
import { concatenated } from './arrays.js';
import { type Backgrounds, backgroundsBetween, lettersIn } from './backgrounds/backgrounds.js';
import { checkInLetters } from './backgrounds/letters.js';
import { type ImportanceOptions, importance } from './importance.js';
import { costOf } from './method.js';
import {
  checkModel,
  type Model,
  type Readouts,
  readoutAt,
  readoutsIn,
  readoutsOf,
  type Written,
} from './model.js';
import type { Pattern } from './patterns/patterns.js';
import { type Treated, writtenBy } from './structure.js';
import type { ModelImportance, SweepProgress } from './sweep/state.js';

/** How the most important patterns are looked for. */
export interface AdaptiveOptions
  extends Pick<
    ImportanceOptions,
    'method' | 'memory' | 'chunk' | 'precision' | 'structure' | 'signal' | 'allowPadding'
  > {
  /** Patterns wanted. Default 10. */
  readonly top?: number | undefined;
  /** Least probability that exactly the top patterns are returned, of every model. Default 0.95. */
  readonly confidence?: number | undefined;
  /** Backgrounds before the first decision. Default 32. */
  readonly first?: number | undefined;
  /** `total` falls as patterns drop out. */
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Where an earlier run got to. */
  readonly resume?: AdaptiveState | undefined;
  /** Called after every round but the last with the state to resume from. */
  readonly onCheckpoint?: ((state: AdaptiveState) => void | Promise<void>) | undefined;
}

/** A round: the patterns still in question, seen over more backgrounds. */
export interface Round {
  /** Backgrounds seen after it. */
  readonly backgrounds: number;
  readonly patterns: number;
  readonly pairs: number;
  /**
   * Multiply-adds of matrix products, all models together; predictions, where the model does not tell them.
   */
  readonly multiplyAdds: number;
}

/** A search that was interrupted and can go on. */
export interface AdaptiveState {
  readonly rounds: readonly Round[];
  /** Patterns in question, by index, ascending. */
  readonly survivors: Uint32Array;
  /** Their local importances over the backgrounds seen, [E * outputs, survivors, backgrounds]. */
  readonly local: Float32Array;
}

/** The most important patterns, and what it took to find them. */
export interface AdaptiveResult extends Written, Treated {
  /**
   * Of every model, or of every output of each where models have several: its top patterns, best first, and
   * their statistics over all backgrounds.
   */
  readonly models: readonly TopImportance[];
  readonly backgrounds: number;
  readonly confidence: number;
  readonly rounds: readonly Round[];
  /** Multiply-adds of the exhaustive sweep, all models together; what `rounds` took is never more. */
  readonly exhaustiveMultiplyAdds: number;
  /**
   * True where no pattern was dropped, since none could be or that would have cost more: this is the
   * exhaustive sweep.
   */
  readonly isExhaustive: boolean;
}

/** A model's top patterns, best first. */
export interface TopImportance extends ModelImportance {
  readonly patterns: readonly string[];
  /** Letters of each that stand where no probe has one; absent where none of the patterns has such. */
  readonly inPadding?: readonly number[];
}

/**
 * The `top` most important patterns, as `importance` of all of them over the same backgrounds would rank
 * them, with probability at least `confidence`; what is returned of them is over all backgrounds and exact.
 * The probability is over the order of the backgrounds, taken as drawn at random (all kinds but `sequences`
 * are), and rests on paired mean differences being distributed as Student's t.
 *
 * Few patterns share less arithmetic than many, so dropping some may cost more than it saves. A pattern is
 * dropped only where the rest then takes fewer multiply-adds, and at no time more than the exhaustive sweep
 * has been spent.
 *
 * @throws ShapeError or ResidualBindError for options out of range; what `importance` throws; CancelledError
 */
export async function topPatterns(
  given: Model,
  patterns: readonly Pattern[],
  backgrounds: Backgrounds,
  options: AdaptiveOptions = {},
): Promise<AdaptiveResult> {
  checkBackgrounds(backgrounds);
  const model = checkModel(given, backgrounds.length);
  checkPatterns(patterns);
  check.options(options, COMPUTING);
  const { top = 10, confidence = 0.95, first = 32, onProgress, onCheckpoint, resume, ...computing } = options;
  checkOptions(patterns.length, { top, confidence, first });
  const { comparisonLevel, eliminated } = await import('./statistics/elimination.js');
  const { count } = backgrounds;
  const { models } = model;
  const readouts = readoutsOf(model);
  const inPadding = checkInLetters(patterns, lettersIn(backgrounds), computing.allowPadding);
  const chosen = (indices: Uint32Array) => Array.from(indices, (p) => patterns[p]!);
  /** A model that does not tell its arithmetic costs 1 a prediction. */
  const costFor = (indices: Uint32Array) => {
    const { method, multiplyAdds = 1 } = costOf(model, chosen(indices), backgrounds, computing);
    return { method, multiplyAdds };
  };
  const decisions = Math.ceil(Math.log2(Math.max(1, count / first)));
  const level = comparisonLevel(confidence, { top, arms: patterns.length, models: readouts, decisions });

  let state: AdaptiveState = resume ?? {
    rounds: [],
    survivors: Uint32Array.from(patterns.keys()),
    local: new Float32Array(0),
  };
  checkAdaptiveState(state, { ...readoutsIn(model), patterns: patterns.length, count, top });
  const whole = costFor(Uint32Array.from(patterns.keys()));
  let cost = state.survivors.length === patterns.length ? whole : costFor(state.survivors);
  for (;;) {
    const { rounds, survivors } = state;
    const seen = rounds.at(-1)?.backgrounds ?? 0;
    if (seen === count) break;
    // Dropping all but the top at the next decision is the most that another round could save.
    const next = Math.min(count, Math.max(first, 2 * seen));
    const saved =
      survivors.length * cost.multiplyAdds - top * costFor(survivors.subarray(0, top)).multiplyAdds;
    const canSave = survivors.length > top && saved > 0;
    const until = canSave ? next : count;
    const before = rounds.reduce((sum, { pairs }) => sum + pairs, 0);
    const total = before + survivors.length * (count - seen);
    const result = await importance(model, chosen(survivors), backgroundsBetween(backgrounds, seen, until), {
      ...computing,
      method: cost.method,
      keepLocal: true,
      onProgress: ({ done }) => onProgress?.({ done: before + done, total }),
    });
    const rows = result.models.map(({ local }, r) =>
      Array.from(survivors, (_, s) => [
        state.local.subarray((r * survivors.length + s) * seen, (r * survivors.length + s + 1) * seen),
        local!.subarray(s * (until - seen), (s + 1) * (until - seen)),
      ]).map(([old, fresh]) => concatenated([old!, fresh!])),
    );
    const trial = { top, seen: until, total: count, level };
    const isOut = until < count ? rows.map((arms) => eliminated(arms, trial)) : [];
    let kept = Array.from(survivors.keys()).filter((s) => isOut.length === 0 || isOut.some((out) => !out[s]));
    if (kept.length < survivors.length) {
      const fewer = costFor(Uint32Array.from(kept, (s) => survivors[s]!));
      if (kept.length * fewer.multiplyAdds < survivors.length * cost.multiplyAdds) cost = fewer;
      else kept = Array.from(survivors.keys());
    }
    const round: Round = {
      backgrounds: until,
      patterns: survivors.length,
      pairs: result.work.pairs,
      multiplyAdds: result.work.multiplyAdds ?? models * result.work.pairs,
    };
    state = {
      rounds: [...rounds, round],
      survivors: Uint32Array.from(kept, (s) => survivors[s]!),
      local: concatenated(rows.flatMap((arms) => kept.map((s) => arms[s]!))),
    };
    if (until < count) await onCheckpoint?.(state);
  }
  return {
    models: Array.from({ length: readouts }, (_, r) => ({
      ...readoutAt(model, r),
      ...best(patterns, state, { r, count, top, inPadding }),
    })),
    backgrounds: count,
    confidence,
    rounds: state.rounds,
    exhaustiveMultiplyAdds: models * patterns.length * count * whole.multiplyAdds,
    isExhaustive: state.rounds.every((round) => round.patterns === patterns.length),
    ...writtenBy(model, computing),
  };
}

/** Readout `r`'s top patterns of those left, with statistics in float64. */
function best(
  patterns: readonly Pattern[],
  { survivors, local }: AdaptiveState,
  {
    r,
    count,
    top,
    inPadding,
  }: {
    readonly r: number;
    readonly count: number;
    readonly top: number;
    readonly inPadding: readonly number[] | undefined;
  },
): TopImportance {
  const rows = Array.from(survivors, (pattern, s) => {
    const values = local.slice((r * survivors.length + s) * count, (r * survivors.length + s + 1) * count);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const [min, max] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return {
      name: patterns[pattern]!.name,
      padding: inPadding?.[pattern],
      values,
      mean,
      variance: squares / Math.max(1, count - 1),
      min,
      max,
    };
  });
  const chosen = rows.sort((a, b) => b.mean - a.mean).slice(0, top);
  const column = (of: (row: (typeof rows)[number]) => number) => Float32Array.from(chosen, of);
  return {
    patterns: chosen.map(({ name }) => name),
    ...(inPadding && { inPadding: chosen.map(({ padding = 0 }) => padding) }),
    mean: column(({ mean }) => mean),
    variance: column(({ variance }) => variance),
    min: column(({ min }) => min),
    max: column(({ max }) => max),
    local: concatenated(chosen.map(({ values }) => values)),
  };
}

function checkOptions(
  patterns: number,
  { top, confidence, first }: Required<Record<'top' | 'confidence' | 'first', number>>,
): void {
  if (!Number.isInteger(top) || top < 1 || top > patterns)
    throw new ShapeError(`top must be between 1 and ${patterns}, the number of patterns, not ${top}`);
  if (!(confidence > 0 && confidence < 1))
    throw new ArgumentError('confidence', `a confidence lies between 0 and 1, not at ${confidence}`);
  if (!Number.isInteger(first) || first < 2)
    throw new ShapeError(`at least 2 backgrounds are needed before a decision, not ${first}`);
}

/** What a state must fit. */
export interface AdaptiveSize extends Readouts {
  readonly patterns: number;
  /** Backgrounds in all. */
  readonly count: number;
  readonly top: number;
}

/** @throws ShapeError or NotFiniteError for a state that no search of this size can have reached */
export function checkAdaptiveState({ rounds, survivors, local }: AdaptiveState, size: AdaptiveSize): void {
  const { patterns, count, top } = size;
  const refuse = (reason: string): never => {
    throw new ShapeError(`the state to resume from does not fit this search: ${reason}`);
  };
  const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
  let [seen, left] = [0, patterns];
  for (const [i, round] of rounds.entries()) {
    const { backgrounds, patterns: arms, pairs, multiplyAdds } = (round ?? {}) as Round;
    if (![backgrounds, arms, pairs].every(isCount) || !(multiplyAdds >= 0 && multiplyAdds < Infinity))
      refuse(`round ${i + 1} has no valid counts`);
    if (backgrounds <= seen || backgrounds > count)
      refuse(`round ${i + 1} ends at ${backgrounds} of ${count} backgrounds, after ${seen}`);
    if (i === 0 ? arms !== patterns : arms > left) refuse(`round ${i + 1} has ${arms} patterns of ${left}`);
    if (pairs !== arms * (backgrounds - seen)) refuse(`round ${i + 1} has ${pairs} pairs`);
    [seen, left] = [backgrounds, arms];
  }
  if (survivors.length > left || survivors.length < Math.min(top, patterns))
    refuse(`${survivors.length} of ${left} patterns are left`);
  if (survivors.some((p, i) => p >= patterns || (i > 0 && p <= survivors[i - 1]!)))
    refuse('the patterns left are not those of the search');
  if (local.length !== readoutsOf(size) * survivors.length * seen) refuse('it has other local importances');
  if (!local.every(Number.isFinite))
    throw new NotFiniteError('the state to resume from has a local importance that is not finite');
}
