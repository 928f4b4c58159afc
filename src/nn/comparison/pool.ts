/**
 * The sequences of several experiments as one list, so that their models are trained side by side. A sequence
 * that several experiments measured is in the list once.
 */

import { nextTurn, throwIfCancelled } from '../../device/breathe.js';
import type { Examples } from '../training/examples.js';

/** An experiment of a pool. */
export interface PooledExperiment {
  /** Scores of all sequences of the pool [N]; NaN where the experiment has none. */
  readonly scores: Float32Array;
  /** Numbers of its sequences in the pool, in their order. */
  readonly train: Uint32Array;
  readonly valid: Uint32Array;
}

/** The distinct sequences of experiments. */
export interface Pool {
  /** Base codes [N * length]. */
  readonly codes: Uint8Array;
  readonly experiments: readonly PooledExperiment[];
}

/** The parts of an experiment that go into a pool. */
export interface PoolParts {
  readonly train: Examples;
  readonly valid: Examples;
}

/**
 * Pools experiments of one input length. An experiment that measured a sequence n times has n sequences in
 * the pool, so that each keeps its score.
 *
 * @throws CancelledError
 */
export async function pooled(
  experiments: readonly PoolParts[],
  length: number,
  signal?: AbortSignal,
): Promise<Pool> {
  const numbers = new Map<string, number[]>();
  const rows: Uint8Array[] = [];
  const placed: Pick<PooledExperiment, 'train' | 'valid'>[] = [];
  for (const { train, valid } of experiments) {
    await nextTurn();
    throwIfCancelled(signal);
    /** How often this experiment has measured each sequence so far, by its first number. */
    const taken = new Map<number, number>();
    const numbersOf = ({ codes }: Examples): Uint32Array =>
      Uint32Array.from({ length: codes.length / length }, (_, record) => {
        const row = codes.subarray(record * length, (record + 1) * length);
        const known = numbers.get(keyOf(row)) ?? [];
        if (known.length === 0) numbers.set(keyOf(row), known);
        const time = known.length === 0 ? 0 : (taken.get(known[0]!) ?? 0);
        if (time === known.length) known.push(rows.push(row) - 1);
        taken.set(known[0]!, time + 1);
        return known[time]!;
      });
    placed.push({ train: numbersOf(train), valid: numbersOf(valid) });
  }
  const codes = new Uint8Array(rows.length * length);
  rows.forEach((row, i) => {
    codes.set(row, i * length);
  });
  return {
    codes,
    experiments: placed.map((own, e) => {
      const scores = new Float32Array(rows.length).fill(Number.NaN);
      for (const part of ['train', 'valid'] as const)
        own[part].forEach((number, i) => {
          scores[number] = experiments[e]![part].scores[i]!;
        });
      return { ...own, scores };
    }),
  };
}

/** Codes as a text, for a map. */
const keyOf = (row: Uint8Array): string => String.fromCharCode(...row);
