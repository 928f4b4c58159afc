import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  encodeSequences,
  formatProbes,
  readProbes,
  readSequences,
  readText,
  simulateProbes,
} from '../src/data/index.node.js';
import { ArgumentError, CancelledError, FormatError, InvalidSequenceError } from '../src/device/errors.js';
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
    const binary = await file('image.png', Uint8Array.of(0x89, 0x50, 0xff, 0x00));
    const zip = await file('book.xlsx', Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0xff));
    const wide = await file('utf16.tsv', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'));
    const latin = await file('latin1.fa', Buffer.from('>a\nAC\n>p\u00e9\nAC\n', 'latin1'));
    for (const [path, reason] of [
      [absent, 'cannot be read (there is no such file'],
      [folder, 'cannot be read (it is a directory)'],
      [truncated, 'damaged or truncated gzip file'],
      [binary, 'expected UTF-8 text, plain or gzipped, found binary data'],
      [zip, 'is a ZIP archive'],
      [wide, 'is UTF-16, expected UTF-8 text; convert it, for example: iconv -f UTF-16'],
    ] as const) {
      await expect(readProbes(path)).rejects.toThrow(FormatError);
      await expect(readProbes(path)).rejects.toThrow(`${path}: ${reason}`);
    }
    await expect(readSequences(latin)).rejects.toThrow(
      `${latin}:3: expected UTF-8 text, found the byte 0xE9; if it is Latin-1, convert it: iconv`,
    );
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

describe('gzip', () => {
  const member = (text: string) => gzipSync(text);
  const zeros = Buffer.alloc(512);

  it('reads all members, with zeros between and behind them', async () => {
    const path = await file(
      'members.fa.gz',
      Buffer.concat([member('>a\nAC\n'), member('>b\nGG\n'), zeros, member('>c\nUU\n'), zeros]),
    );
    expect((await readSequences(path)).names).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [
      'bytes that are no member',
      Buffer.concat([member('>a\nAC\n'), Buffer.from('text')]),
      'damaged or truncated',
    ],
    [
      'bytes behind padding',
      Buffer.concat([member('>a\nAC\n'), zeros, Buffer.from('x')]),
      'no gzip member begins at',
    ],
    [
      'a second member cut short',
      Buffer.concat([member('>a\nAC\n'), zeros, member('>b\nGG\n').subarray(0, 12)]),
      'damaged or truncated',
    ],
    ['a header alone', Buffer.from([0x1f, 0x8b]), 'damaged or truncated'],
  ])('refuses %s', async (_, bytes, message) => {
    const path = await file('bad.gz', bytes);
    await expect(readSequences(path)).rejects.toThrow(FormatError);
    await expect(readSequences(path)).rejects.toThrow(message);
  });

  it('holds no more text than a limit, which the environment raises', async () => {
    const path = await file('bomb.gz', gzipSync('A'.repeat(3 * 2 ** 20)));
    vi.stubEnv('RESIDUALBIND_MAX_UNPACKED_MB', '2');
    await expect(readText(path)).rejects.toThrow(
      new FormatError(
        `${path}: holds more than 2 MiB of text when unpacked; if that is meant, set RESIDUALBIND_MAX_UNPACKED_MB to more MiB, at most 511`,
      ),
    );
    vi.stubEnv('RESIDUALBIND_MAX_UNPACKED_MB', '3');
    expect((await readText(path)).text).toHaveLength(3 * 2 ** 20);
    vi.stubEnv('RESIDUALBIND_MAX_UNPACKED_MB', 'much');
    await expect(readText(path)).rejects.toThrow(ArgumentError);
    vi.unstubAllEnvs();
  });

  it('stops at a signal', async () => {
    const path = await file('signal.gz', gzipSync('AC\n'));
    await expect(readText(path, { signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  });
});

it('refuses text that JavaScript cannot hold before it reads it', async () => {
  const path = await file('long.txt', '');
  await truncate(path, 600 * 2 ** 20);
  await expect(readText(path)).rejects.toThrow(
    `${path}: has more than 511 MiB, and JavaScript holds no longer text; divide it into several files`,
  );
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
