/**
 * Batched prediction of sequences on the GPU: one plan, replayed per batch; only the predictions return. The
 * last batch holds records that are not asked for, which change nothing in evaluation, and drops them.
 * `sequence-predictor.ts` feeds it sequences from the host.
 */

import * as check from '../../device/check.js';
import { CancelledError, NotFiniteError } from '../../device/errors.js';
import { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import { Pace } from '../../device/pace.js';
import type { Plan, SomeModels } from '../../device/plan.js';
import { PRECISIONS, type Precision } from '../../device/precision.js';
import { sizeFor } from '../../device/sizes.js';
import { type Control, createControl } from '../../kernels/control.js';
import { type PrecisionPath, preparePrecision } from '../../kernels/precision.js';
import { place } from '../../kernels/training/training.js';
import { Tensor } from '../../tensor/tensor.js';
import { type Architecture, outputsOf, placedLayers, widestOf } from '../architecture.js';
import { Dataset } from '../dataset.js';
import { firstNotFinite } from '../finite.js';
import type { NetworkState } from '../network.js';
import { evaluate } from './evaluation.js';
import { trunkOf } from './trunk.js';

/** Sequences to predict at a time: what keeps the adapter busy and its bindings can hold. */
export function sequencesAtOnce(gpu: Gpu, network: NetworkState, path: PrecisionPath = 'f32'): number {
  const { architecture, parameters } = network;
  const fused = trunkOf(gpu, network, path) !== undefined;
  // A kernel that holds the network leaves its pooled means in memory, and what follows.
  const widest = 4 * parameters.models * (fused ? widestAfterPool(architecture) : widestOf(architecture));
  const fits = Math.floor(gpu.limits.maxStorageBufferBindingSize / widest);
  const busy = fused
    ? Math.ceil(sizeFor(gpu.adapter, 'predictedFused') / parameters.models)
    : sizeFor(gpu.adapter, 'predicted');
  return Math.max(1, Math.min(fits, busy));
}

/** The most numbers that a record has between two layers, from the pool on. */
function widestAfterPool(architecture: Architecture): number {
  const placed = placedLayers(architecture);
  const pool = placed.findIndex(({ layer }) => layer.kind === 'pool');
  return Math.max(...placed.slice(pool).map(({ output }) => output.positions * output.channels));
}

/** How a prediction is recorded. */
export interface PredictorOptions {
  /** Sequences per replay. Default `sequencesAtOnce`. */
  readonly batch?: number | undefined;
  /**
   * What the operands of products are; f16 needs a GPU that was opened for it (`requestGpu`). Default f32.
   */
  readonly precision?: Precision | undefined;
}

/** How a prediction under way is followed and cancelled. */
export interface WatchOptions {
  /** Ends the prediction with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Sequences predicted so far, and all of them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export const WATCH_OPTIONS = { signal: check.optional(check.signal) };

export const PREDICTOR_OPTIONS = {
  batch: check.optional(check.whole(1)),
  precision: check.optional(check.oneOf(...PRECISIONS)),
};

/**
 * Predicts one data set as often as wanted, for instance after every epoch. `SequencePredictor` takes other
 * sequences each time, and `ResidualBind.predict` predicts once.
 */
export class Predictor implements Disposable {
  private constructor(
    /** The GPU of the network. */
    readonly gpu: Gpu,
    /** The sequences that are predicted, or those of one batch. */
    readonly dataset: Dataset,
    /** Number of sequences to predict. */
    readonly records: number,
    /** Sequences per replay. */
    readonly batch: number,
    /** The recorded prediction of a batch. */
    readonly plan: Plan,
    /** The batch's place in the data set. */
    readonly control: Control,
    /** [E * outputs, records], model by model and output by output; valid after `run`. */
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
    check.options(options, PREDICTOR_OPTIONS);
    const path = await preparePrecision(gpu, options.precision ?? 'f32', 'predictions');
    const { batch = sequencesAtOnce(gpu, network, path) } = options;
    return await Predictor.record(gpu, network, dataset, { records: dataset.places, batch, path });
  }

  /**
   * Records the prediction of a batch of a data set.
   *
   * @param size `records` is the most that a run predicts
   */
  static async record(
    gpu: Gpu,
    network: NetworkState,
    dataset: Dataset,
    size: { readonly records: number; readonly batch: number; readonly path: PrecisionPath },
  ): Promise<Predictor> {
    const { records, path } = size;
    const batch = Math.min(size.batch, dataset.places);
    const models = network.parameters.models;
    using made = new Owned();
    const control = made.own(createControl(gpu));
    const outputs = outputsOf(network.architecture);
    const predictions = made.own(Tensor.zeros(gpu, [models * outputs, records]));
    using byModel = predictions.reshape([models, outputs * records]);
    const { plan } = await gpu.record(() => {
      using input = dataset.batch(control, batch);
      using predicted = evaluate(network, input, path);
      place(gpu, control, predicted, byModel, { models, count: batch, total: records, outputs });
    });
    made.release();
    return new Predictor(gpu, dataset, records, batch, plan, control, predictions);
  }

  /**
   * Submits the prediction of every record.
   *
   * @param some by these models alone. Default: all
   * @throws CancelledError once the signal is aborted
   */
  async run(options: WatchOptions = {}, some?: SomeModels): Promise<Tensor> {
    check.options(options, WATCH_OPTIONS);
    await this.replay(this.records, (first) => first, options, some);
    options.onProgress?.(this.records, this.records);
    return this.predictions;
  }

  /**
   * Submits the prediction of so many records, `this.records` at most.
   *
   * @param show puts the batch from record `first` on in the data set, and tells where in it
   */
  async replay(
    records: number,
    show: (first: number) => number,
    { signal, onProgress }: WatchOptions,
    some?: SomeModels,
  ): Promise<void> {
    const { batch } = this;
    const inFlight = sizeFor(this.gpu.adapter, 'predictedInFlight');
    const pace = new Pace(this.gpu.device.queue, inFlight);
    for (let first = 0; first < records; first += batch) {
      if (signal?.aborted) throw new CancelledError(`the prediction was cancelled after ${first} records`);
      this.control.set({ record: show(first), slot: first });
      this.plan.run(some);
      await pace.submitted();
      onProgress?.(Math.max(0, first - (inFlight - 2) * batch), records);
    }
  }

  /**
   * Predictions on the host, [E * outputs * records], model by model and output by output.
   *
   * @throws CancelledError once the signal is aborted; NotFiniteError when a prediction is NaN or infinite
   */
  async predict(options: WatchOptions = {}): Promise<Float32Array> {
    await this.run(options);
    return await this.read(this.records);
  }

  /**
   * The predictions of the first `records` records, [E * outputs * records].
   *
   * @param before records before the first one, for messages
   */
  async read(records: number, before = 0): Promise<Float32Array> {
    using part = this.predictions.slice(0, [this.predictions.shape[0]!, records], this.records);
    const values = await part.readFloats();
    const bad = firstNotFinite(values);
    if (bad < 0) return values;
    throw new NotFiniteError(`the prediction of record ${before + (bad % records) + 1} is ${values[bad]}`);
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
