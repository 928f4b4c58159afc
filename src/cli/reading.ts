/** Tables of experiments, read with progress. */

import type { ReadExperimentsOptions } from '../data/experiments/read-experiments.node.js';
import { type ExperimentSet, readExperiments } from '../data/index.node.js';
import type { Io } from './terminal/io.js';
import { Progress } from './terminal/progress.js';

/** Reading that takes no longer has no progress, ms. */
const PATIENCE = 1000;

const MIB = 2 ** 20;

/** `readExperiments`, with progress where it takes longer than a second. @throws as `readExperiments` */
export async function readWithProgress(
  io: Io,
  tables: readonly string[],
  options: Omit<ReadExperimentsOptions, 'signal' | 'onProgress'>,
): Promise<ExperimentSet> {
  const began = performance.now();
  let progress: Progress | undefined;
  const onProgress = (done: number, total: number): void => {
    if (performance.now() - began < PATIENCE) return;
    progress ??= new Progress(io, { label: 'reading', total: total / MIB, unit: 'MiB/s' });
    progress.update(done / MIB);
  };
  try {
    const set = await readExperiments(tables, { ...options, signal: io.signal, onProgress });
    progress?.finish();
    return set;
  } finally {
    progress?.[Symbol.dispose]();
  }
}
