/**
 * Kernels of the shared sweep (docs/sweep.md): what patterns share, runs per pattern, the head, and running
 * statistics.
 */

import type { Gpu } from '../../device/gpu.js';
import { sizeFor } from '../../device/sizes.js';
import type { Control } from '../control.js';
import { ceilDivide, flatGrid, launch, type Operand } from '../launch.js';
import { groupsOf as codeGroups, MOST_WRITTEN } from '../matrix/conv-codes.js';
import { type Blocks, evaluatedOf } from './filtering.js';

/** Workgroups over the vectors that patterns share. */
const groupsOf = ({ adapter }: Gpu, rows: number): number => Math.min(rows, sizeFor(adapter, 'sharedGroups'));

/**
 * Threads that share a row, and rows of a workgroup: on hardware enough for coalesced loads, on software
 * adapters one subgroup, which then looks a row's edges up once for all channels.
 */
function threadsOf({ adapter }: Gpu): { readonly LANES: number; readonly ROWS: number } {
  const lanes = adapter.class === 'hardware' ? 32 : (adapter.subgroupSize ?? 32);
  return { LANES: lanes, ROWS: Math.max(2, 32 / lanes) };
}

/**
 * Edge vectors as the rows first … first + rows - 1 of every `stride` in a buffer that several stages may
 * share.
 */
export interface EdgeRows {
  readonly rows: number;
  readonly first: number;
  readonly stride: number;
}

const edgeParams = ({ rows, first, stride }: EdgeRows) => ({
  edge_rows: rows,
  edge_first: first,
  edge_stride: stride,
});

export interface ColumnsShape {
  readonly models: number;
  /** Backgrounds of a block, and all of them. */
  readonly block: number;
  readonly backgrounds: number;
  readonly shared: number;
  readonly edges: EdgeRows;
  readonly cut: number;
  readonly slotLast: number;
  readonly length: number;
  readonly taps: number;
  readonly channels: number;
}

/**
 * columns [E, block, shared, channels] and edges [E, block, edges.stride, channels] of the first convolution.
 */
export function sweepColumns(
  gpu: Gpu,
  control: Control,
  operands: Readonly<Record<'rows' | 'overlays' | 'sequences' | 'tables' | 'bias', Operand>> & {
    readonly columns?: Operand | undefined;
    readonly edges?: Operand | undefined;
  },
  { models, block, backgrounds, shared, edges, cut, slotLast, length, taps, channels }: ColumnsShape,
): void {
  const groups = codeGroups(taps);
  const rows = shared + edges.rows;
  launch(gpu, 'sweep_columns', {
    operands: { control, ...operands },
    params: {
      shared_rows: shared,
      ...edgeParams(edges),
      cut,
      slot_last: slotLast,
      length,
      taps,
      channels,
      backgrounds,
    },
    tile: {
      GROUPS: groups,
      WRITTEN: groups <= MOST_WRITTEN ? groups : 0,
      SHARED: Number(operands.columns !== undefined),
      EDGES: Number(operands.edges !== undefined),
    },
    bytes: 4 * models * block * rows * channels * (groups + 1),
    workgroups: [groupsOf(gpu, rows), block, models],
  });
}

/** Sources of a vector that are added without a loop. */
const MOST_UNROLLED = 16;

export interface GatherShape {
  readonly models: number;
  readonly block: number;
  readonly channels: number;
  /** Vectors that leave with a bias and rectified where asked for, in groups of `group`; and edges. */
  readonly shared: number;
  readonly group: number;
  readonly edges: EdgeRows;
  /** Sources of a vector, without the skip. */
  readonly sources: number;
  /** Vectors of x from one background to the next. */
  readonly xRows: number;
  readonly skipRows?: number;
  /** Of every source. */
  readonly scale?: number;
  readonly relu?: boolean;
}

/**
 * y [E, shared / group, block, group, channels] and edges [E, block, edges.stride, channels], sums of vectors
 * of x.
 */
export function sweepGather(
  gpu: Gpu,
  operands: {
    readonly sources: Operand;
    readonly x: Operand;
    readonly skip?: Operand | undefined;
    readonly bias?: Operand | undefined;
    readonly y?: Operand | undefined;
    readonly edges?: Operand | undefined;
  },
  {
    models,
    block,
    channels,
    shared,
    group,
    edges: edgeRows,
    sources,
    xRows,
    skipRows = 0,
    scale = 1,
    relu = false,
  }: GatherShape,
): void {
  const { skip, bias, y, edges } = operands;
  const rows = shared + edgeRows.rows;
  const threads = threadsOf(gpu);
  launch(gpu, 'sweep_gather', {
    operands: { ...operands },
    params: {
      shared_rows: shared,
      group_rows: group,
      ...edgeParams(edgeRows),
      x_rows: xRows,
      skip_rows: skipRows,
      channels,
      block,
      scale,
    },
    tile: {
      ...threads,
      SOURCES: sources,
      MANY: Number(sources > MOST_UNROLLED),
      KEPT: sources > MOST_UNROLLED ? 0 : sources,
      SKIP: Number(skip !== undefined),
      BIAS: Number(bias !== undefined),
      RELU: Number(relu),
      SHARED: Number(y !== undefined),
      EDGES: Number(edges !== undefined),
    },
    bytes: 4 * models * block * rows * channels * (sources + 1),
    workgroups: [groupsOf(gpu, ceilDivide(rows, threads.ROWS)), block, models],
  });
}

/** The chunk that the kernels per pattern work on. */
export interface ChunkShape {
  readonly models: number;
  /** Pairs, and the patterns among them. */
  readonly rows: number;
  readonly chunkPatterns: number;
  /** All patterns, and the block's backgrounds. */
  readonly patterns: number;
  readonly block: number;
}

export interface RunShape extends ChunkShape {
  readonly channels: number;
  readonly columns: number;
  readonly left: number;
  readonly right: number;
  readonly edgeRows: number;
  /** How the run before was multiplied, and by how much this one begins further to the left. */
  readonly before?:
    | { readonly blocks: Blocks; readonly dilation: number; readonly offset: number }
    | undefined;
  /** How this run will be multiplied. */
  readonly next?: { readonly blocks: Blocks; readonly dilation: number } | undefined;
  /** Last stage only, instead of `next`: the pooling windows, and the run's offset within the first. */
  readonly pool?:
    | {
        readonly size: number;
        readonly stride: number;
        readonly windows: number;
        readonly offset: number;
      }
    | undefined;
  /** Columns that have the first stage's run added. */
  readonly skip?:
    | {
        readonly first: number;
        readonly columns: number;
        /** Column of the first stage's run that is added first. */
        readonly from: number;
        /** Columns of the first stage's run, whether in this one or not. */
        readonly run: number;
        /** Edges of each of them. */
        readonly sides: number;
        readonly edgeRows: number;
      }
    | undefined;
}

/**
 * y: the run's columns evaluated for the next products [E, points, blocks, rows, channels], or pooled
 * [E, rows, windows, channels].
 */
export function sweepRun(
  gpu: Gpu,
  control: Control,
  operands: {
    readonly products?: Operand | undefined;
    readonly bias?: Operand | undefined;
    readonly edges?: Operand | undefined;
    readonly edge_index?: Operand | undefined;
    readonly skip_edges?: Operand | undefined;
    readonly skip_index?: Operand | undefined;
    readonly y: Operand;
  },
  shape: RunShape,
): void {
  const { models, rows, patterns, chunkPatterns, block, channels, columns, left, right, edgeRows } = shape;
  const { before, next, pool, skip } = shape;
  const blocks = before?.blocks.count ?? 0;
  const size = before?.blocks.size ?? 1;
  const points = before?.blocks.points ?? 0;
  const meeting = before ? before.offset - ((points - size) / 2) * before.dilation : 0;
  const nextBlocks = next?.blocks.count ?? 0;
  const nextPoints = next ? evaluatedOf(next.blocks) : 0;
  const skips = skip ? skip.run * skip.sides : 0;
  const vectors = blocks * points + left + right + skips + (pool ? pool.windows : nextBlocks * nextPoints);
  const threads = threadsOf(gpu);
  launch(gpu, 'sweep_run', {
    operands: { control, ...operands },
    params: {
      rows,
      patterns,
      chunk_patterns: chunkPatterns,
      backgrounds: block,
      channels,
      edge_rows: edgeRows,
      skip_edge_rows: skip?.edgeRows ?? 0,
      // Products of single columns come from one matrix of all taps.
      q_stride: size === 1 ? channels : blocks * rows * channels,
      row_stride: size === 1 ? points * channels : channels,
    },
    tile: {
      ...threads,
      COLUMNS: columns,
      LEFT: left,
      RIGHT: right,
      EDGES: left + right,
      BIAS: Number(operands.bias !== undefined),
      BLOCKS: blocks,
      CLASSES: before?.blocks.classes ?? 1,
      SIZE: size,
      POINTS: points,
      DILATION: before?.dilation ?? 1,
      OFFSET: Math.max(0, meeting),
      BACK: Math.max(0, -meeting),
      NEXT_BLOCKS: nextBlocks,
      NEXT_CLASSES: next?.blocks.classes ?? 1,
      NEXT_SIZE: next?.blocks.size ?? 1,
      NEXT_DILATION: next?.dilation ?? 1,
      POOL: pool?.size ?? 0,
      STRIDE: pool?.stride ?? 0,
      WINDOWS: pool?.windows ?? 0,
      POOL_OFFSET: pool?.offset ?? 0,
      SKIPS: skip?.columns ?? 0,
      SKIP_FIRST: skip?.first ?? 0,
      SKIP_FROM: skip?.from ?? 0,
      SKIP_RUN: skip?.run ?? 0,
      SKIP_SIDES: skip?.sides ?? 0,
      SKIP_EDGES: skips,
    },
    bytes: 4 * models * rows * channels * vectors,
    workgroups: flatGrid(gpu, rows, models, threads.ROWS),
  });
}

/**
 * predictions [E * outputs, block, patterns] of a chunk, from dense sums x [E, rows, hidden] and the edges of
 * shared windows.
 */
export function sweepHead(
  gpu: Gpu,
  control: Control,
  operands: {
    readonly x?: Operand | undefined;
    readonly edges?: Operand | undefined;
    readonly edge_index?: Operand | undefined;
    readonly bias: Operand;
    readonly out_w: Operand;
    readonly out_bias: Operand;
    readonly predictions: Operand;
  },
  {
    models,
    rows,
    patterns,
    chunkPatterns,
    block,
    hidden,
    edges,
    edgeRows,
    outputs,
    sigmoid,
  }: ChunkShape & {
    readonly hidden: number;
    readonly edges: number;
    readonly edgeRows: number;
    readonly outputs: number;
    readonly sigmoid: boolean;
  },
): void {
  launch(gpu, 'sweep_head', {
    operands: { control, ...operands },
    params: {
      rows,
      patterns,
      chunk_patterns: chunkPatterns,
      backgrounds: block,
      hidden,
      edge_rows: edgeRows,
    },
    tile: { X: Number(operands.x !== undefined), EDGES: edges, OUTPUTS: outputs, SIGMOID: Number(sigmoid) },
    flops: 2 * models * rows * hidden * outputs,
    bytes: 4 * models * rows * hidden * outputs * (2 + edges),
    workgroups: flatGrid(gpu, rows, models * outputs, 1),
  });
}

/** predictions [E, block, patterns] become local importances and enter state [E, 4, patterns]. */
export function sweepStatistics(
  gpu: Gpu,
  control: Control,
  operands: Readonly<Record<'predictions' | 'base' | 'state', Operand>>,
  { models, patterns }: { readonly models: number; readonly patterns: number },
): void {
  launch(gpu, 'sweep_statistics', {
    operands: { control, ...operands },
    params: { patterns },
    workgroups: flatGrid(gpu, patterns, models),
  });
}
