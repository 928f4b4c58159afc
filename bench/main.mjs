/**
 * Benchmarks: `npm run bench -- [train] [predict] [sweep] [--adapter NAME] [--json FILE] [--quick]`.
 *
 * Each case is warm, has the synchronisation inside, runs several times under benchmark.js and gives its median with
 * what it took: dispatches, submits, new bind groups and uploads per run. Kernels' own benchmarks and peers are a
 * matter of later suites; figures of different adapters are never put side by side.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import Benchmark from 'benchmark';
import { requestGpu } from 'residualbind-webgpu';
import { cases } from './cases.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : Object.keys(cases);
const unknown = names.find((name) => !(name in cases));
if (unknown) {
  console.error(`there is no benchmark "${unknown}"; choose from ${Object.keys(cases).join(', ')}`);
  process.exit(2);
}

const median = (sample) => [...sample].sort((a, b) => a - b)[Math.floor(sample.length / 2)];

/** Runs `once` under benchmark.js. @returns seconds of every run */
function time(name, once, { minSamples, maxTime }) {
  return new Promise((resolve, reject) => {
    new Benchmark({
      name,
      defer: true,
      minSamples,
      maxTime,
      fn: (deferred) => once().then(() => deferred.resolve(), reject),
      onComplete: ({ target }) => resolve(target.stats.sample),
      onError: ({ target }) => reject(target.error),
    }).run({ async: true });
  });
}

const gpu = await requestGpu(options.adapter === undefined ? {} : { adapter: options.adapter });
const effort = options.quick ? { minSamples: 3, maxTime: 2 } : { minSamples: 9, maxTime: 20 };
console.log(`adapter: ${gpu.adapter.name} (${gpu.adapter.class}); node ${process.version}\n`);
const rows = [];
try {
  for (const name of names) {
    const { title, unit, amount, flops, once, dispose } = await cases[name](gpu);
    await once();
    const before = { ...gpu.counters };
    await once();
    const took = Object.fromEntries(
      Object.entries(gpu.counters).map(([key, count]) => [key, count - before[key]]),
    );
    const sample = await time(title, once, effort);
    const seconds = median(sample);
    rows.push({
      name,
      title,
      runs: sample.length,
      seconds,
      rate: amount / seconds,
      unit,
      gflops: flops / seconds / 1e9,
      ...took,
    });
    dispose();
  }
} finally {
  gpu.dispose();
}

const columns = {
  benchmark: ({ title }) => title,
  'ms a run': ({ seconds }) => (1000 * seconds).toFixed(1),
  rate: ({ rate, unit }) => `${rate.toFixed(0)} ${unit}/s`,
  'GFLOP/s': ({ gflops }) => gflops.toFixed(1),
  dispatches: ({ dispatches }) => String(dispatches),
  submits: ({ submits }) => String(submits),
  'new bind groups': ({ bindGroups }) => String(bindGroups),
  'uploaded bytes': ({ uploadedBytes }) => String(uploadedBytes),
  runs: ({ runs }) => String(runs),
};
const table = [Object.keys(columns), ...rows.map((row) => Object.values(columns).map((cell) => cell(row)))];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
for (const row of table) console.log(row.map((cell, i) => cell.padEnd(widths[i])).join('  '));

if (options.json) {
  const { adapter } = gpu;
  const document = { date: new Date().toISOString(), node: process.version, adapter, rows };
  await writeFile(options.json, `${JSON.stringify(document, null, 2)}\n`);
}
