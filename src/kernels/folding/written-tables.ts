/**
 * Reads the tables of energies that stand as text in `turner1999.ts`, which `scripts/make-energies.mjs`
 * writes.
 */

import { INFINITE } from './energies.js';

/** The letters that stand for the numbers of a large table, the smallest number first. */
export const LETTERS =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-*/=<>()[]{}.,:;!?%&#@^_~|';

/** A table as words. */
export const listed = (text: string): Int32Array =>
  Int32Array.from(text.split(' '), (word) => (word === 'INF' ? INFINITE : Number(word)));

/** A table as one letter for each number, which says which of `values` it is. */
export function coded(values: string, text: string): Int32Array {
  const numbers = listed(values);
  return Int32Array.from(text, (letter) => numbers[LETTERS.indexOf(letter)]!);
}

/** Loops and their energies. */
export function loops(text: string): Map<string, number> {
  const words = text.split(' ');
  return new Map(words.flatMap((word, k) => (k % 2 === 0 ? [[word, Number(words[k + 1])] as const] : [])));
}
