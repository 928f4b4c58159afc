/**
 * Global importance (paper, Eq. 2): how much a pattern changes the prediction on average when it is embedded in
 * backgrounds. Two ways to say which patterns; the work is the runner's.
 */

import { ShapeError } from '../device/errors.js';
import { decodeKmers } from '../kernels/embedding.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { Tensor } from '../tensor/tensor.js';
import type { Backgrounds } from './backgrounds.js';
import { allKmers } from './kmers.js';
import { overlay, type Pattern } from './patterns.js';
import { type ImportanceOptions, type ImportanceResult, runPatterns } from './runner.js';

export interface SweepOptions extends ImportanceOptions {
  /** k-mer length, 1 to 8. Default 6. */
  readonly k?: number;
  /** 0-based position of the k-mer's first letter. Default 17. */
  readonly position?: number;
  readonly backgrounds: Backgrounds;
}

/**
 * Global importance of all 4^k k-mers in a slot, in alphabetical (ACGU) order.
 *
 * @throws ShapeError when the slot leaves the sequence or lengths differ; CancelledError; NotFiniteError
 */
export async function sweep(
  model: ResidualBind,
  { k = 6, position = 17, backgrounds, ...options }: SweepOptions,
): Promise<ImportanceResult> {
  const names = allKmers(k);
  const { gpu } = model;
  const { length } = backgrounds;
  if (!Number.isInteger(position) || position < 0 || position + k > length) {
    throw new ShapeError(
      `a ${k}-mer at position ${position} leaves the sequence of ${length}; positions are 0 to ${length - k}`,
    );
  }
  using overlays = Tensor.empty(gpu, [names.length, length], 'u32');
  decodeKmers(gpu, overlays, { patterns: names.length, length, k, position, first: 0 });
  return await runPatterns(model, names, overlays, backgrounds, options);
}

/**
 * Global importance of any list of patterns, each one or several sites (`patterns.ts`).
 *
 * @throws ShapeError or InvalidSequenceError naming the pattern; CancelledError; NotFiniteError
 */
export async function importance(
  model: ResidualBind,
  patterns: readonly Pattern[],
  backgrounds: Backgrounds,
  options: ImportanceOptions = {},
): Promise<ImportanceResult> {
  if (patterns.length === 0) throw new ShapeError('there are no patterns to embed');
  const codes = Uint32Array.from(overlay(patterns, backgrounds.length));
  using overlays = Tensor.from(model.gpu, codes, [patterns.length, backgrounds.length]);
  return await runPatterns(
    model,
    patterns.map(({ name }) => name),
    overlays,
    backgrounds,
    options,
  );
}
