/** Models with some of their tasks: weights, architecture and facts are those of the outputs that are kept. */

import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../src/device/errors.js';
import type { ModelFacts, StoredTransform } from '../src/nn/files/model-facts.js';
import { chooseTasks, taskNames } from '../src/nn/files/task-choice.js';
import { initialWeights } from '../src/nn/initialise.js';
import { architecture } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();

const made = architecture('deepbind', { length: 20, filters: 4, taps: 5, hidden: 3, outputs: 3 });
const weights = initialWeights(made, 3);
const fitsOf = (n: number) => {
  const transform: StoredTransform = { kind: 'none', min: 0, cap: null, mean: 0, std: 1, n };
  return { train: transform, valid: transform, test: transform };
};
const facts: ModelFacts = {
  seed: 3,
  tasks: ['A', 'B', 'C'],
  normalisation: { scope: 'train', fitted: fitsOf(1), others: [fitsOf(2), fitsOf(3)] },
};
const file = { path: 'run', architecture: made, weights, facts };

describe('chooseTasks', () => {
  it('gives a model that predicts the chosen outputs as the whole one does', async () => {
    const codes = Uint8Array.from({ length: 5 * 20 }, (_, i) => (i * 7 + (i >> 3)) % 4);
    using whole = await ResidualBind.fromWeights(gpu(), weights, { architecture: made });
    const all = await whole.predict({ codes });
    for (const [tasks, outputs] of [
      [['C'], [2]],
      [
        ['C', 'A'],
        [0, 2],
      ],
    ] as const) {
      const chosen = chooseTasks(file, tasks);
      using model = await ResidualBind.fromWeights(gpu(), chosen.weights, chosen);
      const predicted = await model.predict({ codes });
      const expected = outputs.flatMap((output) => [...all.subarray(5 * output, 5 * output + 5)]);
      expect(predicted).toHaveLength(expected.length);
      predicted.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 5);
      });
    }
  });

  it('keeps the facts of the chosen tasks', () => {
    const two = chooseTasks(file, ['C', 'B']);
    expect(two).toMatchObject({ path: 'run', facts: { seed: 3, tasks: ['B', 'C'] } });
    expect(two.facts.normalisation).toEqual({ scope: 'train', fitted: fitsOf(2), others: [fitsOf(3)] });
    const one = chooseTasks(file, ['B']);
    expect(one.facts).not.toHaveProperty('tasks');
    expect(one.facts.normalisation).toEqual({ scope: 'train', fitted: fitsOf(2) });
    expect(chooseTasks(file, ['A', 'B', 'C'])).toBe(file);
    // A normalisation of the first task alone is none of the others.
    const partial = {
      ...file,
      facts: { ...facts, normalisation: { scope: 'train', fitted: fitsOf(1) } as const },
    };
    expect(chooseTasks(partial, ['B']).facts).not.toHaveProperty('normalisation');
  });

  it('takes numbers where tasks have no names, and refuses unknown ones', () => {
    const unnamed = { ...file, facts: {} };
    expect(taskNames(unnamed)).toEqual(['1', '2', '3']);
    expect(taskNames(chooseTasks(unnamed, ['2', '3']))).toEqual(['2', '3']);
    expect(() => chooseTasks(file, ['D'])).toThrow('there is no task "D"; the model has A, B, C');
    expect(() => chooseTasks(file, [])).toThrow(ArgumentError);
  });
});
