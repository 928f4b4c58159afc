/**
 * `residualbind ism`: sequences from files and from the command line, three methods, three formats, and its
 * refusals.
 */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../src/device/errors.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const text = (name: string) => readFile(at(name), 'utf8');
const ism = (...args: string[]) => cli(['ism', at('run'), ...args]);

interface Sequence {
  readonly name: string;
  readonly sequence: string;
  readonly structure?: string;
  readonly offset: number;
  readonly prediction: number;
  readonly baseline?: number;
  readonly gap?: number;
  readonly scores: Readonly<Record<string, number[]>>;
  readonly heights: number[];
}
const sequencesOf = ({ json }: { json: Record<string, unknown> | undefined }) =>
  (json as unknown as { sequences: Sequence[] }).sequences;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-ism-'));
  await cli(['simulate', '--probes', '200', '--out', at('probes.tsv')]);
  const size = ['--filters', '8', '--hidden', '16', '--batch', '32', '--epochs', '1'];
  const { code, stderr } = await cli(['train', at('probes.tsv'), '--out', at('run'), ...size]);
  expect(code, stderr).toBe(0);
  await writeFile(at('two.fa'), '>first one\nACGUNACGUACG\n>second\nugcaugugcaugugcaug\n');
});

afterAll(() => rm(folder, { recursive: true }));

describe('mutagenesis', () => {
  it('draws logos, over the structure that came with a sequence', async () => {
    await writeFile(at('folded.fa'), '>a/b\nGGGAAACCC\n(((...))) (-1.20)\n>c\nACGU\n');
    const result = await ism(at('folded.fa'), '--logos', at('logos'), '--json');
    expect(result.code, result.stderr).toBe(0);
    expect(sequencesOf(result).map((each) => each.structure)).toEqual(['(((...)))', undefined]);
    expect((await readdir(at('logos'))).sort()).toEqual(['sequence-1.svg', 'sequence-2.svg']);
    const logo = await text(join('logos', 'sequence-1.svg'));
    expect(logo).toContain('a/b, letter by letter');
    expect(logo.match(/data-pair="/g)).toHaveLength(3);
  });

  it('draws crossing pairs, and tells records of one name apart by their index', async () => {
    await writeFile(at('twice.fa'), '>a\nGGACC\n([.)] -1.2\n>a\nGGAG\n');
    const result = await ism(at('twice.fa'), '--logos', at('knots'), '--out', at('twice.tsv'));
    expect(result.code, result.stderr).toBe(0);
    const logo = await text(join('knots', 'sequence-1.svg'));
    expect(Array.from(logo.matchAll(/data-pair="([^"]*)"/g), ([, pair]) => pair)).toEqual(['1-4', '2-5']);
    const [header, ...rows] = (await text('twice.tsv')).trimEnd().split('\n');
    expect(header).toMatch(/^index\tsequence\tposition\t/);
    const keys = rows.map((row) => row.split('\t').slice(0, 2).join(' '));
    expect(keys).toEqual([...Array(20).fill('1 a'), ...Array(16).fill('2 a')]);
  });

  it('is what predict says of every mutant', async () => {
    const wild = 'ACGUNACGUACG';
    const mutants = Array.from(wild, (_, i) =>
      Array.from('ACGU', (letter) => wild.slice(0, i) + letter + wild.slice(i + 1)),
    ).flat();
    await writeFile(at('mutants.txt'), `${[wild, ...mutants].join('\n')}\n`);
    const { json } = await cli(['predict', at('run'), at('mutants.txt'), '--json']);
    const [base, ...predicted] = (
      json as unknown as { predictions: { prediction: number }[] }
    ).predictions.map(({ prediction }) => prediction);
    const [sequence] = sequencesOf(await ism(at('two.fa'), '--json'));
    expect(sequence).toMatchObject({ name: 'first one', sequence: wild, offset: 14, prediction: base });
    [...wild].forEach((own, i) => {
      [...'ACGU'].forEach((letter, a) => {
        const score = sequence!.scores[letter]![i]!;
        if (own === 'N' || own === letter) expect(score).toBe(0);
        else expect(Math.abs(score - (predicted[4 * i + a]! - base!))).toBeLessThan(1e-4);
      });
    });
    expect(Math.max(...sequence!.heights)).toBeGreaterThan(1e-3);
  });

  it('writes one line per letter, and a manifest', async () => {
    const { code, stdout, stderr } = await ism(at('two.fa'), 'GGCUGGC', '--out', at('m.tsv'));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^In-silico mutagenesis of 3 sequences, in /);
    expect(stdout).toMatch(/^sequence_2 {2}GGCUGGC {2}prediction -?\d/m);
    expect(stderr).toMatch(/^mutagenesis .*done in/m);
    const [header, ...rows] = (await text('m.tsv'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['index', 'sequence', 'position', 'wild_type', 'letter', 'score', 'height']);
    expect(rows).toHaveLength(4 * (12 + 18 + 7));
    const [given] = sequencesOf(await ism('GGCUGGC', '--json'));
    const own = rows.filter(([, name]) => name === 'sequence_2');
    own.forEach(([index, , position, wild, letter, score, height], i) => {
      expect([index, position, wild, letter]).toEqual([
        '3',
        String(i >> 2),
        'GGCUGGC'[i >> 2],
        'ACGU'[i % 4],
      ]);
      expect(Math.abs(Number(score) - given!.scores[letter!]![i >> 2]!)).toBeLessThan(1e-6);
      expect(Math.abs(Number(height) - given!.heights[i >> 2]!)).toBeLessThan(1e-6);
    });
    expect(JSON.parse(await text('m.tsv.manifest.json'))).toMatchObject({
      command: 'ism',
      method: 'mutagenesis',
      completeness: null,
      input: { count: 3, sources: [{ count: 2 }, { sequence: 'GGCUGGC' }] },
    });
  });
});

describe('gradients', () => {
  it('of saliency go to .json', async () => {
    const { code } = await ism('UGCAUG', '--method', 'saliency', '--out', at('s.json'));
    expect(code).toBe(0);
    const { manifest, sequences } = JSON.parse(await text('s.json')) as {
      manifest: object;
      sequences: Sequence[];
    };
    expect(manifest).toMatchObject({ method: 'saliency' });
    const [{ scores, heights }] = sequences as [Sequence];
    expect(heights).toHaveLength(6);
    heights.forEach((height, i) => {
      const norm = Math.hypot(...Array.from('ACGU', (letter) => scores[letter]![i]!));
      expect(Math.abs(height - norm)).toBeLessThan(1e-6);
    });
    expect(heights.some((height) => height > 0)).toBe(true);
  });

  it('integrated add up, say how well, and go to .npz with pads', async () => {
    const args = [at('two.fa'), '--method', 'integrated', '--steps', '200', '--baseline', 'profile'];
    const { stdout } = await ism(...args, '--out', at('i.npz'));
    expect(stdout).toMatch(
      /^Scores add up to f\(x\) - f\(baseline\) within \S+, at worst \S+ % of the difference/m,
    );
    const result = await ism(...args, '--json');
    const completeness = result.json!.completeness as { absolute: number; relative: number };
    for (const { scores, prediction, baseline, gap } of sequencesOf(result)) {
      const sum = Object.values(scores)
        .flat()
        .reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - (prediction - baseline!) - gap!)).toBeLessThan(1e-5);
      expect(Math.abs(gap!)).toBeLessThan(0.02 * Math.abs(prediction - baseline!));
    }
    expect(completeness.absolute).toBe(Math.max(...sequencesOf(result).map(({ gap }) => Math.abs(gap!))));
    expect(completeness.relative).toBeGreaterThan(0);
    const files = unzipSync(await readFile(at('i.npz')));
    expect(Object.keys(files).sort()).toEqual(
      ['baselines', 'gaps', 'heights', 'name', 'offset', 'predictions', 'scores', 'sequence']
        .map((name) => `${name}.npy`)
        .concat('manifest.json')
        .sort(),
    );
    expect(strFromU8(files['scores.npy']!.subarray(10, 128))).toContain("'shape': (2, 4, 41)");
    expect(JSON.parse(strFromU8(files['manifest.json']!))).toMatchObject({ options: { steps: 200 } });
  });
});

describe('refuses', () => {
  it.each([
    ['a bad letter', ['ACGX'], 1, 'sequence "ACGX": letter 4 is "X"'],
    ['a file that is not there', ['nothing.fa'], 1, 'nothing.fa: cannot be read (there is no such file'],
    ['a sequence longer than the input', ['A'.repeat(42)], 1, '42 letters, but the input takes at most 41'],
    ['another format', ['ACGU', '--out', 'x.parquet'], 2, 'must end in .tsv, .json, .npz'],
    ['steps of another method', ['ACGU', '--steps', '9'], 2, '--steps goes with --method integrated'],
    ['a baseline of another method', ['ACGU', '--baseline', 'zeros'], 2, '--baseline goes with'],
    [
      'an unknown method',
      ['ACGU', '--method', 'guess'],
      2,
      'Allowed choices are mutagenesis, saliency, integrated',
    ],
    ['too many steps', ['ACGU', '--method', 'integrated', '--steps', '5000'], 1, 'from 1 to 4096, not 5000'],
  ])('%s', async (_, args, code, message) => {
    const result = await ism(...args);
    expect(result.stderr).toContain(message);
    expect(result.code).toBe(code);
  });

  it('bad records by file, line and record', async () => {
    await writeFile(at('bad.txt'), 'ACGU\nACGZ\n');
    expect((await ism(at('bad.txt'))).stderr).toContain(`${at('bad.txt')}:2: letter 4 is "Z"`);
    await writeFile(at('long.txt'), `ACGU\n${'A'.repeat(50)}\n`);
    expect((await ism(at('long.txt'))).stderr).toContain(
      `${at('long.txt')}:2 (record 2): the sequence has 50 letters, but the input takes at most 41`,
    );
  });

  it('to write anything when cancelled', async () => {
    const controller = new AbortController();
    controller.abort(new CancelledError('stopped'));
    const { code, stderr } = await cli(['ism', at('run'), 'ACGUACGU', '--out', at('never.tsv')], {
      signal: controller.signal,
    });
    expect(code).toBe(130);
    expect(stderr).toContain('cancelled:');
    expect(await readdir(folder)).not.toContain('never.tsv');
  });
});
