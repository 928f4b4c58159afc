/** `residualbind fold`: files from elsewhere, every kind of output, and what is refused. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProfiles } from '../src/data/structure/parse-profiles.js';
import { TURNER_1999 } from '../src/kernels/folding/turner1999.js';
import { cli } from './support/cli.js';
import { parameterFile } from './support/energies.js';
import { CONTEXT_NAMES, codesOf, folded } from './support/folding.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

const SEQUENCES = ['GGGGAAAACCCC', 'GGACUUGGCAAAAGCCAAAGUCU', 'GGGGAAAACCCCA'];
const FASTA = `>one\n${SEQUENCES[0]}\n>two\nNN${SEQUENCES[1]!.toLowerCase().replaceAll('u', 't')}N\n>three\n${SEQUENCES[2]}\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-fold-'));
  await writeFile(at('s.fa'), FASTA);
});

afterAll(() => rm(folder, { recursive: true }));

async function fold(...options: string[]) {
  const result = await cli(['fold', at('s.fa'), ...options]);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

/** Probabilities of one context of a sequence by the reference. */
const expected = (sequence: string, context: (typeof CONTEXT_NAMES)[number]) =>
  Array.from(folded(TURNER_1999, codesOf(sequence)).profile[context]);

describe('fold', () => {
  it('prints annotations that are read as profiles', async () => {
    const { stdout } = await fold();
    expect(stdout.split('\n').map((line) => line[0])).toEqual([
      ...['>', '\t', '\t', '\t', '\t', '\t'],
      ...['>', '\t', '\t', '\t', '\t', '\t'],
      ...['>', '\t', '\t', '\t', '\t', '\t', undefined],
    ]);
    const { contexts, sequences, starts, values } = parseProfiles(stdout, 'x');
    expect(contexts).toBe('phime');
    expect(sequences).toEqual([SEQUENCES[0], `NN${SEQUENCES[1]}N`, SEQUENCES[2]]);
    CONTEXT_NAMES.forEach((context, c) => {
      expected(SEQUENCES[2]!, context).forEach((p, k) => {
        expect(Math.abs(values[(starts[2]! + k) * 5 + c]! - p)).toBeLessThan(1e-4);
      });
      expected(SEQUENCES[1]!, context).forEach((p, k) => {
        expect(Math.abs(values[(starts[1]! + 2 + k) * 5 + c]! - p)).toBeLessThan(1e-4);
      });
    });
    // N at an end is unpaired.
    expect(Array.from(values.subarray(5 * starts[1]!, 5 * starts[1]! + 5))).toEqual([0, 0, 0, 0, 1]);
  });

  it('prints a table of paired and unpaired letters', async () => {
    const { stdout } = await fold('--contexts', 'pu');
    const { contexts, values } = parseProfiles(stdout, 'x');
    expect(contexts).toBe('pu');
    expected(SEQUENCES[0]!, 'P').forEach((p, k) => {
      expect(Math.abs(values[2 * k]! - p)).toBeLessThan(1e-4);
    });
  });

  it('writes text, tables and arrays, with a manifest', async () => {
    for (const kind of ['txt', 'tsv']) {
      await fold('--out', at(`o.${kind}`));
      const read = parseProfiles(await readFile(at(`o.${kind}`), 'utf8'), 'x');
      expect(read.sequences?.[0]).toBe(SEQUENCES[0]);
    }
    const { command, energies, input } = JSON.parse(await readFile(at('o.txt.manifest.json'), 'utf8'));
    expect([command, energies, input.count]).toEqual(['fold', 'Turner 1999', 3]);
    await fold('--out', at('o.json'));
    const { profiles } = JSON.parse(await readFile(at('o.json'), 'utf8'));
    expect(Object.keys(profiles[2])).toEqual(['name', 'sequence', 'P', 'H', 'I', 'M', 'E']);
    await fold('--out', at('o.parquet'));
    const file = new Uint8Array(await readFile(at('o.parquet'))).buffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.length).toBe(SEQUENCES.join('').length + 3);
    expect(rows[0]).toMatchObject({ name: 'one', position: 1, letter: 'G', P: profiles[0].P[0] });
    await fold('--out', at('o.npz'));
    const arrays = unzipSync(new Uint8Array(await readFile(at('o.npz'))));
    expect(Object.keys(arrays)).toEqual(['name.npy', 'sequence.npy', 'profile.npy', 'manifest.json']);
    expect(new TextDecoder('latin1').decode(arrays['profile.npy']).slice(0, 80)).toContain(
      "'shape': (3, 26, 5)",
    );
  });

  it('reads probe tables and energies, packed too', async () => {
    const table = `set\tsequence\tintensity\n${SEQUENCES.map((each) => `A\t${each}\t1\n`).join('')}`;
    await writeFile(at('probes.tsv.gz'), gzipSync(table));
    const energies = { ...TURNER_1999, stack: TURNER_1999.stack.map((energy) => energy + 100) };
    await writeFile(at('weak.par'), parameterFile(energies));
    const { code, stdout, stderr } = await cli([
      'fold',
      at('probes.tsv.gz'),
      '--energies',
      at('weak.par'),
      '--json',
    ]);
    expect(code, stderr).toBe(0);
    const { profiles, energies: told } = JSON.parse(stdout);
    expect(told.path).toBe(at('weak.par'));
    const { profile } = folded(energies, codesOf(SEQUENCES[1]!));
    profiles[1].P.forEach((p: number, k: number) => {
      expect(Math.abs(p - profile.P[k]!)).toBeLessThan(1e-5);
    });
  });

  it('refuses what it cannot do, and says where', async () => {
    const usage = await cli(['fold', at('s.fa'), '--contexts', 'pu', '--out', at('o.txt')]);
    expect([usage.code, usage.stderr]).toEqual([
      2,
      expect.stringContaining('annotations have all five contexts'),
    ]);
    const ending = await cli(['fold', at('s.fa'), '--out', at('o.csv')]);
    expect(ending.stderr).toContain('must end in .txt, .tsv, .json, .parquet, .npz');
    expect(ending.code).toBe(2);
    await writeFile(at('long.fa'), `>a\nACGU\n>b\n${'ACGU'.repeat(513)}\n`);
    const long = await cli(['fold', at('long.fa')]);
    expect(long.code).toBe(1);
    expect(long.stderr).toContain(`${at('long.fa')}:3 (record 2, "b"): the sequence has 2,052 letters`);
    await writeFile(at('bad.par'), '## RNAfold parameter file v2.0\n# stack\n1 2 x\n');
    const bad = await cli(['fold', at('s.fa'), '--energies', at('bad.par')]);
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('the section stack has 3 numbers')]);
  });
});
