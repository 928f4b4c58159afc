/**
 * Trains simulated experiments in folders, as a process that a test kills: `node fit-in-folders.mjs FOLDER`
 * says "ready" when training begins. Run again, it goes on.
 */

import { join } from 'node:path';
import { fitManyInFolders } from '../../dist/files.node.js';
import { data, nn, requestGpu } from '../../dist/index.js';

const [folder] = process.argv.slice(2);
const { probes } = data.simulateProbes({ count: 160, seed: 3, noise: 0.2 });
const codes = data.encodeSequences(probes.sequences, 41);
const gpu = await requestGpu();
const experiments = [];
for (const e of [0, 1, 2, 3, 4, 5, 6, 7]) {
  const scores = data
    .applyTransform(data.fitTransform(probes.scores), probes.scores)
    .map((score, i) => ((5 * i + e) % 13 < e / 3 ? Number.NaN : score));
  experiments.push({
    folder: join(folder, String(e)),
    identity: { seed: e },
    facts: { seed: e },
    model: await nn.ResidualBind.create(gpu, { filters: 4, hidden: 8, seed: e }),
    scores,
    train: Array.from({ length: 125 - 2 * e }, (_, i) => i),
    valid: Array.from({ length: 35 }, (_, i) => 125 + i),
    seed: e,
  });
}
await fitManyInFolders({ codes }, experiments, {
  earlier: 'resume',
  epochs: 8,
  batch: 25,
  learningRate: 1e-2,
  stopPatience: 3,
  decayPatience: 1,
  modelsAtOnce: 5,
  onReady: () => process.stdout.write('ready\n'),
});
for (const { model } of experiments) model.dispose();
gpu.dispose();
