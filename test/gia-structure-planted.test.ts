/**
 * A model whose weights are written by hand: it counts UGCAUG where all of its letters are unpaired. What
 * folding must find is therefore known: the motif counts in loops and not in stems, whatever the letters are.
 */

import { describe, expect, it } from 'vitest';
import { ALPHABET } from '../src/data/sequences/letters.js';
import { encodeSequences } from '../src/data/sequences/sequence.js';
import { mutagenesis } from '../src/gia/attribution/mutagenesis.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { hairpin, hairpinVerdict } from '../src/gia/experiments/index.js';
import { importance } from '../src/gia/importance.js';
import { type Pattern, parsePattern } from '../src/gia/patterns/patterns.js';
import { architecture, residualSizes, windowsOf } from '../src/nn/presets.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';
import { backgroundsOf, plantedWeights } from './support/planted.js';

const gpu = useGpu();
const MOTIF = 'UGCAUG';
const NETWORK = architecture('paper', { channels: 6, filters: 4, hidden: 2 });
const SIZE = residualSizes(NETWORK)!;
const { length: LENGTH, filters, hidden, taps, pool } = SIZE;
const CHANNELS = 6;
const UNPAIRED = 5;
/** Taps before the motif's first letter. */
const BEFORE = 2;

/** 1 for every copy of the motif that is surely unpaired, 0 from half of its letters paired on. */
function planted(): ReturnType<typeof plantedWeights> {
  const entry = new Float32Array(taps * CHANNELS * filters);
  [...MOTIF].forEach((letter, i) => {
    const tap = (BEFORE + i) * CHANNELS;
    // A letter that is missing takes more than all unpaired letters give.
    entry[(tap + ALPHABET.indexOf(letter)) * filters] = 2;
    entry[(tap + UNPAIRED) * filters] = 1 / 3;
  });
  const windows = windowsOf(SIZE);
  const dense = new Float32Array(windows * filters * hidden);
  for (let window = 0; window < windows; window++) dense[window * filters * hidden] = pool;
  return plantedWeights(SIZE, {
    entry,
    entryOffsets: [-13, -1, -1, -1],
    dense,
    denseOffsets: [0, -1],
    out: [1, 0],
  });
}

const create = () => ResidualBind.fromWeights(gpu(), [planted()], { architecture: NETWORK });

describe('a model that counts unpaired copies of a motif', () => {
  it('counts it in loops and not in stems once embedded sequences are folded', async () => {
    using model = await create();
    // A and C pair with nothing.
    const backgrounds = backgroundsOf('AC', 8, LENGTH);
    const [loop, stem] = [
      'GGGAGGAG@4+UGCAUG@15+CUCCUCCC@24', // the motif in a loop of twelve letters
      'UGCAUGGCC@5+GGCCAUGCA@20', // the motif in a stem of nine pairs
    ].map(parsePattern) as [Pattern, Pattern];
    const means = async (structure: 'fold' | 'keep') => [
      ...(await importance(model, [loop, stem], backgrounds, { structure })).models[0]!.mean,
    ];
    const [folded, kept] = [await means('fold'), await means('keep')];
    // Letters of the motif also pair with others in the loop.
    expect(folded[0]).toBeGreaterThan(0.3);
    expect(folded[1]).toBeLessThan(0.05);
    // Without folding, the stem is no stem.
    for (const mean of kept) expect(mean).toBeGreaterThan(0.8);
  });

  it('prefers the loop of hairpins, which the experiment finds', async () => {
    using model = await create();
    const random = makeBackgrounds({ kind: 'uniform', count: 16, length: LENGTH, seed: 5 });
    const result = await hairpin(model, { motif: MOTIF, stem: { loop: 8 }, backgrounds: random });
    expect(hairpinVerdict(result)).toBe('more');
  });

  it('notices mutants that open the stem', async () => {
    using model = await create();
    // The motif at 12–17 is paired with CAUGCA at 23–28; a mutant there sets it free.
    const codes = encodeSequences(['AAAAUGCAUGGAAACCAUGCAAAAA'], LENGTH);
    const [folded, kept] = [
      await mutagenesis(model, { codes }),
      await mutagenesis(model, { codes }, { structure: 'keep' }),
    ];
    const partner = [23, 24, 25, 26, 27, 28];
    const most = ({ scores }: { readonly scores: Float32Array }) =>
      Math.max(...partner.flatMap((p) => [0, 1, 2, 3].map((a) => scores[a * LENGTH + p]!)));
    expect(most(folded)).toBeGreaterThan(0.05);
    expect(most(kept)).toBe(0);
  });
});
