/**
 * Compares the adaptive search with exhaustive sweeps: whether the top 10 are the same, and how much of the
 * work it needed.
 *
 *   npm run bench:adaptive -- [MODEL…] [--backgrounds 1000] [--json FILE]
 *
 * Trains three models on simulated probes, each with another motif, and also takes the models that are given.
 * Both searches run as commands, in processes of their own. Exits with 1 if their results differ.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { number, table } from './table.mjs';

const PROGRAM = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const SIMULATED = [
  { name: 'UGCAUG', options: ['--motif', 'UGCAUG', '--seed', '1'] },
  {
    name: 'GCUGG in hairpins',
    options: ['--motif', 'GCUGG', '--hairpin-fraction', '0.5', '--hairpin-factor', '3', '--seed', '2'],
  },
  { name: 'UUGCAC and GC bias', options: ['--motif', 'UUGCAC', '--gc-bias', '1', '--seed', '3'] },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { backgrounds: { type: 'string', default: '1000' }, json: { type: 'string' } },
});

const residualbind = (...args) =>
  JSON.parse(
    execFileSync(process.execPath, [PROGRAM, ...args, '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 26,
    }),
  );

function compared(name, model, folder) {
  const common = ['gia', 'sweep', model, '--backgrounds', values.backgrounds, '--fresh'];
  const all = residualbind(...common, '--out', join(folder, 'all.tsv'));
  const found = residualbind(...common, '--top', '10', '--out', join(folder, 'top.tsv'));
  const topOf = (file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .slice(1, 11)
      .map((line) => line.split('\t')[0]);
  const [expected, top] = [topOf('all.tsv'), topOf('top.tsv')];
  return {
    name,
    adapter: all.adapter.name,
    same: expected.join() === top.join(),
    best: expected[0],
    share: found.shareOfExhaustive,
    rounds: found.rounds.map(({ patterns }) => patterns),
    seconds: [all.seconds, found.seconds],
  };
}

const folder = mkdtempSync(join(tmpdir(), 'residualbind-adaptive-'));
try {
  const rows = SIMULATED.map(({ name, options }) => {
    const probes = join(folder, 'probes.tsv');
    residualbind('simulate', '--probes', '10000', '--out', probes, ...options);
    const model = join(folder, 'model');
    residualbind('train', probes, '--epochs', '4', '--out', model, '--overwrite');
    return compared(name, model, folder);
  });
  for (const model of positionals) rows.push(compared(basename(model), model, folder));
  console.log(
    `top 10 of 4^6 6-mers over ${values.backgrounds} backgrounds, confidence 0.95, ${rows[0].adapter}`,
  );
  console.log(
    table(
      {
        '<model': ({ name }) => name,
        '<top 6-mer': ({ best }) => best,
        '<same top 10': ({ same }) => (same ? 'yes' : 'NO'),
        'share of the arithmetic, %': ({ share }) => number(100 * share, 1),
        's, exhaustive': ({ seconds }) => number(seconds[0], 1),
        's, adaptive': ({ seconds }) => number(seconds[1], 1),
        '<patterns left, round by round': ({ rounds }) => rounds.join(' '),
      },
      rows,
    ),
  );
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (rows.some(({ same }) => !same)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
