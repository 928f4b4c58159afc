/** A motif's matrix as tab-separated text. */

import type { PositionWeightMatrix } from '../../data/pwm.js';
import { ALPHABET } from '../../data/sequences/sequence.js';
import { informationContent } from './information.js';

/** A line for each position, counted from 1: the share of each letter, and the information in bits. */
export function formatMatrix(pwm: PositionWeightMatrix): string {
  const information = informationContent(pwm);
  const number = (value: number) => String(Number(value.toPrecision(9)));
  const lines = pwm.map((column, i) => [i + 1, ...column.map(number), number(information[i]!)].join('\t'));
  return `${[['position', ...ALPHABET, 'bits'].join('\t'), ...lines].join('\n')}\n`;
}
