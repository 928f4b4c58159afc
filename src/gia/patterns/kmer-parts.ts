/** All k-mers at several positions, position by position, beside sites that stay as they are. */

import * as check from '../../device/check.js';
import { ArgumentError } from '../../device/errors.js';
import { kmerPatterns } from '../importance.js';
import type { Pattern, Site } from './patterns.js';

/** Where k-mers stand. */
export interface KmerPartsOptions {
  /** Letters of a k-mer, 1 to 8. */
  readonly k: number;
  /** 0-based positions of their first letters. */
  readonly positions: readonly number[];
  /** Letters of a sequence. */
  readonly length: number;
  /** Sites that are embedded together with every k-mer. */
  readonly beside?: readonly Site[] | undefined;
}

/** Whether `k` letters at a position touch none of the sites. */
export const isFree = (position: number, k: number, sites: readonly Site[]): boolean =>
  sites.every(({ position: from, letters }) => position + k <= from || from + letters.length <= position);

/**
 * All 4^k k-mers of each position: the parts of `importanceOfParts`. They are named `UGCAUG@17`.
 *
 * @throws ShapeError for a position where k-mers leave the sequence; ArgumentError for one that a site takes
 */
export function kmerParts({ k, positions, length, beside = [] }: KmerPartsOptions): readonly Pattern[][] {
  check.list(check.whole(0), 1)(positions, check.argument('positions'));
  return positions.map((at) =>
    kmersBeside(k, at, length, beside).map(({ name, sites }) => ({ name: `${name}@${at}`, sites })),
  );
}

/** All k-mers at a position, together with other sites. @throws as `kmerParts` */
export function kmersBeside(k: number, position: number, length: number, beside: readonly Site[]): Pattern[] {
  if (!isFree(position, k, beside))
    throw new ArgumentError('positions', `a ${k}-mer at ${position} overlaps a site beside it`);
  return kmerPatterns(k, position, length).map(({ name, sites }) => ({ name, sites: [...beside, ...sites] }));
}
