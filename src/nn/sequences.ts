/** Sequences on the host: their checks, and a batch of them at a time. */

import * as check from '../device/check.js';
import { InvalidSequenceError, NotFiniteError, ShapeError } from '../device/errors.js';
import type { Architecture } from './architecture.js';
import { firstNotFinite } from './finite.js';

/** N sequences on the host. */
export interface Sequences {
  /** Base codes [N * length]: 0-3 = ACGU, 4 = pad or N. */
  readonly codes: Uint8Array;
  /** Structure profiles [N * length * (channels - 4)], for models of more than four channels. */
  readonly profile?: Float32Array;
}

/** Positions of a sequence and channels of its input. */
type Input = Pick<Architecture, 'length' | 'channels'>;

const ARRAYS = { codes: check.bytes, profile: check.optional(check.floats) };

/** Numbers of a structure profile; 0 without one. */
export const widthOf = ({ length, channels }: Input): number => length * (channels - 4);

/**
 * How many sequences there are.
 *
 * @throws ArgumentError naming what is no array of its kind; ShapeError for a part of a sequence
 */
export function recordsOf(input: Input, sequences: Sequences): number {
  check.options(sequences, ARRAYS, 'sequences');
  const { codes, profile } = sequences;
  const { length } = input;
  const records = codes.length / length;
  if (!Number.isInteger(records) || records < 1) {
    throw new ShapeError(
      `codes must hold whole sequences of ${length} positions, not ${codes.length} positions`,
    );
  }
  checkCount('structure profile', profile, records * widthOf(input));
  return records;
}

/**
 * Checks every code and number.
 *
 * @param before records before the first one, for messages
 * @throws InvalidSequenceError or NotFiniteError naming the record
 */
export function checkSequences(input: Input, { codes, profile }: Sequences, before = 0): void {
  const stray = strayCode(codes);
  if (stray >= 0)
    throw new InvalidSequenceError(
      `record ${before + Math.floor(stray / input.length) + 1}: code ${codes[stray]} is not 0 to 4`,
    );
  checkFinite('structure profile', profile, widthOf(input), before);
}

/** Index of the first code that is not 0 to 4, or -1. All are looked at together first, four at a time. */
function strayCode(codes: Uint8Array): number {
  const whole = codes.byteOffset % 4 === 0 ? Math.floor(codes.length / 4) : 0;
  const fours = whole > 0 ? new Uint32Array(codes.buffer, codes.byteOffset, whole) : new Uint32Array();
  let high = 0;
  // Adding 123 sets the highest bit of a byte above 4; a byte that has it already is taken as it is.
  for (let i = 0; i < whole; i++) high |= (fours[i]! + 0x7b7b7b7b) | fours[i]!;
  for (let i = 4 * whole; i < codes.length; i++) high |= (codes[i]! + 0x7b) | codes[i]!;
  return (high & 0x80808080) === 0 ? -1 : codes.findIndex((code) => code > 4);
}

/** @throws ShapeError where there are more or fewer numbers */
export function checkCount(name: string, values: Float32Array | undefined, count: number): void {
  if ((values?.length ?? 0) !== count)
    throw new ShapeError(`${name}: ${count} numbers are needed, not ${values?.length ?? 0}`);
}

/**
 * @param before records before the first one, for messages
 * @throws NotFiniteError naming the record
 */
export function checkFinite(
  name: string,
  values: Float32Array | undefined,
  perRecord: number,
  before = 0,
): void {
  const bad = values ? firstNotFinite(values) : -1;
  if (bad >= 0)
    throw new NotFiniteError(
      `${name} of record ${before + Math.floor(bad / perRecord) + 1} is ${values![bad]}`,
    );
}

/**
 * Checks scores, `outputs` for each record.
 *
 * @throws NotFiniteError naming the record, and the output where there are several; only of several may one
 * be NaN
 */
export function checkScores(scores: Float32Array, outputs: number): void {
  if (outputs === 1) {
    checkFinite('score', scores, 1);
    return;
  }
  const bad = scores.findIndex((score) => !Number.isFinite(score) && !Number.isNaN(score));
  if (bad >= 0)
    throw new NotFiniteError(
      `score ${(bad % outputs) + 1} of record ${Math.floor(bad / outputs) + 1} is ${scores[bad]}`,
    );
}

/** Sequences `from` a record on, `size` at most. */
export function part(
  { length, channels }: Input,
  { codes, profile }: Sequences,
  from: number,
  size: number,
): Sequences {
  const slice = <T extends Uint8Array | Float32Array>(all: T, width: number) =>
    all.subarray(from * width, (from + size) * width) as T;
  return {
    codes: slice(codes, length),
    ...(profile && { profile: slice(profile, widthOf({ length, channels })) }),
  };
}
