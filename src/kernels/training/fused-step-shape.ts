/**
 * Sizes of the fused training step: of its tensors, of the workgroups that share them, and which networks and devices
 * its kernels take. `fused-step.ts` records them.
 */

import { ceilDivide, type Operand } from '../launch.js';
import type { Loss } from './training.js';

/** Sizes of a network and its batch. */
export interface StepShape {
  readonly models: number;
  readonly batch: number;
  /** Places of `order`, for each model. */
  readonly places: number;
  /** Steps of an epoch, places of `losses`. */
  readonly steps: number;
  readonly length: number;
  readonly filters: number;
  /** Of the first convolution. */
  readonly taps: number;
  readonly dilations: readonly number[];
  readonly pool: number;
  readonly hidden: number;
  readonly loss: Loss;
  readonly epsilon: number;
  readonly momentum: number;
  /** Rates; 0 for none. `layers` has one for each input of the residual block's convolutions. */
  readonly dropout: { readonly layers: readonly number[]; readonly pool: number; readonly hidden: number };
}

/**
 * Where things lie in the flat tensors, in numbers: kernels and affine parameters by layer, the dense layer
 * last.
 */
export interface StepOffsets {
  readonly kernels: readonly number[];
  readonly affine: readonly number[];
  /** Running moments. */
  readonly running: readonly number[];
  readonly weight: number;
  readonly bias: number;
}

/** Tensors that outlive a step, and those of a step alone. */
export type StepTensors = Readonly<
  Record<
    | 'parameters'
    | 'gradients'
    | 'running'
    | 'm'
    | 'v'
    | 'codes'
    | 'order'
    | 'scores'
    | 'losses'
    | 'dilations'
    | keyof ReturnType<typeof stepSizes>,
    Operand
  >
>;

export const TAPS = 3;

/**
 * Sequences whose kernel gradients one split sums, and rows of a dense layer that pass through workgroup
 * memory together.
 */
export const SEQUENCES_PER_SPLIT = 4;
export const RUN_ROWS = 32;

export const windowsOf = ({ length, pool }: StepShape): number => Math.floor(length / pool);
export const splitsOf = ({ batch }: StepShape): number => ceilDivide(batch, SEQUENCES_PER_SPLIT);
export const kernelSize = ({ filters }: StepShape): number => TAPS * filters * filters;

export const quads = (numbers: number): number => numbers / 4;

/** Shapes of the tensors of a step alone. */
export function stepSizes(shape: StepShape) {
  const { models, batch, length, filters, hidden, taps, dilations } = shape;
  const layers = dilations.length;
  const flat = windowsOf(shape) * filters;
  return {
    /** Products of convolution layers. */
    ys: [layers + 1, models, batch, length, filters],
    /** Their activations, inputs of the convolutions of the residual block. */
    hs: [layers, models, batch, length, filters],
    statistics: [layers + 1, batch, models, 3, filters],
    moments: [layers + 1, models, 3, filters],
    pooled: [models, batch, flat],
    hidden: [models, batch, hidden],
    kept: [models, batch, hidden],
    d_hidden: [models, batch, hidden],
    transposed: [models, layers * kernelSize(shape) + flat * hidden],
    dzs: [layers + 1, models, batch, length, filters],
    sums: [layers + 1, batch, models, 2, filters],
    dys: [layers, models, batch, length, filters],
    entry: [batch, models, taps, 4, filters],
    kernels: [splitsOf(shape), layers, models, kernelSize(shape)],
  } as const;
}

/**
 * Positions that a thread convolves: a load of weights costs about as much as multiplying it with four of
 * them.
 */
const UNIT = 6;

/** Positions that a thread takes where nothing is convolved. */
export const RUN = 3;

/** How threads share a sequence of `channels`: see lib/step_threads.wgsl. */
export const threads = (channels: number, units: number) => {
  const QUADS = channels / 4;
  const ACROSS = [8, 4, 2].find((lanes) => QUADS % lanes === 0) ?? 1;
  return { QUADS, UNITS: units, ACROSS };
};

/** Units of a kernel that takes a sequence and convolves nothing. */
export const unitsOf = ({ length }: StepShape): number => ceilDivide(length, RUN);

/** Units of a dilated convolution: see lib/step_classes.wgsl. */
export const classUnits = (length: number, dilation: number): number =>
  dilation * ceilDivide(ceilDivide(length, dilation), UNIT);

export const classes = ({ length, filters }: StepShape, dilation: number) => ({
  ...threads(filters, classUnits(length, dilation)),
  LENGTH: length,
  DILATION: dilation,
  UNIT,
  SPAN: UNIT + TAPS - 1,
});

/** Rows whose outputs the head sums at a time. */
export const HEAD_ROWS = 32;

/** Workgroup memory of the head; rows of workgroup memory are an odd number apart. */
const headBytes = ({ batch, hidden }: StepShape, units: number): number =>
  32 * quads(hidden) * units + 4 * HEAD_ROWS * (quads(hidden) | 1) + 8 * batch;

/**
 * Units of the kernel that takes the whole batch of the dense layer: the largest power of two that a device
 * takes.
 */
export function headUnits(
  shape: StepShape,
  { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize }: GPUSupportedLimits,
): number {
  const fits = (units: number): boolean =>
    quads(shape.hidden) * units <= maxComputeInvocationsPerWorkgroup &&
    headBytes(shape, units) + MARGINS <= maxComputeWorkgroupStorageSize;
  let units = 1;
  while (units < 64 && fits(2 * units)) units *= 2;
  return units;
}

/** Arrays of workgroup memory begin at multiples of 16 bytes. */
const MARGINS = 64;

/** Whether the kernels take a network on a device. */
export function canFuse(limits: GPUSupportedLimits, shape: StepShape): boolean {
  const {
    maxComputeInvocationsPerWorkgroup: mostThreads,
    maxComputeWorkgroupStorageSize: mostBytes,
    maxStorageBuffersPerShaderStage: mostBuffers,
    maxStorageBufferBindingSize: mostBound,
  } = limits;
  const { length, filters, taps, hidden, dilations } = shape;
  if (filters % 4 !== 0 || hidden % 4 !== 0) return false;
  const [filterQuads, hiddenQuads] = [quads(filters), quads(hidden)];
  const flat = windowsOf(shape) * filterQuads;
  const widest = filterQuads * Math.max(unitsOf(shape), ...dilations.map((d) => classUnits(length, d)));
  const units = headUnits(shape, limits);
  const rowBytes = 16 * (filterQuads | 1);
  const blockBytes = (dilation: number): number => {
    const all = classUnits(length, dilation);
    return rowBytes * (all * UNIT + 2 * dilation) + 32 * filterQuads * all;
  };
  const bytes = [
    ...dilations.map(blockBytes),
    rowBytes * length + 32 * filterQuads * unitsOf(shape) + 16 * flat + 4 * (length + taps),
    headBytes(shape, units),
    16 * 32 * (Math.max(length, RUN_ROWS) + Math.max(...dilations) + 4),
  ];
  return (
    Math.max(widest, hiddenQuads * units) <= mostThreads &&
    Math.max(flat, hiddenQuads) <= unitsOf(shape) * filterQuads &&
    Math.max(...dilations) < length &&
    Math.max(...bytes) + MARGINS <= mostBytes &&
    mostBuffers >= 10 &&
    Object.values(stepSizes(shape)).every(
      (size) => 4 * size.reduce((product, n) => product * n, 1) <= mostBound,
    )
  );
}
