/**
 * Secondary structure in dot-bracket notation, as ViennaRNA writes it: `(` pairs with the `)` that closes it,
 * `.` is unpaired. Pairs of one kind of bracket are nested; pairs of two kinds may cross, which is a
 * pseudoknot: `[ ]`, `{ }`, `< >`, and `A a`, `B b`, … The signs `: , _ - ~` of WUSS, the notation of Rfam,
 * are unpaired too, as is the `+` of RNAfold for a G-quadruplex.
 */
import { FormatError } from '../../device/errors.js';

const UNPAIRED = '.:,_-~+';

/** Closing sign → opening sign. */
const OPENING: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
  ['>', '<'],
  ...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ', (letter) => [letter.toLowerCase(), letter] as const),
]);
const OPENS: ReadonlySet<string> = new Set(OPENING.values());

/**
 * The partner of each position, -1 for an unpaired one.
 *
 * @param where what it is, for errors: a source, a line, a record
 * @throws FormatError naming the position (from 1) of another symbol or of a bracket without its partner
 */
export function pairsOf(dotBracket: string, where = 'structure'): Int32Array {
  const partners = new Int32Array(dotBracket.length).fill(-1);
  const open = new Map<string, number[]>();
  const fail = (i: number, what: string): never => {
    throw new FormatError(`${where}: ${JSON.stringify(dotBracket[i])} at position ${i + 1}${what}`);
  };
  for (let i = 0; i < dotBracket.length; i++) {
    const symbol = dotBracket[i]!;
    const opening = OPENING.get(symbol);
    if (opening !== undefined) {
      const left = open.get(opening)?.pop();
      if (left === undefined) return fail(i, ' closes nothing');
      partners[left] = i;
      partners[i] = left;
    } else if (OPENS.has(symbol)) {
      const before = open.get(symbol);
      if (before) before.push(i);
      else open.set(symbol, [i]);
    } else if (!UNPAIRED.includes(symbol)) fail(i, '; expected brackets or . for unpaired');
  }
  for (const [left] of open.values()) if (left !== undefined) fail(left, ' is never closed');
  return partners;
}
