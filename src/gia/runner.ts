/**
 * The runner of global importance analysis: works off (pattern, background) pairs in chunks of one recorded plan, takes
 * local differences and their moments in kernels, and brings only statistics back. `importance.ts` is its face.
 */

import { CancelledError, NotFiniteError, ResidualBindError, ShapeError } from '../device/errors.js';
import type { Plan } from '../device/plan.js';
import type { UniformBlock } from '../device/uniform-block.js';
import * as kernels from '../kernels/embedding.js';
import { createControl, place } from '../kernels/training.js';
import { evaluate, type StorageFormat } from '../nn/evaluation.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { rowMoments } from '../tensor/reductions.js';
import { Tensor } from '../tensor/tensor.js';
import type { Backgrounds } from './backgrounds.js';
import { KEEP } from './patterns.js';

export interface ImportanceOptions {
  /** Ends the work after the running chunk with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Sequences predicted in one submit; chosen from the adapter's limits by default. Results do not depend on it. */
  readonly chunk?: number;
  /** Called after each chunk with the number of (pattern, background) pairs done. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Of kernels and activations; f16 needs an adapter with `shader-f16`. Default f32. */
  readonly storage?: StorageFormat | undefined;
  /** Also return every local importance. Default false. */
  readonly keepLocal?: boolean;
}

/** What one model says of P patterns over the same N backgrounds. */
export interface ModelImportance {
  /** Global importance: the mean local importance, [P]. */
  readonly mean: Float32Array;
  /** Variance of the local importances, ddof 1, [P]. */
  readonly variance: Float32Array;
  /** Every local importance, [P * N], when asked for. */
  readonly local?: Float32Array;
}

export interface ImportanceResult {
  /** Names of the patterns, [P]. */
  readonly patterns: readonly string[];
  /** Number of backgrounds, N. */
  readonly backgrounds: number;
  /** One entry per model of the E axis. */
  readonly models: readonly ModelImportance[];
  /** What the work took. */
  readonly work: { readonly pairs: number; readonly dispatches: number; readonly submits: number };
}

/** Bytes of local importances held on the GPU at a time: patterns are worked off in blocks that fit. */
const BLOCK_BYTES = 32 * 2 ** 20;

/**
 * Importances of the patterns whose overlays [patterns, length] u32 are given, under their names.
 *
 * @throws ShapeError when sizes do not go together; CancelledError; NotFiniteError naming the pattern
 */
export async function runPatterns(
  model: ResidualBind,
  names: readonly string[],
  overlays: Tensor,
  backgrounds: Backgrounds,
  { signal, onProgress, storage, keepLocal = false, chunk = defaultChunk(model) }: ImportanceOptions,
): Promise<ImportanceResult> {
  check(model, backgrounds, names.length);
  const { gpu, models } = model;
  const { count, length } = backgrounds;
  const start = { ...gpu.counters };
  const total = names.length * count;
  const block = Math.min(names.length, Math.max(1, Math.floor(BLOCK_BYTES / (4 * count * models))));
  using sequences = Tensor.from(gpu, backgrounds.codes, [count, length]);
  // The overlays may still be pending.
  await gpu.flush();
  using base = await bareBackgrounds(model, sequences, Math.min(chunk, count), storage);

  const control = createControl(gpu);
  using local = Tensor.zeros(gpu, [models, block, count]);
  const size = { patterns: names.length, backgrounds: count, chunk: Math.min(chunk, block * count), storage };
  const recorded = await gpu.record(() => {
    using predictions = predictEmbedded(model, control, overlays, sequences, size);
    const target = { predictions, base, importance: local };
    kernels.localImportance(gpu, control, target, {
      models,
      count: size.chunk,
      total: block * count,
      backgrounds: count,
    });
  });
  const reduced = await gpu.record(() => rowMoments(local));

  const results = Array.from({ length: models }, () => ({
    mean: new Float32Array(names.length),
    variance: new Float32Array(names.length),
    ...(keepLocal ? { local: new Float32Array(total) } : {}),
  }));
  try {
    for (let first = 0; first < names.length; first += block) {
      const held = Math.min(block, names.length - first);
      for (let at = 0; at < held * count; at += size.chunk) {
        if (signal?.aborted)
          throw new CancelledError(`the sweep was cancelled after ${first * count + at} of ${total} pairs`);
        control.set({ first: first * count + at, slot: at });
        recorded.plan.run();
        await gpu.device.queue.onSubmittedWorkDone();
        onProgress?.({ done: Math.min(first * count + at + size.chunk, total), total });
      }
      reduced.plan.run();
      const moments = await reduced.result.readFloats();
      const locals = keepLocal ? await local.readFloats() : undefined;
      results.forEach((result, e) => {
        for (let p = 0; p < held; p++) {
          result.mean[first + p] = moments[2 * (e * block + p)]!;
          result.variance[first + p] = moments[2 * (e * block + p) + 1]!;
        }
        if (locals)
          result.local?.set(locals.subarray(e * block * count, (e * block + held) * count), first * count);
      });
    }
    await gpu.sync();
  } finally {
    recorded.plan.dispose();
    reduced.result.dispose();
    reduced.plan.dispose();
    control.dispose();
  }
  for (const { mean, variance } of results) {
    const bad = mean.findIndex((value, p) => !Number.isFinite(value) || !Number.isFinite(variance[p]!));
    if (bad >= 0)
      throw new NotFiniteError(
        `the importance of "${names[bad]}" is ${mean[bad]} with variance ${variance[bad]}`,
      );
  }
  const { dispatches, submits } = gpu.counters;
  const work = { pairs: total, dispatches: dispatches - start.dispatches, submits: submits - start.submits };
  return { patterns: names, backgrounds: count, models: results, work };
}

function check({ architecture }: ResidualBind, { length, count }: Backgrounds, patterns: number): void {
  if (architecture.channels !== 4) {
    throw new ResidualBindError(
      'a model with structure channels needs a profile per embedded sequence; give one on sequence alone',
    );
  }
  if (length !== architecture.length)
    throw new ShapeError(
      `backgrounds of length ${length} do not fit a model of length ${architecture.length}`,
    );
  if (patterns * count >= 2 ** 32)
    throw new ShapeError(
      `${patterns} patterns times ${count} backgrounds are 2^32 pairs or more; use fewer backgrounds`,
    );
}

/** Enough sequences to fill the adapter, within what one binding holds. */
function defaultChunk({ gpu, architecture, models }: ResidualBind): number {
  const widest = 4 * models * architecture.length * architecture.filters;
  const fits = Math.floor(gpu.limits.maxStorageBufferBindingSize / widest);
  return Math.max(1, Math.min(fits, gpu.adapter.class === 'hardware' ? 4096 : 512));
}

interface Embedding {
  readonly chunk: number;
  readonly patterns: number;
  readonly backgrounds: number;
  readonly storage: StorageFormat | undefined;
}

/** Records embedding and prediction of one chunk of pairs: [E, chunk]. */
function predictEmbedded(
  model: ResidualBind,
  control: UniformBlock,
  overlays: Tensor,
  sequences: Tensor,
  { chunk, patterns, backgrounds, storage }: Embedding,
): Tensor {
  const { gpu, architecture } = model;
  const { length } = architecture;
  using codes = Tensor.empty(gpu, [1, chunk, length], 'u32');
  kernels.embed(
    gpu,
    control,
    { overlay: overlays, sequences, codes },
    { chunk, length, patterns, backgrounds },
  );
  return evaluate(model, { codes }, storage);
}

/** Predictions of the backgrounds without a pattern, [E, N], by the same kernels as with one. */
async function bareBackgrounds(
  model: ResidualBind,
  sequences: Tensor,
  chunk: number,
  storage: StorageFormat | undefined,
): Promise<Tensor> {
  const { gpu, models } = model;
  const [count, length] = sequences.shape as [number, number];
  const control = createControl(gpu);
  using nothing = Tensor.from(gpu, new Uint32Array(length).fill(KEEP), [1, length]);
  const base = Tensor.zeros(gpu, [models, count]);
  let plan: Plan | undefined;
  try {
    ({ plan } = await gpu.record(() => {
      using predictions = predictEmbedded(model, control, nothing, sequences, {
        chunk,
        patterns: 1,
        backgrounds: count,
        storage,
      });
      place(gpu, control, predictions, base, { models, count: chunk, total: count });
    }));
    for (let first = 0; first < count; first += chunk) {
      control.set({ first, slot: first });
      plan.run();
    }
    await gpu.sync();
    return base;
  } catch (error) {
    base.dispose();
    throw error;
  } finally {
    plan?.dispose();
    control.dispose();
  }
}
