/** Numbers and nouns in sentences, for the terminal and for pages. */

export { count } from '../device/count.js';

/**
 * A p or q value below this is only said to be below it: its digits mean nothing, and doubles end soon after.
 */
const LEAST_SAID = 1e-300;

/** `p = 0.003`, `p < 1e-300`, `p is undefined`; without a name `0.003`, `< 1e-300` and `undefined`. */
export function probability(p: number, name = 'p'): string {
  if (Number.isNaN(p)) return `${name} is undefined`.replace(/^ is /, '');
  if (p < LEAST_SAID) return `${name} < 1e-300`.trimStart();
  const value = p < 0.001 ? p.toExponential(0) : String(Number(p.toPrecision(2)));
  return name === '' ? value : `${name} = ${value}`;
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
