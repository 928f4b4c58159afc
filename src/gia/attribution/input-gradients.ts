/**
 * Gradients of predictions with respect to the one-hot input, at points between a baseline and each sequence:
 * one recorded plan, replayed batch by batch. `saliency.ts` asks for one point, `integrated.ts` for a path.
 */

import { count as counted } from '../../device/count.js';
import { CancelledError, ShapeError } from '../../device/errors.js';
import { Owned } from '../../device/owned.js';
import { sizeFor } from '../../device/sizes.js';
import { inputPath, pathSum } from '../../kernels/attribution.js';
import { createControl } from '../../kernels/control.js';
import { lossKindOf, outputsOf, widestOf } from '../../nn/architecture.js';
import { withStructure } from '../../nn/contexts.js';
import { Dataset, type Sequences } from '../../nn/dataset.js';
import { forward } from '../../nn/network.js';
import { sigmoid } from '../../tensor/operations.js';
import { Tape } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import type { LayeredModel } from '../model.js';
import { type AttributionOptions, checkFinite } from './attribution.js';

export interface GradientPath {
  /** Where the points lie, [P]: 0 is the baseline, 1 the sequence. */
  readonly t: Float32Array;
  /** How much each point's gradient counts, [P]. */
  readonly weights: Float32Array;
  /** Where the path begins, [L, 4]. Positions without a letter begin and stay at zero. */
  readonly baseline: Float32Array;
  /** Whether weighted gradients are multiplied by the distance from the baseline. */
  readonly integrate: boolean;
}

export interface PathGradients {
  /** [E * outputs, N, 4, L]; 0 where a sequence has no letter. */
  readonly scores: Float32Array;
  /** Predictions at the points, [E * outputs, N, P]. */
  readonly predictions: Float32Array;
}

/**
 * Differentiates the prediction (for classification the probability) in evaluation mode, with respect to
 * letters: structure profiles are those of the sequences at every point.
 *
 * @throws ShapeError or InvalidSequenceError naming the sequence; ShapeError for more points than memory can
 * hold; CancelledError; NotFiniteError
 */
export async function inputGradients(
  model: LayeredModel,
  sequences: Sequences,
  { t, weights, baseline, integrate }: GradientPath,
  { signal, onProgress }: AttributionOptions,
): Promise<PathGradients> {
  const { gpu, architecture, models } = model;
  const outputs = outputsOf(architecture);
  const { length, channels } = architecture;
  const points = t.length;
  using dataset = Dataset.upload(
    gpu,
    architecture,
    await withStructure(gpu, architecture, sequences, { signal }),
  );
  const count = dataset.records;
  const records = Math.min(count, recordsAtOnce(model, points));
  const shape = { models, records, points, length, channels };
  const control = createControl(gpu);
  try {
    const { plan, result } = await recordBatch();
    using _plan = plan;
    using onGpu = new Owned();
    for (const scores of result.scores) onGpu.own(scores);
    const predictionsOnGpu = onGpu.own(result.predictions);
    const scores = new Float32Array(models * outputs * count * 4 * length);
    const predictions = new Float32Array(models * outputs * count * points);
    for (let first = 0; first < count; first += records) {
      if (signal?.aborted)
        throw new CancelledError(
          `the attribution was cancelled after ${first} of ${counted(count, 'sequence')}`,
        );
      control.set({ record: first });
      plan.run();
      const held = Math.min(records, count - first);
      for (const [output, scoresOnGpu] of result.scores.entries())
        copy(await scoresOnGpu.readFloats(), scores, { first, held, output, size: 4 * length });
      const predicted = await predictionsOnGpu.readFloats();
      for (let output = 0; output < outputs; output++)
        copy(ofOutput(predicted, output), predictions, { first, held, output, size: points });
      onProgress?.({ done: (first + held) * points, total: count * points });
    }
    checkFinite(scores, count, length);
    return { scores, predictions };
  } finally {
    control.dispose();
  }

  /** Records the forward pass, the way back and the sum, for one batch. */
  async function recordBatch() {
    using places = Tensor.from(gpu, t, [points]);
    using pointShares = Tensor.from(gpu, weights, [points]);
    using start = Tensor.from(gpu, baseline, [length, 4]);
    return await gpu.record(() => {
      using input = dataset.batch(control, records);
      const { codes, profile } = input;
      using x = Tensor.empty(gpu, [models, records * points, length, channels]);
      inputPath(gpu, { codes, t: places, baseline: start, profile, x }, shape);
      using tape = new Tape();
      using raw = tape.watch(() => forward(model, { x }, { kind: 'evaluation' }));
      using predicted =
        lossKindOf(architecture) === 'classification' ? tape.watch(() => sigmoid(raw)) : raw.retain();
      const scores = Array.from({ length: outputs }, (_, output) => {
        // Rows do not meet in evaluation, so the gradient of an output's sum holds every row's own.
        const shares = Float32Array.from({ length: predicted.size }, (_, i) =>
          Number(i % outputs === output),
        );
        using gradients = tape.gradients(predicted, [x], undefined, shares)[0]!;
        const of = Tensor.empty(gpu, [models, records, 4, length]);
        pathSum(
          gpu,
          { codes, weights: pointShares, gradients, baseline: integrate ? start : undefined, scores: of },
          shape,
        );
        return of;
      });
      return { scores, predictions: predicted.retain() };
    });
  }

  /** Puts a batch's part [E, records, size] into its place in [E * outputs, count, size]. */
  function copy(
    from: Float32Array,
    to: Float32Array,
    {
      first,
      held,
      output,
      size,
    }: { readonly first: number; readonly held: number; readonly output: number; readonly size: number },
  ): void {
    for (let e = 0; e < models; e++) {
      const start = e * records * size;
      to.set(from.subarray(start, start + held * size), ((e * outputs + output) * count + first) * size);
    }
  }

  /** One output's part of predictions [E, rows, outputs]. */
  function ofOutput(predicted: Float32Array, output: number): Float32Array {
    return Float32Array.from(
      { length: predicted.length / outputs },
      (_, i) => predicted[i * outputs + output]!,
    );
  }
}

/** Sequences of a batch. @throws ShapeError where not even one fits with all its points */
function recordsAtOnce({ gpu, models, architecture }: LayeredModel, points: number): number {
  const most = Math.floor(gpu.limits.maxStorageBufferBindingSize / (4 * models * widestOf(architecture)));
  if (points > most)
    throw new ShapeError(`${points} points of a path are too many for ${gpu.adapter.name}: ${most} at most`);
  const wanted = sizeFor(gpu.adapter, 'differentiated');
  return Math.max(1, Math.floor(Math.min(wanted, most) / points));
}
