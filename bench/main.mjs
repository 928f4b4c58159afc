/** Benchmarks of the product beside other libraries: `npm run bench -- --help` says which. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { requestGpu } from '../dist/index.js';
import { forward } from './cases/forward.mjs';
import { kernels } from './cases/kernels.mjs';
import { sweep } from './cases/sweep.mjs';
import { train } from './cases/train.mjs';
import { ADAM, paper, seededWeights } from './network.mjs';
import { describe, recordOf } from './record.mjs';
import { Runners } from './runners.mjs';
import { absentLines, number, table } from './table.mjs';

const CASES = { kernels, forward, train, sweep };

const HELP = `npm run bench -- [kernels] [forward] [train] [sweep] [options]      all four where none is named

  kernels   every kernel of a training step and of a prediction: ms, share of the roofline
  forward   predictions, beside other libraries
  train     a training step of 100 sequences, beside other libraries
  sweep     all 6-mers at one position: ours by every method, beside predictions by other libraries

  --adapter NAME           hardware, lavapipe, swiftshader or part of an adapter's name
  --precision f32,f16,...  f32 (the default), f16x2, f16: ours and others', each beside its own
  --quick                  ends within three minutes
  --json FILE              writes all figures; npm run bench:compare A.json B.json compares two such files

Other libraries run on the same adapter, or on this machine's processor, for context. npm run bench:peers installs
them; PyTorch is used where a python3 has it, and its rows of CUDA appear where it finds a CUDA device. Without other
libraries the product is timed alone.`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    precision: { type: 'string', default: 'f32' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}
const names = positionals.length > 0 ? positionals : Object.keys(CASES);
const precisions = options.precision.split(',');
refuseUnknown('benchmark', names, Object.keys(CASES));
refuseUnknown('precision', precisions, ['f32', 'f16x2', 'f16']);

function refuseUnknown(what, given, known) {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  console.error(`there is no ${what} "${unknown}"; choose from ${known.join(', ')}`);
  process.exit(2);
}

const { adapter, quick } = options;
const architecture = paper();
const weights = seededWeights(architecture, 1);
const gpu = await requestGpu(adapter === undefined ? {} : { adapter });
const record = { ...recordOf(gpu), quick, cases: {}, ratios: {} };

/** Ours in f32 is what everything is compared with; TF32 is how PyTorch multiplies numbers of f32 faster. */
const isWanted = ({ kind, precision = 'f32' }) =>
  precisions.includes(precision) ||
  (precision === 'tf32' && precisions.includes('f32')) ||
  (precision === 'f32' && kind === 'ours');

let started;
/** The processes of all libraries, started by the first case that compares. */
async function runners() {
  if (!started) {
    started = await Runners.start({ adapter, architecture, weights, adam: ADAM }, isWanted);
    for (const { name, about } of started.running) record.versions[name] = about.version;
  }
  return started;
}

function print({ title, columns, rows, absent, ratios }) {
  console.log(`\n${title}\n`);
  console.log(table(columns, rows));
  for (const { name, note } of rows) if (note) console.log(`${name}: ${note}`);
  for (const line of absentLines(absent)) console.log(line);
  for (const [name, ratio] of Object.entries(ratios))
    console.log(`${name}: ${ratio === null ? 'nothing to compare with' : number(ratio, 2)}`);
}

console.log(describe(record));
try {
  for (const name of names) {
    const result = await CASES[name]({ adapter, gpu, architecture, weights, runners, quick });
    print(result);
    const { columns, ratios, ...kept } = result;
    record.cases[name] = kept;
    Object.assign(record.ratios, ratios);
  }
} finally {
  started?.stop();
  gpu.dispose();
}
if (options.json) await writeFile(options.json, `${JSON.stringify(record, null, 2)}\n`);
