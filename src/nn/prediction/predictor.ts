/**
 * Batched prediction over sequences on the GPU or on the host: one plan, replayed per batch; only the predictions
 * return. The last batch holds records that are not asked for, which change nothing in evaluation, and drops them.
 */

import { kindOf } from '../../device/adapter/adapter-info.js';
import * as check from '../../device/check.js';
import { CancelledError, NotFiniteError } from '../../device/errors.js';
import { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import { Pace } from '../../device/pace.js';
import type { Plan } from '../../device/plan.js';
import { PRECISIONS, type Precision } from '../../device/precision.js';
import type { UniformBlock } from '../../device/uniform-block.js';
import { type PrecisionPath, preparePrecision } from '../../kernels/precision.js';
import { createControl, place } from '../../kernels/training/training.js';
import { Tensor } from '../../tensor/tensor.js';
import { windowsOf } from '../architecture.js';
import { Dataset } from '../dataset.js';
import type { NetworkState } from '../network.js';
import { checkSequences, part, recordsOf, type Sequences } from '../sequences.js';
import { evaluate } from './evaluation.js';
import { trunkOf } from './trunk.js';

/** Sequences that keep an adapter busy without asking for much memory (about 16 kB a sequence and tensor). */
const BUSY = { software: 512, hardware: 4096 };
/** The same, of all models together, where no activation is in memory: folding the weights anew each time does not show. */
const BUSY_FUSED = 32_768;

/** Sequences to predict at a time: what keeps the adapter busy and its bindings can hold. */
export function sequencesAtOnce(gpu: Gpu, network: NetworkState, path: PrecisionPath = 'f32'): number {
  const { architecture, parameters } = network;
  const fused = trunkOf(gpu, network, path) !== undefined;
  const positions = fused ? windowsOf(architecture) : architecture.length;
  const widest = 4 * parameters.models * Math.max(positions * architecture.filters, architecture.hidden);
  const fits = Math.floor(gpu.limits.maxStorageBufferBindingSize / widest);
  const busy = fused ? Math.ceil(BUSY_FUSED / parameters.models) : BUSY[kindOf(gpu.adapter)];
  return Math.max(1, Math.min(fits, busy));
}

/** Batches under way: on a large GPU one may take 3 ms, which is about when the host hears that another is done. */
const IN_FLIGHT = { software: 2, hardware: 4 };

/** How a prediction is recorded. */
export interface PredictorOptions {
  /** Sequences per replay. Default `sequencesAtOnce`. */
  readonly batch?: number | undefined;
  /** What the operands of products are; f16 needs a GPU that was opened for it (`requestGpu`). Default f32. */
  readonly precision?: Precision | undefined;
}

/** How sequences are predicted once. */
export interface PredictOptions extends PredictorOptions {
  /** Ends the prediction with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Sequences predicted so far, and all of them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
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
    /** The sequences that are predicted, or those of one batch. */
    readonly dataset: Dataset,
    /** Number of sequences to predict. */
    readonly records: number,
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
    const path = await preparePrecision(gpu, options.precision ?? 'f32', 'predictions');
    const { batch = sequencesAtOnce(gpu, network, path) } = options;
    return Predictor.#record(gpu, network, dataset, dataset.records, batch, path);
  }

  static async #record(
    gpu: Gpu,
    network: NetworkState,
    dataset: Dataset,
    records: number,
    batch: number,
    path: PrecisionPath,
  ): Promise<Predictor> {
    const size = Math.min(batch, dataset.records);
    const models = network.parameters.models;
    using made = new Owned();
    const control = made.own(createControl(gpu));
    const predictions = made.own(Tensor.zeros(gpu, [models, records]));
    const { plan } = await gpu.record(() => {
      using input = dataset.batch(control, size);
      using predicted = evaluate(network, input, path);
      place(gpu, control, predicted, predictions, { models, count: size, total: records });
    });
    made.release();
    return new Predictor(gpu, dataset, records, size, plan, control, predictions);
  }

  /**
   * Predictions [E * N] of sequences on the host, model by model: a batch is checked and uploaded while the GPU
   * predicts the one before.
   *
   * @throws as `ResidualBind.predict`
   */
  static async predict(
    gpu: Gpu,
    network: NetworkState,
    sequences: Sequences,
    options: PredictOptions = {},
  ): Promise<Float32Array> {
    check.options(options, OPTIONS);
    const { architecture } = network;
    const records = recordsOf(architecture, sequences);
    const { precision = 'f32', signal, onProgress } = options;
    const path = await preparePrecision(gpu, precision, 'predictions');
    const { batch = sequencesAtOnce(gpu, network, path) } = options;
    const from = (first: number) => part(architecture, sequences, first, batch);
    using dataset = Dataset.upload(gpu, architecture, from(0));
    using predictor = await Predictor.#record(gpu, network, dataset, records, batch, path);
    const show = (first: number): number => {
      if (first === 0) return 0;
      const next = from(first);
      checkSequences(architecture, next, first);
      dataset.replace(next);
      return 0;
    };
    const predictions = await predictor.#read(await predictor.#replay(show, signal, onProgress));
    onProgress?.(records, records);
    return predictions;
  }

  /** Submits the prediction of every record. @throws CancelledError once the signal is aborted */
  async run(signal?: AbortSignal): Promise<Tensor> {
    return this.#replay((first) => first, signal);
  }

  /** @param show puts the batch from record `first` on in the data set, and tells where */
  async #replay(
    show: (first: number) => number,
    signal?: AbortSignal,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Tensor> {
    const { records, batch } = this;
    const inFlight = IN_FLIGHT[kindOf(this.gpu.adapter)];
    const pace = new Pace(this.gpu.device.queue, inFlight);
    for (let first = 0; first < records; first += batch) {
      if (signal?.aborted) throw new CancelledError(`the prediction was cancelled after ${first} records`);
      this.control.set({ first: show(first), slot: first });
      this.plan.run();
      await pace.submitted();
      onProgress?.(Math.max(0, first - (inFlight - 2) * batch), records);
    }
    return this.predictions;
  }

  /**
   * Predictions on the host, [E * records], model by model.
   *
   * @throws NotFiniteError when a prediction is NaN or infinite
   */
  async predict(signal?: AbortSignal): Promise<Float32Array> {
    return this.#read(await this.run(signal));
  }

  async #read(predictions: Tensor): Promise<Float32Array> {
    const values = await predictions.readFloats();
    // All at once first, in a loop that compilers like: what is finite times 0 is 0.
    let zero = 0;
    for (let i = 0; i < values.length; i++) zero += values[i]! * 0;
    if (zero === 0) return values;
    const bad = values.findIndex((value) => !Number.isFinite(value));
    throw new NotFiniteError(`the prediction of record ${(bad % this.records) + 1} is ${values[bad]}`);
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
