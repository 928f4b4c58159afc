/**
 * Folding: sequences a second by length, beside plain float64 loops and RNAplfold, and how far profiles are
 * from those of other programs.
 *
 *   npm run build && npm run bench:folding -- [--lengths 41,100,200] [--seconds 4] [--rnaplfold PATH]
 *     [--profiles FILE]
 *
 * `--rnaplfold` is the program (default: RNAplfold of the PATH); it folds one sequence after the other on one
 * core. `--profiles` is a file of profiles of P, H, I, M and E with their sequences, which are folded and
 * compared.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { readProfiles } from '../dist/files.node.js';
import { nn, requestGpu } from '../dist/index.js';
import { describe, recordOf } from './record.mjs';
import { number, table } from './table.mjs';

const { values } = parseArgs({
  options: {
    lengths: { type: 'string', default: '41,100,200' },
    seconds: { type: 'string', default: '4' },
    adapter: { type: 'string' },
    rnaplfold: { type: 'string', default: 'RNAplfold' },
    profiles: { type: 'string' },
  },
});
const LETTERS = 'ACGU';
const CONTEXTS = 'PHIME';
const seconds = Number(values.seconds);

/** The tests' float64 loops, without their types. */
async function reference() {
  const source = readFileSync(new URL('../test/support/folding.ts', import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return await import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);
}

let state = 1;
/** Codes of random sequences, the same in every run. */
function randomCodes(count) {
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 30;
  });
}

const lettersOf = (codes) => Array.from(codes, (code) => LETTERS[code]).join('');

/** Sequences a second of `fold(count)`, with as many sequences as take the wanted time. */
async function rateOf(fold, first) {
  let count = first;
  for (;;) {
    const began = performance.now();
    await fold(count);
    const took = (performance.now() - began) / 1000;
    if (took >= seconds) return count / took;
    count = Math.ceil(count * Math.min(8, Math.max(1.5, (1.3 * seconds) / took)));
  }
}

/** Sequences a second of RNAplfold, or undefined where there is none. */
function rnaplfold(length) {
  const program = values.rnaplfold;
  if (spawnSync(program, ['--version']).error) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'rnaplfold-'));
  try {
    return rateOf((count) => {
      const input = Array.from({ length: count }, () => lettersOf(randomCodes(length))).join('\n');
      const options = ['-W', `${length}`, '-L', `${length}`, '-u', '1', '--noconv'];
      execFileSync(program, options, { cwd: folder, input, stdio: ['pipe', 'ignore', 'ignore'] });
    }, 10);
  } finally {
    setTimeout(() => rmSync(folder, { recursive: true, force: true }));
  }
}

const gpu = await requestGpu(values.adapter === undefined ? {} : { adapter: values.adapter });
console.log(describe(recordOf(gpu)));
const { folded, codesOf } = await reference();
const rows = [];
for (const length of values.lengths.split(',').map(Number)) {
  const onGpu = async (count) => {
    await nn.foldProfiles(gpu, randomCodes(count * length), { length, contexts: 'phime' });
  };
  await onGpu(1);
  rows.push({
    length,
    gpu: await rateOf(onGpu, 200),
    loops: await rateOf((count) => {
      for (let n = 0; n < count; n++) folded(nn.TURNER_1999, Array.from(randomCodes(length)));
    }, 1),
    rnaplfold: await rnaplfold(length),
  });
}
console.log('\nsequences a second, random sequences\n');
console.log(
  table(
    {
      letters: ({ length }) => number(length),
      'on the GPU': ({ gpu }) => number(gpu),
      'float64 loops': ({ loops }) => number(loops, loops < 10 ? 1 : 0),
      RNAplfold: ({ rnaplfold }) => number(rnaplfold),
    },
    rows,
  ),
);

/** Pearson's correlation of pairs. */
function pearson(pairs) {
  const mean = (of) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  const cross = mean(([x, y]) => (x - mx) * (y - my));
  return cross / Math.sqrt(mean(([x]) => (x - mx) ** 2) * mean(([, y]) => (y - my) ** 2));
}

if (values.profiles !== undefined) {
  const { sequences, starts, values: given, contexts } = await readProfiles([values.profiles]);
  if (contexts !== 'phime' || !sequences) throw new Error('--profiles needs sequences with P, H, I, M and E');
  const codes = sequences.map((sequence) => Uint8Array.from(codesOf(sequence)));
  const profiles = await nn.foldSequences(gpu, codes, { contexts: 'phime' });
  const pairs = Array.from(CONTEXTS, () => []);
  profiles.forEach((profile, n) => {
    profile.forEach((p, at) => {
      pairs[at % 5].push([p, given[starts[n] * 5 + at]]);
    });
  });
  console.log(`\n${values.profiles}: ${number(sequences.length)} sequences\n`);
  const difference = (of) => of.reduce((sum, [x, y]) => sum + Math.abs(x - y), 0) / of.length;
  const largest = (of) => of.reduce((most, [x, y]) => Math.max(most, Math.abs(x - y)), 0);
  console.log(
    table(
      {
        '<context': ({ name }) => name,
        'mean absolute difference': ({ of }) => number(difference(of), 5),
        largest: ({ of }) => number(largest(of), 4),
        'Pearson r': ({ of }) => number(pearson(of), 6),
      },
      [...Array.from(CONTEXTS, (name, c) => ({ name, of: pairs[c] })), { name: 'all', of: pairs.flat() }],
    ),
  );
}
gpu.dispose();
