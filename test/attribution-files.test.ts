/**
 * Attributions of a model with several outputs as files; those of one output are read by `cli-ism.test.ts`.
 */

import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { encodeSequences } from '../src/data/index.js';
import { bySequence, encodeAttribution, mutagenesis, type PlainModel } from '../src/gia/index.js';

const LENGTH = 6;
const given = { names: ['first', 'second'], sequences: ['ACGU', 'GG'] };

/** Two outputs: the number of G, and twice the number of C. */
const model: PlainModel = {
  length: LENGTH,
  outputs: 2,
  tasks: ['G', 'CC'],
  predict: (codes) =>
    Array.from({ length: codes.length / LENGTH }, (_, n) => {
      const letters = codes.subarray(n * LENGTH, (n + 1) * LENGTH);
      return [letters.filter((code) => code === 2).length, 2 * letters.filter((code) => code === 1).length];
    }).flat(),
};

const attribution = await mutagenesis(model, { codes: encodeSequences(given.sequences, LENGTH) });

describe('attributions of several outputs', () => {
  it('are sequence by sequence and output by output', () => {
    const rows = bySequence(attribution, given);
    expect(rows.map(({ name, task, prediction }) => [name, task, prediction])).toEqual([
      ['first', 'G', 1],
      ['first', 'CC', 2],
      ['second', 'G', 2],
      ['second', 'CC', 0],
    ]);
    expect(rows[1]!.scores.C).toEqual([2, 0, 2, 2]);
    expect(rows[1]!.scores.A).toEqual([0, -2, 0, 0]);
    expect(rows[2]!.scores.U).toEqual([-1, -1]);
    expect(rows[3]!.heights).toEqual([2, 2]);
  });

  it('have a column of tasks in .tsv and their names in .json', async () => {
    const tsv = (await encodeAttribution(attribution, given, 'tsv', {})) as string;
    const [header, ...lines] = tsv.trimEnd().split('\n');
    expect(header).toBe('index\tsequence\ttask\tposition\twild_type\tletter\tscore\theight');
    expect(lines).toHaveLength(2 * 4 * (4 + 2));
    expect(lines[2]).toBe('1\tfirst\tG\t0\tA\tG\t1\t1');
    expect(lines.at(-1)).toBe('2\tsecond\tCC\t1\tG\tU\t0\t2');
    const json = JSON.parse((await encodeAttribution(attribution, given, 'json', {})) as string);
    expect(json.sequences).toEqual(bySequence(attribution, given));
  });

  it('have an axis of outputs in .npz', async () => {
    const files = unzipSync((await encodeAttribution(attribution, given, 'npz', {})) as Uint8Array);
    const headerOf = (name: string) => strFromU8(files[`${name}.npy`]!.subarray(10, 128), true);
    expect(headerOf('scores')).toContain(`'shape': (2, 2, 4, ${LENGTH})`);
    expect(headerOf('predictions')).toContain("'shape': (2, 2)");
    expect(headerOf('name')).toContain("'shape': (2,)");
    expect(headerOf('task')).toContain("'<U2'");
    const predictions = new Float32Array(files['predictions.npy']!.slice(-16).buffer);
    expect([...predictions]).toEqual([1, 2, 2, 0]);
  });
});
