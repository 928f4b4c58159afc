/** A motif's matrix as tab-separated text. */

import type { PositionWeightMatrix } from '../../data/pwm.js';
import { type Alphabet, lettersOf } from '../../data/sequences/letters.js';
import { informationContent } from './information.js';

/**
 * A line for each position, counted from 1: the share of each letter, and the information in bits.
 *
 * @param alphabet of the header. Default `rna`
 */
export function formatMatrix(pwm: PositionWeightMatrix, alphabet?: Alphabet): string {
  const information = informationContent(pwm);
  const number = (value: number) => String(Number(value.toPrecision(9)));
  const lines = pwm.map((column, i) => [i + 1, ...column.map(number), number(information[i]!)].join('\t'));
  return `${[['position', ...lettersOf(alphabet), 'bits'].join('\t'), ...lines].join('\n')}\n`;
}
