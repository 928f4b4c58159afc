/** Areas under the ROC and the precision-recall curve, against plain loops over pairs and thresholds. */
import { describe, expect, it } from 'vitest';
import { nn } from '../src/index.js';

/** All pairs of a record of class 1 and one of class 0; a tie is half a success. */
function plainAuroc(predictions: readonly number[], labels: readonly number[]): number {
  let [won, pairs] = [0, 0];
  for (const [i, a] of predictions.entries())
    for (const [j, b] of predictions.entries())
      if (labels[i] === 1 && labels[j] === 0) {
        won += a > b ? 1 : a === b ? 0.5 : 0;
        pairs++;
      }
  return won / pairs;
}

/** Precision and recall at every distinct threshold, from the highest. */
function plainAuprc(predictions: readonly number[], labels: readonly number[]): number {
  const positives = labels.filter((label) => label === 1).length;
  let [area, before] = [0, 0];
  for (const threshold of [...new Set(predictions)].sort((a, b) => b - a)) {
    const chosen = labels.filter((_, i) => predictions[i]! >= threshold);
    const hits = chosen.filter((label) => label === 1).length;
    area += (hits / positives - before) * (hits / chosen.length);
    before = hits / positives;
  }
  return area;
}

/** Numbers with many ties where `steps` is small. */
const drawn = (count: number, steps: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) =>
    Math.floor((steps * Math.abs(Math.sin(seed + 7.3 * i) * 43.7)) % steps),
  );

describe('AUROC and AUPRC', () => {
  it('are those that scikit-learn documents', () => {
    const [labels, predictions] = [
      [0, 0, 1, 1],
      [0.1, 0.4, 0.35, 0.8],
    ];
    expect(nn.auroc(predictions, labels)).toBe(0.75);
    expect(nn.auprc(predictions, labels)).toBeCloseTo(0.8333333333333333, 15);
  });

  it.each([
    [7, 3],
    [40, 2],
    [60, 8],
    [101, 1000],
    [20, 1],
  ])('of %i records with %i different predictions agree with the plain loops', (count, steps) => {
    for (const seed of [1, 2, 3]) {
      const labels = drawn(count, 2, seed + 0.5);
      labels[0] = 0;
      labels[1] = 1;
      const predictions = drawn(count, steps, seed);
      expect(nn.auroc(predictions, labels)).toBeCloseTo(plainAuroc(predictions, labels), 12);
      expect(nn.auprc(predictions, labels)).toBeCloseTo(plainAuprc(predictions, labels), 12);
    }
  });

  it('are 1 for a perfect order, and the share of class 1 for constant predictions', () => {
    expect(nn.discrimination([3, 2, 1], [1, 1, 0])).toEqual({
      auroc: 1,
      auprc: 1,
      positives: 2,
      areaReason: null,
    });
    expect(nn.auroc([1, 1, 1, 1], [1, 0, 0, 0])).toBe(0.5);
    expect(nn.auprc([1, 1, 1, 1], [1, 0, 0, 0])).toBe(0.25);
  });

  it('do not exist for one class, or for scores that are no classes', () => {
    for (const [labels, reason, positives] of [
      [[1, 1], 'one-class', 2],
      [[0, 0], 'one-class', 0],
      [[0, 0.5], 'not-classes', 0],
      [[], 'one-class', 0],
    ] as const) {
      const found = nn.discrimination(
        labels.map(() => 0.5),
        labels,
      );
      expect(found).toEqual({ auroc: Number.NaN, auprc: Number.NaN, positives, areaReason: reason });
    }
    expect(nn.auroc([1, 2], [0, 0])).toBeNaN();
    expect(() => nn.auroc([1, 2], [0, 2])).toThrow('label 2 of 2 is 2');
    expect(() => nn.auprc([1], [0, 1])).toThrow('1 predictions have 2 labels');
    expect(() => nn.auroc([Number.NaN, 1], [0, 1])).toThrow('prediction 1 of 2 is NaN');
  });

  it('belong to classes only, and leave out missing scores of several outputs', () => {
    const predictions = Float32Array.of(0.1, 0.9, 0.4, 0.3, 0.5, 0.8);
    const scores = Float32Array.of(0, 1, 1, 0, Number.NaN, 1);
    expect(nn.evaluations(predictions, scores, 2, 'classification')).toMatchObject([
      { n: 2, auroc: 1, positives: 1 },
      { n: 3, auroc: 0.5, positives: 2 },
    ]);
    expect(nn.evaluations(predictions, scores, 2, 'regression')[0]).not.toHaveProperty('auroc');
  });
});
