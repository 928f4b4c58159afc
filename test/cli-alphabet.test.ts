/**
 * A network for DNA from the command line: everything that is printed, drawn and written has T and no U,
 * whatever letters the user gives.
 */

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, cli } from './support/cli.js';
import { withT, withU } from './support/letters.js';

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const few = ['--backgrounds', '6', '--seed', '1'];
const small = ['--filters', '8', '--hidden', '8', '--batch', '32', '--epochs', '1'];
const run = at.bind(undefined);

/** What was printed, by command. */
const printed: Record<string, string> = {};

async function residualbind(...args: string[]): Promise<CliResult> {
  const result = await cli(args);
  expect(result.code, `${args.join(' ')}: ${result.stderr}`).toBe(0);
  const text = result.json ? withoutOptions(result.stdout) : result.stdout;
  printed[args.join(' ')] = `${text}\n${result.stderr}`;
  return result;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-alphabet-'));
  const library = ['--probes', '150', '--length', '28', '--alphabet', 'dna', '--motif', 'UGCAUG'];
  await residualbind('simulate', ...library, '--out', at('library.tsv'));
  await residualbind(
    'train',
    at('library.tsv'),
    '--alphabet',
    'dna',
    '--length',
    '28',
    '--out',
    run('run'),
    ...small,
  );
  await writeFile(at('some.fa'), '>hairpin\nGGGAUGCAUCCC\n((((....))))\n>plain\nACGTTCGTNTT\n');
  await writeFile(at('kd.csv'), 'pattern,KD_nM\nTGCATGT,0.83\nAGCAUGU,4.8\nTACATGT,350\nUGCAUAU,1830\n');
  await writeFile(
    at('known.meme'),
    'MEME version 4\n\nALPHABET= ACGU\n\nMOTIF known\nletter-probability matrix: alength= 4 w= 2\n0.1 0.1 0.1 0.7\n0.7 0.1 0.1 0.1\n',
  );
});

afterAll(() => rm(folder, { recursive: true }));

/** Texts of a file: of a zip archive and a Parquet file what they hold; none of weights and checkpoints. */
async function textsOf(path: string): Promise<readonly string[]> {
  const bytes = await readFile(path);
  switch (extname(path)) {
    case '.safetensors':
    case '.png':
      return [];
    case '.npz':
      return Object.entries(unzipSync(bytes)).flatMap(([name, file]) =>
        name.endsWith('.json')
          ? [strFromU8(file)]
          : strFromU8(file.subarray(0, 128), true).includes("'<U")
            ? [
                Array.from(new Uint32Array(file.slice(128).buffer), (code) =>
                  String.fromCodePoint(code || 32),
                ).join(''),
              ]
            : [],
      );
    case '.parquet': {
      const rows = await parquetReadObjects({
        file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      });
      return rows.map((row) =>
        JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
      );
    }
    default:
      return [bytes.toString('utf8')];
  }
}

describe('a network for DNA', () => {
  it('writes T and no U in every file and on the terminal, and reads both', async () => {
    const model = run('run');
    for (const json of [[], ['--json']]) {
      await residualbind('predict', model, at('some.fa'), ...json);
      await residualbind('predict', model, at('some.fa'), '--windows', '--per-sequence', ...json);
      await residualbind('ism', model, 'ACGUUGCATG', at('some.fa'), '--logos', at('logos'), ...json);
      await residualbind('gia', 'sweep', model, '--k', '3', '--out', at('sweep.tsv'), ...few, ...json);
      await residualbind('gia', 'importance', model, 'UGCRU@3..5', 'GUU@2+TTA@9', ...few, ...json);
      await residualbind('gia', 'all', model, '--motif', 'UGCA', '--out', at('all'), ...few, ...json);
      await residualbind(
        'gia',
        'hairpin',
        model,
        '--motif',
        'TGCA',
        '--gu',
        '--out',
        at('gu'),
        ...few,
        ...json,
      );
    }
    for (const format of ['tsv', 'json', 'npz'])
      await residualbind('ism', model, at('some.fa'), '--out', at(`ism.${format}`));
    for (const format of ['tsv', 'json', 'npz', 'parquet'])
      await residualbind('gia', 'sweep', model, '--k', '3', '--out', at(`sweep.${format}`), ...few);
    await residualbind('gia', 'sweep', model, '--k', '3', '--top', '5', '--out', at('top.tsv'), ...few);
    await residualbind('gia', 'affinity', model, at('kd.csv'), '--out', at('affinity'), ...few);
    await residualbind('gia', 'spacing', model, '--motif', 'GUU', '--out', at('spacing'), ...few);
    for (const table of ['sweep.tsv', 'sweep.json']) {
      const files = ['meme', 'json', 'svg', 'tsv'].flatMap((end) => ['--out', at(`${table}-motif.${end}`)]);
      await residualbind('motif', at(table), '--compare', at('known.meme'), ...files);
    }
    const reported = [
      '--data',
      at('library.tsv'),
      '--table',
      at('sweep.tsv'),
      '--affinity',
      at('kd.csv'),
      '--suboptimal',
      'UGG',
    ];
    await residualbind('report', model, ...reported, '--show', at('some.fa'), '--out', at('report'), ...few);
    await residualbind('survey', at('report'), '--out', at('survey'));

    for (const [command, text] of Object.entries(printed)) expect(withU(text), command).toEqual([]);
    const given = ['some.fa', 'kd.csv', 'known.meme'];
    const paths = (await readdir(folder, { recursive: true })).filter((path) => !given.includes(path)).sort();
    let withLetters = 0;
    for (const path of paths) {
      if (!(await stat(at(path))).isFile()) continue;
      for (const text of await textsOf(at(path))) {
        const content = path.endsWith('.json') ? withoutOptions(text) : text;
        expect(withU(content), path).toEqual([]);
        if (withT(content).length > 0) withLetters++;
      }
    }
    expect(withLetters).toBeGreaterThan(60);
    expect(await readFile(at('sweep.tsv-motif.meme'), 'utf8')).toContain('ALPHABET= ACGT');
    expect(JSON.parse(await readFile(at('sweep.json'), 'utf8'))).toMatchObject({ alphabet: 'dna' });
  }, 120_000);

  it('is trained from a network file that says so, and not against it', async () => {
    const network = {
      alphabet: 'dna',
      layers: [
        { kind: 'convolution', filters: 4, taps: 3, dilation: 1 },
        { kind: 'relu' },
        { kind: 'pool', by: 'mean', size: 28, stride: 28 },
        { kind: 'head', outputs: 1, loss: 'regression' },
      ],
    };
    await writeFile(at('network.json'), JSON.stringify(network));
    await writeFile(at('open.json'), JSON.stringify({ ...network, alphabet: undefined }));
    const train = (file: string, ...rest: string[]) =>
      cli([
        'train',
        at('library.tsv'),
        '--network',
        at(file),
        '--length',
        '28',
        '--out',
        at('own'),
        '--epochs',
        '1',
        '--overwrite',
        '--json',
        ...rest,
      ]);
    const architecture = async (...args: Parameters<typeof train>) => {
      const { code, stderr, json } = await train(...args);
      expect(code, stderr).toBe(0);
      return json?.architecture;
    };
    expect(await architecture('network.json')).toMatchObject({ alphabet: 'dna' });
    expect(await architecture('network.json', '--alphabet', 'dna')).toMatchObject({ alphabet: 'dna' });
    expect(await architecture('open.json', '--alphabet', 'dna')).toMatchObject({ alphabet: 'dna' });
    expect(await architecture('open.json')).toMatchObject({ alphabet: 'rna' });
    const against = await train('network.json', '--alphabet', 'rna');
    expect(against.code).toBe(2);
    expect(against.stderr).toContain('its alphabet is dna, but --alphabet is rna; leave one of them out');
    expect((await train('open.json', '--alphabet', 'protein')).code).toBe(2);
  });
});

/** A manifest, or a file with one, without `options`: they are what the user typed. */
function withoutOptions(text: string): string {
  const content = JSON.parse(text) as Record<string, unknown>;
  for (const holder of [content, (content.manifest ?? {}) as Record<string, unknown>]) delete holder.options;
  return JSON.stringify(content);
}
