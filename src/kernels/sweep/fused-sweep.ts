/**
 * A chunk of a sweep's (background, pattern) pairs in one dispatch (docs/sweep.md): the runs of all stages,
 * pool, dense layer and head, from the edges of what patterns share to the prediction. What a pair computes
 * stays on the chip.
 */

import type { Gpu } from '../../device/gpu.js';
import type { Control } from '../control.js';
import { launch, type Operand, type TileOf } from '../launch.js';
import { type Blocks, blocksOfSize, pointsOf } from './filtering.js';

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
    /**
     * How much further this run reaches to the left: tap t adds column c to column c + offset + (1 - t)
     * dilation.
     */
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
  /**
   * Columns of the last run that have the first stage's run added, rectified: column `first` its column 0.
   */
  readonly skip?: {
    readonly first: number;
    readonly columns: number;
    /**
     * Columns of the first stage's run, whether in the last or not; its edges are rows side * run + column of
     * `edge_index`.
     */
    readonly run: number;
    readonly sides: number;
  };
  /**
   * The pool's window size, the windows that the run reaches, and its first column's place in the first of
   * them.
   */
  readonly pool: { readonly size: number; readonly windows: number; readonly offset: number };
  /** Biases of convolutions in `constants`, before those of the dense layer. */
  readonly layers: number;
  /** Edge vectors of a background. */
  readonly edgeRows: number;
  /**
   * Row of `edge_index` of the first dense edge, their number (0 to 2), and dense edge vectors of a
   * background.
   */
  readonly dense: { readonly edge: number; readonly edges: number; readonly edgeRows: number };
  readonly sigmoid: boolean;
}

/** Storage buffers of a fused kernel. */
export interface FusedOperands {
  /** [E, block, edgeRows, channels]: edge vectors of all stages. */
  readonly edges: Operand;
  /**
   * [edges of all stages, then of the dense layer, patterns] u32: a pattern's row in `edges` or
   * `dense_edges`.
   */
  readonly edge_index: Operand;
  /**
   * [E, matrices, inputs, outputs]: taps, or taps evaluated at points, of every convolution with a run before
   * it.
   */
  readonly weights: Operand;
  /**
   * [E, layers * channels + 2 hidden + 4]: biases of convolutions, of the dense layer, the output's weights,
   * its bias and zeros.
   */
  readonly constants: Operand;
  /** [E, block, dense.edgeRows, hidden] */
  readonly dense_edges?: Operand | undefined;
  /** [E, windows * channels, hidden]: the dense layer's rows of the windows computed per pair. */
  readonly dense_w: Operand;
  /** [E, block, patterns] */
  readonly predictions: Operand;
}

/** How the f32 kernel divides its work. Variants give the same bits. */
export interface FusedVariant {
  /** Of a workgroup: patterns in one background. */
  readonly pairs: number;
  /**
   * Threads along the outputs that lie side by side, four outputs each; `across` such rows lie along the
   * pairs.
   */
  readonly lanes: number;
  readonly across: number;
  /** Such groups of rows for further pairs; a thread keeps pairs / (across * down) of them. */
  readonly down: number;
}

/** Threads of a workgroup. */
const threadsOf = ({ lanes, across, down }: FusedVariant, { channels }: FusedShape): number =>
  lanes * Math.ceil(channels / 4 / lanes) * across * down;

/** Columns of a pair that stay in workgroup memory, in fours; odd, so that pairs lie on different banks. */
function strideOf({ stages, channels, pool }: FusedShape): number {
  const kept = Math.max(pool.windows, ...stages.map(({ before }) => before?.columns ?? 0));
  const fours = (kept * channels) / 4;
  return fours + 1 - (fours % 2);
}

const edgesOf = ({ dense }: FusedShape): number => dense.edge + dense.edges;

/** Bytes of workgroup memory. */
export const fusedBytes = (variant: FusedVariant, shape: FusedShape): number =>
  variant.pairs * (16 * strideOf(shape) + shape.hidden + 4 * edgesOf(shape));

/** Whether a device runs a variant for a shape. */
export function fusedFits(
  variant: FusedVariant,
  shape: FusedShape,
  limits: Pick<GPUSupportedLimits, 'maxComputeWorkgroupStorageSize' | 'maxComputeInvocationsPerWorkgroup'>,
): boolean {
  return (
    shape.channels % 4 === 0 &&
    shape.hidden % 4 === 0 &&
    variant.pairs % (variant.across * variant.down) === 0 &&
    threadsOf(variant, shape) <= limits.maxComputeInvocationsPerWorkgroup &&
    fusedBytes(variant, shape) <= limits.maxComputeWorkgroupStorageSize
  );
}

/**
 * predictions [E, block, patterns] of a chunk. It begins at the control's `pattern` and
 * `block_background`.
 */
export function fusedSweep(
  gpu: Gpu,
  control: Control,
  operands: FusedOperands,
  shape: FusedShape,
  variant: FusedVariant,
): void {
  const { models, patterns, block, chunk, edgeRows, dense } = shape;
  launch(gpu, 'sweep_fused', {
    operands: { control, ...operands },
    params: { patterns, backgrounds: block, edge_rows: edgeRows, dense_rows: dense.edgeRows },
    tile: fusedTile(variant, shape),
    workgroups: [Math.ceil(chunk.patterns / variant.pairs), chunk.backgrounds, models],
  });
}

/** The tile constants of `sweep_fused.wgsl`. */
export const fusedTile = (variant: FusedVariant, shape: FusedShape): TileOf<'sweep_fused'> => ({
  ...variantTile(variant, shape),
  ...stagesTile(shape),
  ...endTile(shape),
});

function variantTile(variant: FusedVariant, shape: FusedShape) {
  const { pairs, lanes, across, down } = variant;
  const [quads, hidden] = [shape.channels / 4, shape.hidden / 4];
  const threads = threadsOf(variant, shape);
  // As many groups of pairs as there are threads for.
  const shares = Array.from({ length: pairs }, (_, i) => pairs - i).filter((n) => pairs % n === 0);
  const groups = shares.find((n) => n * hidden <= threads) ?? 1;
  return {
    PAIRS: pairs,
    LANES: lanes,
    ACROSS: across,
    GROUPS: Math.ceil(quads / lanes),
    SLOTS: across * down,
    HOLD: pairs / (across * down),
    THREADS: threads,
    QUADS: quads,
    STRIDE: strideOf(shape),
    HIDDEN: hidden,
    DENSE_LANES: Math.min(hidden, threads),
    DENSE_GROUPS: groups,
    DENSE_PAIRS: pairs / groups,
  };
}

/** What differs from stage to stage. */
function stagesTile({ stages, channels }: FusedShape) {
  const blocks = stages.map(
    ({ before }): Blocks | undefined => before && blocksOfSize(before.columns, before.dilation, before.size),
  );
  const list = (of: (stage: FusedStage, blocks: Blocks | undefined) => number): number[] =>
    stages.map((stage, s) => of(stage, blocks[s]));
  const size = list((_, of) => of?.size ?? 1);
  const columns = list((stage) => stage.columns);
  const counts = list((_, of) => of?.count ?? 0);
  return {
    STAGES: stages.length,
    COLUMNS: columns,
    LEFT: list(({ left }) => left),
    RIGHT: list(({ right }) => right),
    EDGE: list(({ edge }) => edge),
    BIAS: list(({ layer }) => Number(layer !== undefined)),
    LAYER: list(({ layer }) => layer ?? 0),
    FROM: list(({ before }) => before?.columns ?? 0),
    DILATION: list(({ before }) => before?.dilation ?? 1),
    OFFSET: list(({ before }) => before?.offset ?? 0),
    WEIGHT: list(({ before }) => ((before?.matrix ?? 0) * channels * channels) / 4),
    SIZE: size,
    POINTS: size.map((of) => pointsOf(of)),
    BLOCKS: counts,
    CLASSES: list((_, of) => of?.classes ?? 1),
    MOST_COLUMNS: Math.max(...columns),
    MOST_BLOCKS: Math.max(1, ...counts),
    MOST_SIZE: Math.max(...size),
    MOST_POINTS: pointsOf(Math.max(...size)),
  };
}

/** The skip connection and what follows it. */
function endTile({ skip, pool, layers, dense, sigmoid }: FusedShape) {
  return {
    EDGES: dense.edge,
    SKIPS: skip?.columns ?? 0,
    SKIP_FIRST: skip?.first ?? 0,
    SKIP_RUN: skip?.run ?? 0,
    SKIP_SIDES: skip?.sides ?? 0,
    POOL: pool.size,
    POOL_OFFSET: pool.offset,
    WINDOWS: pool.windows,
    LAYERS: layers,
    DENSE_EDGES: dense.edges,
    SIGMOID: Number(sigmoid),
  };
}
