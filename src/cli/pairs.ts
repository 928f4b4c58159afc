/** Progress of an importance analysis, in (pattern, background) pairs. */

import type { ImportanceOptions, ImportanceResult } from '../gia/importance.js';
import { type Io, note } from './io.js';
import { Progress } from './progress.js';

/** Runs an analysis under a bar. @param out the file that stays unwritten if it is cancelled */
export async function withPairProgress(
  io: Io,
  total: number,
  out: string | undefined,
  analysis: (options: ImportanceOptions) => Promise<ImportanceResult>,
): Promise<ImportanceResult> {
  using progress = new Progress(io, { label: 'embedding', total, unit: 'pairs/s', lines: 20 });
  try {
    const result = await analysis({ signal: io.signal, onProgress: ({ done }) => progress.update(done) });
    progress.finish();
    return result;
  } catch (error) {
    progress.stop();
    if (io.signal.aborted && out) note(io, `${out} was not written`);
    throw error;
  }
}
