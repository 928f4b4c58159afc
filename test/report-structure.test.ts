/** A report of a model with structure channels: what it is asked, and what its page says of structure. */

import { describe, expect, it } from 'vitest';
import { parseProbes } from '../src/data/index.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { withStructure } from '../src/nn/contexts.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { askModel, askReplicates, modelReport, reportFacts } from '../src/report/index.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const LENGTH = 25;
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 4, length: LENGTH, seed: 3 });
const create = (models: number) =>
  ResidualBind.create(gpu(), { length: LENGTH, channels: 6, filters: 4, hidden: 6, taps: 5, models });
const SWEEP = [
  { pattern: 'GCUGG', importance: 1 },
  { pattern: 'AAAAA', importance: 0 },
];

function probesOf() {
  const sequences = ['GGGGCAAAAGCCCC', 'AAAAACCCCCAAAAA', 'GGGAAACCCAAAGGG', 'UUUUGGGGAAAACCCC'];
  const probes = parseProbes(sequences.map((letters, i) => `${letters}\t${i * i}`).join('\n'), 'x');
  const codes = encodeSequences(probes.sequences, LENGTH);
  return { probes, scores: Float32Array.from(probes.scores), codes, set: 'all' as const, shared: 0 };
}

describe('a report of a model with structure channels', () => {
  it('folds what it asks, and says in every figure how structure was treated', async () => {
    using model = await create(1);
    const probes = probesOf();
    const answers = await askModel(model, { backgrounds, sweep: SWEEP, probes, most: 1 });
    expect(answers.structure).toBe('fold');
    if ('tasks' in answers) throw new Error('the model has one output');
    const { codes } = probes;
    const sequences = await withStructure(gpu(), model.architecture, { codes });
    const predicted = await model.predict(sequences);
    expect(Array.from(answers.agreement!.predicted)).toEqual([...predicted]);
    const origin = { path: 'run', sha256: '0'.repeat(64), architecture: model.architecture, facts: {} };
    const facts = reportFacts({ model: origin, backgrounds, ...answers, adapter: gpu().adapter });
    expect(facts).toContainEqual([
      'structure',
      'probabilities of each letter to be paired or unpaired; every embedded sequence is folded anew',
    ]);
    const { page } = await modelReport({ ...answers, name: 'x', facts });
    expect(page).toContain('Every sequence is folded after the motif was embedded in it');
    expect(page).toContain('Every mutant is folded anew.');
    expect(page.match(/; every embedded sequence is folded anew; 4 backgrounds\./g)!.length).toBeGreaterThan(
      3,
    );
  });

  it('keeps the structure of backgrounds where asked, in all networks', async () => {
    using model = await create(2);
    const answers = await askReplicates(model, {
      backgrounds,
      sweeps: [SWEEP, SWEEP],
      probes: probesOf(),
      most: 1,
      structure: 'keep',
    });
    expect(answers.structure).toBe('keep');
    expect(answers.replicates.map(({ structure }) => structure)).toEqual(['keep', 'keep']);
    const { page } = await modelReport({ ...answers, seeds: [1, 2], name: 'x', facts: [] });
    expect(page).toContain('Backgrounds are folded with their arms but without the motif');
    expect(page).toContain('Mutants keep the structure of the sequence.');
  });
});
