/**
 * Copies of a sub-optimal motif beside those of the motif, against either alone; and which variant is taken
 * for one.
 */

import { describe, expect, it } from 'vitest';
import { ShapeError } from '../src/device/errors.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import {
  acrossModels,
  type Experiment,
  type ExperimentResult,
  type MutagenesisResult,
  multiplicity,
  oncePerMotif,
  runAll,
  suboptimalOf,
} from '../src/gia/experiments/index.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 10, length: 41, seed: 3 });
/** A model that nobody asks. */
const unasked = { length: 41, predict: () => [] };
const create = (models = 1) => ResidualBind.create(gpu(), { filters: 12, hidden: 20, models, seed: 4 });

describe('multiplicity with a sub-optimal motif', () => {
  it('has the rows of either alone at the same positions, labelled by motif', async () => {
    using model = await create(2);
    const both = await multiplicity(model, { motif: 'UGCAUG', suboptimal: 'agaatgg', backgrounds });
    expect(both.design).toEqual({ motif: 'UGCAUG', suboptimal: 'AGAAUGG', positions: [3, 11, 19] });
    for (const [motif, names] of [
      ['UGCAUG', ['slope', 'intercept', 'r2']],
      ['AGAAUGG', ['suboptimalSlope', 'suboptimalIntercept', 'suboptimalR2']],
    ] as const) {
      const alone = await multiplicity(model, { motif, positions: [3, 11, 19], backgrounds });
      const rows = both.rows.filter(({ labels }) => labels.motif === motif);
      expect(rows.map(({ labels, model: e }) => ({ labels, e }))).toEqual(
        alone.rows.map(({ labels, model: e }) => ({ labels, e })),
      );
      for (const [i, { importance, q1, p }] of rows.entries()) {
        expect(importance).toBeCloseTo(alone.rows[i]!.importance, 5);
        expect(q1).toBeCloseTo(alone.rows[i]!.q1, 5);
        expect(p).toBeCloseTo(alone.rows[i]!.p, 4);
      }
      const comparisons = both.comparisons.filter(({ labels }) => labels.motif === motif);
      expect(comparisons).toHaveLength(6);
      for (const [i, { difference, labels }] of comparisons.entries()) {
        expect(difference).toBeCloseTo(alone.comparisons[i]!.difference, 5);
        expect(labels).toEqual(alone.comparisons[i]!.labels);
      }
      for (const e of [0, 1])
        for (const [i, name] of names.entries())
          expect(both.facts[e]![name]).toBeCloseTo(
            alone.facts[e]![(['slope', 'intercept', 'r2'] as const)[i]!],
            4,
          );
    }
    expect(acrossModels(both.comparisons)).toHaveLength(6);
  });

  it('says nothing of one where there is none', async () => {
    using model = await create();
    const { design, rows, comparisons, facts } = await multiplicity(model, { motif: 'UGCAUG', backgrounds });
    expect(design).toEqual({ motif: 'UGCAUG', positions: [3, 10, 17] });
    expect(Object.keys(rows[0]!.labels)).toEqual(['motif', 'copies', 'pattern']);
    expect(Object.keys(comparisons[0]!.labels)).toEqual(['comparison', 'motif', 'copies']);
    expect(Object.keys(facts[0]!)).toEqual(['slope', 'intercept', 'r2', 'points']);
  });

  it('refuses the motif itself', async () => {
    using model = await create();
    const same = multiplicity(model, { motif: 'UGCAUG', suboptimal: 'tgcatg', backgrounds });
    await expect(same).rejects.toThrow(ShapeError);
    await expect(same).rejects.toThrow('must differ from the motif, and both are UGCAUG');
  });
});

/**
 * Mutagenesis with these importances, the motif first, of the first model; of a second model the other way
 * round.
 */
const mutants = (...importances: number[]): MutagenesisResult => {
  const rows = [importances, importances.toReversed()].flatMap((own, model) =>
    own.map((importance, i) => ({ model, importance, labels: { pattern: `${'ACGU'[i]}GC` } })),
  );
  return {
    experiment: 'mutagenesis',
    design: { motif: 'AGC', position: 0 },
    backgrounds: 2,
    rows: rows as unknown as MutagenesisResult['rows'],
    comparisons: [],
    facts: [{ heights: [] }, { heights: [] }],
  };
};

describe('suboptimalOf', () => {
  it('is the variant nearest to half of the motif, by the first model', () => {
    expect(suboptimalOf(mutants(4, 3, 1.9, 1))).toBe('GGC');
    expect(suboptimalOf(mutants(4, 3, 0, -2))).toBe('CGC');
    expect(suboptimalOf(mutants(4, 0.5, 6, 1))).toBe('UGC');
  });

  it('is none where no variant has a quarter to three quarters, or the motif has nothing', () => {
    expect(suboptimalOf(mutants(4, 3.1, 0.9, -2))).toBeUndefined();
    expect(suboptimalOf(mutants(-4, -2, 1, 0))).toBeUndefined();
    expect(suboptimalOf(mutants(0, 1, 2, 3))).toBeUndefined();
  });
});

describe('all experiments', () => {
  const motifsOf = (results: readonly ExperimentResult[]) => {
    const { rows } = results.find((result) => result.experiment === 'multiplicity')!;
    return [...new Set(rows.map(({ labels }) => labels.motif))];
  };

  it('take the sub-optimal motif that they are given, else the one that mutagenesis finds', async () => {
    using model = await create();
    const given = await runAll(model, { motif: 'UGCAU', suboptimal: 'GGGGG', backgrounds });
    expect(motifsOf(given)).toEqual(['UGCAU', 'GGGGG']);
    // The best of the variants above has itself a variant with about half of its importance.
    const [{ rows }] = given as [MutagenesisResult];
    const best = rows.reduce((a, b) => (b.importance > a.importance ? b : a)).labels.pattern;
    const chosen = await runAll(model, { motif: best, backgrounds });
    const wanted = suboptimalOf(chosen[0] as MutagenesisResult);
    expect(motifsOf(chosen)).toEqual(wanted === undefined ? [best] : [best, wanted]);
    expect(wanted).toBeDefined();
  });

  it('of tasks that share a motif are run once, but for another sub-optimal motif', async () => {
    const asked: string[] = [];
    const run =
      (name: string): Experiment =>
      async (_, { motif, suboptimal }) => {
        asked.push(`${name} ${motif} ${suboptimal ?? ''}`.trim());
        return mutants(1, 0, 0, 0);
      };
    const runs = oncePerMotif({ gc: run('gc'), multiplicity: run('multiplicity') });
    const first = await runs.gc!(unasked, { motif: 'UGC', task: 'A', backgrounds });
    expect(await runs.gc!(unasked, { motif: 'UGC', task: 'B', backgrounds })).toBe(first);
    await runs.gc!(unasked, { motif: 'GGC', task: 'B', backgrounds });
    for (const suboptimal of ['UGG', 'UGG', 'UGU'])
      await runs.multiplicity!(unasked, { motif: 'UGC', suboptimal, backgrounds });
    expect(asked).toEqual(['gc UGC', 'gc GGC', 'multiplicity UGC UGG', 'multiplicity UGC UGU']);
  });
});
