/**
 * Secondary structure in dot-bracket notation, as ViennaRNA writes it: `(` pairs with the `)` that closes it, `.` is
 * unpaired. Pairs are nested; pseudoknots have no notation here.
 */
import { FormatError } from '../device/errors.js';

/**
 * The partner of each position, -1 for an unpaired one.
 *
 * @param where what it is, for errors: a source, a line, a record
 * @throws FormatError naming the position (from 1) of another symbol or of a bracket without its partner
 */
export function pairsOf(dotBracket: string, where = 'structure'): Int32Array {
  const partners = new Int32Array(dotBracket.length).fill(-1);
  const open: number[] = [];
  Array.from(dotBracket).forEach((symbol, i) => {
    const here = `${where}: ${JSON.stringify(symbol)} at position ${i + 1}`;
    if (symbol === '(') open.push(i);
    else if (symbol === ')') {
      const left = open.pop();
      if (left === undefined) throw new FormatError(`${here} closes nothing`);
      partners[left] = i;
      partners[i] = left;
    } else if (symbol !== '.') throw new FormatError(`${here}; expected ( ) or .`);
  });
  const left = open.pop();
  if (left !== undefined) throw new FormatError(`${where}: "(" at position ${left + 1} is never closed`);
  return partners;
}
