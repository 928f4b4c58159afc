/**
 * Time of a model-epoch: one model alone, and several side by side (`nn.fitMany`), by the fused kernels and
 * by one kernel after another; and from the fastest the time of a whole compendium.
 *
 *   npm run bench:many -- [--models 32] [--probes 100000] [--missing 0.03] [--epochs 2] [--json FILE]
 *
 * Experiments are simulated: the same probes, scores of their own motifs, and some of them missing. Times are
 * of whole epochs with validation and everything that the host does between two epochs, without the first
 * epoch, which compiles. A checksum says whether models have the same bits alone and together.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { data, nn, requestGpu } from '../dist/index.js';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '32' },
    probes: { type: 'string', default: '100000' },
    missing: { type: 'string', default: '0.03' },
    epochs: { type: 'string', default: '2' },
    json: { type: 'string' },
  },
});
const [models, count, missing, epochs] = [values.models, values.probes, values.missing, values.epochs].map(
  Number,
);
/** Experiments and epochs of the paper's compendium. */
const COMPENDIUM = { experiments: 244, epochs: 100 };

const MOTIFS = ['UGCAUG', 'UUUUUU', 'GGAGGA', 'CACACA'];

const gpu = await requestGpu();
const { probes } = data.simulateProbes({ count, seed: 1 });
const codes = data.encodeSequences(probes.sequences, 41);
const trained = Math.floor(0.9 * count);

/** Normalised scores of a motif, of which some are missing. */
function scoresOf(e) {
  const motif = MOTIFS[e % MOTIFS.length].slice(0, 4);
  const hash = (i) => Math.abs(Math.sin(12.9898 * (i + 1) + 78.233 * e) * 43758.5453) % 1;
  const raw = Float32Array.from(
    probes.sequences,
    (sequence, i) => Number(sequence.includes(motif)) + hash(i),
  );
  const scores = data.applyTransform(data.fitTransform(raw), raw);
  return scores.map((score, i) => (hash(i + count) < missing ? Number.NaN : score));
}

const range = (first, last) => Array.from({ length: last - first }, (_, i) => first + i);
const shared = { train: range(0, trained), valid: range(trained, count) };

/** Milliseconds of a model-epoch after the first epoch, and the sha256 of the first model. */
async function measure(side, fused) {
  const experiments = [];
  for (let e = 0; e < side; e++)
    experiments.push({
      ...shared,
      scores: scoresOf(e),
      seed: e,
      model: await nn.ResidualBind.create(gpu, { seed: e }),
    });
  const ends = [];
  await nn.fitMany({ codes }, experiments, {
    epochs: epochs + 1,
    modelsAtOnce: side,
    fused,
    onEpoch: (_, { epoch }) => {
      ends[epoch] = performance.now();
    },
  });
  const hash = createHash('sha256');
  for (const { data: numbers } of Object.values(await experiments[0].model.weights())) hash.update(numbers);
  for (const { model } of experiments) model.dispose();
  return { side, fused, ms: (ends[epochs + 1] - ends[1]) / epochs / side, sha256: hash.digest('hex') };
}

console.log(
  `${gpu.adapter.name} · ${count} probes · ${models} experiments · ${new Date().toISOString().slice(0, 10)}`,
);
const rows = [];
for (const fused of gpu.adapter.class === 'hardware' ? [true, false] : [false]) {
  const [alone, together] = [await measure(1, fused), await measure(models, fused)];
  rows.push(alone, together);
  const kernels = fused ? 'fused kernels' : 'one kernel after another';
  console.log(
    `${kernels}: ${alone.ms.toFixed(0)} ms a model-epoch alone, ${together.ms.toFixed(0)} with ${models}: ` +
      `${(alone.ms / together.ms).toFixed(1)} times; the first model has ${alone.sha256 === together.sha256 ? 'the same bits' : 'OTHER BITS'}`,
  );
  if (alone.sha256 !== together.sha256) process.exitCode = 1;
}
const fastest = Math.min(...rows.map(({ ms }) => ms));
const minutes = (fastest * COMPENDIUM.experiments * COMPENDIUM.epochs) / 60_000;
console.log(
  `${COMPENDIUM.experiments} experiments of ${COMPENDIUM.epochs} epochs: ${minutes.toFixed(0)} minutes`,
);
if (values.json)
  writeFileSync(
    values.json,
    JSON.stringify({ adapter: gpu.adapter.name, probes: count, rows, minutes }, null, 2),
  );
gpu.dispose();
