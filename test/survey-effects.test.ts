/**
 * Whose motifs count more or less in hairpins and beside GC: read from reports, in sentences and in the
 * table.
 */

import { describe, expect, it } from 'vitest';
import { HAIRPIN_EVIDENCE } from '../src/gia/experiments/index.js';
import { type SurveyedModel, surveyedModels } from '../src/report/stored-report.js';
import { survey } from '../src/report/survey.js';

const labels = (of: string, name: string, more = {}) => ({ labels: { [of]: name, ...more } });
const more = (name: string, q: number | null = 0.01) => ({
  ...labels('comparison', name),
  difference: 0.5,
  q,
});
const HAIRPIN = {
  design: {},
  rows: [
    { ...labels('place', 'loop', { arms: 'paired' }), importance: 100 },
    { ...labels('place', 'loop', { arms: 'unpaired' }), importance: 1 },
  ],
  comparisons: HAIRPIN_EVIDENCE.map((name) => more(name)),
};
const GC = {
  rows: [{ ...labels('condition', 'motif'), importance: 1 }],
  comparisons: [more('with-gc5-minus-motif', 0.2), more('with-gc3-minus-motif')],
};

/** What a survey reads of a report with these results. */
async function read(results: { hairpin?: object; gc?: object }, pearson = 0.8): Promise<SurveyedModel> {
  const manifest = {
    command: 'report',
    name: 'm0',
    models: [{ path: 'a', sha256: 'abc' }],
    motif: 'GCUGGC',
    importance: 1,
    agreement: { pearson, spearman: pearson, n: 1000 },
  };
  const files: Record<string, object | undefined> = { manifest, ...results };
  const [model] = await surveyedModels('r', async (path) => {
    const found = files[path.replace(/^figures\/|\.json$/g, '')];
    return found && JSON.stringify(found);
  });
  return model!;
}

describe('surveyedModels', () => {
  it('takes verdicts from comparisons and rows, where these are complete', async () => {
    expect(await read({ hairpin: HAIRPIN, gc: GC })).toMatchObject({
      ...{ hairpins: 'more', gc5: 'none', gc3: 'more' },
    });
    const comparisons = [more(HAIRPIN_EVIDENCE[0], null), ...HAIRPIN.comparisons.slice(1)];
    const { hairpins, gc5 } = await read({ hairpin: { ...HAIRPIN, comparisons } });
    expect([hairpins, gc5]).toEqual([undefined, undefined]);
  });

  it('takes none of a model that predicts no better than chance', async () => {
    const { hasLearned, hairpins, gc5, gc3 } = await read({ hairpin: HAIRPIN, gc: GC }, 0.01);
    expect([hasLearned, hairpins, gc5, gc3]).toEqual([false, undefined, undefined, undefined]);
  });
});

describe('survey', () => {
  it('says whose motifs count more or less, and of how many', async () => {
    const model = await read({ hairpin: HAIRPIN });
    const models = (['more', 'none', 'less', 'more'] as const).map((hairpins, i) => ({
      ...{ ...model, name: `m${i}`, hairpins },
      ...(i < 2 && { gc3: 'none' as const }),
    }));
    const noise = { ...(await read({ hairpin: HAIRPIN, gc: GC }, 0.01)), name: 'noise', motif: 'AAAAAA' };
    const { page } = await survey({ models: [...models, noise], facts: [] });
    expect(page).toContain(
      'The motif counts more in the loops of hairpins in 2 of 4 models (m0 and m3) and counts less in the loops of hairpins in 1 of 4 models (m2). The motif counts neither more nor less with GC at the 3′ end in any of 2 models. Only differences of at least 10 % of the motif’s importance are counted.',
    );
    expect(page).not.toContain('counts neither more nor less with GC at the 5′ end');
    // Of noise only its name and r.
    expect(page).toContain('>noise<');
    expect(page).not.toContain('AAAAAA');
  });
});
