/**
 * The figures that a GPU is judged by, beside PyTorch's on the same card in the same run:
 *
 *   npm run bench:hardware -- [--only train,predict,host,sweep,compiled] [--precision f32,f16x2,f16]
 *   [--model RUN]
 *     [--rounds 5] [--seconds 240] [--quick] [--adapter NAME] [--json FILE]
 *
 * Each figure has a goal, and each precision is compared with its own. Runners take turns; times are medians
 * of runs that are warm and end with the result on the host. `compiled` comes last: what torch.compile makes,
 * which takes a minute to compile, beside ours; what is not compiled in time is left out, so that everything
 * ends within `--seconds`. `--model` takes a trained model in place of drawn weights; `--quick` is a trial of
 * the bench itself, of sizes that say nothing about a GPU. The file is written after every part. Exits with 1
 * where a goal is missed.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadModel } from '../dist/files.node.js';
import { gia, requestGpu } from '../dist/index.js';
import { Figures } from './figures.mjs';
import { BATCH, KINDS, partsOf, SIZES } from './hardware-parts.mjs';
import { ADAM, examples, paper, seededWeights } from './network.mjs';
import { describe, recordOf } from './record.mjs';
import { Runners } from './runners.mjs';

const started = performance.now();
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
const names = options.only?.split(',') ?? Object.keys(KINDS);
const unknown = names.find((name) => !(name in KINDS));
if (unknown) {
  console.error(`there is no part "${unknown}"; choose from ${Object.keys(KINDS).join(', ')}`);
  process.exit(2);
}

const needed = names.flatMap((name) => KINDS[name]);

const gpu = await requestGpu(options.adapter === undefined ? {} : { adapter: options.adapter });
const record = { ...recordOf(gpu), quick: options.quick };
console.log(describe(record));
const { architecture, weights } = await network();
gpu.dispose();

const { length } = architecture;
const { codes } = gia.makeBackgrounds({ kind: 'uniform', count: size.sequences, length, seed: 1 });
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
const secondsLeft = () => Number(options.seconds) - (performance.now() - started) / 1000;
const parts = partsOf({ size, runners, figures, codes, probes, length, secondsLeft });

async function network() {
  if (options.model === undefined) {
    const drawn = paper();
    return { architecture: drawn, weights: seededWeights(drawn, 1) };
  }
  const { model } = await loadModel(gpu, options.model);
  const sizes = nn.residualSizes(model.architecture);
  if (!sizes)
    throw new Error(
      `${options.model}: other libraries build ResidualBind alone, and this is another network`,
    );
  const loaded = { architecture: sizes, weights: await model.weights() };
  model.dispose();
  return loaded;
}

function stopAtOnce() {
  runners.stop();
  process.exit(1);
}
process.once('SIGINT', stopAtOnce);
process.once('SIGTERM', stopAtOnce);

try {
  for (const name of names) {
    await parts[name]();
    const { rows, absent } = figures;
    if (options.json)
      await writeFile(options.json, `${JSON.stringify({ ...record, rows, absent }, null, 2)}\n`);
  }
} finally {
  runners.stop();
}
if (figures.rows.some(({ isMet }) => isMet === false)) process.exitCode = 1;
