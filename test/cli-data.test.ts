/**
 * Probe tables through commands: what is said of them, columns, other lengths, and refusals before training.
 */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/kernels/random.js';
import { cli } from './support/cli.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const SIZE = ['--filters', '4', '--hidden', '4', '--epochs', '1', '--batch', '50'];
const draws = new Random(3, 0).draws(0);
const sequence = (length: number) => Array.from({ length }, () => 'ACGU'[draws.below(4)]).join('');
const PROBES = Array.from({ length: 60 }, () => ({
  letters: sequence(30),
  score: draws.normal().toFixed(3),
}));

async function file(name: string, ...lines: string[]): Promise<string> {
  await writeFile(at(name), `${lines.join('\n')}\n`);
  return at(name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-data-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe('train', () => {
  it('joins sequences and scores, says what is left out and what is repeated, and evaluates the same', async () => {
    const rows = [...PROBES, ...PROBES.slice(0, 3)];
    const sequences = await file(
      'sequences.tsv',
      'Fold ID\tRNA_Seq',
      ...rows.map(({ letters }, i) => `${i < 60 ? 'SetA' : 'SetB'}\t${i === 5 ? 'NA' : letters}`),
    );
    const scores = await file(
      'targets.csv',
      '"RNCMPT00001","RNCMPT00002"',
      ...rows.map(({ score }, i) => `${score},${i === 7 ? '#N/A' : i === 8 ? 'inf' : score}`),
    );
    const columns = ['--scores', scores, '--score-column', 'RNCMPT00002'];
    const out = at('joined');
    const trained = await cli(['train', sequences, ...columns, '--out', out, ...SIZE, '--json']);
    expect(trained.stderr).toContain('51 probes for training, 6 for validation, 3 for testing');
    for (const words of ['without a score', 'without a sequence', 'with an infinite score'])
      expect(trained.stderr).toContain(`${sequences}: 1 record ${words} was left out`);
    expect(trained.stderr).toContain('3 of the 3 test probes have a sequence that is also used for training');
    expect(trained).toMatchObject({ code: 0, json: { input: { train: 51, valid: 6, test: 3, shared: 3 } } });
    const evaluated = await cli(['evaluate', out, sequences, ...columns, '--set', 'A', '--json']);
    expect(evaluated).toMatchObject({ code: 0, json: { n: 57 } });
  });

  it('takes the length of the longest probe, or --length, and the model is used at that length', async () => {
    const long = await file(
      'long.csv',
      'sequence,intensity',
      ...PROBES.map(({ score }) => `${sequence(60)},${score}`),
    );
    const { code, stderr, json } = await cli(['train', long, '--out', at('60'), ...SIZE, '--json']);
    expect({ code, json }).toMatchObject({ code: 0, json: { architecture: { length: 60 } } });
    expect(stderr).toContain("the longest probe has 60 letters, so the model's input has 60 positions");
    expect((await cli(['evaluate', at('60'), long])).code).toBe(0);
    const short = await file(
      'short.txt',
      ...PROBES.map(({ letters, score }) => `${letters.slice(0, 20)} ${score}`),
    );
    const small = await cli(['train', short, '--length', '20', '--out', at('20'), ...SIZE, '--json']);
    expect(small).toMatchObject({ code: 0, json: { architecture: { length: 20 } } });
    const refused = await cli(['train', long, '--length', '50', '--out', at('50'), ...SIZE]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'the sequence has 60 letters, but the input takes at most 50; cut it, or leave out --length',
    );
    expect((await cli(['train', long, '--length', '2049', '--out', at('x')])).code).toBe(2);
  });

  it.each<[string, string[], string[], RegExp]>([
    [
      'one class',
      PROBES.map(({ letters }) => `${letters},1`),
      ['--head', 'classification'],
      /have the score 1; .* both classes/,
    ],
    [
      'too few',
      PROBES.slice(0, 14).map(({ letters, score }) => `${letters},${score}`),
      [],
      /only 1 of 14 probes would be in validation/,
    ],
    [
      'too few that are left',
      PROBES.slice(0, 3).map(({ letters }, i) => `${letters},${i < 2 ? '' : i}`),
      [],
      /2 records without a score were left out\nerror: .*1 probe is too few/,
    ],
    ['two scores', ['seq,score,intensity', 'ACGU,1,2'], [], /choose one with --score-column/],
  ])('refuses %s before training', async (name, lines, options, message) => {
    const data = await file('bad.csv', ...lines);
    const { code, stderr } = await cli(['train', data, '--out', at(name), ...options, ...SIZE]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    await expect(stat(at(name, 'model.safetensors'))).rejects.toThrow('ENOENT');
  });
});
