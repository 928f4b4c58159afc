/**
 * `study --replicates`: networks of one experiment from several seeds, each as if trained alone, and their
 * report.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../src/kernels/random.js';
import { readModel } from '../src/nn/files/model-files.node.js';
import { surveyedModels } from '../src/report/stored-report.js';
import { cli } from './support/cli.js';

const NETWORK = {
  layers: [
    { kind: 'convolution', filters: 2, taps: 5, dilation: 1 },
    { kind: 'relu' },
    { kind: 'pool', by: 'mean', size: 37, stride: 37 },
    { kind: 'head', outputs: 1, loss: 'regression' },
  ],
};

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const argv = (out: string, ...more: string[]) => [
  ...['study', at('table.tsv'), '--out', at(out), '--network', at('network.json')],
  ...['--epochs', '3', '--batch', '20', '--backgrounds', '4', ...more],
];
const own = (out: string, ...names: string[]) => at(out, 'experiments', 'VTS1', ...names);

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
const models = (out: string, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      sha256(own(out, ...(i > 0 ? [`replicate-${i + 1}`] : []), 'model.safetensors')),
    ),
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-study-replicates-'));
  const random = new Random(5, 1);
  const rows = Array.from({ length: 80 }, (_, i) => {
    const draws = random.draws(i);
    const letters = Array.from({ length: 40 }, () => 'ACGU'[draws.below(4)]!);
    const isBound = draws.uniform() < 0.4;
    if (isBound) letters.splice(draws.below(35), 5, ...'GCAUG');
    return [i % 2 === 0 ? 'A' : 'B', letters.join(''), (isBound ? 4 : 1) + draws.uniform()].join('\t');
  });
  await writeFile(at('table.tsv'), `${['set\tsequence\tVTS1', ...rows].join('\n')}\n`);
  await writeFile(at('network.json'), JSON.stringify(NETWORK));
});
afterAll(() => rm(folder, { recursive: true }));

describe('study --replicates', () => {
  it('adds networks to a study of one, and reports first what all have in common', async () => {
    expect((await cli(argv('grown'))).code).toBe(0);
    const [first] = await models('grown', 1);
    expect(existsSync(own('grown', 'report', 'figures', 'agreement.svg'))).toBe(true);

    const { code, json, stderr } = await cli(argv('grown', '--replicates', '3', '--json'));
    expect(code).toBe(0);
    expect(stderr).not.toContain('network 1: trained');
    expect(stderr).toContain('VTS1, network 3: trained 3 epochs');
    const [entry] = (json as { experiments: Record<string, unknown>[] }).experiments;
    expect(entry).toMatchObject({ name: 'VTS1', status: 'reported', replicates: { length: 3 } });
    const three = await models('grown', 3);
    expect(three[0]).toBe(first);
    expect(new Set(three).size).toBe(3);
    expect((await readModel(own('grown', 'replicate-3'))).facts.seed).toBe(3);

    const page = await readFile(own('grown', 'report', 'report.html'), 'utf8');
    const ids = [...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id!);
    expect(ids.slice(0, 3)).toEqual(['findings', 'reading', 'sweep']);
    expect(ids).toContain('networks-hairpin');
    expect(ids.indexOf('network-1')).toBeGreaterThan(ids.indexOf('networks-experiments'));
    expect(ids).toContain('network-3-agreement');
    expect(page).toContain('These are 3 networks (n = 3)');
    expect(page).toContain('predictions correlate with measurements at r = ');
    // The pictures of the report of one network are gone, those of each are in its folder.
    expect(existsSync(own('grown', 'report', 'figures', 'agreement.svg'))).toBe(false);
    expect(existsSync(own('grown', 'report', 'figures', 'network-2', 'agreement.svg'))).toBe(true);

    const [surveyed] = await surveyedModels('report', (path) =>
      readFile(own('grown', 'report', path), 'utf8').catch(() => undefined),
    );
    const found = entry!.replicates as readonly { readonly pearson: number }[];
    const pearsons = found.map(({ pearson }) => pearson);
    expect(surveyed).toMatchObject({ networks: 3, motif: entry!.motif });
    expect(surveyed!.pearson).toBeCloseTo(pearsons.reduce((sum, r) => sum + r, 0) / 3, 12);
    expect(surveyed!.ranges!.pearson).toEqual([Math.min(...pearsons), Math.max(...pearsons)]);
  });

  it('gives every network the bits that it has alone', async () => {
    expect((await cli(argv('apart', '--replicates', '2', '--models-at-once', '1'))).code).toBe(0);
    expect(await models('apart', 2)).toEqual(await models('grown', 2));
  });

  it('refuses fewer networks than there are', async () => {
    const { code, stderr } = await cli(argv('grown', '--replicates', '2'));
    expect(code).toBe(1);
    expect(stderr).toContain('holds more than 2 networks, which an earlier study trained');
  });

  it('is asked as a whole by the commands that ask several models', async () => {
    const { code, json, stderr } = await cli([
      ...['gia', 'gc', own('grown'), '--motif', 'GCAU', '--backgrounds', '4', '--json'],
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain('has 3 networks; all are asked');
    expect(json).toMatchObject({
      models: { length: 3 },
      results: [{ across: expect.any(Array), facts: { length: 3 } }],
    });
  });
});
