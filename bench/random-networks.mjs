/**
 * Forty networks drawn at random: predictions against a float64 loop (test/support/reference-network.ts),
 * gradients against central differences of this loop's loss, and shared sweeps against embedding and
 * predicting every pattern.
 *
 *   npm run bench:networks -- [--count 40] [--seed 1] [--json FILE]
 *
 * Prints a row for each network: the largest differences, or why its patterns cannot share work. A gradient's
 * difference is in parts of the largest gradient of its tensor. Exits with 1 where a prediction differs by
 * more than 1e-4 or a gradient by more than 1e-3.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { shareable } from '../dist/gia/sweep/shareable.js';
import { ArgumentError, gia, ResidualBind, requestGpu } from '../dist/index.js';
import { table } from './table.mjs';

const TOLERANCE = 1e-4;
const GRADIENT_TOLERANCE = 1e-3;
const BACKGROUNDS = 3;
/** Records of the batch whose gradients are compared. */
const RECORDS = 4;
/** Numbers of each parameter tensor that are moved up and down. */
const MOVED = 6;
/**
 * Small, so that few activations cross zero, where differences are no gradient; float64 leaves seven digits.
 */
const STEP = 1e-7;
const RANGES = {
  convolutions: [2, 5],
  taps: [1, 15],
  dilation: [1, 16],
  length: [20, 300],
  outputs: [1, 4],
  pools: ['mean', 'mean', 'max'],
};

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});

/** A module of the tests, which are TypeScript, with what it imports taken from `dist`. */
async function fromTests(name) {
  const folder = mkdtempSync(join(tmpdir(), 'residualbind-'));
  try {
    const input = fileURLToPath(new URL(`../test/support/${name}.ts`, import.meta.url));
    const file = join(folder, `${name}.mjs`);
    const built = {
      name: 'built',
      resolveId: (source) =>
        source.startsWith('../../src/')
          ? { id: new URL(source.replace('../../src/', '../dist/'), import.meta.url).href, external: true }
          : null,
    };
    const bundle = await rolldown({ input, platform: 'node', plugins: [built] });
    await bundle.write({ file, format: 'esm', codeSplitting: false });
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { forward, loss: lossOf, toNumbers } = await fromTests('reference-network');
const { inWords, randomNetwork, trainedLike, uniform } = await fromTests('random-networks');

const worst = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** Checks the network of a seed. */
async function checked(gpu, seed) {
  const network = randomNetwork(seed, RANGES);
  const model = await ResidualBind.create(gpu, { architecture: network, seed });
  const weights = trainedLike(await model.weights(0), seed);
  await model.load([weights]);
  try {
    const row = await compared(model, network, weights, seed);
    // Last, for it moves the running statistics.
    return { ...row, gradients: await comparedGradients(model, network, toNumbers(weights), seed) };
  } finally {
    model.dispose();
  }
}

async function compared(model, network, weights, seed) {
  const { length, layers } = network;
  const backgrounds = gia.makeBackgrounds({ kind: 'uniform', count: BACKGROUNDS, length, seed });

  const { codes } = backgrounds;
  const { outputs, loss } = layers.at(-1);
  const raw = forward(network, toNumbers(weights), { codes }, 'evaluation');
  const expected = loss === 'classification' ? raw.map((z) => 1 / (1 + Math.exp(-z))) : raw;
  const predicted = await model.predict({ codes });
  // Predictions are output by output, those of the loop record by record.
  const byOutput = predicted.map(
    (_, i) => expected[(i % BACKGROUNDS) * outputs + Math.floor(i / BACKGROUNDS)],
  );
  const row = { seed, network: inWords(network), evaluation: worst(predicted, byOutput) };

  const cannot = shareable(network);
  if (typeof cannot === 'string') return { ...row, reason: cannot };
  const patterns = gia.kmerPatterns(2, (seed * 7) % (length - 1), length);
  const localOf = async (method) => {
    const { models } = await gia.importance(model, patterns, backgrounds, { method, keepLocal: true });
    return models.flatMap(({ local }) => Array.from(local));
  };
  const naive = await localOf('naive');
  if (naive.length !== outputs * BACKGROUNDS * patterns.length) throw new Error('an output is missing');
  try {
    return {
      ...row,
      shared: Math.max(worst(await localOf('shared'), naive), worst(await localOf('filtered'), naive)),
    };
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return { ...row, reason: error.message };
  }
}

/** The largest difference from central differences, among some numbers of every trainable tensor. */
async function comparedGradients(model, network, weights, seed) {
  const { length, layers } = network;
  const { outputs, loss } = layers.at(-1);
  const draw = uniform(seed);
  const { codes } = gia.makeBackgrounds({ kind: 'uniform', count: RECORDS, length, seed: seed + 1 });
  const scores = Float32Array.from({ length: RECORDS * outputs }, () =>
    loss === 'classification' ? Number(draw() < 0.5) : 2 * draw() - 1,
  );
  // Of several scores of a record, the first one's is missing.
  if (outputs > 1) scores[0] = Number.NaN;
  const { gradients } = await model.gradients({ codes }, scores);
  const lossNow = () => lossOf(network, forward(network, weights, { codes }, {}), scores);
  const differences = Object.entries(gradients).map(([name, { data }]) => {
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-4);
    const moved = Array.from({ length: MOVED }, () => Math.floor(draw() * data.length));
    return Math.max(...moved.map((at) => Math.abs(data[at] - slope(weights[name], at, lossNow)) / largest));
  });
  return Math.max(...differences);
}

function slope(values, at, lossNow) {
  const before = values[at];
  values[at] = before + STEP;
  const above = lossNow();
  values[at] = before - STEP;
  const below = lossNow();
  values[at] = before;
  return (above - below) / (2 * STEP);
}

const gpu = await requestGpu();
const rows = [];
for (let i = 0; i < Number(values.count); i++) {
  process.stderr.write(`\r${i + 1} of ${values.count}`);
  rows.push(await checked(gpu, Number(values.seed) + i));
}
process.stderr.write('\n');

const small = (value) => (value === undefined ? '-' : value.toExponential(1));
console.log(gpu.adapter.name);
console.log(
  table(
    {
      seed: ({ seed }) => String(seed),
      '<network': ({ network }) => network,
      evaluation: ({ evaluation }) => small(evaluation),
      gradients: ({ gradients }) => small(gradients),
      shared: ({ shared }) => small(shared),
      '<embedded and predicted, because': ({ reason }) => reason ?? '',
    },
    rows,
  ),
);
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
const isBeyond = ({ evaluation, shared = 0, gradients }) =>
  !(Math.max(evaluation, shared) <= TOLERANCE && gradients <= GRADIENT_TOLERANCE);
const failed = rows.filter(isBeyond);
const shares = rows.filter(({ shared }) => shared !== undefined).length;
console.log(`${rows.length} networks, ${shares} with shared work, ${failed.length} beyond the tolerances`);
gpu.dispose();
process.exitCode = failed.length > 0 ? 1 : 0;
