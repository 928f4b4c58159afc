/**
 * How the operand paths compute a convolution of some shape: the shader, its tile constants, its grid. What
 * the paths are is `variants.ts`, what they compute the headers of the shaders.
 */

import type { AdapterDescription } from '../../device/adapter/adapter-info.js';
import { ArgumentError } from '../../device/errors.js';
import { ceilDivide, type Operand, type ShaderName, type TileOf } from '../launch.js';
import { statisticsRows } from '../training/batch-norm.js';
import { type ConvShape, splitsOf } from './conv-shape.js';
import { subgroupMatrixLaunch } from './subgroup-matrix.js';
import {
  type CacheVariant,
  type MatrixVariant,
  MOST_TAPS,
  type SequenceVariant,
  type SubgroupVariant,
  type WorkgroupVariant,
} from './variants.js';

/** Tile constants that the epilogue chooses, not the path. */
type EpilogueConstant = 'BIAS' | 'SKIP' | 'RELU';

/** A shader that computes a shape, and how it is launched. */
export interface ConvPath<Shader extends ShaderName> {
  readonly shader: Shader;
  readonly tile: Omit<TileOf<Shader>, EpilogueConstant>;
  readonly workgroups: readonly [number, number, number];
}

/**
 * Shaders that take the statistics of their results, where they are asked for and their tile has STATISTICS
 * 1.
 */
type StatisticsPath = ConvPath<'conv1d'> | ConvPath<'conv1d_sequence'>;
/** Subgroup matrices stage their operands in workgroup memory, as f16 or f32. */
type SubgroupMatrixPath = ConvPath<'conv1d_subgroup_matrix'> & { readonly halves: readonly 'slices'[] };
/** Shaders of bare products: neither statistics nor an epilogue. */
export type ProductPath = ConvPath<'product'> | ConvPath<'product_rows'>;
export type ConvolutionPath = StatisticsPath | SubgroupMatrixPath | ConvPath<'conv1d_workgroup'>;

/** What a forward product is asked for, and what its operands are like. */
export interface Asked {
  /** Whether both operands can be read four neighbours at a time. */
  readonly wide: boolean;
  /** Whether inputs, not outputs, lie together in w. */
  readonly transposed: boolean;
  readonly statistics: boolean;
  /** Whether sums leave as they are, with nothing added. */
  readonly bare: boolean;
  /** Means over windows of so many positions in place of the results; only of the sequence path. */
  readonly pool: number | undefined;
}

/** Whether the workgroup path may load four neighbours of either operand at once. */
export const isWide = ({ inputs, outputs }: ConvShape, ...operands: Operand[]): boolean =>
  [inputs, outputs, ...operands.map(({ pitch }) => pitch)].every((n) => n % 4 === 0);

/**
 * An operand bound in multiples of 16 bytes, for a shader that sees it as fours; allocations have room for
 * that.
 */
export function inFours({ range, pitch, dtype }: Operand): Operand {
  const bytes = 16 * ceilDivide(range.bytes, 16);
  return { range: { ...range, bytes }, pitch, ...(dtype && { dtype }) };
}

/** Whether whole sequences of a shape fit in the registers of a variant. */
export const fits = ({ rows }: SequenceVariant, { length, taps }: ConvShape): boolean =>
  length <= rows && taps <= MOST_TAPS;

/** A convolution, or its gradient with respect to the input. */
export function forwardPath(
  adapter: AdapterDescription,
  variant: MatrixVariant,
  shape: ConvShape,
  asked: Asked,
): ConvolutionPath | ProductPath {
  switch (variant.path) {
    case 'sequence':
      return sequencePath(variant, shape, adapter.subgroupSize!, asked);
    case 'subgroup':
      return subgroupPath(variant, shape, adapter.subgroupSize!, asked);
    case 'subgroup-matrix':
      return {
        shader: 'conv1d_subgroup_matrix',
        ...subgroupMatrixLaunch(variant, shape, adapter.subgroupMaxSize!),
      };
    case 'workgroup':
      return workgroupPath(variant, shape, asked);
    case 'cache':
      return cachePath(variant, shape, asked);
  }
}

/**
 * The gradient of a convolution with respect to its kernel.
 *
 * @throws ArgumentError for a path that does not compute it
 */
export function kernelGradientPath(
  adapter: AdapterDescription,
  variant: MatrixVariant,
  shape: ConvShape,
  { wide }: Pick<Asked, 'wide'>,
): ConvPath<'conv1d_dw'> | ConvPath<'conv1d_dw_workgroup'> {
  const { models, length, inputs, outputs, taps } = shape;
  const slices = taps * splitsOf(shape);
  if (variant.path === 'workgroup') {
    const { rows, cols, x, y } = variant;
    return {
      shader: 'conv1d_dw_workgroup',
      tile: kernelGradientTile(variant, wide),
      workgroups: [ceilDivide(inputs, rows * y) * ceilDivide(outputs, cols * x), slices, models],
    };
  }
  if (variant.path !== 'subgroup') {
    throw new ArgumentError(
      'variant',
      `conv1d_dw: the path ${variant.path} does not compute kernel gradients`,
    );
  }
  const lanes = adapter.subgroupSize!;
  const steps = length === 1 ? 1 : (variant.steps ?? 1);
  const tile = { ...subgroupTile(variant, lanes, outputs), STEPS: steps };
  const rows = Math.min(tile.LOADS, ceilDivide(inputs, lanes));
  const tiles = ceilDivide(inputs, lanes * rows) * ceilDivide(outputs, lanes * tile.COLS);
  return {
    shader: 'conv1d_dw',
    tile: { ...tile, LOADS: rows },
    workgroups: [ceilDivide(tiles, tile.SUBGROUPS), slices, models],
  };
}

function sequencePath(
  { cols, threads }: SequenceVariant,
  { models, rows, length, outputs, taps, dilation }: ConvShape,
  lanes: number,
  { statistics, pool }: Asked,
): ConvPath<'conv1d_sequence'> {
  const tile = {
    LANES: lanes,
    SUBGROUPS: threads / lanes,
    LENGTH: length,
    LOADS: ceilDivide(length, lanes),
    COLS: columns(cols, outputs, lanes),
    TAPS: taps,
    DILATION: dilation,
    REACH: ((taps - 1) / 2) * dilation,
    STATISTICS: Number(statistics && statisticsRows(length) === length),
    POOL: pool ?? 0,
    WINDOWS: pool ? Math.floor(length / pool) : 0,
  };
  return {
    shader: 'conv1d_sequence',
    tile,
    workgroups: [ceilDivide(rows / length, tile.SUBGROUPS), ceilDivide(outputs, lanes * tile.COLS), models],
  };
}

function subgroupPath(
  variant: SubgroupVariant,
  { models, rows, length, inputs, outputs, taps }: ConvShape,
  lanes: number,
  { statistics, transposed, bare }: Asked,
): ConvPath<'conv1d'> | ConvPath<'product'> {
  const tile = subgroupTile(variant, lanes, outputs);
  const workgroups = [
    ceilDivide(rows, variant.rows * tile.SUBGROUPS),
    ceilDivide(outputs, lanes * tile.COLS),
    models,
  ] as const;
  if (length === 1 && taps === 1 && bare && !transposed) {
    const steps = variant.steps ?? 1;
    return { shader: 'product', tile: { ...tile, STEPS: inputs % steps === 0 ? steps : 1 }, workgroups };
  }
  const chunk = statisticsRows(length);
  const whole = variant.rows % chunk === 0 && chunk % lanes === 0;
  const chunks =
    statistics && whole
      ? { STATISTICS: 1, CHUNK_LOADS: chunk / lanes, CHUNKS: variant.rows / chunk }
      : { STATISTICS: 0, CHUNK_LOADS: 1, CHUNKS: 1 };
  return { shader: 'conv1d', tile: { ...tile, ...chunks }, workgroups };
}

function workgroupPath(
  variant: WorkgroupVariant,
  { models, rows, outputs }: ConvShape,
  { wide, transposed }: Asked,
): ConvPath<'conv1d_workgroup'> {
  return {
    shader: 'conv1d_workgroup',
    tile: convTile(variant, wide, transposed),
    workgroups: [
      ceilDivide(rows, variant.rows * variant.y),
      ceilDivide(outputs, variant.cols * variant.x),
      models,
    ],
  };
}

/**
 * What a product that the cache path does not compute takes: 4 x 8 results a thread from workgroup memory.
 */
const OTHERWISE: WorkgroupVariant = { path: 'workgroup', rows: 4, cols: 8, x: 12, y: 16, slice: 16 };

function cachePath(
  variant: CacheVariant,
  shape: ConvShape,
  asked: Asked,
): ConvPath<'product_rows'> | ConvPath<'conv1d_workgroup'> {
  const { models, rows, length, taps, outputs } = shape;
  if (!asked.wide || !asked.bare || asked.transposed || length !== 1 || taps !== 1)
    return workgroupPath(OTHERWISE, shape, asked);
  const { lanes, across, threads } = variant;
  const groups = threads / (lanes * across);
  return {
    shader: 'product_rows',
    tile: { LANES: lanes, ACROSS: across, GROUPS: groups, ROWS: variant.rows, QUADS: variant.cols / 4 },
    workgroups: [
      ceilDivide(rows, variant.rows * across * groups),
      ceilDivide(outputs, variant.cols * lanes),
      models,
    ],
  };
}

/**
 * Columns of a thread, without those in which there is never an output: they cost time, and more to compile.
 */
const columns = (cols: number, outputs: number, lanes: number): number =>
  Math.min(cols, ceilDivide(outputs, lanes));

/** The subgroup path's tile constants. */
const subgroupTile = ({ rows, cols, threads }: SubgroupVariant, lanes: number, outputs: number) => ({
  LANES: lanes,
  SUBGROUPS: threads / lanes,
  LOADS: rows / lanes,
  COLS: columns(cols, outputs, lanes),
});

/** The workgroup path's tile constants that all kernels share: COLS in groups of four. */
const groups = ({ cols, x, y, slice }: WorkgroupVariant, wide: boolean) => ({
  GROUPS: cols / 4,
  THREADS_X: x,
  THREADS_Y: y,
  SLICE: slice,
  WIDE: Number(wide),
});

/**
 * Tile constants of `conv1d_workgroup`: what a thread computes, and how many fours of x and 4 x 4 blocks of w
 * it stages.
 */
function convTile(variant: WorkgroupVariant, wide: boolean, transposed: boolean) {
  const { rows, cols, x, y, slice } = variant;
  return {
    ROWS: rows,
    ...groups(variant, wide),
    X_LOADS: ceilDivide((rows * y * slice) / 4, x * y),
    W_BLOCKS: ceilDivide((cols * x * slice) / 16, x * y),
    TRANSPOSED: Number(transposed),
  };
}

/**
 * Tile constants of `conv1d_dw_workgroup`: what a thread computes, and how many fours of x and dy it stages.
 */
function kernelGradientTile(variant: WorkgroupVariant, wide: boolean) {
  const { rows, cols, x, y, slice } = variant;
  return {
    ROW_GROUPS: rows / 4,
    ...groups(variant, wide),
    X_LOADS: ceilDivide((rows * y * slice) / 4, x * y),
    DY_LOADS: ceilDivide((cols * x * slice) / 4, x * y),
  };
}
