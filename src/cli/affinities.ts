/** Measured affinities from a file, with what a manifest says of it. */

import { readText } from '../data/index.node.js';
import type { MeasuredAffinity } from '../gia/experiments/affinity.js';

/** @throws FormatError naming file and line */
export async function readAffinities(path: string): Promise<{
  readonly measured: readonly MeasuredAffinity[];
  readonly file: { readonly path: string; readonly sha256: string };
}> {
  const { text, sha256 } = await readText(path);
  const { parseAffinities } = await import('../gia/experiments/affinity.js');
  return { measured: parseAffinities(text, path), file: { path, sha256 } };
}
