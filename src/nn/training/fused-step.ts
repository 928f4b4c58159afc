/**
 * The training step as the fused kernels compute it (`kernels/fused-step.ts`): the memory between them, and
 * which networks they take. It does what the tape does operation by operation, in about a fifth of the
 * dispatches.
 */

import type { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import type { Control } from '../../kernels/control.js';
import { fusedStep } from '../../kernels/training/fused-step.js';
import {
  canFuse,
  type StepOffsets,
  type StepShape,
  stepSizes,
} from '../../kernels/training/fused-step-shape.js';
import type { Learners } from '../../kernels/training/learners.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Dataset } from '../dataset.js';
import type { NetworkState } from '../network.js';
import type { ParameterSet } from '../parameters.js';
import { residualSizes } from '../presets.js';
import { lossOf } from '../residualbind.js';

/** Models that a step trains. */
export interface TrainedNetwork extends NetworkState {
  readonly gpu: Gpu;
  readonly models: number;
}

/** What a step trains, on what, and how. */
export interface FusedStepOptions {
  readonly model: TrainedNetwork;
  readonly dataset: Dataset;
  readonly batch: number;
  /** Steps of an epoch. */
  readonly steps: number;
  readonly dropout: boolean;
}

/** What a step writes beside the model. */
export interface FusedStepResults {
  readonly control: Control;
  readonly learners: Learners;
  readonly gradients: ParameterSet;
  readonly losses: Tensor;
  readonly m: Tensor;
  readonly v: Tensor;
}

/** Of batch normalisation (docs/method.md). */
const EPSILON = 1e-3;
const MOMENTUM = 0.99;

/** The sizes that the fused kernels need, of a network that they take on its device; else undefined. */
export function stepShapeOf(options: FusedStepOptions): StepShape | undefined {
  const { model, dataset, batch, steps } = options;
  const { architecture, models, gpu } = model;
  const sizes = residualSizes(architecture);
  if (sizes?.channels !== 4 || sizes.outputs !== 1 || !dataset.scores) return undefined;
  const { dilations, dropout: rates } = sizes;
  const rate = (given: number): number => (options.dropout ? given : 0);
  const shape = {
    ...sizes,
    models,
    batch,
    steps,
    places: dataset.places,
    loss: lossOf(sizes.head),
    epsilon: EPSILON,
    momentum: MOMENTUM,
    dropout: {
      layers: dilations.map((_, layer) => rate(layer === 0 ? rates.first : rates.block)),
      pool: rate(rates.pool),
      hidden: rate(rates.hidden),
    },
  };
  return canFuse(gpu.limits, shape) ? shape : undefined;
}

/** Records a step of a shape from `fusedShape`. */
export function recordFusedStep(
  shape: StepShape,
  { model, dataset }: Pick<FusedStepOptions, 'model' | 'dataset'>,
  { control, learners, gradients, losses, m, v }: FusedStepResults,
): void {
  const { gpu, parameters, statistics } = model;
  using made = new Owned();
  const own = Object.fromEntries(
    Object.entries(stepSizes(shape)).map(([name, size]) => [name, made.own(Tensor.empty(gpu, size))]),
  ) as Record<keyof ReturnType<typeof stepSizes>, Tensor>;
  const dilations = made.own(
    Tensor.from(gpu, Uint32Array.from(shape.dilations), [1, shape.dilations.length]),
  );
  fusedStep({
    gpu,
    control,
    learners,
    shape,
    offsets: offsetsOf(model, shape.dilations.length + 1),
    tensors: {
      ...own,
      dilations,
      losses,
      m,
      v,
      parameters: parameters.flat,
      gradients: gradients.flat,
      running: statistics.flat,
      codes: dataset.codes,
      order: dataset.order,
      scores: dataset.scores!,
    },
  });
}

function offsetsOf({ parameters, statistics }: NetworkState, convolutions: number): StepOffsets {
  const of = (name: string): number => parameters.get(name).layout.offset;
  const layers = Array.from({ length: convolutions + 1 }, (_, layer) => layer);
  return {
    kernels: layers.map((layer) => of(layer < convolutions ? `conv${layer}.w` : 'dense.w')),
    affine: layers.map((layer) => of(`bn${layer}.affine`)),
    running: layers.map((layer) => statistics.get(`bn${layer}.moments`).layout.offset),
    weight: of('out.w'),
    bias: of('out.b'),
  };
}
