/**
 * Where a training step and a prediction spend their time: `npm run bench:kernels -- [--adapter NAME]`. Every dispatch of
 * the recorded plan is replayed by itself, so the sum can exceed the whole, which overlaps them.
 */
import { parseArgs } from 'node:util';
import { data, nn, ResidualBind, requestGpu } from 'residualbind-webgpu';

const { values: options } = parseArgs({ options: { adapter: { type: 'string' } } });
const gpu = await requestGpu(options.adapter === undefined ? {} : { adapter: options.adapter });
console.log(`adapter: ${gpu.adapter.name} (${gpu.adapter.class}); node ${process.version}`);

/** Milliseconds of replaying these steps of a plan: the median of three. */
async function time(steps) {
  const samples = [];
  for (let run = 0; run < 3; run++) {
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, bindGroup, workgroups } of steps) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
    pass.end();
    const start = performance.now();
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.device.queue.onSubmittedWorkDone();
    samples.push(performance.now() - start);
  }
  return samples.sort((a, b) => a - b)[1];
}

async function profile(title, { steps, recording }) {
  await time(steps);
  console.log(`\n${title}: ${(await time(steps)).toFixed(1)} ms, ${steps.length} dispatches`);
  const kernels = new Map();
  for (const [i, step] of steps.entries()) {
    const { label } = recording.dispatches[i].program;
    const { calls, ms } = kernels.get(label) ?? { calls: 0, ms: 0 };
    kernels.set(label, { calls: calls + 1, ms: ms + (await time([step])) });
  }
  const rows = [...kernels].sort(([, a], [, b]) => b.ms - a.ms);
  for (const [label, { calls, ms }] of rows)
    console.log(`  ${label.padEnd(30)} ${String(calls).padStart(3)} calls ${ms.toFixed(2).padStart(8)} ms`);
}

const { probes } = data.simulateProbes({ count: 512, seed: 1 });
const codes = data.encodeSequences(probes.sequences);
const scores = Float32Array.from(probes.scores, Math.log);
const model = await ResidualBind.create(gpu);
const batch = nn.Dataset.upload(
  gpu,
  model.architecture,
  { codes: codes.subarray(0, 4100) },
  scores.subarray(0, 100),
);
const step = await nn.TrainingStep.record(model, batch, { batch: 100, seed: 1 });
await profile('training step, batch 100', step.plans.get(100));
const all = nn.Dataset.upload(gpu, model.architecture, { codes });
const predictor = await nn.Predictor.create(gpu, model, all);
await profile('prediction of 512', predictor.plan);
await gpu.sync();
for (const held of [predictor, all, step, batch, model, gpu]) held.dispose();
