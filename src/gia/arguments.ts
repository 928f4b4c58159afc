/** Checks of what library users hand to analyses, before anything is computed. */

import { checkRows } from '../data/sequences/profile.js';
import * as check from '../device/check.js';
import { ShapeError } from '../device/errors.js';
import { PRECISIONS } from '../device/precision.js';
import type { Backgrounds } from './backgrounds/backgrounds.js';
import type { Pattern } from './patterns/patterns.js';
import { TREATMENTS } from './structure.js';

/**
 * @throws ArgumentError naming the field; ShapeError where the codes are not `count` sequences;
 * InvalidSequenceError for a bad code
 */
export function checkBackgrounds(backgrounds: Backgrounds): void {
  check.options(
    backgrounds,
    {
      count: check.whole(1),
      length: check.whole(1),
      codes: check.bytes,
      profile: check.optional(check.floats),
    },
    'backgrounds',
  );
  const { count, length, codes } = backgrounds;
  if (codes.length !== count * length)
    throw new ShapeError(
      `backgrounds: ${count} sequences of ${length} letters are ${count * length} codes, not ${codes.length}`,
    );
  checkRows(codes, length);
}

const site = check.record<Pattern['sites'][number]>({ letters: check.text, position: check.whole(0) });
const pattern = check.record<Pattern>({ name: check.text, sites: check.list(site, 1) });

/** @throws ArgumentError naming the pattern's place; ShapeError for none */
export function checkPatterns(patterns: readonly Pattern[]): void {
  check.list(pattern)(patterns, check.argument('patterns'));
  if (patterns.length === 0) throw new ShapeError('there are no patterns to embed');
}

/** Options that all ways to compute importances share. */
export const COMPUTING = {
  method: check.optional(check.oneOf('filtered', 'shared', 'naive')),
  memory: check.optional(check.number({ above: 0 })),
  chunk: check.optional(check.whole(1)),
  precision: check.optional(check.oneOf(...PRECISIONS)),
  structure: check.optional(check.oneOf(...TREATMENTS)),
  signal: check.optional(check.signal),
  keepLocal: check.optional(check.flag),
  checkpointSeconds: check.optional(check.number({ least: 0 })),
};
