/**
 * Runs the experiments on models that were trained on simulated probes. They must find the effects that were
 * planted, and no others.
 *
 *   npm run bench:experiments -- [--seeds 40] [--models 4] [--backgrounds 1000] [--adapter NAME] [--json FILE
 *   [--resume]]
 *
 * Each question is put to several models, each trained on its own probes. The answer is what the models have
 * in common: Student's t over the models, and q by Benjamini and Hochberg over the questions. Without an
 * effect in the data, there is one set of models for each seed of the backgrounds. Exits with 1 if an answer
 * is wrong: an effect was missed, or was found in more than a tenth of the seeds although none was planted.
 * The file is written after each set of models; `--resume` reads it and continues.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gcBias, hairpin, multiplicity, spacing } from '../dist/gia/experiments/index.js';
import { importance, kmerPatterns } from '../dist/gia/importance.js';
import { compareMotifs, kmerMotif } from '../dist/gia/motif/index.js';
import { effectOf } from '../dist/gia/statistics/paired.js';
import { falseDiscoveryRates } from '../dist/gia/statistics/statistics.js';
import { data, gia, nn, ResidualBind, requestGpu } from '../dist/index.js';
import { number, table } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '40' },
    models: { type: 'string', default: '4' },
    backgrounds: { type: 'string', default: '1000' },
    adapter: { type: 'string' },
    json: { type: 'string' },
    resume: { type: 'boolean', default: false },
  },
});
const [seeds, models, count] = [options.seeds, options.models, options.backgrounds].map(Number);
const ALPHA = 0.05;
const MOTIF = 'UGCAUG';
const LENGTH = 41;
/**
 * Two sites are near each other if fewer letters than this are between them, both when planted and when
 * asked.
 */
const REACH = 6;
const NEAR = [0, 2, 4];
const FAR = [10, 14];
/** Arms and loop, as in the simulation. */
const STEM = { start: 7, arm: 8, loop: 10 };

const mean = (sample) => sample.reduce((sum, value) => sum + value, 0) / sample.length;

/** Difference of a comparison and its p for each model. */
const compared = ({ comparisons }, name) => {
  const own = comparisons.filter(({ labels }) => labels.comparison === name);
  return { differences: own.map(({ difference }) => difference), alone: own.map(({ p }) => p) };
};

/** The questions to each experiment. Each returns answers by name. */
const EXPERIMENTS = [
  async (asked) => {
    const { comparisons } = await multiplicity(asked.model, asked);
    const three = comparisons.filter(
      ({ labels }) => labels.comparison === 'together-minus-sum' && labels.copies === 3,
    );
    return {
      'three copies - sum of each alone': {
        differences: three.map(({ difference }) => difference),
        alone: three.map(({ p }) => p),
      },
    };
  },
  async (asked) => {
    const { comparisons } = await spacing(asked.model, { ...asked, gaps: [...NEAR, ...FAR] });
    const of = (gaps, e) =>
      mean(
        comparisons
          .filter(({ model, labels }) => model === e && gaps.includes(labels.gap))
          .map(({ difference }) => difference),
      );
    const differences = Array.from({ length: models }, (_, e) => of(NEAR, e) - of(FAR, e));
    return { 'two copies: near - far': { differences } };
  },
  async (asked) => {
    const name = 'paired-minus-unpaired-loop-minus-stem';
    const result = await hairpin(asked.model, { ...asked, stem: STEM });
    return { 'hairpin: loop - stem': compared(result, name) };
  },
  async (asked) => {
    const result = await gcBias(asked.model, asked);
    return {
      "GC at 5'": compared(result, 'with-gc5-minus-motif'),
      "GC at 3'": compared(result, 'with-gc3-minus-motif'),
      "GC at 5' - GC at 3'": compared(result, 'with-gc5-minus-with-gc3'),
    };
  },
];

const SIZE = { probes: 8000, epochs: 5 };
/** What is planted, and the sign that each answer must have. Questions that are not named are not judged. */
const PLANTED = [
  {
    name: 'spacing penalty',
    ...SIZE,
    plant: { spacing: { fraction: 0.4, reach: REACH, penalty: 2 } },
    expected: { 'two copies: near - far': -1 },
  },
  {
    name: 'loops of hairpins',
    probes: 30_000,
    epochs: 8,
    plant: { hairpin: { fraction: 0.8, factor: 5 } },
    expected: { 'hairpin: loop - stem': 1 },
  },
  {
    name: "GC at 5' raises",
    ...SIZE,
    plant: { gcBias: 4, gcSide: '5' },
    expected: { "GC at 5'": 1, "GC at 5' - GC at 3'": 1 },
  },
  {
    name: "GC at 3' lowers",
    ...SIZE,
    plant: { gcBias: -4, gcSide: '3' },
    expected: { "GC at 3'": -1, "GC at 5' - GC at 3'": 1 },
  },
];
/**
 * Only the motif is planted, with two sites near each other as often as in the data where this has a cost.
 * The data are small, because they are made for each seed and model.
 */
const NOTHING = {
  probes: 4000,
  epochs: 5,
  plant: { spacing: { fraction: 0.4, reach: REACH, penalty: 0 } },
};

const gpu = await requestGpu(options.adapter === undefined ? {} : { adapter: options.adapter });

/** z-scores of ln intensities. On this scale, the simulation adds effects. */
function standardised(scores) {
  const logs = Float64Array.from(scores, Math.log);
  const centre = mean(logs);
  const sd = Math.sqrt(mean(logs.map((value) => (value - centre) ** 2)));
  return Float32Array.from(logs, (value) => (value - centre) / sd);
}

/** Weights of a narrow model trained on its own probes, of which a tenth validates. */
async function trained({ probes: size, epochs, plant }, seed) {
  const { probes } = data.simulateProbes({ count: size, motif: MOTIF, seed, ...plant });
  const codes = data.encodeSequences(probes.sequences, LENGTH);
  const scores = standardised(probes.scores);
  const held = Math.floor(size / 10);
  const part = (from, to) => ({
    codes: codes.subarray(from * LENGTH, to * LENGTH),
    scores: scores.subarray(from, to),
  });
  const model = await ResidualBind.create(gpu, { filters: 24, hidden: 32, seed });
  const training = { epochs, batch: 50, learningRate: 5e-3, seed };
  const { schedule } = await nn.fit(model, part(held, size), part(0, held), training);
  const weights = await model.weights();
  const { architecture } = model;
  model.dispose();
  return { weights, architecture, r: schedule.best };
}

/** Models that were trained separately, on one model axis. */
async function trainedSet(recipe, firstSeed) {
  const replicates = [];
  for (let i = 0; i < models; i++) replicates.push(await trained(recipe, firstSeed + i));
  const weights = replicates.map((each) => each.weights);
  const { architecture } = replicates[0];
  const model = await ResidualBind.fromWeights(gpu, weights, { architecture });
  return { model, r: mean(replicates.map((each) => each.r)) };
}

const backgroundsOf = (seed, n = count) =>
  gia.makeBackgrounds({ kind: 'uniform', count: n, length: LENGTH, seed });

/** The answer to each question over a set of models, with q over the questions. */
async function answersOf(model, seed) {
  const asked = { model, motif: MOTIF, backgrounds: backgroundsOf(seed) };
  const found = Object.assign({}, ...(await inOrder(EXPERIMENTS, (ask) => ask(asked))));
  const answers = Object.entries(found).map(([question, { differences, alone }]) => {
    const { mean: difference, se, p } = effectOf(differences, question);
    return { question, difference, se, p, alone };
  });
  const q = falseDiscoveryRates(answers.map(({ p }) => p));
  return answers.map((answer, i) => ({ ...answer, q: q[i] }));
}

async function inOrder(items, work) {
  const results = [];
  for (const [i, item] of items.entries()) results.push(await work(item, i));
  return results;
}

/** Pearson's r between the planted matrix and the motif from the models' mean importances. */
async function motifLikeness(model) {
  const patterns = kmerPatterns(6, 17, LENGTH);
  const { models: swept } = await importance(model, patterns, backgroundsOf(1, 50));
  const rows = patterns.map(({ name }, i) => ({
    pattern: name.replace(/@.*/, ''),
    importance: mean(swept.map((own) => own.mean[i])),
  }));
  return compareMotifs(kmerMotif(rows).pwm, data.pwmFromConsensus(MOTIF)).r;
}

const started = Date.now();
const progress = (text) =>
  console.error(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`);
const signed = (value, digits = 3) => `${value < 0 ? '' : '+'}${number(value, digits)}`;

const settings = { adapter: gpu.adapter, models, backgrounds: count, PLANTED, NOTHING };
const before =
  options.resume && options.json && existsSync(options.json)
    ? JSON.parse(readFileSync(options.json, 'utf8'))
    : { settings, planted: [], nothing: [] };
if (JSON.stringify(before.settings) !== JSON.stringify(settings))
  throw new Error(`${options.json} is of other settings; leave --resume out`);
const { planted, nothing } = before;
const save = (more = {}) => {
  if (options.json)
    writeFileSync(options.json, `${JSON.stringify({ settings, planted, nothing, ...more }, null, 2)}\n`);
};

for (const [i, { name, expected, ...recipe }] of PLANTED.entries()) {
  if (i < planted.length) continue;
  const { model, r } = await trainedSet(recipe, 100 * (i + 1));
  const likeness = await motifLikeness(model);
  const answers = await answersOf(model, 1);
  model.dispose();
  progress(`${name}: motif r ${likeness.toFixed(3)}`);
  const judged = answers.map((answer) => {
    const sign = expected[answer.question];
    const isFound = answer.q <= ALPHA && Math.sign(answer.difference) === sign;
    return { ...answer, sign: sign ?? null, isRight: sign === undefined ? null : isFound };
  });
  planted.push({ name, r, likeness, answers: judged });
  save();
}

while (nothing.length < seeds) {
  const seed = nothing.length + 1;
  const { model, r } = await trainedSet(NOTHING, 1000 + models * seed);
  const answers = await answersOf(model, seed);
  model.dispose();
  const found = answers.filter(({ q }) => q <= ALPHA).map(({ question }) => question);
  progress(`nothing planted, seed ${seed} of ${seeds}: ${found.join(', ') || 'nothing found'}`);
  nothing.push({ seed, r, answers });
  save();
}

const quiet = (nothing[0]?.answers ?? []).map(({ question }) => {
  const own = nothing.map(({ answers }) => answers.find((answer) => answer.question === question));
  const alone = own.flatMap((answer) => answer.alone ?? []);
  return {
    question,
    share: mean(own.map(({ q }) => (q > ALPHA ? 1 : 0))),
    alone: alone.length > 0 ? mean(alone.map((p) => (p > ALPHA ? 1 : 0))) : null,
    spread: Math.sqrt(mean(own.map(({ difference }) => difference ** 2))),
  };
});

console.log(
  `\nPlanted effects, ${models} models each, ${count} backgrounds, ${gpu.adapter.name}; differences in standard deviations of the scores`,
);
console.log(
  table(
    {
      '<planted': ({ name }) => name,
      'validation r': ({ r }) => number(r, 3),
      'motif r': ({ likeness }) => number(likeness, 3),
      '<question': ({ question }) => question,
      difference: ({ difference }) => signed(difference),
      'standard error': ({ se }) => number(se, 3),
      q: ({ q }) => q.toPrecision(1),
      '<found': ({ isRight }) => (isRight ? 'yes' : 'NO'),
    },
    planted.flatMap(({ answers, ...set }) =>
      answers.filter(({ sign }) => sign !== null).map((answer) => ({ ...set, ...answer })),
    ),
  ),
);
console.log(`\nNothing planted but the motif: ${seeds} seeds of backgrounds, ${models} models each`);
console.log(
  table(
    {
      '<question': ({ question }) => question,
      'seeds with q > 0.05, %': ({ share }) => number(100 * share, 1),
      'difference, root mean square': ({ spread }) => number(spread, 3),
      'networks with p > 0.05 asked alone, %': ({ alone }) => (alone === null ? '' : number(100 * alone, 1)),
    },
    quiet,
  ),
);
const wrong = [
  ...planted.flatMap(({ name, likeness, answers }) => [
    ...(likeness >= 0.9 ? [] : [`${name}: motif r ${likeness.toFixed(3)} is below 0.9`]),
    ...answers
      .filter(({ isRight }) => isRight === false)
      .map(({ question }) => `${name}: ${question} missed`),
  ]),
  ...quiet
    .filter(({ share }) => share < 0.9)
    .map(({ question }) => `nothing planted: ${question} found too often`),
];
for (const line of wrong) console.log(line);
if (wrong.length === 0) console.log('\nEverything planted is found, nothing else.');
save({ quiet, wrong });
if (wrong.length > 0) process.exitCode = 1;
