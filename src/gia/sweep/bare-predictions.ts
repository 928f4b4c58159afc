/** Predictions of bare sequences, in which no pattern is embedded. Importances are differences from them. */

import { NotFiniteError } from '../../device/errors.js';
import { Pace } from '../../device/pace.js';
import type { Precision } from '../../device/precision.js';
import { besideSweep, preparePrecision } from '../../kernels/precision.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import { type AskedModel, isHost, type Predicts, readoutsOf, sequencesAtOnce } from '../model.js';
import { KEEP } from '../patterns/patterns.js';
import { causeOfNaN } from '../structure.js';
import { EmbeddingSweep } from './embedding-sweep.js';
import { predictOnHost } from './on-host.js';

export interface BarePredictions {
  /** [E * outputs, N]. The caller disposes of it. */
  readonly tensor: Tensor;
  /** The same values on the host. */
  readonly values: Float32Array;
}

/** Sequences, and structure profiles where they are kept; otherwise a model with structure channels folds. */
type Bare = Pick<Backgrounds, 'codes' | 'count' | 'profile'>;

/**
 * Predicts N bare sequences, in the precision that belongs to a sweep in `precision`.
 *
 * @throws NotFiniteError naming the sequence
 */
export async function barePredictions(
  model: Predicts,
  { codes, count, profile }: Bare,
  precision: Precision,
): Promise<BarePredictions> {
  const { gpu, length } = model;
  const path = await preparePrecision(gpu, besideSweep(precision), 'predictions');
  const size = { block: count, chunk: sequencesAtOnce(model, path), path };
  // A pattern that keeps every letter gives the sequence itself.
  const nothing = { names: [''], overlays: new Uint8Array(length).fill(KEEP), length };
  using engine = await EmbeddingSweep.create(model, nothing, { codes, count, profile }, size);
  const pace = new Pace(gpu.device.queue);
  for (const _ of engine.run(0, count)) await pace.submitted();
  using predictions = engine.predictions.reshape([readoutsOf(model), count]);
  const values = await predictions.readFloats();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new NotFiniteError(
      `the prediction of sequence ${(bad % count) + 1} is ${values[bad]}${causeOfNaN(model)}`,
    );
  return { tensor: predictions.retain(), values };
}

/**
 * The same without a GPU, by any model, [E * outputs, N].
 *
 * @throws as `barePredictions`, and as `sweepOnHost`; CancelledError, where a plain function is asked
 */
export async function predictBare(
  model: AskedModel,
  sequences: Bare,
  precision: Precision,
  signal?: AbortSignal,
): Promise<Float32Array> {
  if (isHost(model)) return await predictOnHost(model, sequences, signal);
  const { tensor, values } = await barePredictions(model, sequences, precision);
  tensor.dispose();
  return values;
}
