/** What a precision costs an analysis: the same importances in f32 and in it. */

import * as check from '../device/check.js';
import { PRECISIONS, type Precision } from '../device/precision.js';
import { type Difference, differenceOf } from '../nn/prediction/precision-cost.js';
import { concatenated } from './arrays.js';
import { type Backgrounds, backgroundsBetween } from './backgrounds/backgrounds.js';
import { type ImportanceOptions, importance } from './importance.js';
import { costOf } from './method.js';
import type { Model } from './model.js';
import type { Pattern } from './patterns/patterns.js';

/** How far importances in a precision are from those in f32, in the unit of the output. */
export interface ImportanceCost extends Difference {
  readonly of: 'importances';
  readonly patterns: number;
  /** Backgrounds that the compared importances are means over: over more, differences are smaller. */
  readonly backgrounds: number;
  /** Largest absolute importance in f32, to hold the differences against. */
  readonly largest: number;
}

/** Backgrounds at least, where there are as many: all patterns share what they have in common. */
const BACKGROUNDS = 16;
/** Pairs at least: a few patterns are embedded in more backgrounds. */
const PAIRS = 512;

/**
 * Compares the importances of all given patterns over the first few backgrounds, for every model of E, by the
 * method that all backgrounds would be worked on with.
 *
 * @throws PrecisionError where the GPU cannot compute the precision; what `importance` throws
 */
export async function importanceCost(
  model: Model,
  patterns: readonly Pattern[],
  backgrounds: Backgrounds,
  precision: Precision,
  options: Pick<
    ImportanceOptions,
    'method' | 'memory' | 'chunk' | 'structure' | 'signal' | 'allowPadding'
  > = {},
): Promise<ImportanceCost> {
  check.oneOf(...PRECISIONS)(precision, check.argument('precision'));
  const wanted = Math.max(BACKGROUNDS, Math.ceil(PAIRS / patterns.length));
  const few = backgroundsBetween(backgrounds, 0, Math.min(wanted, backgrounds.count));
  const { method } = costOf(model, patterns, backgrounds, { ...options, precision });
  const meansOf = async (how: ImportanceOptions) =>
    concatenated((await importance(model, patterns, few, how)).models.map(({ mean }) => mean));
  const exact = await meansOf({ ...options, method: undefined, precision: 'f32' });
  const rounded = await meansOf({ ...options, precision, method });
  return {
    of: 'importances',
    patterns: patterns.length,
    backgrounds: few.count,
    ...differenceOf(exact, rounded),
    largest: exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}
