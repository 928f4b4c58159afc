import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  encodeSequences,
  formatProbes,
  readProbes,
  readSequences,
  simulateProbes,
} from '../src/data/index.node.js';
import { FormatError, InvalidSequenceError } from '../src/device/errors.js';
import { referenceAbsent, referencePath } from './support/reference.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-data-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('readProbes', () => {
  const TEXT = 'sequence\tintensity\nACGU\t1.5\n';

  it('hashes the bytes on disk and knows gzip by content, not by name', async () => {
    const packed = gzipSync(TEXT);
    for (const content of [TEXT, packed]) {
      for (const name of ['probes.tsv', 'probes.tsv.gz']) {
        const path = await file(name, content);
        const probes = await readProbes(path);
        expect(probes).toMatchObject({ source: path, sequences: ['ACGU'] });
        expect(probes.sha256).toBe(createHash('sha256').update(content).digest('hex'));
      }
    }
  });

  it('reads back what formatProbes wrote, packed or not', async () => {
    const { probes } = simulateProbes({ count: 300, hairpin: { fraction: 0.3, factor: 2 }, seed: 8 });
    const text = formatProbes(probes);
    for (const content of [text, gzipSync(text), `\uFEFF${text.replaceAll('\n', '\r\n')}`]) {
      const path = await file('simulated.tsv', content);
      const { sha256, ...read } = await readProbes(path);
      expect(sha256).toHaveLength(64);
      expect(read).toEqual({ ...probes, source: path });
    }
  });

  it('names file and line of a bad record', async () => {
    const malformed = await file('malformed.txt', '1\tAC\n1\n');
    await expect(readProbes(malformed)).rejects.toThrow(FormatError);
    await expect(readProbes(malformed)).rejects.toThrow(`${malformed}:2: expected 2`);
    const misspelt = await file('misspelt.txt.gz', gzipSync('1\tAC\n1\tAX\n'));
    await expect(readProbes(misspelt)).rejects.toThrow(InvalidSequenceError);
    await expect(readProbes(misspelt)).rejects.toThrow(`${misspelt}:2: letter 2 is "X"`);
  });

  it('says why a file cannot be read', async () => {
    const absent = join(folder, 'absent.tsv');
    const truncated = await file('cut.gz', gzipSync(TEXT).subarray(0, 20));
    const binary = await file('image.png', Uint8Array.of(0x89, 0x50, 0xff, 0xfe));
    for (const [path, reason] of [
      [absent, 'no such file'],
      [folder, 'is a directory'],
      [truncated, 'damaged or truncated gzip file'],
      [binary, 'expected UTF-8 text'],
    ] as const) {
      await expect(readProbes(path)).rejects.toThrow(FormatError);
      await expect(readProbes(path)).rejects.toThrow(`${path}: ${reason}`);
    }
  });
});

it('readSequences reads FASTA, packed or not', async () => {
  const text = '>first\nACG\nUU\n';
  for (const content of [text, gzipSync(text)]) {
    const path = await file('x.fa', content);
    expect(await readSequences(path)).toEqual({
      source: path,
      names: ['first'],
      sequences: ['ACGUU'],
      lines: Uint32Array.of(1),
      sha256: createHash('sha256').update(content).digest('hex'),
    });
  }
});

describe('measured arrays', () => {
  const TABLE = 'data/rnacompete2009/VTS1.tsv.gz';
  const TWO_COLUMNS = 'data/rnacompete2009/VTS1_data_full_AB.txt.gz';
  const SPACED = 'data/rnacompete2013/RNCMPT00001_train.txt.gz';

  it('the VTS1 table and its two-column form hold the same probes', async ({ skip }) => {
    const table = await readProbes(referencePath(TABLE) ?? skip(referenceAbsent(TABLE)));
    const twoColumns = await readProbes(referencePath(TWO_COLUMNS) ?? skip(referenceAbsent(TWO_COLUMNS)));
    expect(table.sequences).toHaveLength(81_930);
    expect(table.sets.filter((set) => set === 'A')).toHaveLength(41_318);
    expect(new Set(table.pools)).toEqual(new Set(['linear', 'structured']));
    expect(twoColumns.sequences).toEqual(table.sequences);
    expect(twoColumns.scores).toEqual(table.scores);
    expect(encodeSequences(table.sequences, 41, table)).toHaveLength(81_930 * 41);
  });

  it('A1CF in RNAcontext form', async ({ skip }) => {
    const probes = await readProbes(referencePath(SPACED) ?? skip(referenceAbsent(SPACED)));
    expect(probes.sequences).toHaveLength(30_000);
    expect(probes.sequences[0]).toBe('AGAAGGCACCAACAGAAGCUCUAACCAGACUAGCCACC');
    expect(probes.scores[0]).toBe(-0.975763);
  });
});
