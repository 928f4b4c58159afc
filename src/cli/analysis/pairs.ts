/** Progress of an importance analysis, in (pattern, background) pairs. */

import type { SweepProgress } from '../../gia/sweep/state.js';
import type { Io } from '../terminal/io.js';
import { Progress } from '../terminal/progress.js';

/** Runs an analysis under a bar, which begins where an earlier run ended. */
export async function withPairProgress<Result>(
  io: Io,
  { total, done = 0 }: { readonly total: number; readonly done?: number },
  analysis: (options: {
    readonly signal: AbortSignal;
    readonly onProgress: (reached: SweepProgress) => void;
  }) => Promise<Result>,
): Promise<Result> {
  using progress = new Progress(io, { label: 'embedding', total, done, unit: 'pairs/s', lines: 20 });
  const result = await analysis({
    signal: io.signal,
    onProgress: (reached) => progress.update(reached.done, { total: reached.total }),
  });
  progress.finish();
  return result;
}
