/** Structure profiles in files: every format, their checks, and how they find their records. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  matchProfiles,
  parseProbes,
  parseProfiles,
  placedProfiles,
  prepareExperiment,
  readProfiles,
  type StructureProfiles,
  subset,
  withProfiles,
} from '../src/data/index.node.js';
import { DataError, FormatError } from '../src/device/errors.js';
import { ROWS, writeHdf5 } from './support/experiment-files.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-structure-'));
});
afterAll(() => rm(folder, { recursive: true }));

const file = async (name: string, text: string | Uint8Array): Promise<string> => {
  await writeFile(at(name), text);
  return at(name);
};

/** Contexts of two nucleotides, P H I M E. */
const [FIRST, SECOND] = [
  [
    [0.1, 0.2],
    [0.2, 0.2],
    [0.3, 0],
    [0, 0.1],
    [0.4, 0.5],
  ],
  [
    [1, 0, 0.5],
    [0, 0.25, 0.5],
    [0, 0.25, 0],
    [0, 0.25, 0],
    [0, 0.25, 0],
  ],
];
const lines = (rows: readonly (readonly number[])[]): string =>
  rows.map((row) => `\t${row.join('\t')}\n`).join('');
const MERGED = `>AC\n${lines(FIRST)}>GGU\n${lines(SECOND)}`;
const LUNP = '#unpaired probabilities\n #i$\tl=1\t2\t\n1\t0.9\tNA\t\n2\t0.25\t0.2\t\n';
const table = (rows: readonly (readonly number[])[], label: string): string =>
  rows.map((row, i) => `${label}\t${'PHIME'[i]}\t${row.join(' ')}\n`).join('');

/** Values of a profile, context by context. */
function rowsOf({ contexts, starts, values }: StructureProfiles, i: number): number[][] {
  const width = contexts === 'pu' ? 2 : 5;
  const own = Array.from(values.subarray(starts[i]! * width, starts[i + 1]! * width));
  return Array.from({ length: width }, (_, c) =>
    own.filter((_, k) => k % width === c).map((value) => Number(value.toFixed(6))),
  );
}

describe('text of profiles', () => {
  it.each<[string, string]>([
    ['five lines, tabs first, below a sequence', MERGED],
    ['without >, in lower case and with T', MERGED.replaceAll('>', '').replace('GGU', 'ggt')],
    ['with CRLF and blanks', MERGED.replaceAll('\n', '\r\n').replaceAll('\t', '  ')],
    ['a table', `sequence\tcontext\tprobabilities\n${table(FIRST, 'AC')}${table(SECOND, 'GGU')}`],
    ['a table without a header', `${table(FIRST, 'AC')}${table(SECOND, 'GGU')}`],
  ])('%s', (_, text) => {
    const read = parseProfiles(text, 'x');
    expect(read).toMatchObject({ contexts: 'phime', sequences: ['AC', 'GGU'] });
    expect([rowsOf(read, 0), rowsOf(read, 1)]).toEqual([FIRST, SECOND]);
  });

  it('_lunp of RNAplfold: l=1 is the probability of being unpaired', () => {
    const read = parseProfiles(LUNP, 'a_lunp', 'a');
    expect(read).toMatchObject({ contexts: 'pu', names: ['a'] });
    expect(rowsOf(read, 0)).toEqual([
      [0.1, 0.75],
      [0.9, 0.25],
    ]);
    // Several in one file have an order, but no names.
    expect(parseProfiles(LUNP + LUNP, 'x', 'a')).not.toHaveProperty('names');
  });

  it('a probability that rounding left below 0 is 0', () => {
    const text = '>a\n\t-0.0001 0\n\t0.5 1\n\t0.5001 0\n\t0 0\n\t0 0\n';
    const read = parseProfiles(text, 'x');
    expect(read.names).toEqual(['a']);
    expect(rowsOf(read, 0)[0]).toEqual([0, 0]);
  });

  it.each([
    ['', 'x: no structure profile'],
    ['>a\nACGU\n', 'x:1: expected five lines (P, H, I, M and E) of probabilities below "a", found none'],
    [
      '>a\n0.1 0.2\n0.9 0.8\n',
      'x:1: expected five lines (P, H, I, M and E) of probabilities below "a", found 2',
    ],
    [
      `${MERGED}>b\n\t1\n`,
      'x:13: expected five lines (P, H, I, M and E) of probabilities below "b", found 1',
    ],
    [`${MERGED}\t1\t0\t0\n`, 'x:13: a sixth line of probabilities below "GGU"'],
    [MERGED.replace('0.3', 'nan'), 'x:4: expected a probability as value 1, found "nan"'],
    [
      MERGED.replace('0.3', '1.3'),
      'x:1: the probability of I at nucleotide 1 is 1.3; it must be between 0 and 1',
    ],
    [MERGED.replace('0.3', '0.31'), 'x:1: the probabilities of P, H, I, M and E at nucleotide 1 sum to 1.01'],
    [MERGED.replace('\t0.3\t0\n', '\t0.3\n'), 'x:1: P has 2 values, but I has 1'],
    ['>a\nGAAAC\n(...) (0.00)\n', 'x:1: expected five lines'],
    ['GAAAC\n(...) (0.00)\n', 'x:1: expected five lines'],
    ['(...) (0.00)\n>a', 'a structure in dot-brackets has no probabilities'],
    ['>a\n0.1 0.2\n', 'x:1: only one context'],
    ['AC\tP\t1 0\nAC\tH\t0 1\n', 'x:1: has the contexts P, H; expected P, H, I, M and E, or P and U'],
    ['AC\tP\t1 0\nAC\tX\t0 1\n', 'x:2: expected a sequence, a context'],
    ['0.1 0.2\n', 'x:1: probabilities without an identifier above them'],
    [LUNP.replace('2\t0.25', '3\t0.25'), 'x:4: expected nucleotide 2 and its probabilities'],
    [LUNP.replace('0.25', 'NA'), 'x:4: expected a probability as value 1, found "NA"'],
    [LUNP.replace('l=1\t2', 'l=2'), 'x:2: there is no column l=1'],
    ['#unpaired probabilities\n', 'x:1: no nucleotide follows'],
    [LUNP.replace('unpaired probabilities', 'opening energies'), 'run RNAplfold -u 1 without -O'],
    ['%!PS-Adobe-3.0\n', 'x:1: this is PostScript'],
  ])('%j is refused', (text, message) => {
    const read = () => parseProfiles(text, 'x');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });
});

describe('files of profiles', () => {
  it('a folder of _lunp files, in the order of their numbers', async () => {
    await mkdir(at('lunp'));
    for (const [name, value] of [['sequence_10', 0.9] as const, ['sequence_2', 0.25] as const])
      await file(join('lunp', `${name}_lunp`), `#unpaired probabilities\n #i$\tl=1\n1\t${value}\n`);
    await file(join('lunp', 'sequence_2_dp.ps'), '%!PS\n');
    const read = await readProfiles([at('lunp')]);
    expect(read).toMatchObject({ files: 2, contexts: 'pu' });
    // Names that RNAplfold made up.
    expect(read).not.toHaveProperty('names');
    expect([rowsOf(read, 0), rowsOf(read, 1)]).toEqual([
      [[0.75], [0.25]],
      [[0.1], [0.9]],
    ]);
  });

  it('files of one context each belong together by the letters in their names', async () => {
    const paths = await Promise.all(
      [...'HIME'].map((letter, i) =>
        file(
          `${letter}_profile.txt.gz`,
          gzipSync(`>a\n${FIRST[i + 1]!.join('\t')}\t\n>b\n${SECOND[i + 1]!.join('\t')}\t\n`),
        ),
      ),
    );
    const read = await readProfiles(paths);
    expect(read).toMatchObject({ contexts: 'phime', names: ['a', 'b'], files: 4 });
    expect([rowsOf(read, 0), rowsOf(read, 1)]).toEqual([FIRST, SECOND]);
    await expect(readProfiles(paths.slice(1))).rejects.toThrow('has the contexts I, M, E');
    await expect(readProfiles([...paths, paths[0]!])).rejects.toThrow('a second file of the context H');
    const nameless = await file('profile.txt', '>a\n0.1\t0.2\n');
    await expect(readProfiles([nameless])).rejects.toThrow('its name does not tell their context');
    const other = await file('E_other.txt', '>a\n0.1\t0.2\n>c\n0\t0\t0\n');
    await expect(readProfiles([...paths.slice(0, 3), other])).rejects.toThrow(
      `${other}:3: expected the same sequence as in ${paths[0]}:3`,
    );
  });

  it.each([6, 9])('the structure channels of an HDF5 file of %d channels', async (channels) => {
    await writeHdf5(at('a.h5'), { channels, positions: 17 });
    const read = await readProfiles([at('a.h5')]);
    expect(read.sequences).toEqual(
      ['train', 'valid', 'test'].flatMap((part) =>
        ROWS.flatMap((row) => (row.part === part ? [row.sequence] : [])),
      ),
    );
    const letters = Array.from({ length: channels - 4 }, (_, c) =>
      Array.from(read.sequences![0]!, (_, i) => (i % (channels - 4) === c ? 1 : 0)),
    );
    expect(rowsOf(read, 0)).toEqual(letters);
    await writeHdf5(at('b.h5'));
    await expect(readProfiles([at('b.h5')])).rejects.toThrow(
      'X_train has 4 channels, which are letters alone',
    );
  });

  it('a folder without profiles, and no file', async () => {
    await mkdir(at('empty'));
    await expect(readProfiles([at('empty')])).rejects.toThrow('a folder without _lunp files');
    await expect(readProfiles([at('none')])).rejects.toThrow('none');
  });
});

describe('the profile of a record', () => {
  const profiles = parseProfiles(MERGED, 'x');
  const numbered = parseProfiles(MERGED.replace('AC', 'p1').replace('GGU', 'p2'), 'x');

  it('is found by sequence, in any order', () => {
    const { by, at: found } = matchProfiles(profiles, { sequences: ['GGU', 'AC', 'GGU'] });
    expect([by, ...found]).toEqual(['sequence', 1, 0, 1]);
    expect(() => matchProfiles(profiles, { sequences: ['AC', 'GG', 'U'], source: 'p.tsv' })).toThrow(
      new DataError(
        'p.tsv, record 2: x has no structure profile of "GG"; 2 of 3 records have none, and each needs one',
      ),
    );
  });

  it('is found by id where both have one, else by order', () => {
    const sequences = ['GGU', 'AC'];
    const named = matchProfiles(numbered, { sequences, names: ['p2 second', 'p1'] });
    expect([named.by, ...named.at]).toEqual(['id', 1, 0]);
    const names = ['p1', 'p2'];
    expect(() => matchProfiles(numbered, { sequences, names })).toThrow(
      'x:1: the profile has 2 nucleotides, but the sequence of sequences, record 1, "p1" has 3 (matched by id)',
    );
    const inOrder = matchProfiles(numbered, { sequences: ['AC', 'GGU'] });
    expect([inOrder.by, ...inOrder.at]).toEqual(['order', 0, 1]);
    const madeUp = matchProfiles(numbered, { sequences: ['AC', 'GGU'], names: ['sequence_1', 'sequence_2'] });
    expect(madeUp.by).toBe('order');
    expect(() => matchProfiles(numbered, { sequences: ['AC'] })).toThrow(
      'x has 2 profiles, but sequences has 1 record; profiles without sequences',
    );
  });

  it('of one sequence must be one, unless all are in the order of the records', () => {
    const text = `>AC\n${lines(FIRST)}>AC\n${lines(FIRST.toReversed())}`;
    const twice = parseProfiles(text, 'x');
    expect([...matchProfiles(twice, { sequences: ['AC', 'AC'] }).at]).toEqual([0, 1]);
    expect(() => matchProfiles(twice, { sequences: ['AC'] })).toThrow(
      'x:7: the profile of "AC" differs from that in x:1',
    );
    const same = parseProfiles(`>AC\n${lines(FIRST)}`.repeat(2), 'x');
    expect([...matchProfiles(same, { sequences: ['AC'] }).at]).toEqual([0]);
  });

  it('stands in the middle of the input; PU is summed from PHIME, which PU does not give', () => {
    const placed = placedProfiles(profiles, [1], { length: 6, contexts: 'pu' });
    expect([...placed]).toEqual([0, 0, 1, 0, 0, 1, 0.5, 0.5, 0, 0, 0, 0]);
    expect(placedProfiles(profiles, [0], { length: 2, contexts: 'phime' })).toEqual(
      Float32Array.from([0, 1].flatMap((i) => FIRST.map((row) => row[i]!))),
    );
    const pu = parseProfiles(LUNP, 'x');
    expect(() => placedProfiles(pu, [0], { length: 2, contexts: 'phime' })).toThrow(
      'x: has only the contexts P and U, from which H, I, M and E cannot be computed',
    );
  });
});

describe('probes with profiles', () => {
  const letters = 'ACGU';
  const sequences = Array.from({ length: 12 }, (_, i) => `${letters[i % 4]! + letters[i >> 2]!}A`);
  /** Record 3 has no score; record 7 repeats the sequence of record 1. */
  const scores = sequences.map((_, i) => (i === 3 ? 'NA' : String(1 + ((i * 5) % 7))));
  const probes = parseProbes(
    `set\tsequence\tintensity\n${sequences
      .map((sequence, i) => `${i < 9 ? 'A' : 'B'}\t${i === 7 ? sequences[1] : sequence}\t${scores[i]}\n`)
      .join('')}`,
    'p.tsv',
  );
  /** The share of pairs tells the record. */
  const text = sequences
    .map(
      (_, i) => `#unpaired probabilities\n #i$\tl=1\n${[1, 2, 3].map((n) => `${n}\t${i / 16}\n`).join('')}`,
    )
    .join('');

  it('in order, with the records that were left out; subsets and parts carry them', () => {
    const given = withProfiles(probes, parseProfiles(text, 'x'));
    expect(given.structure).toMatchObject({ by: 'order' });
    const records = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11];
    expect([...given.structure!.at]).toEqual(records);
    expect([...subset(given, [10, 0]).structure!.at]).toEqual([11, 0]);

    const input = { length: 5, channels: 6, head: 'regression' } as const;
    const { train, valid, test, records: numbers } = prepareExperiment(given, input, { validation: 0.5 });
    const unpaired = (profile: Float32Array | undefined) =>
      Array.from(
        profile!.filter((_, i) => i % 10 === 3),
        (value) => value * 16,
      );
    expect(unpaired(train.profile)).toEqual(Array.from(numbers.train, (i) => records[i]));
    expect(unpaired(valid.profile)).toEqual(Array.from(numbers.valid, (i) => records[i]));
    expect(unpaired(test!.profile)).toEqual([9, 10, 11]);
    // Repeats stay together.
    const side = Array.from(numbers.train, (i) => records[i]);
    expect(side.includes(1)).toBe(side.includes(7));
    const alone = prepareExperiment(given, { length: 5, head: 'regression' }, { validation: 0.5 });
    expect(alone.train).not.toHaveProperty('profile');
  });
});
