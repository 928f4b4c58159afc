/**
 * Minimal filtering (Toom and Cook; Winograd). Columns and taps are taken as polynomials, evaluated at
 * points, and multiplied there; interpolation gives the convolution. `size` columns and three taps give
 * size + 2 columns by size + 2 products instead of 3 · size. The shaders evaluate the columns and interpolate
 * (`shaders/sweep_run.wgsl`, `shaders/sweep_fused.wgsl`). This file evaluates the taps, in float64.
 */

/** `shared` takes every product as it stands; `filtered` the fewest. */
export type FilterMethod = 'filtered' | 'shared';

/**
 * Columns of a run in blocks of `size` columns, a dilation apart: block b begins at column b %
 * classes + floor(b / classes)
 * * size * dilation.
 */
export interface Blocks {
  /** Residues of the dilation. */
  readonly classes: number;
  readonly count: number;
  readonly size: number;
  /** Products that a block takes. */
  readonly points: number;
  /**
   * Products of a matrix with a vector, per pattern; what a last block lacks in columns counts, as it is
   * computed.
   */
  readonly products: number;
}

export const TAPS = 3;

/**
 * Finite points by block size; infinity is one more. Their errors in f32 are the least that were tried
 * (docs/sweep.md).
 */
const POINTS: Readonly<Record<number, readonly number[]>> = {
  2: [0, 1, -1],
  3: [0, 1, -1, -0.5],
  4: [0, 1, -1, 2, -2],
};

/** Products that a block takes: of a single column, one for each tap. */
export const pointsOf = (size: number, taps = TAPS): number => size + taps - 1;

/** Vectors that a block's columns are evaluated to: a single column serves all taps as it is. */
export const evaluatedOf = ({ size, points }: Blocks): number => (size === 1 ? 1 : points);

/** A run in blocks of one size. */
export function blocksOfSize(columns: number, dilation: number, size: number, taps = TAPS): Blocks {
  const residues = Math.min(columns, dilation);
  const [whole, rest] = [Math.floor(columns / (size * dilation)), columns % (size * dilation)];
  const count = whole * residues + Math.min(rest, residues);
  const points = pointsOf(size, taps);
  return { classes: residues, count, size, points, products: count * points };
}

/**
 * The block size that takes the fewest products of a run, the smallest of equals. Minimal filtering is for
 * three taps; other numbers of taps take single columns.
 */
export function blocksOf(columns: number, dilation: number, method: FilterMethod, taps = TAPS): Blocks {
  const sizes = method === 'shared' || taps !== TAPS ? [1] : [1, ...Object.keys(POINTS).map(Number)];
  const choices = sizes.map((size) => blocksOfSize(columns, dilation, size, taps));
  return choices.reduce((best, choice) => (choice.products < best.products ? choice : best));
}

/**
 * Taps w [3, values] as the matrices that evaluated columns are multiplied with: [size + 2, values]. Tap t
 * meets column p + (t - 1) dilation, so tap 2 is the polynomial's constant. Each is divided by what
 * interpolation would divide by.
 */
export function evaluateTaps(w: ArrayLike<number>, size: number): Float32Array {
  const values = w.length / TAPS;
  const finite = POINTS[size]!;
  const result = new Float32Array(pointsOf(size) * values);
  finite.forEach((point, q) => {
    const divisor = finite.reduce(
      (product, other) => (other === point ? product : product * (point - other)),
      1,
    );
    const square = point * point;
    for (let i = 0; i < values; i++) {
      result[q * values + i] = (w[2 * values + i]! + point * w[values + i]! + square * w[i]!) / divisor;
    }
  });
  for (let i = 0; i < values; i++) result[finite.length * values + i] = w[i]!;
  return result;
}
