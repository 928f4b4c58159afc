/**
 * Benchmarks: `npm run bench -- [kernels] [forward] [train] [sweep] [--adapter NAME] [--json FILE] [--quick]`; all of
 * them where none is named. `forward` and `train` compare with other libraries on the same adapter, which
 * `npm run bench:peers` installs; without them they time the product alone.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { requestGpu } from '../dist/index.js';
import { forward } from './cases/forward.mjs';
import { kernels } from './cases/kernels.mjs';
import { sweep } from './cases/sweep.mjs';
import { train } from './cases/train.mjs';
import { ADAM, paper, seededWeights } from './network.mjs';
import { Runners } from './runners.mjs';
import { number, table } from './table.mjs';

const CASES = { kernels, forward, train, sweep };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(CASES);
const unknown = names.find((name) => !(name in CASES));
if (unknown) {
  console.error(`there is no benchmark "${unknown}"; choose from ${Object.keys(CASES).join(', ')}`);
  process.exit(2);
}

const { adapter, quick } = options;
const architecture = paper();
const weights = seededWeights(architecture, 1);
const gpu = await requestGpu(adapter === undefined ? {} : { adapter });
const dawn = JSON.parse(await readFile(new URL('../node_modules/webgpu/package.json', import.meta.url)));
const record = {
  date: new Date().toISOString(),
  adapter: gpu.adapter,
  versions: { node: process.version, webgpu: dawn.version },
  machine: { processor: cpus()[0].model, cores: cpus().length, loadBefore: loadavg()[0] },
  quick,
  cases: {},
  ratios: {},
};

let started;
/** The processes of all libraries, started by the first case that compares. */
async function runners() {
  if (!started) {
    started = await Runners.start({ adapter, architecture, weights, adam: ADAM });
    for (const { name, about } of started.running) record.versions[name] = about.version;
  }
  return started;
}

function print({ title, columns, rows, absent, ratios }) {
  console.log(`\n${title}\n`);
  console.log(table(columns, rows));
  for (const { name, note } of rows) if (note) console.log(`${name}: ${note}`);
  for (const { name, reason } of absent) console.log(`without ${name}: ${reason}`);
  for (const [name, ratio] of Object.entries(ratios))
    console.log(`${name}: ${ratio === null ? 'nothing to compare with' : number(ratio, 2)}`);
}

const { name: adapterName, class: adapterClass } = gpu.adapter;
console.log(`adapter: ${adapterName} (${adapterClass}); node ${process.version}, webgpu ${dawn.version}`);
console.log(`load: ${number(record.machine.loadBefore, 1)} on ${record.machine.cores} cores`);
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
