/** Sweeps a model on a GPU. Patterns share work if the model shows its layers and if sharing is faster. */

import { kindOf } from '../../device/adapter/adapter-info.js';
import { preparePrecision } from '../../kernels/precision.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import { chooseMethod, type Method, type MethodOptions, type NaiveReason } from '../method.js';
import { isLayered, type LayeredModel, type Predicts, readoutsOf, sequencesAtOnce } from '../model.js';
import { keptProfiles, type StructureOptions } from '../structure.js';
import { barePredictions } from './bare-predictions.js';
import { chunkChoice, matrixChoice } from './chunk-choice.js';
import { type EmbeddingSize, EmbeddingSweep } from './embedding-sweep.js';
import type { Engine } from './engine.js';
import type { PatternSet } from './partition.js';
import type { SweepPlan } from './plan.js';
import { runEngine } from './runner.js';
import { SharedSweep } from './shared-sweep.js';
import { type SizeOptions, sweepSize } from './size.js';
import type { RunOptions, SweepCosts, SweepState } from './state.js';

/** The result of a sweep, and how it was computed. */
export interface GpuSweep {
  readonly method: Method;
  /** Why `naive` was chosen, if no method was given. */
  readonly reason?: NaiveReason | undefined;
  /** Predictions of the bare backgrounds, [E * outputs, N]. */
  readonly bare: Float32Array;
  readonly state: SweepState;
  readonly work: SweepCosts;
}

type Options = RunOptions & MethodOptions & SizeOptions & StructureOptions;

/**
 * Statistics of the local importances of P patterns over all backgrounds.
 *
 * @throws PrecisionError; ArgumentError for a method that does not apply; OutOfMemoryError; and as
 * `runEngine`
 */
export async function sweepOnGpu(
  model: Predicts,
  set: PatternSet,
  backgrounds: Backgrounds,
  options: Options,
): Promise<GpuSweep> {
  const { precision = 'f32' } = options;
  const { gpu } = model;
  await preparePrecision(gpu, precision, 'sweeps');
  const { plan, reason } = chooseMethod(model, set, backgrounds.count, options);
  const { codes, count } = backgrounds;
  const profile = await keptProfiles(model, backgrounds, options);
  const sequences = { codes, count, profile };
  const bare = await barePredictions(model, sequences, precision);
  using base = bare.tensor;
  using engine: Engine & Disposable =
    plan && isLayered(model)
      ? await sharedSweep(model, plan, backgrounds, options)
      : await EmbeddingSweep.create(
          model,
          set,
          sequences,
          embeddingSize(model, set, backgrounds.count, options),
        );
  const { state, work } = await runEngine(model, set.names, engine, base, backgrounds, options);
  return { method: plan?.method ?? 'naive', reason, bare: bare.values, state, work };
}

async function sharedSweep(
  model: LayeredModel,
  plan: SweepPlan,
  backgrounds: Backgrounds,
  options: Options,
): Promise<SharedSweep> {
  const { gpu } = model;
  const matrices = options.precision === 'f16' ? matrixChoice(gpu, model, plan) : undefined;
  const choice = matrices ?? chunkChoice(gpu, model, plan);
  const limits = { kind: kindOf(gpu.adapter), bindable: gpu.limits.maxStorageBufferBindingSize };
  const size = sweepSize(plan, model, backgrounds.count, choice.kind, limits, options);
  return await SharedSweep.create(model, plan, backgrounds, size, choice);
}

/** Bytes of a block's predictions on the GPU. */
const BLOCK_BYTES = 32 * 2 ** 20;

/** Sizes of a sweep in which patterns share no work. */
export function embeddingSize(
  model: Predicts,
  { names }: Pick<PatternSet, 'names'>,
  count: number,
  { chunk, precision }: Pick<Options, 'chunk' | 'precision'>,
): EmbeddingSize {
  const block = Math.floor(BLOCK_BYTES / (4 * names.length * readoutsOf(model)));
  const path = precision === 'f16' ? 'storage' : 'f32';
  return {
    block: Math.max(1, Math.min(count, block)),
    chunk: chunk ?? sequencesAtOnce(model, path),
    path,
  };
}
