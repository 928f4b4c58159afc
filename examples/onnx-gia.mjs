/**
 * Asks a model of another library what it has learned: `node examples/onnx-gia.mjs MODEL.onnx LENGTH MOTIF`. It needs
 * `npm install onnxruntime-node`, and no GPU: onnxruntime makes all predictions.
 *
 * Prints for every output of the model the importance of MOTIF and the five most important 3-mers in the middle of the
 * sequence, and what the experiments find. Backgrounds are random letters; real work takes them from the sequences that
 * the model was trained on ({ kind: 'dinuc', sequences }).
 */
import { gia } from 'residualbind-webgpu';
import { readoutsOfResult, runAll } from 'residualbind-webgpu/experiments';
import { descriptionOf, findingOf } from 'residualbind-webgpu/report';
import { openOnnx } from './onnx-model.mjs';

const [path, lengthText, motif] = process.argv.slice(2);
const length = Number(lengthText);
if (!motif || !Number.isInteger(length)) {
  console.error('usage: node examples/onnx-gia.mjs MODEL.onnx LENGTH MOTIF');
  process.exit(2);
}
const model = await openOnnx(path, { length });
const backgrounds = gia.makeBackgrounds({ kind: 'uniform', count: 50, length, seed: 1 });
const middle = Math.floor((length - motif.length) / 2);

const { models } = await gia.importance(model, [gia.parsePattern(`${motif}@${middle}`)], backgrounds);
const sweep = await gia.sweep(model, { k: 3, position: middle, backgrounds });
models.forEach(({ mean, task = '1' }, output) => {
  const importances = sweep.patterns.map((kmer, p) => ({ kmer, value: sweep.models[output].mean[p] }));
  const best = importances.sort((a, b) => b.value - a.value).slice(0, 5);
  console.log(`output ${task}: ${motif} at position ${middle} has the importance ${mean[0].toFixed(6)}`);
  console.log(
    `  best 3-mers there: ${best.map(({ kmer, value }) => `${kmer} ${value.toFixed(4)}`).join(', ')}`,
  );
});

for (const result of await runAll(model, { motif, backgrounds })) {
  console.log(`${result.experiment}: ${descriptionOf(result)}.`);
  for (const readout of readoutsOfResult(result))
    console.log(`  output ${readout.task ?? '1'}: ${findingOf(result, readout) ?? 'no finding'}`);
}
