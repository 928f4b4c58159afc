/**
 * The stages of a sweep's plan, as data: what of each is computed per pattern, and what patterns share
 * (plan.ts).
 */

import type { Blocks } from '../../kernels/sweep/filtering.js';

/** In place of a source that is not there. */
export const NONE = 0xffffffff;

/** What a vector of the first stage adds up: all letters, or those on one side of the slot's cut. */
export type ColumnKind = 'all' | 'left' | 'right';

export interface ColumnRow {
  readonly position: number;
  /** A pattern of the class. */
  readonly pattern: number;
  readonly kind: ColumnKind;
}

/** A vector as the sum of vectors before it: indices, NONE where there is nothing. */
export interface Gathered {
  readonly sources: Uint32Array;
  /** Sources of a row, skip included. */
  readonly width: number;
  readonly rows: number;
}

/** Columns first … first + count - 1, computed per pattern. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/** Edges of a run: the first `left` and the last `right` columns have one. */
export interface Edges {
  readonly left: number;
  readonly right: number;
  /** Vectors, over all columns. */
  readonly rows: number;
  /** Vector of every pattern: [left + right, P]. */
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
  /** How the run before it is multiplied; absent where there is none. */
  readonly blocks?: Blocks;
  /**
   * Shared vectors, then edge vectors, from products (taps * row + tap) of the stage before; where the
   * network has a skip, those of the last stage have a row of the first stage as one more source.
   */
  readonly gathered: Gathered;
}

export interface PoolStage {
  /** Windows that the run reaches, computed per pattern. */
  readonly windows: Run;
  /** The window of every shared part: what of it lies left, or right, of the run. */
  readonly parts: readonly number[];
  /** The most vectors that a part has. */
  readonly partRows: number;
  /** parts.length * partRows vectors from shared vectors of the last stage. */
  readonly gathered: Gathered;
}

export interface DenseStage {
  /** One edge each for the parts left and right of the run: `left` and `right` are 0 or 1. */
  readonly edges: Edges;
  /** Edge vectors from products of parts: part * partRows + row. */
  readonly gathered: Gathered;
}
