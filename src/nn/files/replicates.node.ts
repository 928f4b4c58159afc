/**
 * Replicates on disk: networks that were trained on the same probes from different seeds. The first is in a
 * folder as any model is, the others in `replicate-2`, `replicate-3` and so on within it.
 */

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_FILE } from './model-files.node.js';

/** The folder of a replicate, counted from 1, in that of the first. */
export const replicateFolder = (folder: string, number: number): string =>
  number === 1 ? folder : join(folder, `replicate-${number}`);

/**
 * The models that a path stands for: the path, and where it is the folder of replicates, those of all others.
 *
 * @returns paths for `readModels`, in order
 * @example
 * const files = await readModels(await replicatesIn('study/experiments/VTS1'));
 */
export async function replicatesIn(path: string): Promise<readonly string[]> {
  const paths = [path];
  for (;;) {
    const next = replicateFolder(path, paths.length + 1);
    const exists = await access(join(next, MODEL_FILE)).then(
      () => true,
      () => false,
    );
    if (!exists) return paths;
    paths.push(next);
  }
}
