/** What f16 storage costs: the same predictions with kernels and activations stored in f32 and in f16. */

import * as check from '../device/check.js';
import { ResidualBind } from './residualbind.js';

/** How far predictions in half precision are from those in single precision. */
export interface StorageError {
  /** Sequences compared. */
  readonly count: number;
  /** Largest absolute difference of a prediction, in units of the prediction. */
  readonly max: number;
  /** Root of the mean squared difference. */
  readonly rms: number;
  /** Standard deviation of the f32 predictions, to hold the errors against. */
  readonly deviation: number;
}

/** Sequences that are compared at most. */
const SAMPLE = 512;

/**
 * Compares up to 512 of the given sequences, for every model of E.
 *
 * @param codes [N * length] base codes
 * @throws GpuError where the adapter has no `shader-f16`; NotFiniteError where f16 overflows
 */
export async function storageError(model: ResidualBind, codes: Uint8Array): Promise<StorageError> {
  check.instance(ResidualBind)(model, check.argument('model'));
  check.bytes(codes, check.argument('codes'));
  const sample = { codes: codes.subarray(0, SAMPLE * model.architecture.length) };
  const exact = await model.predict(sample);
  const rounded = await model.predict(sample, { storage: 'f16' });
  const mean = exact.reduce((sum, value) => sum + value, 0) / exact.length;
  let [max, squares, spread] = [0, 0, 0];
  for (const [i, value] of exact.entries()) {
    const difference = Math.abs(value - rounded[i]!);
    max = Math.max(max, difference);
    squares += difference ** 2;
    spread += (value - mean) ** 2;
  }
  return {
    count: exact.length,
    max,
    rms: Math.sqrt(squares / exact.length),
    deviation: Math.sqrt(spread / exact.length),
  };
}
