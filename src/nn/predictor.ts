/**
 * Batched prediction over a data set: one plan, replayed per batch; only the predictions return. The last batch
 * repeats its last record, which changes nothing in evaluation, and drops the repeats.
 */

import { kindOf } from '../device/adapter-info.js';
import * as check from '../device/check.js';
import { CancelledError, NotFiniteError } from '../device/errors.js';
import { Gpu } from '../device/gpu.js';
import { Owned } from '../device/owned.js';
import { Pace } from '../device/pace.js';
import type { Plan } from '../device/plan.js';
import { PRECISIONS, type Precision } from '../device/precision.js';
import type { UniformBlock } from '../device/uniform-block.js';
import { preparePrecision } from '../kernels/precision.js';
import { createControl, place } from '../kernels/training.js';
import { Tensor } from '../tensor/tensor.js';
import { Dataset } from './dataset.js';
import { evaluate } from './evaluation.js';
import type { NetworkState } from './network.js';

/** Sequences that keep an adapter busy without asking for much memory (about 16 kB a sequence and tensor). */
const BUSY = { software: 512, hardware: 4096 };

/** Sequences to predict at a time: what keeps the adapter busy and its bindings can hold. */
export function sequencesAtOnce(gpu: Gpu, { architecture, parameters }: NetworkState): number {
  const widest = 4 * parameters.models * architecture.length * architecture.filters;
  const fits = Math.floor(gpu.limits.maxStorageBufferBindingSize / widest);
  return Math.max(1, Math.min(fits, BUSY[kindOf(gpu.adapter)]));
}

export interface PredictorOptions {
  /** Sequences per replay. Default `sequencesAtOnce`. */
  readonly batch?: number | undefined;
  /** What the operands of products are; f16 needs a GPU that was opened for it (`requestGpu`). Default f32. */
  readonly precision?: Precision | undefined;
}

const OPTIONS = {
  batch: check.optional(check.whole(1)),
  precision: check.optional(check.oneOf(...PRECISIONS)),
  signal: check.optional(check.signal),
};

/**
 * Predicts one data set as often as wanted, for instance after every epoch. `ResidualBind.predict` predicts
 * once.
 */
export class Predictor implements Disposable {
  private constructor(
    /** The GPU of the network. */
    readonly gpu: Gpu,
    /** The sequences that are predicted. */
    readonly dataset: Dataset,
    /** Sequences per replay. */
    readonly batch: number,
    /** The recorded prediction of a batch. */
    readonly plan: Plan,
    /** The batch's place in the data set. */
    readonly control: UniformBlock,
    /** [E, records], valid after `run`. */
    readonly predictions: Tensor,
  ) {}

  /**
   * Records the prediction of a data set.
   *
   * @throws ArgumentError naming the option; PrecisionError for a precision that the GPU cannot compute
   */
  static async create(
    gpu: Gpu,
    network: NetworkState,
    dataset: Dataset,
    options: PredictorOptions = {},
  ): Promise<Predictor> {
    check.instance(Gpu)(gpu, check.argument('gpu'));
    check.object(network, check.argument('network'));
    check.instance(Dataset)(dataset, check.argument('dataset'));
    check.options(options, OPTIONS);
    const { batch = sequencesAtOnce(gpu, network), precision = 'f32' } = options;
    const path = await preparePrecision(gpu, precision, 'predictions');
    const size = Math.min(batch, dataset.records);
    const models = network.parameters.models;
    using made = new Owned();
    const control = made.own(createControl(gpu));
    const predictions = made.own(Tensor.zeros(gpu, [models, dataset.records]));
    const { plan } = await gpu.record(() => {
      using input = dataset.batch(control, size);
      using predicted = evaluate(network, input, path === 'storage' ? 'f16' : 'f32');
      place(gpu, control, predicted, predictions, { models, count: size, total: dataset.records });
    });
    made.release();
    return new Predictor(gpu, dataset, size, plan, control, predictions);
  }

  /** Submits the prediction of every record. @throws CancelledError once the signal is aborted */
  async run(signal?: AbortSignal): Promise<Tensor> {
    const pace = new Pace(this.gpu.device.queue);
    for (let first = 0; first < this.dataset.records; first += this.batch) {
      if (signal?.aborted) throw new CancelledError(`the prediction was cancelled after ${first} records`);
      this.control.set({ first, slot: first });
      this.plan.run();
      await pace.submitted();
    }
    return this.predictions;
  }

  /**
   * Predictions on the host, [E * records], model by model.
   *
   * @throws NotFiniteError when a prediction is NaN or infinite
   */
  async predict(signal?: AbortSignal): Promise<Float32Array> {
    const values = await (await this.run(signal)).readFloats();
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw new NotFiniteError(
        `the prediction of record ${(bad % this.dataset.records) + 1} is ${values[bad]}`,
      );
    return values;
  }

  /** Frees its memory, but not the data set. */
  dispose(): void {
    this.plan.dispose();
    this.predictions.dispose();
    this.control.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
