/**
 * The kernels of the fused training step, which keep whole sequences on chip. One kernel ends and the next
 * begins only where every sequence has to wait for the statistics of the batch. Each workgroup merges the
 * moments and sums that it reads, so that merging takes no dispatch of its own. The header of each shader
 * says what its tensors hold; `src/nn/training/fused-step.ts` allocates them.
 */

import type { Gpu } from '../../device/gpu.js';
import type { Control } from '../control.js';
import { ceilDivide, flatGrid, launch } from '../launch.js';
import {
  classes,
  classUnits,
  HEAD_ROWS,
  headUnits,
  kernelSize,
  quads,
  RUN,
  RUN_ROWS,
  SEQUENCES_PER_SPLIT,
  type StepOffsets,
  type StepShape,
  type StepTensors,
  splitsOf,
  TAPS,
  threads,
  unitsOf,
  windowsOf,
} from './fused-step-shape.js';
import type { Learners } from './learners.js';
import { ADAM } from './training.js';

/** A training step in the making. */
export interface RecordedStep {
  readonly gpu: Gpu;
  readonly control: Control;
  readonly learners: Learners;
  readonly shape: StepShape;
  readonly offsets: StepOffsets;
  readonly tensors: StepTensors;
}

const dropBelow = (rate: number): number => Math.round(rate * 2 ** 32);
const scaleOf = (rate: number): number => 1 / (1 - rate);

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
  const { batch, models, places, length, filters, taps } = shape;
  const { codes, order, parameters, ys, statistics } = tensors;
  launch(gpu, 'step_entry', {
    operands: { control, codes, order, parameters, ys, statistics },
    params: { batch, models, order_count: places, w_at: quads(offsets.kernels[0]!) },
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

function block({ gpu, learners, shape, offsets, tensors }: RecordedStep, layer: number): void {
  const { length, dilations, dropout, momentum } = shape;
  const { parameters, running, ys, hs, statistics, moments } = tensors;
  const rate = dropout.layers[layer]!;
  launch(gpu, 'step_block', {
    operands: { learners, parameters, running, ys, hs, statistics, moments },
    params: {
      ...normParams(shape, offsets, layer),
      w_at: quads(offsets.kernels[layer + 1]!),
      running_at: quads(offsets.running[layer]!),
      momentum,
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

function dense({ gpu, learners, shape, offsets, tensors }: RecordedStep): void {
  const { dilations, dropout, momentum } = shape;
  const { parameters, running, ys, hs, statistics, moments, pooled, hidden, kept } = tensors;
  const layer = dilations.length;
  launch(gpu, 'step_dense', {
    operands: { learners, parameters, running, ys, hs, statistics, moments, pooled, hidden, kept },
    params: {
      ...normParams(shape, offsets, layer),
      w_at: quads(offsets.kernels[layer + 1]!),
      running_at: quads(offsets.running[layer]!),
      momentum,
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
  const { models, batch, places, steps, filters, dilations, epsilon, momentum, loss } = shape;
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
      order_count: places,
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
  const { places, length, filters, taps } = shape;
  const { codes, order, parameters, gradients, ys, dzs, moments, sums, entry: partial } = tensors;
  const { layer: _, ...norm } = normParams(shape, offsets, 0);
  launch(gpu, 'step_entry_backward', {
    operands: { control, codes, order, parameters, gradients, ys, dzs, moments, sums, partial },
    params: { ...norm, order_count: places },
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
      layers,
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
      layers: 1,
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

function adam({ gpu, learners, shape, offsets, tensors }: RecordedStep): void {
  const { models, batch, filters, taps, dilations } = shape;
  const { entry: partial, kernels, gradients, parameters, m, v } = tensors;
  const count = quads(parameters.range.bytes / 4 / models);
  launch(gpu, 'step_adam', {
    operands: { learners, entry: partial, kernels, gradients, parameters, m, v },
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
