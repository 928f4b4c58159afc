/**
 * Shuffles of one sequence, in place: of its letters, and of its dinucleotides. Pads and N stay where
 * they are. Both are exact: every arrangement that keeps the counts is equally likely.
 */
import { ALPHABET, PAD } from '../../data/sequences/letters.js';
import type { Draws } from '../../kernels/random.js';

const LETTERS = ALPHABET.length;

/** Permutes the letters of `row` (base codes `[L]`) uniformly among the positions that hold a letter. */
export function shuffleLetters(row: Uint8Array, draws: Draws): void {
  const letters = row.filter((code) => code !== PAD);
  permute(letters, letters.length, draws);
  let taken = 0;
  for (let i = 0; i < row.length; i++) if (row[i] !== PAD) row[i] = letters[taken++]!;
}

/**
 * Rearranges `row` (base codes `[L]`) uniformly over all sequences with the same dinucleotide counts and the
 * same first and last letter. An N splits a sequence into runs of letters; each run is shuffled by itself.
 */
export function shuffleDinucleotides(row: Uint8Array, draws: Draws): void {
  let start = 0;
  for (let i = 0; i <= row.length; i++) {
    if (i < row.length && row[i] !== PAD) continue;
    shuffleRun(row.subarray(start, i), draws);
    start = i + 1;
  }
}

/**
 * The method of Altschul & Erickson (Mol. Biol. Evol. 1985). Letters are vertices and dinucleotides are
 * edges; a shuffle is an Eulerian path. By the BEST theorem such a path is a tree of last exits towards the
 * end vertex plus any order of each vertex's other exits, so drawing both uniformly draws the path uniformly.
 *
 * Parallel edges count as different ones throughout. Each sequence is then ∏ multiplicity! paths, the same
 * number for every shuffle, so paths drawn uniformly are sequences drawn uniformly.
 */
function shuffleRun(run: Uint8Array, draws: Draws): void {
  if (run.length < 4) return; // With both ends fixed, nothing can move.
  const exits: number[][] = Array.from({ length: LETTERS }, () => []);
  for (let i = 1; i < run.length; i++) exits[run[i - 1]!]!.push(run[i]!);

  const end = run[run.length - 1]!;
  const last = lastExits(exits, end, draws);
  for (let letter = 0; letter < LETTERS; letter++) {
    const own = exits[letter]!;
    let movable = own.length;
    if (letter !== end && movable > 0) swap(own, last[letter]!, --movable);
    permute(own, movable, draws);
  }

  const used = new Uint32Array(LETTERS);
  let letter = run[0]!;
  for (let i = 1; i < run.length; i++) {
    letter = exits[letter]![used[letter]!++]!;
    run[i] = letter;
  }
}

/**
 * For every letter but `end`, the index into `exits[letter]` of the exit taken last: a uniformly random
 * spanning tree of edges towards `end`, by Wilson's algorithm (STOC 1996). Overwriting `last` on each visit
 * erases loops.
 */
function lastExits(exits: readonly number[][], end: number, draws: Draws): Uint32Array {
  const last = new Uint32Array(LETTERS);
  const inTree = exits.map((own, letter) => letter === end || own.length === 0);
  for (let from = 0; from < LETTERS; from++) {
    for (let at = from; !inTree[at]; at = exits[at]![last[at]!]!) last[at] = draws.below(exits[at]!.length);
    for (let at = from; !inTree[at]; at = exits[at]![last[at]!]!) inTree[at] = true;
  }
  return last;
}

/** Uniform permutation (Fisher–Yates) of the first `count` entries. */
function permute(items: Uint8Array | number[], count: number, draws: Draws): void {
  for (let i = count - 1; i > 0; i--) swap(items, i, draws.below(i + 1));
}

function swap(items: Uint8Array | number[], i: number, j: number): void {
  [items[i], items[j]] = [items[j]!, items[i]!];
}
