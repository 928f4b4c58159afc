/**
 * Dilated conv1d with its two gradients, 2 * rows * taps * inputs * outputs flops each; also dense layers, as
 * convolutions of length 1 with one tap. The first convolution, from base codes, is `conv-codes.ts`.
 */

import type { Gpu } from '../device/gpu.js';
import { batchStatistics, statisticsRows } from './batch-norm.js';
import { ceilDivide, flatGrid, launch, type Operand } from './launch.js';
import { subgroupMatrixLaunch } from './subgroup-matrix.js';
import {
  convTile,
  kernelGradientTile,
  type MatrixKernel,
  type MatrixVariant,
  MOST_TAPS,
  type SequenceVariant,
  sequenceTile,
  subgroupTile,
  variantOf,
} from './variants.js';

/** Sizes of a "same" convolution with stride 1; rows = batch * length. */
export interface ConvShape {
  readonly models: number;
  readonly rows: number;
  readonly length: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Odd. */
  readonly taps: number;
  readonly dilation: number;
}

/** Records whose kernel gradient one split sums: about 512 rows. */
export const recordsPerSplit = (length: number): number => Math.max(1, Math.floor(512 / length));

/** Splits of a kernel gradient. */
export const splitsOf = ({ rows, length }: { rows: number; length: number }): number =>
  ceilDivide(rows / length, recordsPerSplit(length));

/** What a convolution does to its sums before they leave; in this order. */
export interface Epilogue {
  /** [E, outputs], added. */
  readonly bias?: Operand | undefined;
  /** [E, rows, outputs], added. */
  readonly skip?: Operand | undefined;
  readonly relu?: boolean | undefined;
}

/** Operands and tile constants of an epilogue. */
function epilogueOf({ bias, skip, relu }: Epilogue) {
  return {
    operands: { bias, skip },
    tile: { BIAS: Number(bias !== undefined), SKIP: Number(skip !== undefined), RELU: Number(relu === true) },
  };
}

/** Multiply-adds of a convolution: taps that leave their sequence do not count. */
export function multiplyAdds({ models, rows, length, inputs, outputs, taps, dilation }: ConvShape): number {
  let columns = 0;
  for (let tap = 0; tap < taps; tap++) {
    columns += Math.max(0, length - Math.abs(tap - (taps - 1) / 2) * dilation);
  }
  return ((models * rows) / length) * columns * inputs * outputs;
}

/** The family that a shape belongs to: a dense layer is a convolution of length 1 with one tap. */
const kernelOf = ({ length, taps }: ConvShape, gradient: '' | '_dx' | '_dw' = ''): MatrixKernel =>
  `${length === 1 && taps === 1 ? 'dense' : 'conv1d'}${gradient}`;

/** Whether the workgroup path may load four neighbours of either operand at once. */
const isWide = ({ inputs, outputs }: ConvShape, ...operands: Operand[]): boolean =>
  [inputs, outputs, ...operands.map(({ pitch }) => pitch)].every((n) => n % 4 === 0);

/** An operand bound in multiples of 16 bytes, for a shader that sees it as fours; allocations have room for that. */
function inFours({ range, pitch, dtype }: Operand): Operand {
  const bytes = 16 * ceilDivide(range.bytes, 16);
  return { range: { ...range, bytes }, pitch, ...(dtype && { dtype }) };
}

interface Strides {
  readonly w_start: number;
  readonly w_tap: number;
  readonly w_in: number;
  readonly w_out: number;
}

/** What leaves a convolution beside its results, where its path can take them from registers. */
interface Extras {
  /** Receives the results' statistics. */
  readonly statistics?: Operand | undefined;
  /** The results leave as their means over windows of so many positions. */
  readonly pool?: number | undefined;
}

/** Whether whole sequences of a shape fit in the registers of a variant. */
const holds = ({ rows }: SequenceVariant, { length, taps }: ConvShape): boolean =>
  length <= rows && taps <= MOST_TAPS;

/** Whether `conv1d` can leave means over windows of positions in place of its results (`pool`). */
export function canPool(gpu: Gpu, shape: ConvShape): boolean {
  const variant = variantOf(gpu, kernelOf(shape));
  return variant.path === 'sequence' && holds(variant, shape);
}

function matrixProduct(
  gpu: Gpu,
  operands: { x: Operand; w: Operand; y: Operand },
  shape: ConvShape,
  strides: Strides,
  variant: MatrixVariant,
  epilogue: Epilogue = {},
  { statistics, pool }: Extras = {},
): void {
  const { models, rows, length, inputs, outputs, taps, dilation } = shape;
  const end = epilogueOf(epilogue);
  const common = {
    operands: { ...operands, ...end.operands },
    params: { rows, length, inputs, outputs, taps, dilation, models, ...strides },
    flops: 2 * multiplyAdds(shape),
  };
  if (variant.path === 'sequence' && !holds(variant, shape)) {
    const other = variantOf(gpu, strides.w_tap < 0 ? 'dense_dx' : 'dense');
    return matrixProduct(gpu, operands, shape, strides, other, epilogue, { statistics });
  }
  let taken = false;
  if (variant.path === 'sequence') {
    const lanes = gpu.adapter.subgroupSize!;
    const tile = sequenceTile(variant, shape, lanes);
    taken = statistics !== undefined && statisticsRows(length) === length;
    const asked = {
      STATISTICS: Number(taken),
      POOL: pool ?? 0,
      WINDOWS: pool ? Math.floor(length / pool) : 0,
    };
    launch(gpu, 'conv1d_sequence', {
      ...common,
      operands: { ...common.operands, partial: taken ? statistics : undefined },
      tile: { ...tile, ...end.tile, ...asked },
      workgroups: [
        ceilDivide(rows / length, tile.SUBGROUPS),
        ceilDivide(outputs, lanes * variant.cols),
        models,
      ],
    });
  } else if (variant.path === 'workgroup') {
    const transposed = strides.w_out !== 1;
    const tile = { ...convTile(variant, isWide(shape, operands.x, operands.w), transposed), ...end.tile };
    const workgroups = [
      ceilDivide(rows, variant.rows * variant.y),
      ceilDivide(outputs, variant.cols * variant.x),
      models,
    ] as const;
    const bound = { ...common.operands, x: inFours(operands.x), w: inFours(operands.w) };
    launch(gpu, 'conv1d_workgroup', { ...common, operands: bound, tile, workgroups });
  } else if (variant.path === 'subgroup-matrix') {
    const { tile, halves, workgroups } = subgroupMatrixLaunch(variant, shape, gpu.adapter.subgroupMaxSize!);
    launch(gpu, 'conv1d_subgroup_matrix', { ...common, tile: { ...tile, ...end.tile }, halves, workgroups });
  } else {
    const lanes = gpu.adapter.subgroupSize!;
    const chunk = statisticsRows(length);
    taken = statistics !== undefined && variant.rows % chunk === 0 && chunk % lanes === 0;
    const chunks = taken ? { STATISTICS: 1, CHUNK_LOADS: chunk / lanes, CHUNKS: variant.rows / chunk } : {};
    const tile = { ...subgroupTile(variant, lanes), ...end.tile, ...chunks };
    const workgroups = [
      ceilDivide(rows, (variant.rows * variant.threads) / lanes),
      ceilDivide(outputs, lanes * variant.cols),
      models,
    ] as const;
    const bound = { ...common.operands, partial: taken ? statistics : undefined };
    launch(gpu, 'conv1d', { ...common, operands: bound, tile, workgroups });
  }
  if (statistics && !taken) {
    batchStatistics(gpu, operands.y, statistics, { models, rows, length, channels: outputs });
  }
}

/**
 * y [E, rows, outputs] = x [E, rows, inputs] convolved with w [E, taps, inputs, outputs], then the epilogue. Also
 * writes `statistics` [statisticsOf(shape), E, 3, outputs] of y where asked for. With `pool`, which only `canPool`
 * allows, y is [E, sequences, windows, outputs].
 */
export function conv1d(
  gpu: Gpu,
  x: Operand,
  w: Operand,
  y: Operand,
  shape: ConvShape,
  { statistics, pool, ...epilogue }: Epilogue & Extras = {},
  variant = variantOf(gpu, kernelOf(shape)),
): void {
  const { inputs, outputs } = shape;
  const strides = { w_start: 0, w_tap: inputs * outputs, w_in: outputs, w_out: 1 };
  matrixProduct(gpu, { x, w, y }, shape, strides, variant, epilogue, { statistics, pool });
}

/** dx [E, rows, inputs]: dy convolved with the flipped kernel, inputs and outputs exchanged. `shape` is the forward's. */
export function conv1dInputGradient(
  gpu: Gpu,
  dy: Operand,
  w: Operand,
  dx: Operand,
  shape: ConvShape,
  variant = variantOf(gpu, kernelOf(shape, '_dx')),
): void {
  const { inputs, outputs, taps } = shape;
  const tap = inputs * outputs;
  const strides = { w_start: (taps - 1) * tap, w_tap: -tap, w_in: 1, w_out: outputs };
  matrixProduct(gpu, { x: dy, w, y: dx }, { ...shape, inputs: outputs, outputs: inputs }, strides, variant);
}

/** partial [splitsOf(shape), E, taps, inputs, outputs]: the kernel's gradient, to be added up by `sumPartials`. */
export function conv1dKernelGradient(
  gpu: Gpu,
  x: Operand,
  dy: Operand,
  partial: Operand,
  shape: ConvShape,
  variant = variantOf(gpu, kernelOf(shape, '_dw')),
): void {
  if (variant.path === 'sequence' || variant.path === 'subgroup-matrix') {
    throw new RangeError(`conv1d_dw: the path ${variant.path} does not compute kernel gradients`);
  }
  const { models, rows, length, inputs, outputs, taps, dilation } = shape;
  const splits = splitsOf(shape);
  const common = {
    operands: { x, dy, partial },
    params: {
      rows,
      length,
      inputs,
      outputs,
      taps,
      dilation,
      models,
      records_per_split: recordsPerSplit(length),
    },
    flops: 2 * multiplyAdds(shape),
  };
  if (variant.path === 'workgroup') {
    const tile = kernelGradientTile(variant, isWide(shape, x, dy));
    const tiles =
      ceilDivide(inputs, variant.rows * variant.y) * ceilDivide(outputs, variant.cols * variant.x);
    const workgroups = [tiles, taps * splits, models] as const;
    const bound = { x: inFours(x), dy: inFours(dy), partial };
    launch(gpu, 'conv1d_dw_workgroup', { ...common, operands: bound, tile, workgroups });
    return;
  }
  const lanes = gpu.adapter.subgroupSize!;
  const tiles = ceilDivide(inputs, variant.rows) * ceilDivide(outputs, lanes * variant.cols);
  const tile = { ...subgroupTile(variant, lanes), STEPS: length === 1 ? 1 : (variant.steps ?? 1) };
  const workgroups = [ceilDivide(tiles, tile.SUBGROUPS), taps * splits, models] as const;
  launch(gpu, 'conv1d_dw', { ...common, tile, workgroups });
}

/** out [E, count] = the sum over splits, ascending, of partial [splits, E, count]. */
export function sumPartials(
  gpu: Gpu,
  partial: Operand,
  out: Operand,
  { models, splits, count }: { models: number; splits: number; count: number },
): void {
  launch(gpu, 'sum_partials', {
    operands: { partial, out },
    params: { count, splits, models },
    workgroups: flatGrid(gpu, count, models),
  });
}
