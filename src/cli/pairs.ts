/** Progress of an importance analysis, in (pattern, background) pairs. */

import type { ImportanceOptions, ImportanceResult } from '../gia/importance.js';
import type { Io } from './io.js';
import { Progress } from './progress.js';

/** Runs an analysis under a bar, which begins where an earlier run ended. */
export async function withPairProgress(
  io: Io,
  { total, done = 0 }: { readonly total: number; readonly done?: number },
  analysis: (options: ImportanceOptions) => Promise<ImportanceResult>,
): Promise<ImportanceResult> {
  using progress = new Progress(io, { label: 'embedding', total, done, unit: 'pairs/s', lines: 20 });
  const result = await analysis({
    signal: io.signal,
    onProgress: (reached) => progress.update(reached.done),
  });
  progress.finish();
  return result;
}
