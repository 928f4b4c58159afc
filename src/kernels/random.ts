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
} as const;

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

/** Threefry-2x32-20 of counter (c0, c1) under key (k0, k1); writes two u32 words into `out`. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number, out: Uint32Array): void {
  const keys = [k0 >>> 0, k1 >>> 0, (PARITY ^ k0 ^ k1) >>> 0] as const;
  let x0 = (c0 + keys[0]) >>> 0;
  let x1 = (c1 + keys[1]) >>> 0;
  for (let round = 0; round < 20; round++) {
    const bits = ROTATIONS[round % 8]!;
    x0 = (x0 + x1) >>> 0;
    x1 = (((x1 << bits) | (x1 >>> (32 - bits))) ^ x0) >>> 0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + keys[injection % 3]!) >>> 0;
      x1 = (x1 + keys[(injection + 1) % 3]! + injection) >>> 0;
    }
  }
  out[0] = x0;
  out[1] = x1;
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
        // Rejection keeps every value equally likely.
        const limit = 4294967296 - (4294967296 % n);
        let word = next();
        while (word >= limit) word = next();
        return word % n;
      },
      normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    };
  }

  /** A uniform permutation of 0 … n−1 (Fisher–Yates), a pure function of (seed, stream, index). */
  permutation(n: number, index = 0): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    const draws = this.draws(index);
    for (let i = n - 1; i > 0; i--) {
      const j = draws.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
