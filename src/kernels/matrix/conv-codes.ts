/**
 * The first convolution straight from base codes, and its kernel's gradient. On one-hot input it only adds
 * kernel rows: tables hold the sums of four neighbouring taps for every word of four codes, so that a result
 * is one load per group of taps.
 */

import type { Gpu } from '../../device/gpu.js';
import { ceilDivide, flatGrid, launch, type Operand } from '../launch.js';
import { batchStatistics } from '../training/batch-norm.js';
import { type ConvShape, recordsPerSplit, splitsOf } from './conv-shape.js';

/** Sizes of the first convolution: codes [E or 1, rows], four bases. */
export type CodesShape = Omit<ConvShape, 'inputs' | 'dilation'>;

/** Taps that a table of the first convolution sums. */
export const TAPS_PER_GROUP = 4;
/** Codes are 0 to 4. */
const WORDS = 5 ** TAPS_PER_GROUP;

export const groupsOf = (taps: number): number => ceilDivide(taps, TAPS_PER_GROUP);

/**
 * Groups of taps that kernels write out; more are a loop. On lavapipe, 31 taps written out take 8 s to compile
 * and run as fast as the loop, which takes 0.3 s to compile whatever the taps.
 */
export const MOST_WRITTEN = 4;

/** Shape of the tables [E, groups, words, outputs]. */
export const tablesShape = (models: number, taps: number, outputs: number): readonly number[] => [
  models,
  groupsOf(taps),
  WORDS,
  outputs,
];

/** tables [E, groups, words, outputs] of a kernel w [E, taps, 4, outputs] and a bias [E, outputs]. */
export function codeTables(
  gpu: Gpu,
  operands: { w: Operand; bias?: Operand | undefined; tables: Operand },
  { models, taps, outputs }: Pick<CodesShape, 'models' | 'taps' | 'outputs'>,
): void {
  launch(gpu, 'code_tables', {
    operands,
    params: { outputs, taps },
    tile: { BIAS: Number(operands.bias !== undefined) },
    workgroups: [ceilDivide(outputs, 32), 25 * groupsOf(taps), models],
  });
}

/** Positions of a record that a thread takes. */
const RUN = 8;

/**
 * y [E, rows, outputs] from codes [E or 1, rows] u32 and the tables, rectified and with `statistics` where
 * asked for.
 */
export function convCodes(
  gpu: Gpu,
  operands: { codes: Operand; tables: Operand; y: Operand },
  { models, rows, length, outputs, taps }: CodesShape,
  { relu, statistics }: { readonly relu?: boolean; readonly statistics?: Operand | undefined } = {},
): void {
  const records = rows / length;
  const runs = ceilDivide(length, RUN);
  const COLS = Math.min(3, ceilDivide(outputs, 32));
  const output_groups = ceilDivide(outputs, 32 * COLS);
  const GROUPS = groupsOf(taps);
  const work = {
    operands,
    params: { records, length, outputs, taps, runs, output_groups },
    workgroups: flatGrid(gpu, records * runs * output_groups, models, 1),
  };
  const tile = { RUN, COLS, RELU: Number(relu === true) };
  if (GROUPS > MOST_WRITTEN) {
    launch(gpu, 'conv_codes_wide', { ...work, tile: { ...tile, NEAR: RUN + TAPS_PER_GROUP - 1 } });
  } else {
    const STARTS = RUN + TAPS_PER_GROUP * (GROUPS - 1);
    const WINDOW = STARTS + TAPS_PER_GROUP - 1;
    launch(gpu, 'conv_codes', { ...work, tile: { ...tile, GROUPS, WINDOW, STARTS } });
  }
  if (statistics) batchStatistics(gpu, operands.y, statistics, { models, rows, length, channels: outputs });
}

/** Taps that a thread of the gradient takes; each holds four sums. */
const MOST_TAPS = 11;

/**
 * partial [splitsOf(shape), E, taps, 4, outputs]: the first kernel's gradient, to be added up by
 * `sumPartials`.
 */
export function convCodesKernelGradient(
  gpu: Gpu,
  operands: { codes: Operand; dy: Operand; partial: Operand },
  { models, rows, length, outputs, taps }: CodesShape,
): void {
  const TAPS = Math.min(taps, MOST_TAPS);
  launch(gpu, 'conv_codes_dw', {
    operands,
    params: { rows, length, outputs, taps, models, records_per_split: recordsPerSplit(length) },
    tile: { RUN, TAPS, WINDOW: RUN + TAPS - 1 },
    workgroups: [ceilDivide(outputs, 32), ceilDivide(taps, TAPS) * splitsOf({ rows, length }), models],
  });
}
