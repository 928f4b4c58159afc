/** Student's t against values computed with 50 digits (mpmath 1.3, its incomplete beta function). */

import { expect, it } from 'vitest';
import { tQuantile, twoSidedTail } from '../src/gia/statistics/student-t.js';

const relative = (value: number, right: number) => Math.abs(value / right - 1);

it.each([
  [1e-8, 1, 0.9999999936338023],
  [0.5, 1, 0.7048327646991335],
  [2, 1, 0.2951672353008665],
  [100000.0, 1, 6.366197723463607e-6],
  [100000.0, 2, 9.9999999985e-11],
  [12, 3, 0.0012450158007893367],
  [3.3, 9, 0.009229908318547022],
  [1000, 9, 5.091606607896935e-24],
  [8, 199, 1.0061460058776968e-13],
  [20, 999, 4.1673844930429976e-75],
  [38, 999, 3.3971658227164983e-196],
  [35, 4999, 3.0659495767038094e-240],
  [38, 4999, 8.309083754101299e-278],
  [2, 99999, 0.04550296348450247],
  [3.3, 99999, 0.0009671862657073057],
  [35, 99999, 9.352012096322653e-267],
])('P(|T| >= %d) with %d degrees of freedom is %d', (t, n, p) => {
  expect(relative(twoSidedTail(t, n), p)).toBeLessThan(1e-11);
  expect(twoSidedTail(-t, n)).toBe(twoSidedTail(t, n));
});

it.each([
  [0.025, 1, -12.706204736174705],
  [1e-12, 1, -318309886183.79065],
  [0.025, 2, -4.302652729749464],
  [0.1, 3, -1.63774435369621],
  [0.005, 9, -3.2498355415921263],
  [0.025, 99, -1.9842169515864174],
  [1e-12, 199, -7.505733833748475],
  [0.025, 999, -1.96234146113345],
  [1e-8, 4999, -5.621133843857367],
  [0.025, 99999, -1.9599877077718448],
])('a share of %d with %d degrees of freedom lies below %d', (level, n, t) => {
  expect(relative(tQuantile(level, n), t)).toBeLessThan(1e-11);
  if (level > 1e-3) expect(relative(tQuantile(1 - level, n), -t)).toBeLessThan(1e-11);
});

it('has the ends of the distribution', () => {
  expect(twoSidedTail(0, 7)).toBe(1);
  expect(relative(twoSidedTail(1e200, 1), 2 / Math.PI / 1e200)).toBeLessThan(1e-11);
  expect(twoSidedTail(1e200, 9)).toBe(0);
  expect(twoSidedTail(Number.POSITIVE_INFINITY, 3)).toBe(0);
  expect(twoSidedTail(Number.NaN, 3)).toBeNaN();
  expect([0, 0.5, 1].map((level) => tQuantile(level, 5))).toEqual([-Infinity, 0, Infinity]);
  expect(tQuantile(Number.NaN, 5)).toBeNaN();
});

it('grows with the degrees of freedom and falls with t, across the change of the fraction', () => {
  for (const n of [1, 2, 3, 10, 1000]) {
    const tails = Array.from({ length: 400 }, (_, i) => twoSidedTail(i / 40, n));
    for (let i = 1; i < tails.length; i++) expect(tails[i]).toBeLessThan(tails[i - 1]!);
  }
});
