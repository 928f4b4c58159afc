/**
 * Holds this implementation against another one: `node examples/compare-weights.mjs DIR`.
 *
 * DIR/manifest.json names, for each of weights, forward, grads and adam3 (`*.f32.bin`, little-endian float32), the
 * tensors in it with shape, offset and length in floats, and the rows of `sequences.u8.bin` (one base code a byte)
 * that were evaluated (`golden`) and trained on (`train`). Prints the largest error of every tensor: evaluation
 * outputs (absolute), training-mode gradients (relative to the tensor's largest), and parameters after three Adam
 * steps (absolute). Exits with 1 if one exceeds 1e-4, 1e-3 or 1e-4.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nn, ResidualBind, requestGpu } from 'residualbind-webgpu';

const [directory] = process.argv.slice(2);
if (!directory) {
  console.error('usage: node examples/compare-weights.mjs DIR');
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));

/** The tensors of one file by name: { shape, data }. */
function tensors(file) {
  const bytes = readFileSync(join(directory, file));
  return Object.fromEntries(
    manifest.tensors[file].map(({ name, shape, offset, length }) => {
      const data = Float32Array.from({ length }, (_, i) => bytes.readFloatLE(4 * (offset + i)));
      return [name, { shape, data }];
    }),
  );
}

const { length, rows, file } = manifest.sequences;
const codes = new Uint8Array(readFileSync(join(directory, file)));
const rowsOf = ([from, to]) => ({ codes: codes.slice(from * length, to * length) });

const weights = tensors('weights.f32.bin');
const forward = tensors('forward.f32.bin');
const training = { ...rowsOf(rows.train), scores: forward['train.targets'].data };

let failed = false;
function report(what, name, ours, theirs, limit, relative) {
  const scale = relative ? theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : 1;
  const error = theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i])), 0) / scale;
  const verdict = error <= limit ? 'ok' : `ABOVE ${limit}`;
  failed ||= !(error <= limit);
  console.log(`${what.padEnd(10)} ${name.padEnd(14)} ${error.toExponential(2).padStart(9)}  ${verdict}`);
}

const gpu = await requestGpu();
console.log(`adapter: ${gpu.adapter.name}`);

// Weights in, predictions out.
const model = await ResidualBind.fromWeights(gpu, weights, { length });
const predictions = await model.predict(rowsOf(rows.golden));
report('forward', 'eval.outputs', predictions, forward['eval.outputs'].data, 1e-4, false);

// Gradients of the mean squared error, batch statistics, no dropout.
const { gradients } = await model.gradients(training, training.scores);
for (const [name, { data }] of Object.entries(tensors('grads.f32.bin'))) {
  report('gradient', name, gradients[name].data, data, 1e-3, true);
}

// Three Adam steps on the same rows, from the same weights; the other side adds epsilon after the bias correction.
await model.load([weights]);
const dataset = nn.Dataset.upload(gpu, model.architecture, training, training.scores);
const step = await nn.TrainingStep.record(model, dataset, {
  batch: dataset.records,
  seed: 1,
  dropout: false,
  epsilonForm: 'torch',
});
for (const count of [1, 2, 3]) step.run(0, count, 1e-3);
const trained = await model.weights();
for (const [name, { data }] of Object.entries(tensors('adam3.f32.bin'))) {
  // Running variances are kept biased here; the file has both kinds.
  if (`${name}.biased` in tensors('adam3.f32.bin')) continue;
  report('adam x 3', name, trained[name.replace('.biased', '')].data, data, 1e-4, false);
}
process.exitCode = failed ? 1 : 0;
