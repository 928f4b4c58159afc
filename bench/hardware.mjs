/**
 * The figures that a GPU is judged by, beside PyTorch's on the same card in the same run:
 *
 *   npm run bench:hardware -- [--only train,predict,host,sweep] [--precision f32,f16x2,f16] [--model RUN] [--rounds 5]
 *     [--eager] [--quick] [--adapter NAME] [--json FILE]
 *
 * Each figure has a goal, and each precision is compared with its own. Runners take turns; times are medians of runs that
 * are warm and end with the result on the host. `--model` takes a trained model in place of drawn weights; `--eager`
 * leaves out what torch.compile makes, which takes a minute to compile; `--quick` is a trial of the bench itself, of sizes
 * that say nothing about a GPU. Ends within four minutes on a GPU. Exits with 1 where a goal is missed.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadModel } from '../dist/files.node.js';
import { gia, requestGpu } from '../dist/index.js';
import { ADAM, examples, paper, seededWeights } from './network.mjs';
import { describe, recordOf } from './record.mjs';
import { Runners } from './runners.mjs';
import { median, relativeDifference } from './statistics.mjs';
import { absentLines, number, table } from './table.mjs';

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
/** The precisions of peers that ours are compared with. */
const CLASSES = { f32: ['f32', 'tf32'], f16x2: ['f32', 'tf32'], f16: ['f16'] };

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    model: { type: 'string' },
    precision: { type: 'string', default: 'f32,f16x2,f16' },
    rounds: { type: 'string', default: '5' },
    eager: { type: 'boolean', default: false },
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
const CASES = { train, predict, host, sweep };
/** The kinds of work that each part asks of runners. */
const KINDS = { train: ['train'], predict: ['forward'], host: ['host'], sweep: ['sweep', 'loop'] };
const names = options.only?.split(',') ?? Object.keys(CASES);
const unknown = names.find((name) => !(name in CASES));
if (unknown) {
  console.error(`there is no part "${unknown}"; choose from ${Object.keys(CASES).join(', ')}`);
  process.exit(2);
}

const needed = names.flatMap((name) => KINDS[name]);

const gpu = await requestGpu(options.adapter === undefined ? {} : { adapter: options.adapter });
const record = { ...recordOf(gpu), quick: options.quick, rows: [], absent: [] };
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
      (kind === 'cuda' && !(compile && options.eager)) ||
      (options.quick && name === 'torch')),
);
record.absent.push(...runners.absent);
for (const line of absentLines(runners.absent)) console.log(line);
for (const { name, about } of runners.running) record.versions[name] = about.version;

/** The fastest rate of every peer on the device, which says how long brute force takes. */
const predicted = new Map();

const running = (kind) => runners.running.filter(({ kinds }) => kinds.includes(kind));
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

/** Compiles everything that takes long at once, before anything is timed. */
async function compile() {
  const slow = runners.running.filter(({ isCompiled }) => isCompiled);
  await Promise.all(
    slow.map((runner) =>
      attempt(runner, async () => {
        const isTraining = runner.kinds.includes('train');
        await runner.request('prepare', isTraining ? trainingOf(1) : predictionOf(size.batches[0]));
        await runner.request('run');
      }),
    ),
  );
}

/** Work that fails is left out, and said. */
async function attempt({ name }, work) {
  try {
    return await work();
  } catch ({ message }) {
    if (record.absent.some((other) => other.name === name && other.reason === message)) return;
    record.absent.push({ name, reason: message });
    console.log(`without ${name}: ${message}`);
  }
}

/**
 * Times works in turn and prints them.
 *
 * @param entries `{ figure, runner, work, value, goal?, note? }`: `value` turns seconds into the figure
 */
async function measure(title, { unit, decimals, isLess }, entries) {
  const alive = [];
  for (const entry of entries) {
    const { runner, work } = entry;
    const slot = `${entry.figure} ${entry.note}`;
    await attempt(runner, async () => {
      await runner.request('prepare', work, slot);
      entry.result = await runner.request('run', undefined, slot);
      alive.push({ ...entry, slot, seconds: [] });
    });
  }
  for (let round = 0; round < effort.rounds; round++)
    for (const { runner, slot, seconds } of alive)
      await attempt(runner, async () => seconds.push(...(await runner.request('time', effort, slot))));
  for (const { runner, slot } of alive)
    await attempt(runner, () => runner.request('release', undefined, slot));
  const timed = alive
    .filter(({ seconds }) => seconds.length > 0)
    .map(({ figure, runner, note, value, goal, seconds }) => {
      const values = seconds.map(value);
      const { name, kind, precision } = runner;
      return { figure, name, kind, precision, note, goal, value: median(values), values };
    });
  report(title, { unit, decimals, isLess }, timed);
  return timed;
}

/** Prints rows, ours judged by their goals and peers' by how much faster ours of their class is, and records them. */
function report(title, { unit, decimals, isLess }, found) {
  const ratio = (ours, theirs) => (isLess ? theirs / ours : ours / theirs);
  const rows = found.map((row) => {
    const { figure, kind, precision, goal, value } = row;
    const own = found.find(
      (other) =>
        other.kind === 'ours' && other.figure === figure && CLASSES[other.precision].includes(precision),
    );
    return {
      ...row,
      unit,
      isLess,
      isMet: goal === undefined || options.quick ? null : isLess ? value <= goal : value >= goal,
      faster: kind === 'ours' || !own ? null : ratio(own.value, value),
    };
  });
  record.rows.push(...rows);
  console.log(`\n${title}, ${unit}`);
  const show = (value) => number(value, decimals);
  console.log(
    table(
      {
        '<figure': ({ figure }) => figure,
        '<runner': ({ name, note, remark }) => [name, note, remark].filter(Boolean).join(', '),
        median: ({ value }) => show(value),
        'from - to': ({ values = [] }) =>
          values.length > 1 ? `${show(Math.min(...values))} - ${show(Math.max(...values))}` : '-',
        goal: ({ goal }) => (goal === undefined ? '' : `${isLess ? '<=' : '>='} ${show(goal)}`),
        met: ({ isMet }) => (isMet === null ? '' : isMet ? 'yes' : 'NO'),
        'ours is faster': ({ faster }) => (faster === null ? '' : `${number(faster, 2)}x`),
      },
      rows,
    ),
  );
}

function trainingOf(models) {
  return { kind: 'train', ...probes, dropout: true, steps: size.steps, ...(models > 1 && { models }) };
}

async function train() {
  const goals = { 1: 0.45, 32: 0.1 };
  const entryOf = (runner, models) => ({
    figure: 'step',
    runner,
    note: models === 1 ? '' : `${models} models`,
    work: trainingOf(models),
    value: (seconds) => (1000 * seconds) / (size.steps * models),
    ...(runner.kind === 'ours' && { goal: goals[models] }),
  });
  await measure(
    `training step of ${BATCH}, ${size.steps} replayed before a loss is read`,
    { unit: 'ms a step and model', decimals: 3, isLess: true },
    running('train').flatMap((runner) =>
      (runner.kind === 'ours' ? size.models : [1]).map((models) => entryOf(runner, models)),
    ),
  );
}

/** A batch of predictions. */
const predictionOf = (count) => ({ kind: 'forward', codes: slice(count) });

async function predict() {
  const goals = { f32: 4, f16: 10 };
  const entries = running('forward').flatMap((runner) => {
    const isOurs = runner.kind === 'ours';
    // A compiled network is compiled again for every size of a batch.
    const counts = isOurs ? [size.sequences] : runner.isCompiled ? size.batches.slice(0, 1) : size.batches;
    return counts.map((count) => ({
      figure: 'prediction',
      runner,
      note: isOurs ? '' : `batch ${number(count)}`,
      work: predictionOf(count),
      value: (seconds) => count / seconds / 1e6,
      ...(isOurs && { goal: goals[runner.precision] }),
    }));
  });
  const shape = { unit: 'million sequences/s', decimals: 3, isLess: false };
  const rows = await measure('predictions of sequences on the device', shape, entries);
  for (const { name, kind, precision, value } of rows)
    if (kind !== 'ours' && !(predicted.get(name)?.value > value)) predicted.set(name, { precision, value });
}

async function host() {
  const goals = { f32: 3 };
  const entries = running('host').map((runner) => ({
    figure: 'prediction from the host',
    runner,
    work: { kind: 'host', codes },
    value: (seconds) => size.sequences / seconds / 1e6,
    ...(runner.kind === 'ours' && { goal: goals[runner.precision] }),
  }));
  const shape = { unit: 'million sequences/s', decimals: 3, isLess: false };
  await measure(`predict ${number(size.sequences)} sequences of the host`, shape, entries);
}

async function sweep() {
  const goals = { f32: 0.2, f16: 0.1 };
  const pairs = 4 ** size.k * size.backgrounds;
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
  const shape = { unit: 's', decimals: 3, isLess: true };
  const title = `sweep of ${4 ** size.k} ${size.k}-mers in ${number(size.backgrounds)} backgrounds`;
  const rows = await measure(title, shape, [...ours, ...loops]);
  const brute = [...predicted].map(([name, { precision, value }]) => ({
    figure,
    name,
    kind: 'cuda',
    precision,
    note: 'brute force, from its rate',
    value: pairs / (1e6 * value),
  }));
  if (brute.length > 0)
    report(`${title}, by brute force`, shape, [...rows.filter(({ kind }) => kind === 'ours'), ...brute]);
  agreement(ours);
}

/** What a precision costs: importances beside those of f32. */
function agreement(swept) {
  const reference = swept.find(({ runner, result }) => runner.precision === 'f32' && result)?.result;
  const others = swept.filter(({ runner, result }) => runner.precision !== 'f32' && result);
  if (!reference || others.length === 0) return;
  const limits = { f16x2: 1e-5, f16: 2e-3 };
  const best = (mean) =>
    [...mean.keys()]
      .sort((a, b) => mean[b] - mean[a])
      .slice(0, 10)
      .join();
  const rows = others.map(({ runner: { name, kind, precision }, result }) => ({
    figure: 'importance error',
    name,
    kind,
    precision,
    remark: best(result.mean) === best(reference.mean) ? 'the same top 10' : 'another top 10',
    goal: limits[precision],
    value: relativeDifference(result.mean, reference.mean),
  }));
  report('importances beside those of f32', { unit: 'of the largest', decimals: 7, isLess: true }, rows);
}

try {
  await compile();
  for (const name of names) await CASES[name]();
} finally {
  runners.stop();
}
if (options.json) await writeFile(options.json, `${JSON.stringify(record, null, 2)}\n`);
if (record.rows.some(({ isMet }) => isMet === false)) process.exitCode = 1;
