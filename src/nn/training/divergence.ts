/** When training has diverged: numbers that are no longer finite, or a loss that no data can explain. */

import type { Head } from '../architecture.js';
import { firstNotFinite } from '../finite.js';

/**
 * A loss this many times that of predicting 0 (an even chance for classes) comes from the learning rate
 * alone.
 */
const UNBOUNDED = 1e6;

/** The loss of a model that always predicts 0, or an even chance. */
export function baselineLoss(scores: Float32Array, head: Head): number {
  if (head === 'classification') return Math.LN2;
  const there = scores.filter((score) => !Number.isNaN(score));
  return there.reduce((sum, score) => sum + score * score, 0) / there.length;
}

/** What an epoch left behind. */
export interface Reached {
  readonly epoch: number;
  /** Of every step. */
  readonly losses: Float32Array;
  /** Everything that the next epoch begins with. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
}

/** What has diverged, in words; undefined where nothing has. */
export function divergence({ epoch, losses, tensors }: Reached, baseline: number): string | undefined {
  const bad = firstNotFinite(losses);
  if (bad >= 0) return `the loss became ${losses[bad]} in epoch ${epoch}, step ${bad + 1}`;
  const loss = mean(losses);
  if (loss > UNBOUNDED * baseline)
    return `the loss rose to ${loss.toExponential(1)} in epoch ${epoch}, more than a million times the ${baseline.toPrecision(2)} of a constant prediction`;
  for (const [name, values] of Object.entries(tensors)) {
    const stray = firstNotFinite(values);
    if (stray >= 0) return `the ${name} became ${values[stray]} in epoch ${epoch}`;
  }
  return undefined;
}

export const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
