/**
 * Bootstrap intervals of mean local importances. Backgrounds are resampled with replacement, with the same
 * draws for all patterns, which keeps the pairing. For populations whose tails a t interval does not
 * describe.
 */

import { atOnce, type Steps } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { ArgumentError, ShapeError } from '../../device/errors.js';
import { checkHostMemory } from '../../device/host-memory.js';
import { Random, STREAM } from '../../kernels/random.js';

/** Options of the bootstrap. */
export interface BootstrapOptions {
  /** How often N backgrounds are drawn. Default 1,000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
  /** 0 … 2^32 - 1. Default 1. */
  readonly seed?: number;
}

/** Percentile intervals, [P] each. */
export interface BootstrapIntervals {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

const OPTIONS = {
  confidence: check.optional(check.number({ above: 0, below: 1 })),
  seed: check.optional(check.seed),
};

/**
 * Percentile bootstrap intervals of the mean of every pattern.
 *
 * @param local local importances [P * backgrounds], pattern by pattern
 * @throws ShapeError for sizes that do not fit, and for fewer than 40 resamples, too few for 2.5 % tails
 */
export const bootstrapIntervals = (
  local: Float32Array,
  backgrounds: number,
  options: BootstrapOptions = {},
): BootstrapIntervals => atOnce(bootstrapInSteps(local, backgrounds, options));

/** The same in steps, for `breathing` (`device/breathe.ts`). */
export function* bootstrapInSteps(
  local: Float32Array,
  backgrounds: number,
  options: BootstrapOptions = {},
): Steps<BootstrapIntervals> {
  check.floats(local, check.argument('local'));
  check.options(options, OPTIONS);
  const { resamples = 1000, confidence = 0.95, seed = 1 } = options;
  const patterns = local.length / backgrounds;
  if (!Number.isInteger(patterns) || backgrounds < 2)
    throw new ShapeError(
      `${count(local.length, 'local importance')} cannot be divided into patterns of ${count(backgrounds, 'background')}`,
    );
  if (!Number.isInteger(resamples) || resamples < 40)
    throw new ShapeError(`a bootstrap needs at least 40 resamples, not ${resamples}`);
  checkBootstrap(backgrounds, resamples);
  const times = timesDrawn(backgrounds, resamples, seed);
  const [low, high] = [new Float64Array(patterns), new Float64Array(patterns)];
  const means = new Float64Array(resamples);
  const tail = Math.floor(((1 - confidence) / 2) * resamples);
  for (let p = 0; p < patterns; p++) {
    yield;
    const values = local.subarray(p * backgrounds, (p + 1) * backgrounds);
    for (let r = 0; r < resamples; r++) {
      let sum = 0;
      const from = r * backgrounds;
      for (let n = 0; n < backgrounds; n++) sum += times[from + n]! * values[n]!;
      means[r] = sum / backgrounds;
    }
    means.sort();
    low[p] = means[tail]!;
    high[p] = means[resamples - 1 - tail]!;
  }
  return { low, high };
}

/** The longest typed array. */
const MOST_DRAWS = 2 ** 32 - 1;

/** @throws ArgumentError, OutOfMemoryError for more draws than an array or the machine's memory holds */
export function checkBootstrap(backgrounds: number, resamples: number): void {
  if (backgrounds * resamples > MOST_DRAWS)
    throw new ArgumentError(
      'resamples',
      `${resamples.toLocaleString('en')} resamples of ${count(backgrounds, 'background')} need more than 2^32 - 1 draws; ask for fewer resamples (--bootstrap)`,
    );
  checkHostMemory(
    resamples * (2 * backgrounds + 8),
    `a bootstrap of ${resamples.toLocaleString('en')} resamples of ${backgrounds.toLocaleString('en')} backgrounds`,
    'ask for fewer resamples (--bootstrap)',
  );
}

/** How often each resample contains each background, [resamples * backgrounds]. */
function timesDrawn(backgrounds: number, resamples: number, seed: number): Uint16Array {
  const times = new Uint16Array(resamples * backgrounds);
  const random = new Random(seed, STREAM.bootstrap);
  for (let r = 0; r < resamples; r++) {
    const draws = random.draws(r);
    for (let i = 0; i < backgrounds; i++) times[r * backgrounds + draws.below(backgrounds)]! += 1;
  }
  return times;
}
