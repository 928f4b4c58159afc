/**
 * Markov chains of letters, counted in sequences: which letter stands at a place depends on the m before it,
 * wherever that is. What depends on the place is `profile.ts`; `backgrounds.ts` draws from both.
 */
import { PAD } from '../../data/sequences/letters.js';
import type { Draws } from '../../kernels/random.js';

/**
 * The highest order. Of order 5, a chain keeps how often every 6-mer occurs; of more, it would keep motifs
 * whole.
 */
export const MAX_ORDER = 5;

/**
 * The chain of order m that sequences have, without pseudocounts. It writes new letters where a row has
 * letters, and leaves pads and N, which are no letters and end the context, where they are.
 *
 * A letter is drawn as often as it followed the m letters before it in the sequences. Where fewer letters
 * stand before it, or nothing ever followed these, the longest shorter context that something did follow
 * takes their place, down to none (letter frequencies). A row thus begins as the sequences are anywhere, not
 * as they begin.
 *
 * @param codes base codes, row-major `[N * length]`, 4 = pad or N
 * @param order m, 0 … `MAX_ORDER`
 */
export function markovChain(
  codes: Uint8Array,
  length: number,
  order: number,
): (row: Uint8Array, draws: Draws) => void {
  // By number of letters in the context: [4^k * 4] counts of what followed each.
  const followers = Array.from({ length: order + 1 }, (_, k) => new Uint32Array(4 ** (k + 1)));
  const placeOf = (context: number, k: number) => (context % 4 ** k) * 4;
  const after = (context: number, k: number) =>
    followers[k]!.subarray(placeOf(context, k), placeOf(context, k) + 4);

  for (let start = 0; start < codes.length; start += length) {
    walk(codes.subarray(start, start + length), order, (letter, context, known) => {
      for (let k = 0; k <= known; k++) followers[k]![placeOf(context, k) + letter]! += 1;
      return letter;
    });
  }
  return (row, draws) =>
    walk(row, order, (_, context, known) => {
      let k = known;
      while (k > 0 && after(context, k).every((count) => count === 0)) k--;
      return drawCounted(after(context, k), draws);
    });
}

/**
 * Goes through the letters of a row and puts `visit`'s in their place. It is told the letter, those before it
 * as digits of a base-4 number, and how many of these there are, `order` at most.
 */
function walk(
  row: Uint8Array,
  order: number,
  visit: (letter: number, context: number, known: number) => number,
): void {
  let [context, known] = [0, 0];
  for (let i = 0; i < row.length; i++) {
    if (row[i] === PAD) {
      known = 0;
      continue;
    }
    row[i] = visit(row[i]!, context, known);
    context = (context * 4 + row[i]!) % 4 ** order;
    known = Math.min(order, known + 1);
  }
}

/** A letter with the probability that its count has among all. */
function drawCounted(counts: Uint32Array, draws: Draws): number {
  let left = draws.below(counts.reduce((sum, count) => sum + count, 0));
  let letter = 0;
  while (left >= counts[letter]!) left -= counts[letter++]!;
  return letter;
}
