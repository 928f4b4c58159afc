/** `-` in place of a file: standard input, for every command that reads probes, sequences or tables. */

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExperiments, readProbes, readSequences, SequenceStream } from '../src/data/index.node.js';
import { cli } from './support/cli.js';

const own = Object.getOwnPropertyDescriptor(process, 'stdin')!;
let folder: string;
const at = (name: string) => join(folder, name);

/** Runs something with these bytes on standard input. */
async function given<T>(bytes: string | Uint8Array, run: () => Promise<T>): Promise<T> {
  const stdin = Readable.from([Buffer.from(bytes)], { objectMode: false });
  Object.defineProperty(process, 'stdin', { configurable: true, get: () => stdin });
  try {
    return await run();
  } finally {
    Object.defineProperty(process, 'stdin', own);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-stdin-'));
  await cli(['simulate', '--probes', '200', '--out', at('probes.tsv')]);
  const probes = await readFile(at('probes.tsv'));
  const small = ['--preset', 'deepbind', '--filters', '4', '--hidden', '4', '--batch', '50', '--epochs', '1'];
  const trained = await given(probes, () => cli(['train', '-', '--out', at('run'), ...small]));
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('standard input: 90 probes for training');
});

afterAll(() => rm(folder, { recursive: true }));

const digest = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('standard input', () => {
  it('is what a file is, plain or gzipped, with its sha256', async () => {
    const fasta = '\uFEFF>a\r\nACGT\r\n';
    for (const bytes of [fasta, gzipSync(fasta)]) {
      const expected = { names: ['a'], sequences: ['ACGU'], sha256: digest(bytes) };
      expect(await given(bytes, () => readSequences('-'))).toMatchObject(expected);
    }
    const table = 'sequence,intensity\nACGU,1\nGGUU,NA\n';
    expect(await given(table, () => readProbes('-'))).toMatchObject({
      source: 'standard input',
      sequences: ['ACGU'],
      sha256: digest(table),
    });
    expect(await given(table, () => readExperiments(['-']))).toMatchObject({
      experiments: ['intensity'],
      inputs: [{ path: '-', sha256: digest(table) }],
    });
    const stream = new SequenceStream('-');
    const pieces = await given(fasta, async () => {
      const found: string[] = [];
      for await (const { letters } of stream.pieces()) found.push(letters);
      return found;
    });
    expect([pieces, stream.sha256]).toEqual([['ACGU'], digest(fasta)]);
  });

  it('is read by commands, and their manifests name it', async () => {
    const probes = await readFile(at('probes.tsv'));
    const manifest = JSON.parse(await readFile(join(at('run'), 'manifest.json'), 'utf8'));
    expect(manifest.input).toMatchObject({ path: '-', sha256: digest(probes) });
    const evaluated = await given(probes, () => cli(['evaluate', at('run'), '-', '--json']));
    expect(evaluated.json).toMatchObject({ n: 100, input: { path: '-', sha256: digest(probes) } });
    const fasta = '>a\nACGUACGU\n';
    for (const options of [[], ['--windows']]) {
      const predicted = await given(fasta, () => cli(['predict', at('run'), '-', '--json', ...options]));
      expect(predicted.json).toMatchObject({
        input: { path: '-', sha256: digest(fasta) },
        predictions: [{ name: 'a' }],
      });
    }
    const ism = await given(fasta, () => cli(['ism', at('run'), '-', '--json']));
    expect(ism.code, ism.stderr).toBe(0);
    const sweep = ['gia', 'sweep', at('run'), '--k', '2', '--backgrounds', '8', '--out', at('sweep.tsv')];
    const swept = await given(fasta, () => cli([...sweep, '--null', 'dinuc', '--sequences', '-']));
    expect(swept.code, swept.stderr).toBe(0);
    const motif = await given(await readFile(at('sweep.tsv')), () => cli(['motif', '-', '--json']));
    expect(motif.code, motif.stderr).toBe(0);
    const kd = 'pattern\tkd\nUGCAUG\t1\nUGCACG\t20\nUGAAUG\t30\n';
    const affinity = ['gia', 'affinity', at('run'), '-', '--backgrounds', '4', '--json'];
    expect(await given(kd, () => cli(affinity))).toMatchObject({ code: 0 });
    const prepared = await given(probes, () => cli(['prepare', '-', '--out', at('data.parquet'), '--json']));
    expect(prepared.json).toMatchObject({ inputs: [{ path: '-', sha256: digest(probes) }] });
  });

  it('is inspected, and keeps its name in results and errors', async () => {
    const fasta = '>a\nACGU\n';
    const { json } = await given(fasta, () => cli(['inspect', '-', '--json']));
    expect(json).toMatchObject({ files: [{ path: '-', kind: 'sequences', sha256: digest(fasta) }] });
    const bad = await given('>a\nAC7U\n', () => cli(['inspect', '-']));
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('standard input:2: letter 3 is "7"')]);
  });

  it('is read once', async () => {
    const twice = await cli(['evaluate', at('run'), '-', '--scores', '-']);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('but 2 inputs name it')]);
    await given('>a\nACGU\n', async () => {
      await readSequences('-');
      await expect(readSequences('-')).rejects.toThrow('standard input (-) can be read only once');
    });
  });

  it('holds text: a data set is refused with its kind, an error names it with the line', async () => {
    await writeFile(at('probes.fa'), '>a\nACGU\n');
    const set = await readFile(at('data.parquet'));
    const refused = await given(set, () => cli(['evaluate', at('run'), '-']));
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('input: is a Parquet file')]);
    const wrong = await given('>a\nACGR\n', () => cli(['predict', at('run'), '-']));
    expect(wrong.stderr).toContain('standard input:2: letter 4 is "R"');
    const empty = await given('', () => cli(['predict', at('run'), '-']));
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('standard input: no sequence')]);
  });
});
