/**
 * Runs a global importance analysis: it gives an engine the backgrounds block by block, keeps running
 * statistics on the GPU, and reads only these back. `importance.ts` is the public function.
 */

import { count as counted } from '../../device/count.js';
import { Owned } from '../../device/owned.js';
import { Pace } from '../../device/pace.js';
import { createControl } from '../../kernels/control.js';
import { sweepStatistics } from '../../kernels/sweep/sweep.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import { type Predicts, readoutsOf } from '../model.js';
import { causeOfNaN } from '../structure.js';
import type { Engine } from './engine.js';
import {
  checkState,
  checkStatistics,
  keepBlock,
  type RunOptions,
  STATISTICS,
  SweepCancelledError,
  type SweepCosts,
  type SweepState,
} from './state.js';

/**
 * Statistics of the local importances of an engine's patterns over all backgrounds.
 *
 * @param base predictions of the bare backgrounds, [E * outputs, N]
 * @throws SweepCancelledError with the state reached; NotFiniteError naming the pattern
 */
export async function runEngine(
  model: Predicts,
  names: readonly string[],
  engine: Engine,
  base: Tensor,
  { count }: Backgrounds,
  options: RunOptions,
): Promise<{ readonly state: SweepState; readonly work: SweepCosts }> {
  const { signal, onProgress, keepLocal = false, resume, onCheckpoint, checkpointSeconds = 10 } = options;
  const { gpu } = model;
  const readouts = readoutsOf(model);
  const patterns = names.length;
  const start = { ...gpu.counters };
  const total = patterns * count;
  const local = keepLocal ? (resume?.local?.slice() ?? new Float32Array(readouts * total)) : undefined;
  if (resume) checkState(resume, { models: readouts, patterns, count, keepLocal });
  using state = Tensor.from(gpu, resume?.statistics ?? new Float32Array(readouts * STATISTICS * patterns), [
    readouts,
    STATISTICS,
    patterns,
  ]);
  using made = new Owned();
  const control = made.own(createControl(gpu));
  const { plan } = await gpu.record(() =>
    sweepStatistics(
      gpu,
      control,
      { predictions: engine.predictions, base, state },
      { models: readouts, patterns },
    ),
  );
  made.own(plan);
  const stateNow = async (backgrounds: number): Promise<SweepState> => {
    const statistics = await state.readFloats();
    checkStatistics(names, statistics, causeOfNaN(model));
    return { backgrounds, statistics, ...(local && { local: local.slice() }) };
  };

  const pace = new Pace(gpu.device.queue);
  let saved = performance.now();
  const begun = resume?.backgrounds ?? 0;
  let first = begun;
  let done = first * patterns;
  while (first < count) {
    const held = Math.min(engine.block, count - first);
    for (const pairs of engine.run(first, held)) {
      await pace.submitted();
      done += pairs;
      onProgress?.({ done, total });
      if (signal?.aborted) break;
    }
    if (signal?.aborted) break;
    control.set({ background: first, backgrounds: held });
    plan.run();
    if (local)
      keepBlock(local, await engine.predictions.readFloats(), {
        readouts,
        patterns,
        count,
        first,
        held,
        block: engine.block,
      });
    first += held;
    if (onCheckpoint && first < count && performance.now() - saved > 1000 * checkpointSeconds) {
      await onCheckpoint(await stateNow(first));
      saved = performance.now();
    }
  }
  await gpu.sync();
  const reached = await stateNow(first);
  if (first < count) {
    throw new SweepCancelledError(
      `the sweep was cancelled after ${first} of ${counted(count, 'background')}`,
      reached,
    );
  }
  const { dispatches, submits } = gpu.counters;
  return {
    state: reached,
    work: {
      pairs: total,
      dispatches: dispatches - start.dispatches,
      submits: submits - start.submits,
      ...(engine.multiplyAddsPerPair !== undefined && {
        multiplyAdds: engine.multiplyAddsPerPair * model.models * (total - begun * patterns),
      }),
      ...(engine.bytesPerPair !== undefined && { bytesPerPair: engine.bytesPerPair }),
    },
  };
}
