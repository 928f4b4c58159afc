/**
 * Sweeps a model that is a plain function. Each pattern is embedded in each background on the host, and the
 * function is called once per batch. Running statistics are the same as on the GPU
 * (shaders/sweep_statistics.wgsl).
 */

import { Breath } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { count as counted } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import { CancelledError, NotFiniteError, ShapeError } from '../../device/errors.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import { type HostModel, readoutsOf } from '../model.js';
import { KEEP } from '../patterns/patterns.js';
import type { DrawnPatterns } from './drawn-patterns.js';
import type { PatternSet } from './partition.js';
import {
  checkState,
  keepBlock,
  type RunOptions,
  STATISTICS,
  SweepCancelledError,
  type SweepCosts,
  type SweepState,
} from './state.js';

/** Sequences per call, if the function does not state a number. */
const BATCH = 1024;

/** The result of a sweep on the host, like that of `sweepOnGpu`. */
export interface HostSweep {
  /** Predictions of the bare backgrounds, [E * outputs, N]. */
  readonly bare: Float32Array;
  readonly state: SweepState;
  readonly work: SweepCosts;
}

/**
 * Statistics of the local importances of P patterns over all backgrounds.
 *
 * @throws ShapeError or NotFiniteError naming pattern and background where the function answers otherwise
 * than it should; SweepCancelledError with the state reached; whatever the function throws
 */
export async function sweepOnHost(
  model: HostModel,
  set: PatternSet | DrawnPatterns,
  backgrounds: Backgrounds,
  { chunk, ...options }: RunOptions & { readonly chunk?: number | undefined },
): Promise<HostSweep> {
  const { signal, onProgress, keepLocal = false, resume, onCheckpoint, checkpointSeconds = 10 } = options;
  const { names, length } = set;
  const { codes, count } = backgrounds;
  const patterns = names.length;
  const readouts = readoutsOf(model);
  if (resume) checkState(resume, { models: readouts, patterns, count, keepLocal });
  const batch = chunk ?? model.batch ?? BATCH;
  const caller = new Caller(model, signal);
  const local = keepLocal
    ? (resume?.local?.slice() ?? new Float32Array(readouts * patterns * count))
    : undefined;
  const statistics = resume?.statistics.slice() ?? new Float32Array(readouts * STATISTICS * patterns);
  let first = resume?.backgrounds ?? 0;
  const stateNow = (): SweepState => ({
    backgrounds: first,
    statistics: statistics.slice(),
    ...(local && { local: local.slice() }),
  });
  const cancelled = () =>
    new SweepCancelledError(
      `the sweep was cancelled after ${first} of ${counted(count, 'background')}`,
      stateNow(),
    );

  const bare = await bareOnHost(caller, { codes, count }, batch);
  if (!bare) throw cancelled();
  const block = Math.max(1, Math.min(count, Math.floor(batch / patterns)));
  const predictions = new Float32Array(readouts * block * patterns);
  const total = patterns * count;
  let saved = performance.now();
  while (first < count) {
    const held = Math.min(block, count - first);
    for (let slot = 0; slot < held * patterns; slot += batch) {
      const pairs = Math.min(batch, held * patterns - slot);
      const start = first * patterns + slot;
      const predicted = await caller.ask(embedded(set, codes, start, pairs), pairs, (i) => {
        const pair = start + i;
        return `pattern ${echo(names[pair % patterns]!)} in background ${Math.floor(pair / patterns)}`;
      });
      if (!predicted) throw cancelled();
      place(predicted, predictions, { model, pairs, slot, total: block * patterns });
      onProgress?.({ done: start + pairs, total });
      if (signal?.aborted) throw cancelled();
    }
    toLocals(predictions, bare, { readouts, patterns, count, first, held, block });
    gather(predictions, statistics, { readouts, patterns, first, held, block });
    if (local) keepBlock(local, predictions, { readouts, patterns, count, first, held, block });
    first += held;
    if (onCheckpoint && first < count && performance.now() - saved > 1000 * checkpointSeconds) {
      await onCheckpoint(stateNow());
      saved = performance.now();
    }
  }
  return {
    bare,
    state: { backgrounds: count, statistics, ...(local && { local }) },
    work: { pairs: total, dispatches: 0, submits: 0, calls: caller.calls },
  };

  /**
   * Codes [pairs, length] from pair `start` of the (background, pattern) grid, in which patterns run fastest.
   */
  function embedded(
    patternsOf: PatternSet | DrawnPatterns,
    sequences: Uint8Array,
    start: number,
    pairs: number,
  ): Uint8Array {
    const rows = new Uint8Array(pairs * length);
    if ('fill' in patternsOf) {
      patternsOf.fill(rows, start);
      return rows;
    }
    const { overlays } = patternsOf;
    for (let i = 0; i < pairs; i++) {
      const pair = start + i;
      const [written, at] = [(pair % patterns) * length, Math.floor(pair / patterns) * length];
      for (let j = 0; j < length; j++) {
        const letter = overlays[written + j]!;
        rows[i * length + j] = letter === KEEP ? sequences[at + j]! : letter;
      }
    }
    return rows;
  }
}

/**
 * Predicts bare sequences, [E * outputs, N].
 *
 * @throws as `sweepOnHost`, naming the sequence; CancelledError
 */
export async function predictOnHost(
  model: HostModel,
  sequences: Pick<Backgrounds, 'codes' | 'count'>,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const predictions = await bareOnHost(new Caller(model, signal), sequences, model.batch ?? BATCH);
  if (!predictions) throw new CancelledError('the prediction was cancelled');
  return predictions;
}

/** The same; undefined if the signal was aborted. */
async function bareOnHost(
  caller: Caller,
  { codes, count }: Pick<Backgrounds, 'codes' | 'count'>,
  batch: number,
): Promise<Float32Array | undefined> {
  const { model } = caller;
  const { length } = model;
  const predictions = new Float32Array(readoutsOf(model) * count);
  for (let slot = 0; slot < count; slot += batch) {
    const pairs = Math.min(batch, count - slot);
    const rows = codes.slice(slot * length, (slot + pairs) * length);
    const predicted = await caller.ask(rows, pairs, (i) => `background ${slot + i}`);
    if (!predicted) return undefined;
    place(predicted, predictions, { model, pairs, slot, total: count });
  }
  return predictions;
}

/** Calls a model's function and checks its result. */
class Caller {
  calls = 0;
  readonly #breath = new Breath(undefined);

  constructor(
    readonly model: HostModel,
    readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Predictions [E, n, outputs] of codes [n, length]; undefined if the signal was aborted meanwhile.
   *
   * @param named what the i-th sequence is, for messages
   */
  async ask(
    codes: Uint8Array,
    n: number,
    named: (i: number) => string,
  ): Promise<ArrayLike<number> | undefined> {
    const { model, signal } = this;
    const { models, outputs = 1 } = model;
    if (signal?.aborted) return undefined;
    this.calls++;
    const batch = `call ${this.calls}, from ${named(0)} on`;
    let given: unknown;
    try {
      given = await model.predict(codes, signal ? { signal } : {});
    } catch (error) {
      if (signal?.aborted) return undefined;
      throw error;
    }
    // Without this pause, a function that returns immediately would block everything else, including Ctrl-C.
    await this.#breath.take();
    const values = check.numbers(given, check.argument('what predict returns'));
    const expected = models * n * outputs;
    if (values.length !== expected)
      throw new ShapeError(
        `predict returned ${counted(values.length, 'number')} for ${counted(n, 'sequence')} (${batch}); expected ${expected}: [models, sequences, outputs] = [${models}, ${n}, ${outputs}]`,
      );
    for (let i = 0; i < expected; i++) {
      if (Number.isFinite(values[i])) continue;
      const sequence = Math.floor(i / outputs) % n;
      throw new NotFiniteError(
        `predict returned ${String(values[i])} for ${named(sequence)} (call ${this.calls}, sequence ${sequence} of ${n})`,
      );
    }
    return values;
  }
}

/** Copies predictions [E, pairs, outputs] to their places in [E * outputs, total], like the GPU's `place`. */
function place(
  from: ArrayLike<number>,
  to: Float32Array,
  {
    model: { models, outputs = 1 },
    pairs,
    slot,
    total,
  }: { readonly model: HostModel; readonly pairs: number; readonly slot: number; readonly total: number },
): void {
  for (let e = 0; e < models; e++)
    for (let i = 0; i < pairs; i++)
      for (let o = 0; o < outputs; o++)
        to[(e * outputs + o) * total + slot + i] = from[(e * pairs + i) * outputs + o]!;
}

interface BlockShape {
  readonly readouts: number;
  readonly patterns: number;
  readonly first: number;
  readonly held: number;
  readonly block: number;
}

/** Replaces a block's predictions [E * outputs, block, P] by local importances. */
function toLocals(
  predictions: Float32Array,
  bare: Float32Array,
  { readouts, patterns, count, first, held, block }: BlockShape & { readonly count: number },
): void {
  for (let r = 0; r < readouts; r++)
    for (let b = 0; b < held; b++) {
      const from = (r * block + b) * patterns;
      const base = bare[r * count + first + b]!;
      for (let p = from; p < from + patterns; p++) predictions[p]! -= base;
    }
}

/**
 * Adds a block's local importances to the statistics [E * outputs, 4, P], one background after the other
 * (Welford). Each number is rounded to f32 when it is stored, so that a saved state is complete.
 */
function gather(
  locals: Float32Array,
  statistics: Float32Array,
  { readouts, patterns, first, held, block }: BlockShape,
): void {
  for (let r = 0; r < readouts; r++) {
    const [mean, squares, least, greatest] = Array.from({ length: STATISTICS }, (_, i) =>
      statistics.subarray((r * STATISTICS + i) * patterns, (r * STATISTICS + i + 1) * patterns),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    for (let b = 0; b < held; b++) {
      const from = (r * block + b) * patterns;
      const seen = first + b + 1;
      for (let p = 0; p < patterns; p++) {
        const value = locals[from + p]!;
        if (seen === 1) {
          mean[p] = squares[p] = 0;
          least[p] = greatest[p] = value;
        }
        const deviation = value - mean[p]!;
        mean[p]! += deviation / seen;
        squares[p]! += deviation * (value - mean[p]!);
        least[p] = Math.min(least[p]!, value);
        greatest[p] = Math.max(greatest[p]!, value);
      }
    }
  }
}
