/**
 * Prediction of sequences on the host, as many as there are: a batch is checked and uploaded while the GPU
 * predicts the one before. One recorded plan serves every call, whatever the number of sequences.
 */

import * as check from '../../device/check.js';
import { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import { preparePrecision } from '../../kernels/precision.js';
import { outputsOf } from '../architecture.js';
import { Dataset } from '../dataset.js';
import type { NetworkState } from '../network.js';
import { checkSequences, part, recordsOf, type Sequences, widthOf } from '../sequences.js';
import {
  PREDICTOR_OPTIONS,
  Predictor,
  type PredictorOptions,
  sequencesAtOnce,
  WATCH_OPTIONS,
  type WatchOptions,
} from './predictor.js';

/** How the prediction of sequences is recorded. */
export interface SequencePredictorOptions extends PredictorOptions {
  /**
   * Sequences whose predictions stay on the GPU before they are read back, 4 bytes for each and model. More
   * sequences than that are predicted in several rounds. Default 262,144.
   */
  readonly most?: number | undefined;
}

/** How sequences are predicted once. */
export interface PredictOptions extends PredictorOptions, WatchOptions {}

const MOST = 2 ** 18;

const OPTIONS = { ...PREDICTOR_OPTIONS, most: check.optional(check.whole(1)) };

/**
 * Predicts sequences as often as wanted, any number each time. It holds the weights as they are when it
 * predicts, not as they were when it was made. `ResidualBind.predict` predicts once.
 *
 * @example
 * using predictor = await SequencePredictor.create(gpu, model);
 * for (const codes of chunks) await predictor.predict({ codes }); // recorded and compiled once
 */
export class SequencePredictor implements Disposable {
  private constructor(
    /** The network that predicts. */
    readonly network: NetworkState,
    /** The recorded prediction of a batch; its data set holds one batch. */
    readonly predictor: Predictor,
  ) {}

  /**
   * Records the prediction of a batch.
   *
   * @throws ArgumentError naming the option; PrecisionError for a precision that the GPU cannot compute
   */
  static async create(
    gpu: Gpu,
    network: NetworkState,
    options: SequencePredictorOptions = {},
  ): Promise<SequencePredictor> {
    check.instance(Gpu)(gpu, check.argument('gpu'));
    check.object(network, check.argument('network'));
    check.options(options, OPTIONS);
    const { most = MOST, precision = 'f32' } = options;
    const path = await preparePrecision(gpu, precision, 'predictions');
    const batch = Math.min(most, options.batch ?? sequencesAtOnce(gpu, network, path));
    const { architecture } = network;
    using made = new Owned();
    const blank = {
      codes: new Uint8Array(batch * architecture.length),
      ...(widthOf(architecture) > 0 && { profile: new Float32Array(batch * widthOf(architecture)) }),
    };
    const dataset = made.own(Dataset.upload(gpu, architecture, blank));
    const predictor = await Predictor.record(gpu, network, dataset, { records: most, batch, path });
    made.release();
    return new SequencePredictor(network, predictor);
  }

  /**
   * Predictions in evaluation mode: affinities, or probabilities for a classification head.
   *
   * @returns [E * outputs * N], model by model and output by output
   * @throws ArgumentError naming the option; ShapeError, InvalidSequenceError or NotFiniteError naming the
   * record; CancelledError
   */
  async predict(sequences: Sequences, options: WatchOptions = {}): Promise<Float32Array> {
    check.options(options, WATCH_OPTIONS);
    const { network, predictor } = this;
    const { architecture, parameters } = network;
    const { dataset, batch, records: most } = predictor;
    const records = recordsOf(architecture, sequences);
    const { signal, onProgress } = options;
    const rounds: Float32Array[] = [];
    for (let before = 0; before < records; before += most) {
      const count = Math.min(most, records - before);
      const show = (first: number): number => {
        const next = part(architecture, sequences, before + first, Math.min(batch, count - first));
        checkSequences(architecture, next, before + first);
        dataset.replace(next);
        return 0;
      };
      const told = onProgress && ((done: number) => onProgress(before + done, records));
      await predictor.replay(count, show, { signal, onProgress: told });
      rounds.push(await predictor.read(count, before));
    }
    onProgress?.(records, records);
    return rounds.length === 1
      ? rounds[0]!
      : joined(rounds, parameters.models * outputsOf(architecture), records);
  }

  /** Frees its memory. */
  dispose(): void {
    this.predictor.dispose();
    this.predictor.dataset.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Predictions [E * outputs * N] of sequences, once.
 *
 * @throws as `SequencePredictor`
 */
export async function predictOnce(
  gpu: Gpu,
  network: NetworkState,
  sequences: Sequences,
  { signal, onProgress, ...options }: PredictOptions = {},
): Promise<Float32Array> {
  check.options({ signal }, WATCH_OPTIONS);
  // One round, as far as a binding holds its predictions: reading back between rounds would let the GPU wait.
  const bindable = Math.floor(
    gpu.limits.maxStorageBufferBindingSize /
      (4 * network.parameters.models * outputsOf(network.architecture)),
  );
  const most = Math.min(bindable, recordsOf(network.architecture, sequences));
  using predictor = await SequencePredictor.create(gpu, network, { ...options, most });
  return await predictor.predict(sequences, { signal, onProgress });
}

/** Rounds of `rows` rows [rows * n] one after the other as [rows * N]. */
function joined(rounds: readonly Float32Array[], rows: number, records: number): Float32Array {
  const all = new Float32Array(rows * records);
  let before = 0;
  for (const round of rounds) {
    const count = round.length / rows;
    for (let row = 0; row < rows; row++)
      all.set(round.subarray(row * count, (row + 1) * count), row * records + before);
    before += count;
  }
  return all;
}
