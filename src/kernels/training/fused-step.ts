/**
 * The kernels of the fused training step, which keep whole sequences on chip. One kernel ends and the next
 * begins only where every sequence has to wait for the statistics of the batch. Each workgroup merges the
 * moments and sums that it reads, so that merging takes no dispatch of its own. The header of each shader
 * says what its tensors hold; `src/nn/training/fused-step.ts` allocates them.
 */

import type { Gpu } from '../../device/gpu.js';
import type { UniformBlock } from '../../device/uniform-block.js';
import { ceilDivide, flatGrid, launch, type Operand } from '../launch.js';
import { ADAM, type Loss } from './training.js';

/** Sizes of a network and its batch. */
export interface StepShape {
  readonly models: number;
  readonly batch: number;
  /** Records of the data set. */
  readonly records: number;
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
  readonly seed: number;
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

/** A training step in the making. */
export interface RecordedStep {
  readonly gpu: Gpu;
  readonly control: UniformBlock;
  readonly shape: StepShape;
  readonly offsets: StepOffsets;
  readonly tensors: StepTensors;
}

const TAPS = 3;

/**
 * Sequences whose kernel gradients one split sums, and rows of a dense layer that pass through workgroup
 * memory together.
 */
const SEQUENCES_PER_SPLIT = 4;
const RUN_ROWS = 32;

const windowsOf = ({ length, pool }: StepShape): number => Math.floor(length / pool);
const splitsOf = ({ batch }: StepShape): number => ceilDivide(batch, SEQUENCES_PER_SPLIT);
const kernelSize = ({ filters }: StepShape): number => TAPS * filters * filters;

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
const RUN = 3;

/** How threads share a sequence of `channels`: see lib/step_threads.wgsl. */
const threads = (channels: number, units: number) => {
  const QUADS = channels / 4;
  const ACROSS = [8, 4, 2].find((lanes) => QUADS % lanes === 0) ?? 1;
  return { QUADS, UNITS: units, ACROSS };
};

/** Units of a kernel that takes a sequence and convolves nothing. */
const unitsOf = ({ length }: StepShape): number => ceilDivide(length, RUN);

/** Units of a dilated convolution: see lib/step_classes.wgsl. */
const classUnits = (length: number, dilation: number): number =>
  dilation * ceilDivide(ceilDivide(length, dilation), UNIT);

const classes = ({ length, filters }: StepShape, dilation: number) => ({
  ...threads(filters, classUnits(length, dilation)),
  LENGTH: length,
  DILATION: dilation,
  UNIT,
  SPAN: UNIT + TAPS - 1,
});

/** Rows whose outputs the head sums at a time. */
const HEAD_ROWS = 32;

/** Workgroup memory of the head; rows of workgroup memory are an odd number apart. */
const headBytes = ({ batch, hidden }: StepShape, units: number): number =>
  32 * quads(hidden) * units + 4 * HEAD_ROWS * (quads(hidden) | 1) + 8 * batch;

/**
 * Units of the kernel that takes the whole batch of the dense layer: the largest power of two that a device
 * takes.
 */
function headUnits(
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

const dropBelow = (rate: number): number => Math.round(rate * 2 ** 32);
const scaleOf = (rate: number): number => 1 / (1 - rate);
const quads = (numbers: number): number => numbers / 4;

const sequences = ({ batch, models }: StepShape): readonly [number, number, number] => [batch, 1, models];

/** Records one training step: forward, backward, Adam. */
export function fusedStep(step: RecordedStep): void {
  const layers = step.shape.dilations.length;
  entry(step);
  for (let layer = 0; layer < layers; layer++) block(step, layer);
  dense(step);
  head(step);
  denseBackward(step);
  for (let layer = layers; layer > 0; layer--) blockBackward(step, layer);
  entryBackward(step);
  kernelGradients(step);
  denseKernelGradient(step);
  adam(step);
}

function entry({ gpu, control, shape, offsets, tensors }: RecordedStep): void {
  const { batch, models, records, length, filters, taps } = shape;
  const { codes, order, parameters, ys, statistics } = tensors;
  launch(gpu, 'step_entry', {
    operands: { control, codes, order, parameters, ys, statistics },
    params: { batch, models, order_count: records, w_at: quads(offsets.kernels[0]!) },
    tile: {
      ...threads(filters, unitsOf(shape)),
      LENGTH: length,
      TAPS: taps,
      RUN,
    },
    workgroups: sequences(shape),
  });
}

const normParams = ({ batch, models, epsilon }: StepShape, { affine }: StepOffsets, layer: number) => ({
  batch,
  models,
  layer,
  affine_at: quads(affine[layer]!),
  epsilon,
});

/** Flops of a convolution of the residual block, taps that leave the sequence included. */
const blockFlops = (shape: StepShape): number =>
  2 * shape.models * shape.batch * shape.length * kernelSize(shape);

function block({ gpu, control, shape, offsets, tensors }: RecordedStep, layer: number): void {
  const { length, dilations, dropout, seed, momentum } = shape;
  const { parameters, running, ys, hs, statistics, moments } = tensors;
  const rate = dropout.layers[layer]!;
  launch(gpu, 'step_block', {
    operands: { control, parameters, running, ys, hs, statistics, moments },
    params: {
      ...normParams(shape, offsets, layer),
      w_at: quads(offsets.kernels[layer + 1]!),
      running_at: quads(offsets.running[layer]!),
      momentum,
      seed,
      drop_below: dropBelow(rate),
      scale: scaleOf(rate),
    },
    tile: {
      ...classes(shape, dilations[layer]!),
      ROUNDS: ceilDivide(Math.floor(length / 2) + 1, classUnits(length, dilations[layer]!)),
      DROPOUT: Number(rate > 0),
    },
    workgroups: sequences(shape),
    flops: blockFlops(shape),
  });
}

const denseTile = (shape: StepShape) => ({
  ...threads(shape.filters, unitsOf(shape)),
  LENGTH: shape.length,
  POOL: shape.pool,
  WINDOWS: windowsOf(shape),
  HIDDEN_QUADS: quads(shape.hidden),
});

const denseFlops = (shape: StepShape): number =>
  2 * shape.models * shape.batch * windowsOf(shape) * shape.filters * shape.hidden;

function dense({ gpu, control, shape, offsets, tensors }: RecordedStep): void {
  const { dilations, dropout, seed, momentum } = shape;
  const { parameters, running, ys, hs, statistics, moments, pooled, hidden, kept } = tensors;
  const layer = dilations.length;
  launch(gpu, 'step_dense', {
    operands: { control, parameters, running, ys, hs, statistics, moments, pooled, hidden, kept },
    params: {
      ...normParams(shape, offsets, layer),
      w_at: quads(offsets.kernels[layer + 1]!),
      running_at: quads(offsets.running[layer]!),
      momentum,
      seed,
      pool_drop_below: dropBelow(dropout.pool),
      pool_scale: scaleOf(dropout.pool),
      hidden_drop_below: dropBelow(dropout.hidden),
      hidden_scale: scaleOf(dropout.hidden),
    },
    tile: {
      ...denseTile(shape),
      POOL_DROPOUT: Number(dropout.pool > 0),
      HIDDEN_DROPOUT: Number(dropout.hidden > 0),
    },
    workgroups: sequences(shape),
    flops: denseFlops(shape),
  });
}

function head({ gpu, control, shape, offsets, tensors }: RecordedStep): void {
  const { models, batch, records, steps, filters, dilations, epsilon, momentum, loss } = shape;
  const { parameters, gradients, running, hidden, kept, scores, order, losses, d_hidden, transposed } =
    tensors;
  const layers = dilations.length;
  const { kernels, affine, running: runningAt, weight, bias } = offsets;
  const tile = threads(shape.hidden, headUnits(shape, gpu.limits));
  const flat = windowsOf(shape) * filters;
  const blocks = (layers * kernelSize(shape) + flat * shape.hidden) / 16;
  launch(gpu, 'step_head', {
    operands: {
      control,
      parameters,
      gradients,
      running,
      hidden,
      kept,
      scores,
      order,
      losses,
      d_hidden,
      transposed,
    },
    params: {
      order_count: records,
      total: steps,
      affine_at: quads(affine[layers + 1]!),
      w_at: quads(weight),
      bias_at: quads(bias),
      running_at: quads(runningAt[layers + 1]!),
      kernel_at: quads(kernels[1]!),
      layer_pitch: quads(layerPitch(offsets)),
      dense_at: quads(kernels[layers + 1]!),
      epsilon,
      momentum,
    },
    tile: {
      ...tile,
      BATCH: batch,
      ROWS: HEAD_ROWS,
      FILTER_QUADS: quads(filters),
      FLAT_QUADS: quads(flat),
      LAYERS: layers,
      CROSS_ENTROPY: Number(loss === 'binary_cross_entropy'),
    },
    workgroups: [1 + ceilDivide(blocks, tile.QUADS * tile.UNITS), 1, models],
  });
}

/** From one kernel of the residual block to the next. */
const layerPitch = ({ kernels }: StepOffsets): number => kernels[2]! - kernels[1]!;

function denseBackward({ gpu, shape, offsets, tensors }: RecordedStep): void {
  const { dilations, dropout } = shape;
  const { parameters, transposed, ys, hs, moments, pooled, d_hidden, dzs, sums } = tensors;
  const layer = dilations.length;
  launch(gpu, 'step_dense_backward', {
    operands: { parameters, transposed, ys, hs, moments, pooled, d_hidden, dzs, sums },
    params: {
      ...normParams(shape, offsets, layer),
      w_at: quads(layer * kernelSize(shape)),
      scale: scaleOf(dropout.pool),
    },
    tile: denseTile(shape),
    workgroups: sequences(shape),
    flops: denseFlops(shape),
  });
}

function blockBackward({ gpu, shape, offsets, tensors }: RecordedStep, layer: number): void {
  const { dilations, dropout } = shape;
  const { parameters, gradients, transposed, ys, hs, moments, dzs, sums, dys } = tensors;
  launch(gpu, 'step_block_backward', {
    operands: { parameters, gradients, transposed, ys, hs, moments, dzs, sums, dys },
    params: {
      ...normParams(shape, offsets, layer),
      last: dilations.length,
      w_at: quads((layer - 1) * kernelSize(shape)),
      scale: scaleOf(dropout.layers[layer - 1]!),
    },
    tile: { ...classes(shape, dilations[layer - 1]!), SKIP: Number(layer === 1) },
    workgroups: sequences(shape),
    flops: blockFlops(shape),
  });
}

function entryBackward({ gpu, control, shape, offsets, tensors }: RecordedStep): void {
  const { records, length, filters, taps } = shape;
  const { codes, order, parameters, gradients, ys, dzs, moments, sums, entry: partial } = tensors;
  const { layer: _, ...norm } = normParams(shape, offsets, 0);
  launch(gpu, 'step_entry_backward', {
    operands: { control, codes, order, parameters, gradients, ys, dzs, moments, sums, partial },
    params: { ...norm, order_count: records },
    tile: { ...threads(filters, unitsOf(shape)), LENGTH: length, TAPS: taps },
    workgroups: sequences(shape),
  });
}

/** Quads of inputs that a workgroup takes, a thread one; of outputs a thread takes `groups`. */
const INPUT_LANES = 8;

/** How a workgroup and its threads share a kernel's gradient. */
const kernelTile = (
  { dilations }: StepShape,
  length: number,
  taps: number,
  lanes: number,
  groups: number,
) => ({
  LENGTH: length,
  TAPS: taps,
  OUTPUT_LANES: lanes,
  GROUPS: groups,
  MOST_DILATION: Math.max(...dilations),
});

function kernelGradients({ gpu, shape, tensors }: RecordedStep): void {
  const { models, batch, length, filters, dilations } = shape;
  const layers = dilations.length;
  const { hs: x, dys: dy, dilations: given, kernels: dw } = tensors;
  // 24 quads of outputs in one tile; others in tiles of at most as many.
  const lanes = Math.min(12, ceilDivide(quads(filters), 2));
  launch(gpu, 'step_kernels', {
    operands: { x, dy, dilations: given, dw },
    params: {
      rows: batch * length,
      runs: batch,
      runs_per_split: SEQUENCES_PER_SPLIT,
      models,
      input_quads: quads(filters),
      output_quads: quads(filters),
      to: 0,
      split_pitch: quads(layers * models * kernelSize(shape)),
      matrix_pitch: quads(kernelSize(shape)),
    },
    tile: kernelTile(shape, length, TAPS, lanes, 2),
    workgroups: [
      ceilDivide(quads(filters), INPUT_LANES) * ceilDivide(quads(filters), 2 * lanes),
      splitsOf(shape),
      layers * models,
    ],
    flops: layers * blockFlops(shape),
  });
}

/** Of outputs of the dense layer: small tiles, for many workgroups. */
const DENSE_LANES = 8;

function denseKernelGradient({ gpu, shape, offsets, tensors }: RecordedStep): void {
  const { models, batch, filters, hidden, dilations } = shape;
  const { pooled: x, d_hidden: dy, dilations: given, gradients: dw } = tensors;
  const flat = windowsOf(shape) * filters;
  const runs = ceilDivide(batch, RUN_ROWS);
  launch(gpu, 'step_kernels', {
    operands: { x, dy, dilations: given, dw },
    params: {
      rows: batch,
      runs,
      runs_per_split: runs,
      models,
      input_quads: quads(flat),
      output_quads: quads(hidden),
      to: quads(offsets.kernels[dilations.length + 1]!),
      split_pitch: 0,
      matrix_pitch: quads(dw.pitch),
    },
    tile: kernelTile(shape, RUN_ROWS, 1, DENSE_LANES, 1),
    workgroups: [ceilDivide(quads(flat), INPUT_LANES) * ceilDivide(quads(hidden), DENSE_LANES), 1, models],
    flops: denseFlops(shape),
  });
}

function adam({ gpu, control, shape, offsets, tensors }: RecordedStep): void {
  const { models, batch, filters, taps, dilations } = shape;
  const { entry: partial, kernels, gradients, parameters, m, v } = tensors;
  const count = quads(parameters.range.bytes / 4 / models);
  launch(gpu, 'step_adam', {
    operands: { control, entry: partial, kernels, gradients, parameters, m, v },
    params: {
      count,
      entry_quads: taps * filters,
      kernel_at: quads(offsets.kernels[1]!),
      kernel_quads: quads(kernelSize(shape)),
      layer_pitch: quads(layerPitch(offsets)),
      layers: dilations.length,
      batch,
      splits: splitsOf(shape),
      models,
      ...ADAM,
    },
    workgroups: flatGrid(gpu, count, models),
  });
}
