import { describe, expect, it } from 'vitest';
import { parseProbes, parseSequences, simulateProbes } from '../src/data/index.js';
import { ArgumentError } from '../src/device/errors.js';
import { readAffinityTable } from '../src/gia/experiments/affinity-table.js';
import {
  expandPattern,
  giaTable,
  lettersOfCodes,
  lettersOfProfile,
  parseTsv,
  toJson,
  toTsv,
} from '../src/gia/index.js';
import { parseMeme } from '../src/gia/motif/index.js';
import { checkBootstrap } from '../src/gia/statistics/bootstrap.js';

const STEM = 'GGGAAAACCC';
const FOLD = '(((....)))';

describe('structures as ViennaRNA writes them', () => {
  it.each([
    ['RNAfold -p0', `>a\n${STEM}\n${FOLD} ( -1.20)\n free energy of ensemble =  -1.41 kcal/mol\n`],
    ['RNAsubopt', `>a [100]\n${STEM}   -120    100\n${FOLD}  -1.20\n..........   0.00\n`],
    ['RNAsubopt without a header', `${STEM}  -1.20   1.00\n${FOLD}  -1.20\n..........   0.00\n`],
  ])('%s gives the first structure', (_, text) => {
    const { sequences, structures } = parseSequences(text);
    expect(sequences).toEqual([STEM]);
    expect(structures).toEqual([FOLD]);
  });

  it('a G-quadruplex is unpaired', () => {
    expect(parseSequences('>a\nGGGAGGGAGGGAGGG\n+++.+++.+++.+++ (-12.00)\n').structures).toEqual([
      '+++.+++.+++.+++',
    ]);
  });

  it('a missing value in brackets is no structure', () => {
    expect(parseSequences('ACGU\n<NA>\nGGGU\n(null)\n').sequences).toEqual(['ACGU', 'GGGU']);
  });

  it.each([
    ['>a\nGGG&CCC\n(((&)))\n', /two strands/],
    ['ACGU\n>a\nACGU\n', /begins a FASTA record/],
    ['a\tACGU\n', /looks like a table/],
    ['sequence,score\nACGU,1\n', /looks like a table/],
    ['rna\tscore\nACGU\t1\n', /looks like a table/],
  ])('%j says what to do', (text, message) => {
    expect(() => parseSequences(text)).toThrow(message);
  });
});

describe('K_D tables', () => {
  const kds = (text: string) => readAffinityTable(text).measured.map(({ kd }) => kd);

  it('a unit in a field of its own counts', () => {
    expect(kds('UGCAUG 1 uM\nUGCACG 2 nM\nUGUAUG 3 µM\n')).toEqual([1000, 2, 3000]);
    expect(kds('motif\tkd\tunit\nUGCAUG\t1\tuM\nUGCACG\t2\tnM\nUGUAUG\t3\tnM\n')).toEqual([1000, 2, 3]);
  });

  it('units in lower case, errors in brackets and unlimited K_D are read', () => {
    expect(kds('UGCAUG\t1 nm\nUGCACG\t2 (0.3) nm\nUGUAUG\t3 um\n')).toEqual([1, 2, 3000]);
    expect(readAffinityTable('UGCAUG\t1\nUGCACG\t2\nUGUAUG\t3\nUGUAAG\tinf\n').censored).toBe(1);
  });

  it.each(['pKd', 'log10 Kd', 'ln(Kd)', 'log2(KD)', 'Ka (1/nM)', 'affinity (1/M)', 'K_A', 'ddG (kcal/mol)'])(
    'a column %s is not taken for K_D',
    (name) => {
      expect(() => readAffinityTable(`motif\t${name}\nUGCAUG\t1\nUGCACG\t2\nUGUAUG\t3\n`)).toThrow(
        /text:1: the column .* another quantity/,
      );
    },
  );

  it.each(['Kd (nM)', 'K_D [nM]', 'kd', 'app. Kd', 'dissociation constant', 'affinity', 'kd_um'])(
    'a column %s is',
    (name) => {
      expect(kds(`motif\t${name}\nUGCAUG\t1\nUGCACG\t2\nUGUAUG\t3\n`)).toEqual([1, 2, 3]);
    },
  );
});

describe('MEME files', () => {
  const matrix = 'MOTIF a\nletter-probability matrix: alength= 4 w= 1\n0.7 0.1 0.1 0.1\n';

  it('the alphabet may be in lower case, and is checked', () => {
    expect(parseMeme(`MEME version 4\nalphabet= ACGU\n${matrix}`).notes).toEqual([]);
    expect(() => parseMeme(`MEME version 4\nalphabet= TGCA\n${matrix}`)).toThrow(/text:2/);
  });

  it('says what reads other formats', () => {
    expect(() => parseMeme('ID motif\nP0 A C G T\n')).toThrow(/text:1: .*parseMotifs/);
  });
});

it('K_D that are all equal are refused, naming the file', () => {
  expect(() => readAffinityTable('UGCAUG\t1\nUGCACG\t1\nUGUAUG\t1\n', 'k.tsv')).toThrow(/k\.tsv: all 3/);
});

it('simulated intensities are numbers', () => {
  expect(() => simulateProbes({ count: 10, noise: 1e300 })).toThrow(/too large for a number/);
});

it('scores that are unknown are missing', () => {
  const text = 'sequence\tscore\nACGU\t1\nACGG\tunknown\nnot available\t2\nACGC\tno data\n';
  expect(parseProbes(text).leftOut).toMatchObject({ score: 2, sequence: 1 });
});

it('a bootstrap of more draws than an array holds is refused', () => {
  expect(() => checkBootstrap(8, 999_999_999)).toThrow(/fewer resamples/);
});

it('a pattern of more sites than letters is refused before it is built', () => {
  expect(() => expandPattern(Array(200_000).fill('U@3').join('+'), 41)).toThrow(/200,000 sites/);
});

describe('arguments of a wrong type', () => {
  const wrong: readonly [string, () => unknown][] = [
    ['score', () => parseProbes('ACGU\t1\n', 'f', { columns: { score: 2 as never } })],
    ['columns', () => parseProbes('ACGU\t1\n', 'f', { columns: 5 as never })],
    ['scores', () => parseProbes('ACGU\t1\n', 'f', { scores: 5 as never })],
    ['iupacAsN', () => parseSequences('ACGU', 'f', { iupacAsN: 'yes' as never })],
    ['options', () => parseSequences('ACGU', 'f', null as never)],
    ['text', () => parseMeme(5 as never)],
    ['text', () => readAffinityTable(undefined as never)],
    ['text', () => parseTsv(undefined as never)],
    ['length', () => lettersOfCodes(new Uint8Array(4), Number.NaN)],
    ['codes', () => lettersOfCodes([0, 1] as never, 2)],
    ['profile', () => lettersOfProfile(undefined as never)],
    ['table', () => toTsv(undefined as never)],
    ['table', () => toJson(null as never, {})],
  ];

  it.each(wrong)('%s is named (%#)', (name, call) => {
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(new RegExp(`\\b${name}\\b`));
  });

  it('a profile that is not four to a position ends', () => {
    expect(() => lettersOfProfile(new Float32Array(3))).toThrow(/four frequencies/);
  });

  it('giaTable keeps its promise', async () => {
    await expect(giaTable(undefined as never, {} as never)).rejects.toThrow(ArgumentError);
  });
});
