/**
 * What experiments make of motifs and affinities as people write them: T for U, lower case, N, longer than
 * usual.
 */

import { describe, expect, it } from 'vitest';
import { FormatError, InvalidSequenceError, ShapeError } from '../src/device/errors.js';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { parseAffinities } from '../src/gia/experiments/affinity.js';
import { gcBias } from '../src/gia/experiments/gc-bias.js';
import { hairpin } from '../src/gia/experiments/hairpin.js';
import { EXPERIMENTS, runAll } from '../src/gia/experiments/index.js';
import { multiplicity } from '../src/gia/experiments/multiplicity.js';
import { kmerMutagenesis } from '../src/gia/experiments/mutagenesis.js';
import { positionalBias } from '../src/gia/experiments/positions.js';
import { kmerPosition } from '../src/gia/importance.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();
const backgrounds = makeBackgrounds({ kind: 'uniform', count: 6, length: 41, seed: 5 });
const create = () => ResidualBind.create(gpu(), { filters: 8, hidden: 12, seed: 2 });

describe('probes longer than the paper’s', () => {
  const long = makeBackgrounds({ kind: 'uniform', count: 4, length: 120, seed: 5 });
  const [motif, length] = ['UGCAUG', 120];

  it('have their own middle and ends', async () => {
    using model = await ResidualBind.create(gpu(), { filters: 8, hidden: 12, seed: 2, length, pool: 10 });
    const gc = await gcBias(model, { motif, backgrounds: long });
    expect([gc.design.position5, gc.design.position3]).toEqual([0, length - 6]);
    expect(kmerPosition(6, long)).toBe(57);
    const copies = await multiplicity(model, { motif, backgrounds: long });
    expect(copies.design.positions).toEqual([50, 57, 64]);
    const { design } = await hairpin(model, { motif, backgrounds: long });
    expect([design.start, design.arm, design.loop]).toEqual([46, 11, 6]);
  });
});

describe('motifs', () => {
  it.each(Object.entries(EXPERIMENTS))('%s reads T as U and lower case as upper', async (_, run) => {
    using model = await create();
    const [written, canonical] = [
      await run(model, { motif: 'tgCat', backgrounds }),
      await run(model, { motif: 'UGCAU', backgrounds }),
    ];
    expect(written).toEqual(canonical);
  });

  it('mutagenesis of a motif with T has three variants a letter, none of them the motif', async () => {
    using model = await create();
    const { comparisons } = await kmerMutagenesis(model, { motif: 'GT', backgrounds });
    expect(comparisons.map(({ labels }) => labels.pattern)).toEqual(['AU', 'CU', 'UU', 'GA', 'GC', 'GG']);
  });

  it('refuses N where a letter has variants or a partner, and takes it elsewhere', async () => {
    using model = await create();
    for (const run of [kmerMutagenesis, hairpin])
      await expect(run(model, { motif: 'GCNGG', backgrounds })).rejects.toThrow(InvalidSequenceError);
    const { rows } = await positionalBias(model, { motif: 'GCNGG', positions: [3], backgrounds });
    expect(rows).toHaveLength(1);
    await expect(positionalBias(model, { motif: 'GCXGG', backgrounds })).rejects.toThrow(/letter 3 is "X"/);
    await expect(positionalBias(model, { motif: 'A'.repeat(42), backgrounds })).rejects.toThrow(ShapeError);
  });

  it.each([7, 8, 9])('runs every experiment for a motif of %d letters', async (k) => {
    using model = await create();
    const results = await runAll(model, { motif: 'UGCAUGUAC'.slice(0, k), backgrounds });
    expect(results).toHaveLength(Object.keys(EXPERIMENTS).length);
  });

  it('places copies as the paper does, and further apart where a motif is too long for that', async () => {
    using model = await create();
    const positions = async (motif: string) =>
      (await multiplicity(model, { motif, backgrounds })).rows.at(-1)!.labels.pattern;
    expect(await positions('UGCAUG')).toBe('UGCAUG@3+UGCAUG@10+UGCAUG@17');
    expect(await positions('UGCAUGUA')).toBe('UGCAUGUA@3+UGCAUGUA@12+UGCAUGUA@21');
  });
});

describe('parseAffinities', () => {
  it.each([
    // A first row with a number is a record, not a header.
    ['UXC,2\nAGC,1\nCGC,3\nUGC,4\n', /kd\.csv:1: "UXC"/],
    ['pattern,kd\nUGC,1,5\n', /kd\.csv:2: expected 2 columns, found 3/],
    ['UGC,1\nugc,2\nA,3\n', /kd\.csv: 2 affinities/],
    ['UGC,1\nTGC,2\nA,3\n', /kd\.csv: 2 affinities/],
    ['UGC,1\nAGC,0x10\nA,3\n', /kd\.csv:2: K_D "0x10"/],
    ['pattern\nUGC\n', /kd\.csv:1: no column is named as one of dissociation constants/],
    ['UGC,1\nkd,pattern\nA,3\n', /kd\.csv:2: "kd"/],
  ])('refuses %j', (text, message) => {
    expect(() => parseAffinities(text, 'kd.csv')).toThrow(FormatError);
    expect(() => parseAffinities(text, 'kd.csv')).toThrow(message);
  });

  it('gives letters as models read them', () => {
    expect(parseAffinities('Motif\tK_D\nugcat\t1\nAGC\t2\nCGC\t3e2\n')[0]).toEqual({
      letters: 'UGCAU',
      kd: 1,
    });
  });
});
