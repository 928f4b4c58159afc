/** Measured affinities from a file, with what a manifest says of it. */

import { sourceOf } from '../data/files/input.node.js';
import { readText } from '../data/index.node.js';
import { count } from '../device/count.js';
import type { AffinityTable, MeasuredAffinity } from '../gia/experiments/affinity-table.js';
import { type Io, note } from './terminal/io.js';

/**
 * Reads the table and says what was left out, averaged or not used.
 *
 * @throws FormatError naming file and line
 */
export async function readAffinities(
  io: Io,
  path: string,
): Promise<{
  readonly measured: readonly MeasuredAffinity[];
  readonly file: { readonly path: string; readonly sha256: string } & Omit<AffinityTable, 'measured'>;
}> {
  const { text, sha256 } = await readText(path);
  const { readAffinityTable } = await import('../gia/experiments/affinity-table.js');
  const { measured, ...found } = readAffinityTable(text, sourceOf(path));
  const { unit, censored, missing, replicates, ignored } = found;
  note(io, `${path}: ${count(measured.length, 'pattern')} with a K_D${unit ? ` in ${unit}` : ''}`);
  if (censored > 0)
    note(io, `${path}: ${count(censored, 'record')} whose K_D is only a bound (such as >2000) left out`);
  if (missing > 0) note(io, `${path}: ${count(missing, 'record')} without a K_D or a pattern left out`);
  if (replicates > 0)
    note(
      io,
      `${path}: ${count(replicates, 'record repeats', 'records repeat')} a pattern; its K_D is the geometric mean of all its records`,
    );
  if (ignored.length > 0)
    note(
      io,
      `${path}: columns not used: ${ignored
        .slice(0, 12)
        .map((name) => JSON.stringify(name))
        .join(', ')}`,
    );
  return { measured, file: { path, sha256, ...found } };
}
