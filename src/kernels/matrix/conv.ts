/**
 * Dilated conv1d with its two gradients, 2 * rows * taps * inputs * outputs flops each; also dense layers, as
 * convolutions of length 1 with one tap. The first convolution, from base codes, is `conv-codes.ts`.
 */

import type { Gpu } from '../../device/gpu.js';
import { flatGrid, launch, type Operand } from '../launch.js';
import { batchStatistics } from '../training/batch-norm.js';
import {
  type ConvolutionPath,
  fits,
  forwardPath,
  inFours,
  isWide,
  kernelGradientPath,
  type ProductPath,
} from './conv-paths.js';
import { type ConvShape, multiplyAdds, recordsPerSplit } from './conv-shape.js';
import { type MatrixKernel, type MatrixVariant, variantOf } from './variants.js';

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

/** The family that a shape belongs to: a dense layer is a convolution of length 1 with one tap. */
const kernelOf = ({ length, taps }: ConvShape, gradient: '' | '_dx' | '_dw' = ''): MatrixKernel =>
  `${length === 1 && taps === 1 ? 'dense' : 'conv1d'}${gradient}`;

/** Of a forward product, or of the gradient with respect to its input. */
type Operands = Readonly<Record<'x' | 'w' | 'y', Operand>>;

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

/** Whether `conv1d` can leave means over windows of positions in place of its results (`pool`). */
export function canPool(gpu: Gpu, shape: ConvShape): boolean {
  const variant = variantOf(gpu, kernelOf(shape));
  return variant.path === 'sequence' && fits(variant, shape);
}

function matrixProduct(
  gpu: Gpu,
  operands: Operands,
  shape: ConvShape,
  strides: Strides,
  variant: MatrixVariant,
  epilogue: Epilogue = {},
  { statistics, pool }: Extras = {},
): void {
  const tooLong = variant.path === 'sequence' && !fits(variant, shape);
  const fitting = tooLong ? variantOf(gpu, strides.w_tap < 0 ? 'dense_dx' : 'dense') : variant;
  const path = forwardPath(gpu.adapter, fitting, shape, {
    wide: isWide(shape, operands.x, operands.w),
    transposed: strides.w_out !== 1,
    statistics: statistics !== undefined,
    bare:
      !statistics &&
      Object.values(epilogue).every((part) => !part) &&
      [operands.x, operands.w, operands.y].every(({ dtype }) => dtype !== 'f16'),
    pool,
  });
  if (path.shader === 'product' || path.shader === 'product_rows') bareProduct(gpu, path, operands, shape);
  else convolution(gpu, path, operands, shape, strides, epilogue, statistics);
}

function bareProduct(gpu: Gpu, path: ProductPath, operands: Operands, shape: ConvShape): void {
  const { rows, inputs, outputs } = shape;
  const work = {
    params: { rows, inputs, outputs },
    workgroups: path.workgroups,
    flops: 2 * multiplyAdds(shape),
  };
  if (path.shader === 'product') {
    launch(gpu, path.shader, { operands, tile: path.tile, ...work });
    return;
  }
  const { x, w, y } = operands;
  launch(gpu, path.shader, {
    operands: { x: inFours(x), w: inFours(w), y: inFours(y) },
    tile: path.tile,
    ...work,
  });
}

function convolution(
  gpu: Gpu,
  path: ConvolutionPath,
  { x, w, y }: Operands,
  shape: ConvShape,
  strides: Strides,
  epilogue: Epilogue,
  statistics: Operand | undefined,
): void {
  const { models, rows, length, inputs, outputs, taps, dilation } = shape;
  const work = {
    params: { rows, length, inputs, outputs, taps, dilation, models, ...strides },
    workgroups: path.workgroups,
    flops: 2 * multiplyAdds(shape),
  };
  const end = epilogueOf(epilogue);
  const operands = { x, w, y, ...end.operands };
  let partial: Operand | undefined;
  switch (path.shader) {
    case 'conv1d_workgroup': {
      const tile = { ...path.tile, ...end.tile };
      launch(gpu, path.shader, {
        operands: { ...operands, x: inFours(x), w: inFours(w) },
        tile,
        ...work,
      });
      break;
    }
    case 'conv1d_subgroup_matrix': {
      const tile = { ...path.tile, ...end.tile };
      launch(gpu, path.shader, { operands, tile, halves: path.halves, ...work });
      break;
    }
    case 'conv1d_sequence': {
      partial = path.tile.STATISTICS === 1 ? statistics : undefined;
      const tile = { ...path.tile, ...end.tile };
      launch(gpu, path.shader, { operands: { ...operands, partial }, tile, ...work });
      break;
    }
    case 'conv1d': {
      partial = path.tile.STATISTICS === 1 ? statistics : undefined;
      const tile = { ...path.tile, ...end.tile };
      launch(gpu, path.shader, { operands: { ...operands, partial }, tile, ...work });
    }
  }
  if (statistics && !partial) {
    batchStatistics(gpu, y, statistics, { models, rows, length, channels: outputs });
  }
}

/**
 * y [E, rows, outputs] = x [E, rows, inputs] convolved with w [E, taps, inputs, outputs], then the epilogue.
 * Also writes `statistics` [statisticsOf(shape), E, 3, outputs] of y where asked for. With `pool`, which only
 * `canPool` allows, y is [E, sequences, windows, outputs].
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

/**
 * dx [E, rows, inputs]: dy convolved with the flipped kernel, inputs and outputs exchanged. `shape` is the
 * forward's.
 */
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

/**
 * partial [splitsOf(shape), E, taps, inputs, outputs]: the kernel's gradient, to be added up by
 * `sumPartials`.
 */
export function conv1dKernelGradient(
  gpu: Gpu,
  x: Operand,
  dy: Operand,
  partial: Operand,
  shape: ConvShape,
  variant = variantOf(gpu, kernelOf(shape, '_dw')),
): void {
  const { models, rows, length, inputs, outputs, taps, dilation } = shape;
  const path = kernelGradientPath(gpu.adapter, variant, shape, { wide: isWide(shape, x, dy) });
  const work = {
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
    workgroups: path.workgroups,
    flops: 2 * multiplyAdds(shape),
  };
  if (path.shader === 'conv1d_dw') {
    launch(gpu, path.shader, { operands: { x, dy, partial }, tile: path.tile, ...work });
  } else {
    launch(gpu, path.shader, {
      operands: { x: inFours(x), dy: inFours(dy), partial },
      tile: path.tile,
      ...work,
    });
  }
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
