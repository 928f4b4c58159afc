/**
 * The figures that a GPU is judged by, beside PyTorch's on the same card in the same run:
 *
 *   npm run bench:hardware -- [--only train,predict,host,sweep,compiled] [--precision f32,f16x2,f16] [--model RUN]
 *     [--rounds 5] [--seconds 240] [--quick] [--adapter NAME] [--json FILE]
 *
 * Each figure has a goal, and each precision is compared with its own. Runners take turns; times are medians of runs that
 * are warm and end with the result on the host. `compiled` comes last: what torch.compile makes, which takes a minute to
 * compile, beside ours; what is not compiled in time is left out, so that everything ends within `--seconds`. `--model`
 * takes a trained model in place of drawn weights; `--quick` is a trial of the bench itself, of sizes that say nothing
 * about a GPU. The file is written after every part. Exits with 1 where a goal is missed.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadModel } from '../dist/files.node.js';
import { gia, requestGpu } from '../dist/index.js';
import { TOLERANCES } from './compare.mjs';
import { Figures } from './figures.mjs';
import { ADAM, examples, paper, seededWeights } from './network.mjs';
import { describe, recordOf } from './record.mjs';
import { Runners } from './runners.mjs';
import { relativeDifference } from './statistics.mjs';
import { number } from './table.mjs';

const started = performance.now();
/** Seconds that the last part needs after compiling. */
const MEASURING = 12;

const K = 6;
const POSITION = 17;
const BATCH = 100;

const SIZES = {
  full: {
    steps: 100,
    models: [1, 8, 32],
    sequences: 2 ** 18,
    batches: [16_384, 65_536],
    k: K,
    backgrounds: 1000,
  },
  quick: { steps: 1, models: [1, 2], sequences: 256, batches: [128], k: 3, backgrounds: 4 },
};
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    model: { type: 'string' },
    precision: { type: 'string', default: 'f32,f16x2,f16' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '240' },
    quick: { type: 'boolean', default: false },
    adapter: { type: 'string' },
    json: { type: 'string' },
  },
});
const EFFORT = {
  full: { rounds: Number(options.rounds), minSamples: 1, maxTime: 0.2 },
  quick: { rounds: 1, minSamples: 1, maxTime: 0 },
};
const size = SIZES[options.quick ? 'quick' : 'full'];
const effort = EFFORT[options.quick ? 'quick' : 'full'];
/** Ours always runs in f32, which the others are compared with. */
const precisions = ['f32', ...options.precision.split(',')];
const CASES = { train, predict, host, sweep, compiled };
/** The kinds of work that each part asks of runners. */
const KINDS = {
  train: ['train'],
  predict: ['forward'],
  host: ['host'],
  sweep: ['sweep', 'loop'],
  compiled: ['train', 'forward'],
};
const names = options.only?.split(',') ?? Object.keys(CASES);
const unknown = names.find((name) => !(name in CASES));
if (unknown) {
  console.error(`there is no part "${unknown}"; choose from ${Object.keys(CASES).join(', ')}`);
  process.exit(2);
}

const needed = names.flatMap((name) => KINDS[name]);

const gpu = await requestGpu(options.adapter === undefined ? {} : { adapter: options.adapter });
const record = { ...recordOf(gpu), quick: options.quick };
console.log(describe(record));
const { architecture, weights } = await network();
gpu.dispose();

/** Codes of random sequences [count * length]. */
const uniform = (count) =>
  gia.makeBackgrounds({ kind: 'uniform', count, length: architecture.length, seed: 1 }).codes;
const codes = uniform(size.sequences);
const probes = examples(BATCH);
const runners = await Runners.start(
  { adapter: options.adapter, architecture, weights, adam: ADAM },
  ({ name, kind, kinds = needed, precision = 'f32', options: { compile } = {} }) =>
    kinds.some((each) => needed.includes(each)) &&
    ((kind === 'ours' && precisions.includes(precision)) ||
      (kind === 'cuda' && (!compile || names.includes('compiled'))) ||
      (options.quick && name === 'torch')),
);
const figures = new Figures({ effort, judges: !options.quick, absent: runners.absent });
for (const { name, about } of runners.running) record.versions[name] = about.version;

/** Predictions of all codes by ours in f32, which others are compared with before they are timed. */
let expected;
function checkPredictions({ precision }, predictions) {
  expected ??= predictions;
  const difference = relativeDifference(predictions, expected.subarray(0, predictions.length));
  if (!(difference <= TOLERANCES[precision])) throw new Error(`its predictions differ by ${difference}`);
}

const stepTitle = `training step of ${BATCH}, ${size.steps} replayed before a loss is read`;
const predictionTitle = 'predictions of sequences on the device';
const sweepTitle = `sweep of ${4 ** size.k} ${size.k}-mers in ${number(size.backgrounds)} backgrounds`;
const pairs = 4 ** size.k * size.backgrounds;

const STEP = { unit: 'ms a step and model', decimals: 3, isLess: true };
const RATE = { unit: 'million sequences/s', decimals: 3, isLess: false };
const WHOLE = { unit: 's', decimals: 3, isLess: true };

/** The fastest rate of every peer on the device, which says how long brute force takes. */
const predicted = new Map();
/** Rows of sweeps by ours. */
let swept = [];

const isOurs = ({ kind }) => kind === 'ours';
/** Runners that do a kind of work: those that torch.compile works for, or the others. */
const running = (kind, { isCompiled = false } = {}) =>
  runners.running.filter((runner) => runner.kinds.includes(kind) && runner.isCompiled === isCompiled);
const slice = (count) => codes.slice(0, count * architecture.length);

async function network() {
  if (options.model === undefined) {
    const drawn = paper();
    return { architecture: drawn, weights: seededWeights(drawn, 1) };
  }
  const { model } = await loadModel(gpu, options.model);
  const loaded = { architecture: model.architecture, weights: await model.weights() };
  model.dispose();
  return loaded;
}

function trainingOf(models) {
  return { kind: 'train', ...probes, dropout: true, steps: size.steps, ...(models > 1 && { models }) };
}

/** A step of some models at once. */
function stepOf(runner, models = 1) {
  const goals = { 1: 0.45, 32: 0.1 };
  return {
    figure: 'step',
    runner,
    note: models === 1 ? '' : `${models} models`,
    work: trainingOf(models),
    value: (seconds) => (1000 * seconds) / (size.steps * models),
    ...(runner.kind === 'ours' && { goal: goals[models] }),
  };
}

async function train() {
  const entries = running('train').flatMap((runner) =>
    (runner.kind === 'ours' ? size.models : [1]).map((models) => stepOf(runner, models)),
  );
  await figures.measure(stepTitle, STEP, entries);
}

/** Predictions of all sequences by ours, or of a batch. */
function predictionOf(runner, batch) {
  const goals = { f32: 4, f16: 10 };
  const isOurs = runner.kind === 'ours';
  const count = isOurs ? size.sequences : batch;
  return {
    figure: 'prediction',
    runner,
    note: isOurs ? '' : `batch ${number(count)}`,
    work: { kind: 'forward', codes: slice(count) },
    check: checkPredictions,
    value: (seconds) => count / seconds / 1e6,
    ...(isOurs && { goal: goals[runner.precision] }),
  };
}

async function predict() {
  const entries = running('forward').flatMap((runner) =>
    (runner.kind === 'ours' ? [size.sequences] : size.batches).map((batch) => predictionOf(runner, batch)),
  );
  keepRates(await figures.measure(predictionTitle, RATE, entries));
}

function keepRates(rows) {
  for (const { name, kind, precision, value } of rows)
    if (kind !== 'ours' && !(predicted.get(name)?.value > value)) predicted.set(name, { precision, value });
}

/** How long the rates of peers let a whole sweep take. */
function bruteForce(names) {
  return names
    .filter((name) => predicted.has(name))
    .map((name) => {
      const { precision, value } = predicted.get(name);
      return {
        figure: 'sweep',
        name,
        kind: 'cuda',
        precision,
        note: 'brute force, from its rate',
        value: pairs / (1e6 * value),
      };
    });
}

/** What torch.compile makes, beside ours once more. Everything is compiled at once, in the time that is left. */
async function compiled() {
  const [steps, forwards] = ['train', 'forward'].map((kind) => running(kind, { isCompiled: true }));
  const [batch] = size.batches;
  const left = Number(options.seconds) - (performance.now() - started) / 1000;
  const ready = new Set();
  await Promise.all(
    [...steps, ...forwards].map((runner) => {
      runner.longest = Math.max(1, left - MEASURING);
      const { work } = steps.includes(runner) ? stepOf(runner) : predictionOf(runner, batch);
      return figures.attempt(runner, async () => {
        await runner.request('prepare', work);
        await runner.request('run');
        await runner.request('release');
        ready.add(runner);
      });
    }),
  );
  const isReady = (runner) => ready.has(runner);
  if (steps.some(isReady)) {
    const entries = [...running('train').filter(isOurs), ...steps.filter(isReady)];
    await figures.measure(
      `${stepTitle}, compiled`,
      STEP,
      entries.map((runner) => stepOf(runner)),
    );
  }
  if (!forwards.some(isReady)) return;
  const entries = [...running('forward').filter(isOurs), ...forwards.filter(isReady)];
  const title = `${predictionTitle}, compiled`;
  keepRates(
    await figures.measure(
      title,
      RATE,
      entries.map((runner) => predictionOf(runner, batch)),
    ),
  );
  if (swept.length === 0) return;
  const names = forwards.map(({ name }) => name);
  figures.report(`${sweepTitle}, by compiled brute force`, WHOLE, [...swept, ...bruteForce(names)]);
}

async function host() {
  const goals = { f32: 3 };
  const entries = running('host').map((runner) => ({
    figure: 'prediction from the host',
    runner,
    work: { kind: 'host', codes },
    check: checkPredictions,
    value: (seconds) => size.sequences / seconds / 1e6,
    ...(runner.kind === 'ours' && { goal: goals[runner.precision] }),
  }));
  await figures.measure(`predict ${number(size.sequences)} sequences of the host`, RATE, entries);
}

async function sweep() {
  const goals = { f32: 0.2, f16: 0.1 };
  const figure = 'sweep';
  const ours = running('sweep').map((runner) => ({
    figure,
    runner,
    work: {
      kind: 'sweep',
      codes: slice(size.backgrounds),
      k: size.k,
      position: POSITION,
      count: size.backgrounds,
    },
    value: (seconds) => seconds,
    goal: goals[runner.precision],
  }));
  const kmers = 2;
  const loops = running('loop').flatMap((runner) =>
    [32, 64].map((batch) => ({
      figure,
      runner,
      note: `one call a k-mer, batch ${batch}, from its rate`,
      work: { kind: 'loop', codes: slice(kmers * size.backgrounds), batch, backgrounds: size.backgrounds },
      value: (seconds) => (seconds * pairs) / (kmers * size.backgrounds),
    })),
  );
  const rows = await figures.measure(
    sweepTitle,
    WHOLE,
    [...ours, ...loops],
    bruteForce([...predicted.keys()]),
  );
  swept = rows.filter(isOurs);
  const done = ours.filter(({ result }) => result);
  count(done);
  agreement(done);
}

/** What a sweep takes of the GPU besides time. */
function count(entries) {
  const rows = (figure, goal, key) =>
    entries
      .filter(({ result }) => result.work[key] !== undefined)
      .map(({ runner: { name, kind, precision }, result }) => ({
        figure,
        name,
        kind,
        precision,
        goal,
        value: result.work[key],
      }));
  figures.report('counted', { unit: 'of a whole sweep, or of a pair', decimals: 0, isLess: true }, [
    ...rows('dispatches', 100, 'dispatches'),
    ...rows('bytes of memory a pair', 20_000, 'bytesPerPair'),
  ]);
}

/** What a precision costs: importances beside those of f32. */
function agreement(entries) {
  const reference = entries.find(({ runner }) => runner.precision === 'f32')?.result;
  const others = entries.filter(({ runner }) => runner.precision !== 'f32');
  if (!reference || others.length === 0) return;
  const limits = { f16x2: 1e-5, f16: 2e-3 };
  const best = (mean) => [...mean.keys()].sort((a, b) => mean[b] - mean[a]).slice(0, 10);
  const expectedBest = best(reference.mean);
  const remarkOn = (found) => {
    if (found.some((kmer) => !expectedBest.includes(kmer))) return 'another top 10';
    return found.join() === expectedBest.join() ? 'the same top 10' : 'the same top 10, in another order';
  };
  const rows = others.map(({ runner: { name, kind, precision }, result }) => ({
    figure: 'importance error',
    name,
    kind,
    precision,
    remark: remarkOn(best(result.mean)),
    goal: limits[precision],
    value: relativeDifference(result.mean, reference.mean),
  }));
  figures.report(
    'importances beside those of f32',
    { unit: 'of the largest', decimals: 7, isLess: true },
    rows,
  );
}

function stopAtOnce() {
  runners.stop();
  process.exit(1);
}
process.once('SIGINT', stopAtOnce);
process.once('SIGTERM', stopAtOnce);

try {
  for (const name of names) {
    await CASES[name]();
    const { rows, absent } = figures;
    if (options.json)
      await writeFile(options.json, `${JSON.stringify({ ...record, rows, absent }, null, 2)}\n`);
  }
} finally {
  runners.stop();
}
if (figures.rows.some(({ isMet }) => isMet === false)) process.exitCode = 1;
