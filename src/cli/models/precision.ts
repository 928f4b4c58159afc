/** What a precision other than f32 costs, said on the terminal and recorded in manifests. */

import { count as counted } from '../../device/count.js';
import type { Precision } from '../../device/precision.js';
import type { ImportanceCost } from '../../gia/precision-cost.js';
import type { PrecisionPath } from '../../kernels/precision.js';
import type { PredictionCost } from '../../nn/prediction/precision-cost.js';
import { type Io, note } from '../terminal/io.js';

/** How a precision is computed, in words. */
export const PATHS: Readonly<Record<PrecisionPath, string>> = {
  f32: 'single precision, the reference',
  matrices: 'multiplied by matrix units, with sums in f32',
  storage: 'weights and activations stored as f16 and multiplied in f32',
};

/** The part of a manifest that is about the precision. */
export interface PrecisionRecord {
  readonly precision: Precision;
  /** Null for f32, which others are compared with. */
  readonly precisionError: PredictionCost | ImportanceCost | null;
}

/** Measures and prints how far results in a precision are from f32; nothing for f32. */
export async function precisionRecord(
  io: Io,
  precision: Precision = 'f32',
  costOf: (precision: Precision) => Promise<PredictionCost | ImportanceCost>,
): Promise<PrecisionRecord> {
  if (precision === 'f32') return { precision, precisionError: null };
  const precisionError = await costOf(precision);
  note(io, `${precision}: ${describeCost(precisionError)}`);
  return { precision, precisionError };
}

/** ` in f16` for sentences about results; nothing for f32. */
export const inPrecision = ({ precision }: Pick<PrecisionRecord, 'precision'>): string =>
  precision === 'f32' ? '' : ` in ${precision}`;

const digits = (value: number): string => value.toPrecision(2);

/** `importances of 4,096 patterns over 8 backgrounds differ from f32 by …`. */
export function describeCost(cost: PredictionCost | ImportanceCost): string {
  const what =
    cost.of === 'predictions'
      ? `predictions of ${counted(cost.count, 'sequence')}`
      : `importances of ${counted(cost.patterns, 'pattern')} over ${counted(cost.backgrounds, 'background')}`;
  const scale =
    cost.of === 'predictions'
      ? `their standard deviation is ${digits(cost.deviation)}`
      : `the largest is ${digits(cost.largest)}`;
  return `${what} differ from f32 by ${digits(cost.rms)} (root mean square), ${digits(cost.max)} at most; ${scale}`;
}

/** Rows of a page's list of facts: none for f32. */
export const precisionFacts = ({ precision, precisionError }: PrecisionRecord): [string, string][] =>
  precisionError ? [['precision', `${precision}: ${describeCost(precisionError)}`]] : [];
