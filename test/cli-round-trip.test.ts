/** A tiny experiment through every command: train, resume, cancel, evaluate, predict, sweep. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancelledError } from '../src/device/errors.js';
import { loadCheckpoint, saveCheckpoint } from '../src/nn/files/model-files.node.js';
import { cli } from './support/cli.js';

const OLD_SIZES = {
  ...{ length: 41, channels: 4, filters: 8, taps: 11, dilations: [1, 2, 4], pool: 10, hidden: 16 },
  ...{ head: 'regression', dropout: { first: 0.1, block: 0, pool: 0.2, hidden: 0.5 } },
};

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const bytes = (...names: string[]) => readFile(at(...names));
const SIZE = ['--filters', '8', '--hidden', '16', '--batch', '32'];
const train = (out: string, epochs: number, ...rest: string[]) => [
  ...['train', at('probes.tsv'), '--out', at(out), '--epochs', String(epochs), ...SIZE, ...rest],
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-cli-'));
  await cli(['simulate', '--probes', '300', '--out', at('probes.tsv')]);
  const { code, stderr } = await cli(train('run', 3));
  expect(code, stderr).toBe(0);
});

afterAll(() => rm(folder, { recursive: true }));

describe('train', () => {
  it('leaves model, checkpoint and a manifest', async () => {
    expect((await readdir(at('run'))).sort()).toEqual([
      'checkpoint.safetensors',
      'manifest.json',
      'model.safetensors',
    ]);
    const record = JSON.parse(await readFile(at('run', 'manifest.json'), 'utf8'));
    expect(record).toMatchObject({
      command: 'train',
      seed: 1,
      preset: 'paper',
      architecture: { length: 41, channels: 4, alphabet: 'rna' },
      input: { train: 135, valid: 15, test: 150, dropped: 0 },
      training: { reason: 'epochs', epochs: 3, resumedAfter: null },
      metrics: { test: { n: 150 } },
      normalisation: { scope: 'train', fitted: { train: { kind: 'log', n: 135 } } },
    });
    const { layers } = record.architecture;
    expect(layers[0]).toEqual({ kind: 'convolution', filters: 8, taps: 11, dilation: 1 });
    expect(layers.find(({ kind }: { kind: string }) => kind === 'dense')).toEqual({
      kind: 'dense',
      units: 16,
    });
    expect(record.input.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(record.versions).toHaveProperty('webgpu');
    expect(record.adapter).toHaveProperty('name');
    expect(record.work.submits).toBeGreaterThan(3 * 5);
  });

  it('says one line an epoch where there is no terminal, and draws a bar that fits where there is', async () => {
    const plain = await cli(train('plain', 2));
    expect(plain.stderr.match(/^epoch \d\/2 {2}loss \d+\.\d{4} {2}validation r -?\d\.\d{4}/gm)).toHaveLength(
      2,
    );
    expect(plain.stderr).not.toContain('\r');
    const drawn = await cli(train('drawn', 2), { terminal: 50 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences begin with the escape character
    const lines = drawn.stderr.replace(/\x1b(\[[\d;?]*[A-Za-z]|[78])/g, '\r').split(/[\r\n]+/);
    const bars = lines.filter((line) => line.startsWith('epoch '));
    expect(bars.length).toBeGreaterThanOrEqual(2);
    expect(bars.every((line) => line.length <= 50)).toBe(true);
    expect(bars.at(-1)).toMatch(/^epoch 2\/2 .*100 % {2}loss \d/);
  });

  it('does not overwrite a run unasked', async () => {
    const before = await bytes('run', 'model.safetensors');
    const { code, stderr } = await cli(train('run', 1));
    expect(code).toBe(1);
    expect(stderr).toContain('--resume to continue it, --overwrite to replace it');
    expect(await bytes('run', 'model.safetensors')).toEqual(before);
  });

  it('resumes to the same bits as without a break', async () => {
    await cli(train('broken', 1));
    expect(await bytes('broken', 'checkpoint.safetensors')).not.toEqual(
      await bytes('run', 'checkpoint.safetensors'),
    );
    const { code, stderr } = await cli(train('broken', 3, '--resume'));
    expect(code).toBe(0);
    expect(stderr).toContain('resuming after epoch 1');
    for (const file of ['model.safetensors', 'checkpoint.safetensors']) {
      expect(await bytes('broken', file), file).toEqual(await bytes('run', file));
    }
  });

  it('resumes a checkpoint that describes the network by its sizes, as version 0.1 wrote them', async () => {
    await cli(train('sizes', 1));
    const { state, extra } = await loadCheckpoint(at('sizes'));
    const identity = { ...(extra.identity as object), architecture: OLD_SIZES };
    await saveCheckpoint(at('sizes'), state, { identity });
    const { code, stderr } = await cli(train('sizes', 3, '--resume'));
    expect(code, stderr).toBe(0);
    expect(await bytes('sizes', 'model.safetensors')).toEqual(await bytes('run', 'model.safetensors'));
  });

  it.each([
    { differs: 'seed', args: ['--seed', '2'] },
    { differs: 'preset', args: ['--preset', 'keras'] },
    { differs: 'architecture', args: ['--filters', '16'] },
    { differs: 'batch', args: ['--batch', '10'] },
    { differs: 'normalisation', args: ['--transform', 'clip'] },
    { differs: 'learning rate', args: ['--learning-rate', '0.01'] },
  ])('refuses to resume another run: $differs', async ({ differs, args }) => {
    const { code, stderr } = await cli(train('run', 4, '--resume', ...args));
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot resume, since ${differs} differs: the checkpoint has `);
  });

  it('refuses to resume a run of more epochs than are asked for', async () => {
    const before = await bytes('run', 'model.safetensors');
    const { code, stderr } = await cli(train('run', 2, '--resume'));
    expect(code).toBe(1);
    expect(stderr).toContain(
      'its run has done 3 epochs, and 2 are asked for; raise epochs (--epochs) to 3 or more',
    );
    expect(await bytes('run', 'model.safetensors')).toEqual(before);
    expect(await cli(train('run', 3, '--resume'))).toMatchObject({ code: 0 });
  });

  it('refuses to resume on other data', async () => {
    await writeFile(at('other.tsv'), (await readFile(at('probes.tsv'), 'utf8')).replace(/\n.*\n$/, '\n'));
    const { code, stderr } = await cli(['train', at('other.tsv'), '--out', at('run'), ...SIZE, '--resume']);
    expect(code).toBe(1);
    expect(stderr).toContain('cannot resume, since data differs');
  });

  it('keeps model and checkpoint when cancelled, exits with 130, and goes on from there', async () => {
    const controller = new AbortController();
    const cancelled = await cli(train('cancelled', 3, '--json'), {
      signal: controller.signal,
      onStderr: (text) => {
        if (text.startsWith('epoch 1/')) controller.abort(new CancelledError('stopped'));
      },
    });
    expect(cancelled.code).toBe(130);
    expect(cancelled.json).toMatchObject({ training: { reason: 'cancelled', epochs: 1 } });
    expect(await readdir(at('cancelled'))).toHaveLength(3);
    await cli(train('cancelled', 3, '--resume'));
    expect(await bytes('cancelled', 'model.safetensors')).toEqual(await bytes('run', 'model.safetensors'));
  });

  it('trains on two-column text, tests on a file of its own, and takes classes', async () => {
    const rows = (await readFile(at('probes.tsv'), 'utf8')).trimEnd().split('\n').slice(1);
    const classes = rows
      .map((row) => row.split('\t'))
      .map(([, , sequence, score]) => `${sequence}\t${Number(Number(score) > 1.5)}`);
    await writeFile(at('classes.txt'), classes.slice(0, 200).join('\n'));
    await writeFile(at('test.txt'), classes.slice(200).join('\n'));
    const args = ['train', at('classes.txt'), '--head', 'classification', '--epochs', '1', ...SIZE];
    const alone = await cli([...args, '--out', at('alone'), '--json']);
    expect(alone.json).toMatchObject({ metrics: { test: null }, normalisation: null });
    expect(alone.stderr).toContain('there is no set B');
    const tested = await cli([...args, '--out', at('tested'), '--test', at('test.txt'), '--json']);
    expect(tested.json).toMatchObject({ metrics: { test: { n: 100 } } });
    const wrong = await cli(['train', at('probes.tsv'), '--head', 'classification', '--out', at('wrong')]);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.stderr).toMatch(/probes\.tsv:\d+: a class must be 0 or 1/);
  });
});

describe('evaluate', () => {
  it('repeats the test of training', async () => {
    const { metrics } = JSON.parse(await readFile(at('run', 'manifest.json'), 'utf8'));
    const { code, json } = await cli(['evaluate', at('run'), at('probes.tsv'), '--json']);
    expect(code).toBe(0);
    expect(json).toMatchObject({ ...metrics.test, set: 'B', transform: { kind: 'log' } });
    const all = await cli(['evaluate', at('run'), at('probes.tsv'), '--set', 'all']);
    expect(all.stdout).toContain('300 probes');
    expect(all.stderr).toContain('this is not an independent test');
  });
});

describe('--precision f16', () => {
  it('prints and records what it costs, or says that the adapter cannot', async () => {
    const { code, stderr, json } = await cli([
      'evaluate',
      at('run'),
      at('probes.tsv'),
      '--precision',
      'f16',
      '--json',
    ]);
    if (code !== 0) {
      expect(stderr).toMatch(/has no shader-f16, which f16 needs; use f32/);
      expect(json).toMatchObject({ error: { code: 'ERR_PRECISION' } });
      return;
    }
    expect(stderr).toMatch(/^precision: f16, /m);
    expect(stderr).toMatch(/f16: predictions of 150 sequences differ from f32 by \S+ \(root mean square\)/);
    const { precision, precisionError } = json as {
      precision: string;
      precisionError: Record<'count' | 'max' | 'rms' | 'deviation', number>;
    };
    expect(precision).toBe('f16');
    expect(precisionError).toMatchObject({ of: 'predictions', count: 150 });
    expect(precisionError.rms).toBeGreaterThan(0);
    expect(precisionError.max).toBeLessThan(0.05 * precisionError.deviation);
  });
});

describe('a sweep in f16', () => {
  const sweep = (...rest: string[]) => [
    'gia',
    'sweep',
    at('run'),
    '--k',
    '3',
    ...rest,
    '--out',
    at('f16.tsv'),
  ];

  it('says what it costs its importances, and records it', async () => {
    const { code, stderr } = await cli(sweep('--backgrounds', '40', '--precision', 'f16'));
    if (code !== 0) return expect(stderr).toMatch(/has no shader-f16, which f16 needs; use f32/);
    expect(stderr).toMatch(/f16: importances of 64 patterns over 16 backgrounds differ from f32 by \S+ /);
    const record = JSON.parse(await readFile(at('f16.tsv.manifest.json'), 'utf8'));
    expect(record).toMatchObject({
      precision: 'f16',
      precisionError: { of: 'importances', patterns: 64, backgrounds: 16 },
    });
    const { max, largest } = record.precisionError;
    expect(max).toBeGreaterThan(0);
    expect(max).toBeLessThan(0.05 * largest);
  });

  it('does not go on from a sweep in f32', async () => {
    const controller = new AbortController();
    const many = ['--backgrounds', '260', '--checkpoint', '0.001'];
    const poll = setInterval(() => existsSync(at('f16.tsv.checkpoint')) && controller.abort(), 1);
    const begun = await cli(sweep(...many), { signal: controller.signal });
    clearInterval(poll);
    expect(begun.code, begun.stderr).toBe(130);
    const { code, stderr } = await cli(sweep(...many, '--precision', 'f16'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/unfinished sweep of .* computed otherwise \(--precision|has no shader-f16/);
    expect(existsSync(at('f16.tsv.checkpoint'))).toBe(true);
    const resumed = await cli(sweep(...many));
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/continuing after \d+ of 260 backgrounds/);
    const record = JSON.parse(await readFile(at('f16.tsv.manifest.json'), 'utf8'));
    expect(record).toMatchObject({ precision: 'f32', precisionError: null });
  });
});

describe('predict', () => {
  it('gives every sequence its prediction, as a table and as JSON', async () => {
    await writeFile(at('some.fa'), '>first one\nACGUACGU\n>second\nuuuuggggccccaaaaUUUUGGGG\n');
    const { stdout } = await cli(['predict', at('run'), at('some.fa')]);
    const [header, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['name', 'sequence', 'prediction']);
    expect(rows.map(([name]) => name)).toEqual(['first one', 'second']);
    const { json } = await cli(['predict', at('run'), at('some.fa'), '--out', at('p.tsv'), '--json']);
    const { predictions } = json as unknown as { predictions: { prediction: number }[] };
    expect(predictions.map(({ prediction }) => prediction)).toEqual(
      rows.map(([, , p]) => Math.fround(Number(p))),
    );
    expect(await readFile(at('p.tsv'), 'utf8')).toBe(stdout);
    expect(JSON.parse(await readFile(at('p.tsv.manifest.json'), 'utf8'))).toMatchObject({
      command: 'predict',
    });
  });
});

describe('gia', () => {
  const few = ['--backgrounds', '10'];

  it('sweeps, writes table and manifest, and prints the top ten', async () => {
    const { code, stdout } = await cli(['gia', 'sweep', at('run'), '--k', '3', ...few, '--out', at('k.tsv')]);
    expect(code).toBe(0);
    const table = (await readFile(at('k.tsv'), 'utf8')).trimEnd().split('\n');
    expect(table).toHaveLength(65);
    const best = table[1]!.split('\t')[0]!;
    expect(stdout).toMatch(new RegExp(`^ {2}${best} +1 `, 'm'));
    expect(stdout.match(/^ {2}[ACGU]{3} +\d+ /gm)).toHaveLength(10);
    const record = JSON.parse(await readFile(at('k.tsv.manifest.json'), 'utf8'));
    expect(record).toMatchObject({ command: 'gia sweep', pairs: 640, seed: 1, options: { null: 'profile' } });
  });

  it('says of a k-mer what it says of the same pattern, and takes several sites', async () => {
    const sweep = await cli(['gia', 'sweep', at('run'), '--k', '2', ...few, '--out', at('k.json'), '--json']);
    const [{ pattern, importance }] = (sweep.json as { top: { pattern: string; importance: number }[] })
      .top as [{ pattern: string; importance: number }];
    const args = [
      'gia',
      'importance',
      at('run'),
      `${pattern}@17`,
      `${pattern}@3+${pattern}@17`,
      ...few,
      '--json',
    ];
    const { top } = (await cli(args)).json as { top: { pattern: string; importance: number }[] };
    expect(top.find((row) => row.pattern === `${pattern}@17`)?.importance).toBe(importance);
    expect(top).toHaveLength(2);
    expect(JSON.parse(await readFile(at('k.json'), 'utf8'))).toMatchObject({
      manifest: { command: 'gia sweep' },
    });
  });

  it('draws backgrounds from given sequences, and asks for them where they are needed', async () => {
    const pattern = ['gia', 'importance', at('run'), 'UGCAUG@17'];
    const lacking = await cli([...pattern, '--null', 'dinuc']);
    expect(lacking).toMatchObject({ code: 2 });
    expect(lacking.stderr).toContain('--null dinuc needs --sequences');
    await writeFile(at('given.txt'), 'ACGUACGUACGUACGUACGUACGUACGU\nGGGGCCCCAAAAUUUUGGGGCCCCAAAA\n');
    for (const kind of ['dinuc', 'shuffle', 'profile']) {
      const { code, json } = await cli([
        ...pattern,
        '--null',
        kind,
        '--sequences',
        at('given.txt'),
        ...few,
        '--json',
      ]);
      expect(code).toBe(0);
      expect(json).toMatchObject({ sequences: { count: 2 } });
    }
    const short = await cli([...pattern, '--null', 'sequences', '--sequences', at('given.txt'), ...few]);
    expect(short.stderr).toContain('10 backgrounds wanted but only 2 sequences given');
  });

  it('takes the sequences of a probe table, and its scores where quartiles are asked for', async () => {
    const ask = (...args: string[]) =>
      cli(['gia', 'importance', at('run'), 'UGCAUG@17', ...few, '--json', ...args]);
    const table = ['--sequences', at('probes.tsv')];
    // Of 300 probes, half are set A.
    const chain = await ask('--null', 'markov', '--order', '2', ...table);
    expect(chain.json, chain.stderr).toMatchObject({ order: 2, seed: 1, sequences: { count: 150 } });
    expect((await ask('--null', 'markov', ...table)).json).toMatchObject({ order: 1 });
    const lowest = await ask('--null', 'quartile1', ...table);
    expect(lowest.json, lowest.stderr).toMatchObject({ options: { null: 'quartile1' } });
    expect(lowest.json).not.toHaveProperty('order');
    expect((await ask('--null', 'quartile4', ...table)).json!.top).not.toEqual(lowest.json!.top);
    const many = await ask('--null', 'quartile4', ...table, '--backgrounds', '40');
    expect(many.stderr).toContain('40 backgrounds wanted but quartile4 has only 38 of 150 sequences');
    const unscored = await ask('--null', 'quartile1', '--sequences', at('given.txt'));
    expect(unscored).toMatchObject({ code: 2 });
    expect(unscored.stderr).toContain(
      `${at('given.txt')} has no scores, and --null quartile1 chooses sequences by their scores`,
    );
    expect((await ask('--null', 'quartile1')).stderr).toContain('needs --sequences <file>, a probe table');
    expect((await ask('--order', '2')).stderr).toContain(
      '--order is for --null markov; leave it out with --null profile',
    );
    for (const order of ['6', '-1', '1.5'])
      expect(await ask('--null', 'markov', '--order', order, ...table)).toMatchObject({ code: 2 });
  });

  it('writes nothing when cancelled', async () => {
    const controller = new AbortController();
    const { code, stderr } = await cli(
      ['gia', 'sweep', at('run'), '--k', '6', ...few, '--out', at('never.tsv')],
      {
        signal: controller.signal,
        onStderr: (text) => {
          if (text.startsWith('embedding')) controller.abort(new CancelledError('stopped'));
        },
      },
    );
    expect(code).toBe(130);
    expect(stderr).toContain(`${at('never.tsv')} was not written`);
    expect(stderr).toMatch(/cancelled: the sweep was cancelled after \d+ of 10 backgrounds/);
    expect(await readdir(folder)).not.toContain('never.tsv');
  });

  it('names a file that is no model', async () => {
    const { code, stderr } = await cli(['gia', 'importance', at('probes.tsv'), 'UGCAUG@17']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: .*probes\.tsv: not a safetensors file/);
  });
});
