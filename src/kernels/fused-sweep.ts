/**
 * A chunk of a sweep's (background, pattern) pairs in one dispatch (docs/sweep.md): the runs of all stages, pool, dense
 * layer and head, from the edges of what patterns share to the prediction. What a pair computes stays on the chip.
 */

import type { Operand } from './launch.js';

/** A stage's run: columns computed per pair from the run before, and from edges at both ends. */
export interface FusedStage {
  readonly columns: number;
  /** Columns that have an edge, the first `left` and the last `right`. */
  readonly left: number;
  readonly right: number;
  /** Row of `edge_index` of its first edge; those of the left come first. */
  readonly edge: number;
  /** Which of the biases in `constants` it adds; absent in the network's first stage, whose edges have it. */
  readonly layer?: number;
  /** How the run before it is multiplied; absent where there is none. */
  readonly before?: {
    readonly columns: number;
    readonly dilation: number;
    /** How much further this run reaches to the left: tap t adds column c to column c + offset + (1 - t) dilation. */
    readonly offset: number;
    /** Columns multiplied at once by minimal filtering (`filtering.ts`); 1: three products each. */
    readonly size: number;
    /** First of its matrices in `weights`, each [channels, channels]: `size` + 2 of them. */
    readonly matrix: number;
  };
}

/** What the fused kernels compute, whatever their precision. */
export interface FusedShape {
  readonly models: number;
  /** All patterns, and the block's backgrounds. */
  readonly patterns: number;
  readonly block: number;
  /** Patterns and backgrounds of the chunk. */
  readonly chunk: { readonly patterns: number; readonly backgrounds: number };
  readonly channels: number;
  readonly hidden: number;
  /** From the first that has a run to the last. */
  readonly stages: readonly FusedStage[];
  /** Columns of the last run that have the first stage's run added, rectified: column `first` its column 0. */
  readonly skip?: {
    readonly first: number;
    readonly columns: number;
    /** Columns of the first stage's run, whether in the last or not; its edges are rows side * run + column of `edge_index`. */
    readonly run: number;
    readonly sides: number;
  };
  /** The pool's window size, the windows that the run reaches, and its first column's place in the first of them. */
  readonly pool: { readonly size: number; readonly windows: number; readonly offset: number };
  /** Biases of convolutions in `constants`, before those of the dense layer. */
  readonly layers: number;
  /** Edge vectors of a background. */
  readonly edgeRows: number;
  /** Row of `edge_index` of the first dense edge, their number (0 to 2), and dense edge vectors of a background. */
  readonly dense: { readonly edge: number; readonly edges: number; readonly edgeRows: number };
  readonly sigmoid: boolean;
}

/** Storage buffers of a fused kernel. */
export interface FusedOperands {
  /** [E, block, edgeRows, channels]: edge vectors of all stages. */
  readonly edges: Operand;
  /** [edges of all stages, then of the dense layer, patterns] u32: a pattern's row in `edges` or `dense_edges`. */
  readonly edge_index: Operand;
  /** [E, matrices, inputs, outputs]: taps, or taps evaluated at points, of every convolution with a run before it. */
  readonly weights: Operand;
  /** [E, layers * channels + 2 hidden + 4]: biases of convolutions, of the dense layer, the output's weights, its bias and zeros. */
  readonly constants: Operand;
  /** [E, block, dense.edgeRows, hidden] */
  readonly dense_edges?: Operand | undefined;
  /** [E, windows * channels, hidden]: the dense layer's rows of the windows computed per pair. */
  readonly dense_w: Operand;
  /** [E, block, patterns] */
  readonly predictions: Operand;
}
