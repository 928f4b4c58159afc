/**
 * Position weight matrices: what a binding site looks like, and how well a stretch of sequence matches it.
 */
import * as check from '../device/check.js';
import { echo } from '../device/echo.js';
import { ArgumentError, InvalidSequenceError } from '../device/errors.js';
import { ALPHABET, ANY } from './sequences/letters.js';
import { canonicalSequence } from './sequences/sequence.js';

/** Shape [k, 4]: for each position of a site the probabilities of A, C, G, U. */
export type PositionWeightMatrix = readonly (readonly [number, number, number, number])[];

/**
 * Probability that a matrix made from a consensus gives to the consensus letter; the others share the rest.
 */
const CONSENSUS_PROBABILITY = 0.7;

/**
 * A matrix with the given letters as its consensus; throws InvalidSequenceError for letters outside A C G U
 * T.
 */
export function pwmFromConsensus(consensus: string): PositionWeightMatrix {
  check.text(consensus, check.argument('consensus'));
  const letters = canonicalSequence(consensus, `motif ${echo(consensus)}`);
  if (letters.includes(ANY)) {
    throw new InvalidSequenceError(`motif ${echo(consensus)}: N has no consensus; give a matrix`);
  }
  const other = (1 - CONSENSUS_PROBABILITY) / 3;
  return Array.from(letters, (own) => {
    const [a, c, g, u] = Array.from(ALPHABET, (letter) => (letter === own ? CONSENSUS_PROBABILITY : other));
    return [a!, c!, g!, u!];
  });
}

/** The most probable letter of each position (the first in alphabet order where several tie). */
export function consensusOf(pwm: PositionWeightMatrix): string {
  return pwm.map((column) => ALPHABET[column.indexOf(Math.max(...column))]).join('');
}

/** Throws ArgumentError unless every position holds probabilities that sum to 1. */
export function checkPwm(pwm: PositionWeightMatrix): void {
  check.list(check.numbers)(pwm, check.argument('pwm'));
  if (pwm.length === 0) throw new ArgumentError('pwm', 'the motif matrix has no positions');
  pwm.forEach((column, i) => {
    const sum = column.reduce((total, p) => total + p, 0);
    if (column.length !== 4 || column.some((p) => !(p >= 0)) || !(Math.abs(sum - 1) < 1e-3)) {
      throw new ArgumentError(
        'pwm',
        `motif position ${i + 1} must be four probabilities that sum to 1, not [${column}]`,
      );
    }
  });
}

/**
 * How well the k bases from `offset` match, relative to the consensus: exp of the summed log-odds less that
 * of the consensus, i.e. ∏ p(base)/p(consensus base). 1 for the consensus, near 0 for an unrelated site.
 * @param codes base codes 0 … 3
 */
export function siteAffinity(pwm: PositionWeightMatrix, codes: Uint8Array, offset: number): number {
  return pwm.reduce((product, column, j) => (product * column[codes[offset + j]!]!) / Math.max(...column), 1);
}
