/**
 * The page of replicates: what they have in common in sentences made from known numbers, then each of them.
 */

import { describe, expect, it } from 'vitest';
import { acrossModels, atReadout, type ExperimentResult, type Labels } from '../src/gia/experiments/index.js';
import { modelReport } from '../src/report/model-report.js';
import { sharedSweep } from '../src/report/replicates/ask-replicates.js';
import { RESULTS } from './support/experiment-results.js';

const NETWORKS = [0, 1, 2];
/** A result in all networks, with differences that are larger by a half in each. */
function inAll<Result extends ExperimentResult>(result: Result): Result {
  const each = <Row>(rows: readonly Row[], field: keyof Row): Row[] =>
    NETWORKS.flatMap((model) =>
      rows.map((row) => ({ ...row, model, [field]: (row[field] as number) * (1 + model / 2) })),
    );
  return {
    ...result,
    rows: each<ExperimentResult['rows'][number]>(result.rows, 'importance'),
    comparisons: each<ExperimentResult['comparisons'][number]>(result.comparisons, 'difference'),
    facts: NETWORKS.map(() => result.facts[0]!),
  };
}

const results = [RESULTS.hairpin, RESULTS.gc].map((result: ExperimentResult) => inAll(result));
const IMPORTANCES = [
  { GCA: 2, UGC: 1, AAA: 0 },
  { GCA: 1.5, UGC: 1.6, AAA: -0.1 },
  { GCA: 2.5, UGC: 1, AAA: 0.1 },
];
const sweeps = IMPORTANCES.map((own) =>
  Object.entries(own).map(([pattern, importance]) => ({ pattern, importance })),
);

/** Agreement of a network on so many sequences that r is above chance, or none that is. */
const agreementOf = (pearson: number) => ({
  measured: Array.from({ length: 100 }, (_, i) => i / 10),
  predicted: Array.from({ length: 100 }, (_, i) => i / 20),
  pearson,
});

const report = (pearsons: readonly number[]) =>
  modelReport({
    name: 'VTS1',
    facts: [['seed', '4']],
    seeds: [4, 5, 6],
    sweep: sharedSweep(sweeps),
    experiments: results.map((result) => ({
      ...result,
      across: acrossModels<Labels>(result.comparisons),
    })),
    agreement: agreementOf(0.9),
    replicates: NETWORKS.map((model) => ({
      sweep: sweeps[model]!,
      experiments: results.map((result) => atReadout(result, { model })),
      agreement: agreementOf(pearsons[model]!),
    })),
  });

describe('the report of replicates', () => {
  it('says first what all networks have in common, then everything of each', async () => {
    const { page, files } = await report([0.8, 0.85, 0.05]);
    expect(page).toContain('<h1>What 3 networks of VTS1 have learned</h1>');
    expect(page).toContain(
      'The most important of 3 3-mers on average over 3 networks is GCA: embedded in a background it raises the prediction by 2.00 (1.50 to 2.50), in output units. It is the first in 2 of 3; its lowest rank is 2 (network 2).',
    );
    expect(page).toContain(
      '3 of the 3 most important 3-mers are the same in all 3 networks: GCA, UGC and AAA.',
    );
    expect(page).toContain(
      'at r = 0.567 on average (0.050 to 0.850); the mean of all predictions at r = 0.900.',
    );
    expect(page).toContain('Network 3 predicts no better than chance');
    expect(page).toMatch(
      /Hairpins: 3 of 3 comparisons have the same sign in all 3 networks\. The largest is /,
    );
    expect(page).toContain('has the same sign in all of them in 1 of 4 cases');
    expect(page).toContain('<td>3 of 3</td>'.replace('<td>', '">'));
    const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id!);
    expect(ids.filter((id) => /^network-\d$/.test(id))).toEqual(['network-1', 'network-2', 'network-3']);
    expect(new Set(ids).size).toBe(ids.length);
    const table = files.find(({ path }) => path === 'figures/sweep.tsv')!.contents.split('\n');
    expect(table[0]!.split('\t').slice(0, 5)).toEqual([
      'pattern',
      'rank',
      'importance',
      'importance_1',
      'rank_1',
    ]);
    expect(table[1]!.split('\t').slice(0, 5)).toEqual(['GCA', '1', '2', '2', '1']);
  });

  it('draws no finding from networks that have learned nothing', async () => {
    const { page } = await report([0.01, -0.02, 0.05]);
    expect(page).toContain('No network predicts better than chance');
    expect(page).not.toContain('The most important of');
    expect(page).not.toContain('comparisons have the same sign');
  });
});
