/** Times recorded dispatches: pipelines with their bind groups and grids, replayed in one pass. */

/** Submits `steps` `count` times and waits. @returns seconds */
export async function replay({ device }, steps, count) {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (let i = 0; i < count; i++) {
    for (const { pipeline, bindGroup, workgroups } of steps) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
  }
  pass.end();
  const commands = encoder.finish();
  const start = performance.now();
  device.queue.submit([commands]);
  await device.queue.onSubmittedWorkDone();
  return (performance.now() - start) / 1000;
}

const MOST_REPEATS = 10_000;

/**
 * Seconds of one step, measured several times. Each measurement repeats the step until it takes `seconds`, so
 * that the cost of the submit does not show.
 */
export async function samplesOf(gpu, step, { samples, seconds }) {
  let repeats = 1;
  let taken = await replay(gpu, [step], repeats);
  while (taken < seconds && repeats < MOST_REPEATS) {
    const wanted = Math.min(10, Math.max(2, (1.2 * seconds) / taken));
    repeats = Math.min(MOST_REPEATS, Math.ceil(repeats * wanted));
    taken = await replay(gpu, [step], repeats);
  }
  const all = [];
  while (all.length < samples) all.push((await replay(gpu, [step], repeats)) / repeats);
  return all;
}
