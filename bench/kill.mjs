/**
 * Kills `train` and `gia sweep` at random moments, and starts the same command again until it ends. The
 * result must have the same bytes as that of an uninterrupted run, and no other files may be left behind.
 *
 *   node bench/kill.mjs [--runs 30] [--seed 1] [--only train|sweep]
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random, STREAM } from '../dist/kernels/random.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
/** Limit of starts for one run that is killed before its end. */
const MOST_STARTED = 4;
/** Number of runs of a command that are killed. */
const runsOf = (what) => (values.only === undefined || what.includes(values.only) ? Number(values.runs) : 0);
const moments = new Random(Number(values.seed), STREAM.split).draws(0);

const folder = mkdtempSync(join(tmpdir(), 'residualbind-kill-'));
const at = (...names) => join(folder, ...names);
const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Runs the program. If a time is given, kills it after that time. */
async function run(args, killAfter) {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const began = performance.now();
  const ended = once(child, 'close');
  if (killAfter !== undefined) {
    await Promise.race([ended, delay(killAfter)]);
    child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  return { code, signal, stderr, milliseconds: performance.now() - began };
}

async function whole(args) {
  const { code, stderr, milliseconds } = await run(args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stderr}`);
  return milliseconds;
}

/**
 * @param args of the command that writes to a name, and of the one that goes on
 * @param results files to compare, of a name
 * @param leftovers what else lies there in the end
 */
async function compare(what, { args, again, results, leftovers }) {
  const runs = runsOf(what);
  let longest = await whole(args('whole'));
  const expected = results('whole').map(digest);
  const count = { started: 0, killed: 0, different: 0, leftovers: 0 };
  while (count.killed < runs && count.started < MOST_STARTED * runs) {
    const i = count.started++;
    const name = `run-${i}`;
    const first = await run(args(name), moments.uniform() * longest);
    if (first.signal === 'SIGKILL') count.killed++;
    // The run ended before it was killed. Its result is compared as well, and later runs are killed sooner.
    else longest = Math.min(longest, first.milliseconds);
    if (first.code !== 0) await whole(again(name));
    if (results(name).some((path, f) => digest(path) !== expected[f])) count.different++;
    const left = leftovers(name);
    if (left.length > 0) {
      count.leftovers++;
      console.error(`${what} ${i}: left ${left.join(', ')}`);
    }
  }
  const shown = expected.map((sha256) => sha256.slice(0, 16)).join(', ');
  console.log(
    `${what}: ${count.started} started, ${count.killed} killed within ${(longest / 1000).toFixed(1)} s; ${count.different} of other contents than sha256 ${shown}…; ${count.leftovers} with leftovers`,
  );
  return count.killed >= runs && count.different + count.leftovers === 0;
}

try {
  await whole(['simulate', '--probes', '400', '--out', at('probes.tsv')]);
  const train = (name) => ['train', at('probes.tsv'), '--out', at(name), '--filters', '4', '--hidden', '4'];
  const trained = await compare('train', {
    args: (name) => [...train(name), '--epochs', '8', '--batch', '20'],
    again: (name) => [...train(name), '--epochs', '8', '--batch', '20', '--resume'],
    results: (name) => [at(name, 'model.safetensors'), at(name, 'checkpoint.safetensors')],
    leftovers: (name) =>
      readdirSync(at(name)).filter(
        (file) => !/^(model|checkpoint)\.safetensors$|^manifest\.json$/.test(file),
      ),
  });
  const sweep = (name) => [
    ...['gia', 'sweep', at('whole'), '--k', '3', '--backgrounds', '600', '--null', 'uniform'],
    ...['--method', 'filtered', '--checkpoint', '0.02', '--out', at(`${name}.tsv`)],
  ];
  const swept = await compare('gia sweep', {
    args: sweep,
    again: sweep,
    results: (name) => [at(`${name}.tsv`)],
    leftovers: (name) =>
      readdirSync(folder).filter(
        (file) => file.startsWith('.') || file === `${name}.tsv.checkpoint` || file.includes('.partial'),
      ),
  });
  process.exitCode = trained && swept ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
