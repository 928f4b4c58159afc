/** k-mer ridge regression against dense normal equations, and what it finds in simulated probes. */

import { describe, expect, it } from 'vitest';
import { ArgumentError, DataError, ShapeError } from '../src/device/errors.js';
import * as nn from '../src/nn/index.js';
import { range, simulated } from './support/examples.js';
import { expectClose, normals, randomCodes } from './support/numbers.js';

const LENGTH = 12;
/** Random codes with pads and N, and scores that depend on nothing. */
const random = (count: number, seed: number): nn.Examples => ({
  codes: Uint8Array.from(randomCodes((count + seed) * LENGTH).slice(seed * LENGTH)),
  scores: normals(count, seed),
});

/** Columns of counts by comparing letters. */
function countsOf({ codes, scores }: nn.Examples, k: number): number[][] {
  return Array.from(scores, (_, record) => {
    const row = new Array<number>(4 ** k).fill(0);
    for (let i = 0; i + k <= LENGTH; i++) {
      const letters = Array.from(codes.slice(record * LENGTH + i, record * LENGTH + i + k));
      if (letters.every((code) => code < 4)) row[letters.reduce((sum, code) => 4 * sum + code, 0)]! += 1;
    }
    return row;
  });
}

/** Weights, and last the intercept, by Gaussian elimination with pivots on the whole normal equations. */
function denseRidge(examples: nn.Examples, k: number, penalty: number): number[] {
  const rows = countsOf(examples, k).map((row) => [...row, 1]);
  const size = 4 ** k + 1;
  const system = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size + 1 }, (_, j) => {
      const product = rows.reduce(
        (sum, row, r) => sum + row[i]! * (j < size ? row[j]! : examples.scores[r]!),
        0,
      );
      return product + (i === j && i < size - 1 ? penalty : 0);
    }),
  );
  for (let i = 0; i < size; i++) {
    const rest = system.slice(i);
    const pivot = i + rest.indexOf(rest.reduce((a, b) => (Math.abs(b[i]!) > Math.abs(a[i]!) ? b : a)));
    [system[i], system[pivot]] = [system[pivot]!, system[i]!];
    for (let j = 0; j < size; j++) {
      if (j === i) continue;
      const factor = system[j]![i]! / system[i]![i]!;
      for (let c = i; c <= size; c++) system[j]![c]! -= factor * system[i]![c]!;
    }
  }
  return system.map((row, i) => row[size]! / row[i]!);
}

describe('fitRidge', () => {
  const [train, valid] = [random(70, 1), random(30, 5)];

  it.each([
    [2, 0.3],
    [2, 50],
    [3, 1],
    [3, 20],
  ])('has the weights of dense normal equations, k = %d, penalty %d', (k, penalty) => {
    const ridge = nn.fitRidge(train, valid, LENGTH, { k, penalties: [penalty], tolerance: 1e-13 });
    const dense = denseRidge(train, k, penalty);
    expectClose([...ridge.weights, ridge.intercept], dense, 1e-10);
    const counts = countsOf(valid, k);
    const expected = counts.map((row) => dense.at(-1)! + row.reduce((sum, n, i) => sum + n * dense[i]!, 0));
    expectClose(nn.predictRidge(ridge, valid.codes, LENGTH), expected, 1e-10);
  });

  it('chooses the penalty on the validation part, and gives the same bits again', () => {
    const probes = simulated(1500, 3);
    const [learned, held, test] = [
      range(probes, 0, 1000),
      range(probes, 1000, 1200),
      range(probes, 1200, 1500),
    ];
    const ridge = nn.fitRidge(learned, held, 41);
    expect(ridge.path.map(({ penalty }) => penalty)).toEqual(
      [...ridge.path].map((each) => each.penalty).sort((a, b) => b - a),
    );
    const best = Math.max(...ridge.path.map(({ validation }) => validation));
    expect(ridge.path.find(({ validation }) => validation === best)).toMatchObject({
      penalty: ridge.penalty,
    });
    const predicted = nn.predictRidge(ridge, held.codes, 41);
    expect(nn.pearson(predicted, held.scores)).toBeCloseTo(best, 12);
    expect(nn.pearson(nn.predictRidge(ridge, test.codes, 41), test.scores)).toBeGreaterThan(0.5);
    // The planted motif, UGCAUG = 3 2 1 0 3 2.
    const planted = [3, 2, 1, 0, 3, 2].reduce((sum, code) => 4 * sum + code, 0);
    expect(ridge.weights.indexOf(Math.max(...ridge.weights))).toBe(planted);
    expect(nn.fitRidge(learned, held, 41)).toEqual(ridge);
  });

  it('refuses what it cannot fit', () => {
    const fitted = (options: nn.RidgeOptions, part = train) => nn.fitRidge(part, valid, LENGTH, options);
    expect(() => fitted({ k: 9 })).toThrow(ArgumentError);
    expect(() => fitted({ penalties: [0] })).toThrow(ArgumentError);
    expect(() => fitted({ penalties: [] })).toThrow(ArgumentError);
    expect(() => fitted({}, { ...train, scores: train.scores.map(() => 1) })).toThrow(DataError);
    expect(() => nn.fitRidge(train, valid, LENGTH + 1)).toThrow(ShapeError);
    const empty = { ...train, codes: train.codes.map(() => 4) };
    expect(() => fitted({}, empty)).toThrow(/share no 6-mer/);
  });
});
