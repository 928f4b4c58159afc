/**
 * What an analysis in parts would need: checked before its backgrounds are drawn and anything is computed.
 */

import type { ImportanceOptions } from './importance.js';
import { costOf } from './method.js';
import { type LayeredModel, readoutsOf } from './model.js';
import { checkMemory, checkNeeds } from './needs.js';
import type { Pattern } from './patterns/patterns.js';
import { checkBootstrap } from './statistics/bootstrap.js';

/** What decides how much an analysis needs. */
export interface PartsNeeds extends Pick<ImportanceOptions, 'method' | 'precision'> {
  /** Number of backgrounds. */
  readonly backgrounds: number;
  /** Whether every local importance is kept. */
  readonly keepLocal?: boolean | undefined;
  /** Resamples of bootstrap intervals. */
  readonly bootstrap?: number | undefined;
}

/** Patterns that an experiment has at least; which they are is not known yet. */
const OF_EXPERIMENT = 8;

/**
 * Refuses an analysis that needs more memory than there is.
 *
 * @param parts patterns of all parts; none for experiments
 * @throws ShapeError for 2^32 pairs or more in a part; OutOfMemoryError
 */
export function checkPartsNeeds(
  model: LayeredModel,
  parts: readonly (readonly Pattern[])[],
  { backgrounds, keepLocal, bootstrap, method, precision }: PartsNeeds,
): void {
  const { architecture, gpu, length } = model;
  const [largest = []] = [...parts].sort((a, b) => b.length - a.length);
  const needs = {
    backgrounds,
    length,
    models: readoutsOf(model),
    keepLocal,
    bindable: gpu.limits.maxStorageBufferBindingSize,
    multiplyAdds: () =>
      costOf({ architecture }, largest, { count: backgrounds, length }, { method, precision }).multiplyAdds,
  };
  // Pairs are numbered part by part, and all parts' statistics are in memory together.
  checkNeeds({ ...needs, patterns: largest.length || OF_EXPERIMENT });
  const all = parts.reduce((sum, part) => sum + part.length, 0);
  checkMemory({ ...needs, patterns: all });
  if (bootstrap !== undefined) checkBootstrap(backgrounds, bootstrap);
}
