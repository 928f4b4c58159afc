/**
 * Patterns: letters at chosen positions, embedded in a background (φ of the paper's Eq. 2; "GIA supports
 * embedding more than one pattern"). Positions are 0-based. Here they are checked, parsed and turned into
 * base codes; the runner embeds them.
 */

import { codeOf, PAD } from '../../data/sequences/letters.js';
import { canonicalSequence } from '../../data/sequences/sequence.js';
import * as check from '../../device/check.js';
import { echo, shortened } from '../../device/echo.js';
import { FormatError, ShapeError } from '../../device/errors.js';

/** Code of an overlay position that keeps the background's own letter; a pattern never embeds a pad. */
export const KEEP = PAD;

/** Letters placed at a position. */
export interface Site {
  /** 0-based position of the first letter. */
  readonly position: number;
  /** ACGU/T in either case; N keeps the background's letter. */
  readonly letters: string;
}

/** One or several sites embedded together; the name labels its row in tables and plots. */
export interface Pattern {
  readonly name: string;
  readonly sites: readonly Site[];
}

/**
 * Reads `LETTERS@POSITION`, or several joined by `+`: `UGCAUG@17`, `UGCAUG@3+UGCAUG@13`. The text becomes the
 * name.
 *
 * @throws FormatError if a site does not read so; InvalidSequenceError for a letter outside ACGU/T/N
 */
export function parsePattern(text: string): Pattern {
  check.text(text, check.argument('text'));
  const name = text.trim();
  const sites = name.split('+').map((part) => {
    const [, letters, position] = /^([a-z]+)@(\d+)$/i.exec(part.trim()) ?? [];
    if (letters === undefined || position === undefined) {
      throw new FormatError(
        `pattern ${echo(name)}: ${echo(part.trim())} is not of the form LETTERS@POSITION, for example UGCAUG@17`,
      );
    }
    siteCodes(letters, name);
    return { position: Number(position), letters };
  });
  return { name, sites };
}

/**
 * What each pattern writes over a background of `length` letters.
 *
 * @returns `[P * length]`, row-major: a base code 0–3 to embed, or `KEEP`
 * @throws ShapeError for a pattern without sites, or sites that overlap or leave 0 … length−1;
 * InvalidSequenceError for a site without letters or a letter outside ACGU/T/N; both name the pattern
 */
export function overlay(patterns: readonly Pattern[], length: number): Uint8Array {
  const codes = new Uint8Array(patterns.length * length).fill(KEEP);
  patterns.forEach((pattern, p) => {
    embed(pattern, codes.subarray(p * length, (p + 1) * length));
  });
  return codes;
}

function embed({ name, sites }: Pattern, row: Uint8Array): void {
  if (sites.length === 0)
    throw new ShapeError(`pattern ${echo(name)} has no sites; give it letters to embed`);
  // A single site overlaps nothing.
  const taken = sites.length > 1 ? new Uint8Array(row.length) : undefined;
  for (const { position, letters } of sites) {
    const codes = siteCodes(letters, name);
    const end = position + codes.length;
    if (!Number.isInteger(position) || position < 0 || end > row.length) {
      throw new ShapeError(
        `pattern ${echo(name)}: ${shortened(letters)}@${position} does not lie within positions 0 … ${row.length - 1}`,
      );
    }
    if (taken?.subarray(position, end).includes(1)) {
      throw new ShapeError(
        `pattern ${echo(name)}: ${shortened(letters)}@${position} overlaps another of its sites`,
      );
    }
    taken?.fill(1, position, end);
    row.set(codes, position);
  }
}

/** Base codes of a site's letters, `KEEP` for N. @throws InvalidSequenceError naming the pattern */
export function siteCodes(letters: string, name: string): number[] {
  // The code of N is that of `KEEP`.
  return Array.from(
    canonicalSequence(letters, () => `pattern ${echo(name)}`),
    codeOf,
  );
}
