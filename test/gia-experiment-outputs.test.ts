/** Experiments on models with several outputs: every output has rows, comparisons and facts of its own. */

import { describe, expect, it } from 'vitest';
import { experimentText } from '../src/cli/analysis/experiment-text.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import {
  acrossModels,
  atReadout,
  gcBias,
  kmerMutagenesis,
  multiplicity,
  readoutsOfResult,
  runAll,
  suboptimalOf,
} from '../src/gia/experiments/index.js';
import { importance } from '../src/gia/importance.js';
import { parsePattern } from '../src/gia/patterns/patterns.js';
import { leastSquares } from '../src/gia/statistics/paired.js';
import { falseDiscoveryRates } from '../src/gia/statistics/statistics.js';
import { experimentTsv } from '../src/gia/tables/experiment-files.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { findingOf } from '../src/report/experiments/index.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const LENGTH = 41;
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 10, length: LENGTH, seed: 3 });
const create = (models = 2) =>
  ResidualBind.create(gpu(), { length: LENGTH, filters: 6, hidden: 8, outputs: 2, models, seed: 4 });
const READOUTS = [
  { model: 0, output: 0, task: '1' },
  { model: 0, output: 1, task: '2' },
  { model: 1, output: 0, task: '1' },
  { model: 1, output: 1, task: '2' },
];

describe('experiments on several outputs', () => {
  it('have the importances of each output, and q over its own rows', async () => {
    using model = await create();
    const result = await multiplicity(model, { motif: 'UGCA', positions: [3, 12, 30], backgrounds });
    expect(readoutsOfResult(result)).toEqual(READOUTS);
    expect(result.rows).toHaveLength(4 * 3);
    const patterns = result.rows.slice(0, 3).map(({ labels }) => parsePattern(labels.pattern));
    const { models } = await importance(model, patterns, backgrounds);
    for (const [r, readout] of READOUTS.entries()) {
      const one = atReadout(result, readout);
      expect(one.rows.map(({ model: e, output, task }) => ({ model: e, output, task }))).toEqual(
        [0, 1, 2].map(() => readout),
      );
      for (const [i, row] of one.rows.entries()) expect(row.importance).toBeCloseTo(models[r]!.mean[i]!, 5);
      expect(one.rows.map(({ q }) => q)).toEqual(Array.from(falseDiscoveryRates(one.rows.map(({ p }) => p))));
      expect(one.comparisons).toHaveLength(3);
      expect(one.rows[0]!.more.added).toBe(one.rows[0]!.importance);
      const means = one.rows.map((row) => row.importance);
      const { slope } = leastSquares([1, 2, 3], means);
      expect(one.facts).toEqual([expect.objectContaining({ ...readout, slope })]);
    }
    // The first is the default.
    expect(atReadout(result)).toEqual(atReadout(result, READOUTS[0]));
    expect(findingOf(result)).toBe(findingOf(result, READOUTS[0]));
    expect(findingOf(result)).not.toBe(findingOf(result, READOUTS[3]));
  });

  it('are compared over models output by output', async () => {
    using model = await create();
    const { comparisons } = await gcBias(model, { motif: 'UGCA', backgrounds });
    const across = acrossModels(comparisons);
    expect(across).toHaveLength(2 * 5);
    for (const { labels, output, difference, n } of across) {
      const own = comparisons.filter(
        (one) => one.output === output && one.labels.comparison === labels.comparison,
      );
      expect(own.map((one) => one.model)).toEqual([0, 1]);
      expect(difference).toBeCloseTo((own[0]!.difference + own[1]!.difference) / 2, 12);
      expect(n).toBe(2);
    }
  });

  it('run all, with the sub-optimal motif of the first output', async () => {
    using model = await create(1);
    const results = await runAll(model, { motif: 'UGCAU', backgrounds });
    for (const result of results) {
      expect(readoutsOfResult(result), result.experiment).toEqual(READOUTS.slice(0, 2));
      expect(result.facts).toHaveLength(2);
      expect(result.rows.length).toBe(2 * atReadout(result).rows.length);
    }
    const [mutants, copies] = results;
    if (mutants?.experiment !== 'mutagenesis' || copies?.experiment !== 'multiplicity')
      throw new Error('mutagenesis comes first, then multiplicity');
    expect(copies.design.suboptimal).toBe(suboptimalOf(mutants));
    expect(suboptimalOf(mutants)).toBe(suboptimalOf(atReadout(mutants)));
  });

  it('are tables with a column for the task, and a text with a table for each', async () => {
    using model = await create();
    const result = await kmerMutagenesis(model, { motif: 'UG', backgrounds });
    const [header, ...rows] = experimentTsv(result.rows).trimEnd().split('\n');
    expect(header!.split('\t').slice(0, 4)).toEqual(['pattern', 'model', 'output', 'task']);
    expect(rows.map((row) => row.split('\t').slice(1, 4).join())).toEqual(
      ['0,0,1', '0,1,2', '1,0,1', '1,1,2'].flatMap((readout) => new Array(7).fill(readout)),
    );
    const text = experimentText({ ...result, across: acrossModels(result.comparisons) }, ['a', 'b']);
    expect(text.split('\n').filter((line) => /^\w.*:$/.test(line))).toEqual([
      'Every single-nucleotide variant of UG at position 17:',
      ...['a, task 1:', 'a, task 2:', 'b, task 1:', 'b, task 2:'].flatMap((name) => [
        name,
        'Paired by background:',
      ]),
      'Over 2 models, with the mean difference of each model as one value:',
    ]);
  });
});
