/** How many models are trained side by side: as many as keep a large GPU busy, if memory allows. */

import * as check from '../../device/check.js';
import { Gpu } from '../../device/gpu.js';
import { sizeFor } from '../../device/sizes.js';
import {
  type Architecture,
  checkArchitecture,
  outputsOf,
  parameterCounts,
  placedLayers,
  widestOf,
} from '../architecture.js';

/**
 * Numbers that are kept for each number of a layer's output, as measured: half of them in the steps of all
 * models, with values and gradients of some layers, and half in the step of a model's last, smaller batch.
 */
const KEPT = 3;

/** Parameters that are kept besides the weights themselves: gradients and Adam's two moments. */
const PER_PARAMETER = 4;

/** What the number of models depends on. */
export interface ModelsAtOnceOptions {
  /** Sequences of the data set. */
  readonly sequences: number;
  /** Sequences a step. Default 100. */
  readonly batch?: number | undefined;
  /** GPU memory in bytes. Default 6 GiB on hardware, 1 GiB on software adapters. */
  readonly memory?: number | undefined;
}

const OPTIONS = {
  sequences: check.whole(1),
  batch: check.optional(check.whole(1)),
  memory: check.optional(check.whole(1)),
};

/**
 * Models of an architecture that are trained side by side by default.
 *
 * @throws ArgumentError naming the option
 */
export function modelsAtOnce(gpu: Gpu, architecture: Architecture, options: ModelsAtOnceOptions): number {
  check.instance(Gpu)(gpu, check.argument('gpu'));
  const network = checkArchitecture(architecture, check.argument('architecture'));
  check.options(options, OPTIONS);
  return modelsThatFit(gpu, network, options);
}

/** `modelsAtOnce` of checked arguments. At least one. */
export function modelsThatFit(
  { adapter, limits }: Pick<Gpu, 'adapter' | 'limits'>,
  architecture: Architecture,
  { sequences, batch = 100, memory = sizeFor(adapter, 'trainingBytes') }: ModelsAtOnceOptions,
): number {
  const { perModel, largest } = bytesOf(architecture, { sequences, batch });
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const fitting = Math.min(Math.floor(memory / perModel), Math.floor(most / largest));
  return Math.max(1, Math.min(sizeFor(adapter, 'modelsAtOnce'), fitting));
}

/** GPU memory of a model in training, and of the largest buffer that all models share. */
function bytesOf(architecture: Architecture, { sequences, batch }: { sequences: number; batch: number }) {
  const placed = placedLayers(architecture);
  const { trainable } = parameterCounts(architecture);
  const activations = placed.reduce((sum, { output }) => sum + output.positions * output.channels, 0);
  // The order of an epoch, the scores, and the predictions of a validation.
  const records = sequences * (2 + outputsOf(architecture));
  // The fused step keeps one kind of activation of all convolutions in a buffer.
  const convolutions = placed.filter(({ layer }) => layer.kind === 'convolution').length;
  const floats = {
    perModel: PER_PARAMETER * trainable + KEPT * batch * activations + records,
    largest: Math.max(
      batch * widestOf(architecture) * Math.max(1, convolutions),
      sequences * outputsOf(architecture),
      trainable,
    ),
  };
  return { perModel: 4 * floats.perModel, largest: 4 * floats.largest };
}
