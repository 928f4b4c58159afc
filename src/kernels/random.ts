/**
 * Counter-based random numbers: Threefry-2x32 with 20 rounds (Salmon et al., SC 2011), the host twin of
 * `shaders/lib/threefry.wgsl`. A number is a pure function of (seed, stream, index, draw), so results never
 * depend on batch size, chunk size or the order of work.
 */

import { ArgumentError } from '../device/errors.js';

/** One number per purpose, so that two uses of one seed never share a stream. */
export const STREAM = {
  initialise: 1,
  shuffleEpoch: 2,
  dropout: 3,
  split: 4,
  simulate: 5,
  background: 6,
  bootstrap: 7,
  motifSite: 8,
} as const;

const PARITY = 0x1bd11bda;

/**
 * Threefry-2x32-20 of counter (c0, c1) under key (k0, k1); writes two u32 words into `out`. Five times four
 * rounds are written out, since shuffles and initial weights draw millions of numbers.
 */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  // The three words of the key, in the order in which the next groups add them.
  let [first, second, third] = [k1 | 0, PARITY ^ k0 ^ k1, k0 | 0];
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  for (let group = 1; group <= 5; group++) {
    if (group % 2 === 1) {
      x = (x + y) | 0;
      y = ((y << 13) | (y >>> 19)) ^ x;
      x = (x + y) | 0;
      y = ((y << 15) | (y >>> 17)) ^ x;
      x = (x + y) | 0;
      y = ((y << 26) | (y >>> 6)) ^ x;
      x = (x + y) | 0;
      y = ((y << 6) | (y >>> 26)) ^ x;
    } else {
      x = (x + y) | 0;
      y = ((y << 17) | (y >>> 15)) ^ x;
      x = (x + y) | 0;
      y = ((y << 29) | (y >>> 3)) ^ x;
      x = (x + y) | 0;
      y = ((y << 16) | (y >>> 16)) ^ x;
      x = (x + y) | 0;
      y = ((y << 24) | (y >>> 8)) ^ x;
    }
    x = (x + first) | 0;
    y = (y + second + group) | 0;
    const added = first;
    first = second;
    second = third;
    third = added;
  }
  out[0] = x;
  out[1] = y;
}

/** A source of consecutive draws. */
export interface Draws {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in 0 … n−1, n ≤ 2^32, without bias. */
  below(n: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
}

/**
 * Random numbers of one (seed, stream); `draws(index)` is the independent sequence that belongs to record
 * `index`.
 */
export class Random {
  readonly #out = new Uint32Array(2);

  /** @param seed 0 … 2^32−1 @param stream one of `STREAM`, or any u32 */
  constructor(
    readonly seed: number,
    readonly stream: number,
  ) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new ArgumentError('seed', `seed must be an integer in 0 … 4294967295, not ${seed}`);
    }
  }

  /** The u32 at counter (index, draw). */
  bits(index: number, draw = 0): number {
    threefry2x32(this.seed, this.stream, index, draw, this.#out);
    return this.#out[0]!;
  }

  draws(index: number): Draws {
    let draw = 0;
    const next = () => this.bits(index, draw++);
    const uniform = () => next() / 4294967296;
    return {
      uniform,
      below: (n) => {
        // Rejection keeps every value equally likely. Quotients below 2^32 are exact when rounded down, and
        // much faster than remainders.
        const limit = Math.floor(4294967296 / n) * n;
        let word = next();
        while (word >= limit) word = next();
        return word - Math.floor(word / n) * n;
      },
      normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    };
  }

  /** A uniform permutation of 0 … n−1 (Fisher–Yates), a pure function of (seed, stream, index). */
  permutation(n: number, index = 0): Uint32Array {
    const order = new Uint32Array(n).map((_, i) => i);
    const draws = this.draws(index);
    for (let i = n - 1; i > 0; i--) {
      const j = draws.below(i + 1);
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order;
  }
}
