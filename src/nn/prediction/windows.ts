/**
 * Predictions of sequences that are longer than the model's input: of every window that the input takes,
 * stride 1.
 */
import { ShapeError } from '../../device/errors.js';
import type { Precision } from '../../device/precision.js';
import { withStructure } from '../contexts.js';
import type { ResidualBind } from '../residualbind.js';
import { SequencePredictor } from './sequence-predictor.js';

/** What the windows of N sequences are predicted to be. */
export interface WindowPredictions {
  /** Windows of each sequence, [N]: its length - the input's length + 1. */
  readonly windows: Uint32Array;
  /** Mean over a sequence's windows, [outputs * N], output by output. */
  readonly mean: Float64Array;
  /**
   * The highest prediction of a sequence's windows, and the offset of its window (the first of equals), from
   * 0; [outputs * N], output by output.
   */
  readonly max: Float32Array;
  readonly offset: Uint32Array;
}

/** How long sequences are predicted window by window. */
export interface WindowOptions {
  /** As in `PredictorOptions`. Default f32. */
  readonly precision?: Precision | undefined;
  /** Ends the prediction with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Windows predicted so far, and of all sequences. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Windows predicted at once. */
const BATCH = 4096;

/**
 * Predicts every window of each sequence, by one model.
 *
 * @param sequences base codes of each sequence, at least as long as the model's input
 * @throws ShapeError for a sequence that is shorter, or a model that holds several; CancelledError
 */
export async function predictWindows(
  model: ResidualBind,
  sequences: readonly Uint8Array[],
  { precision, signal, onProgress }: WindowOptions = {},
): Promise<WindowPredictions> {
  const { outputs } = model;
  const { length } = model.architecture;
  if (model.models !== 1) throw new ShapeError(`windows are predicted by one model, not by ${model.models}`);
  const short = sequences.findIndex((codes) => codes.length < length);
  if (short >= 0)
    throw new ShapeError(
      `sequence ${short + 1} has ${sequences[short]!.length} codes; a window has ${length}, so pad it first`,
    );
  const windows = Uint32Array.from(sequences, (codes) => codes.length - length + 1);
  const total = windows.reduce((sum, count) => sum + count, 0);
  const result = {
    windows,
    mean: new Float64Array(outputs * sequences.length),
    max: new Float32Array(outputs * sequences.length).fill(Number.NEGATIVE_INFINITY),
    offset: new Uint32Array(outputs * sequences.length),
  };
  const places = placesOf(windows);
  using predictor = await SequencePredictor.create(model.gpu, model, {
    precision,
    most: Math.min(BATCH, total),
  });
  for (let done = 0; done < total; ) {
    const batch = Array.from({ length: Math.min(BATCH, total - done) }, () => places.next().value!);
    const codes = new Uint8Array(batch.length * length);
    batch.forEach(({ record, offset }, i) => {
      codes.set(sequences[record]!.subarray(offset, offset + length), i * length);
    });
    const folded = await withStructure(model.gpu, model.architecture, { codes }, { signal });
    const predicted = await predictor.predict(folded, { signal });
    predicted.forEach((value, i) => {
      const { record, offset } = batch[i % batch.length]!;
      const at = Math.floor(i / batch.length) * sequences.length + record;
      result.mean[at]! += value / windows[record]!;
      if (value > result.max[at]!) {
        result.max[at] = value;
        result.offset[at] = offset;
      }
    });
    done += batch.length;
    onProgress?.(done, total);
  }
  return result;
}

/**
 * Predicts batches of sequences with one model, while the next batch is read. Other fields of a batch are
 * passed through.
 *
 * @param batches each with base codes [N * length]
 * @returns each batch with its predictions [outputs * N], output by output
 * @throws ShapeError for a model that holds several; CancelledError; what reading the batches throws
 */
export async function* predictBatches<Batch extends { readonly codes: Uint8Array }>(
  model: ResidualBind,
  batches: AsyncIterable<Batch>,
  { precision, signal }: Pick<WindowOptions, 'precision' | 'signal'> = {},
): AsyncGenerator<{ readonly batch: Batch; readonly predictions: Float32Array }> {
  if (model.models !== 1) throw new ShapeError(`batches are predicted by one model, not by ${model.models}`);
  const { length } = model.architecture;
  let predictor: SequencePredictor | undefined;
  try {
    for await (const batch of batches) {
      const most = batch.codes.length / length;
      predictor ??= await SequencePredictor.create(model.gpu, model, { precision, most });
      const sequences = await withStructure(
        model.gpu,
        model.architecture,
        { codes: batch.codes },
        { signal },
      );
      yield { batch, predictions: await predictor.predict(sequences, { signal }) };
    }
  } finally {
    predictor?.dispose();
  }
}

/** Every window of every sequence, in order. */
function* placesOf(windows: Uint32Array): Generator<{ record: number; offset: number }> {
  for (const [record, count] of windows.entries())
    for (let offset = 0; offset < count; offset++) yield { record, offset };
}
