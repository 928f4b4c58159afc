/** The library in twenty lines, as in the README: simulate, train, ask. */
import { data, gia, nn, ResidualBind, requestGpu } from 'residualbind-webgpu';

const gpu = await requestGpu(); // or requestGpu({ gpu: navigator.gpu }), Gpu.fromDevice(device)
const { probes } = data.simulateProbes({ count: 4000, motif: 'UGCAUG', seed: 1 });
const codes = data.encodeSequences(probes.sequences); // [4000 * 41] base codes
const scores = Float32Array.from(probes.scores, Math.log);

const model = await ResidualBind.create(gpu, { preset: 'paper', filters: 32, hidden: 64, seed: 1 });
const train = { codes: codes.subarray(0, 3600 * 41), scores: scores.subarray(0, 3600) };
const valid = { codes: codes.subarray(3600 * 41), scores: scores.subarray(3600) };
await nn.fit(model, train, valid, { epochs: 10, onEpoch: (report) => console.log(report) });

const backgrounds = gia.makeBackgrounds({
  kind: 'profile',
  count: 100,
  length: 41,
  seed: 1,
  sequences: codes,
});
const result = await gia.importance(model, [gia.parsePattern('UGCAUG@17')], backgrounds);
console.log(result.models[0].mean[0]); // global importance of UGCAUG at position 17
console.log(gia.lettersIn(backgrounds)); // { start: 0, end: 41 }: where patterns may stand

model.dispose();
gpu.dispose();
