/**
 * The stages of a sweep's plan as data: what is computed per pattern in each, and what patterns share
 * (plan.ts).
 */

import type { Blocks } from '../../kernels/sweep/filtering.js';

/** Marks a missing source. */
export const NONE = 0xffffffff;

/** The letters that a vector of the first stage sums: all, or those on one side of the slot's cut. */
export type ColumnKind = 'all' | 'left' | 'right';

export interface ColumnRow {
  readonly position: number;
  /** A pattern of the class. */
  readonly pattern: number;
  readonly kind: ColumnKind;
}

/** A vector as the sum of earlier vectors: their indices, or NONE. */
export interface Gathered {
  readonly sources: Uint32Array;
  /** Sources per row, including that of the skip. */
  readonly width: number;
  readonly rows: number;
}

/** Columns first … first + count - 1, which are computed per pattern. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/** Edges of a run: its first `left` and last `right` columns have one. */
export interface Edges {
  readonly left: number;
  readonly right: number;
  /** Number of vectors in all columns together. */
  readonly rows: number;
  /** Index of each pattern's vector, [left + right, P]. */
  readonly index: Uint32Array;
}

export interface Stage {
  readonly run: Run;
  readonly edges: Edges;
  /** Number of shared vectors. */
  readonly shared: number;
  readonly channels: number;
}

export interface FirstStage extends Stage {
  /** Shared vectors, then edge vectors. */
  readonly columns: readonly ColumnRow[];
  /** The first position of the slot's right part. */
  readonly cut: number;
}

export interface ConvolutionStage extends Stage {
  /** Channels of the stage before. */
  readonly inputs: number;
  readonly taps: number;
  readonly dilation: number;
  /** How the run of the stage before is multiplied; absent if there is none. */
  readonly blocks?: Blocks;
  /**
   * Shared vectors, then edge vectors, as sums of products (taps * row + tap) of the stage before. With a
   * skip, those of the last stage have one more source: a row of the first stage.
   */
  readonly gathered: Gathered;
}

export interface PoolStage {
  /** Windows that overlap the run; they are computed per pattern. */
  readonly windows: Run;
  /** The window of each shared part: the positions of the window to the left or right of the run. */
  readonly parts: readonly number[];
  /** Largest number of vectors in a part. */
  readonly partRows: number;
  /** parts.length * partRows vectors, as sums of shared vectors of the last stage. */
  readonly gathered: Gathered;
}

export interface DenseStage {
  /**
   * One edge for the parts to the left of the run and one for those to the right: `left` and `right` are 0 or
   * 1.
   */
  readonly edges: Edges;
  /** Edge vectors from products of parts: part * partRows + row. */
  readonly gathered: Gathered;
}
