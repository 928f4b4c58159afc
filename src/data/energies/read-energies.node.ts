/** Parameter files of ViennaRNA from disk. */

import type { Energies } from '../../kernels/folding/energies.js';
import { type FileDigest, type ReadOptions, readText } from '../files/text-file.node.js';
import { parseEnergies } from './parameter-file.js';

/**
 * Reads the energies of a parameter file of ViennaRNA 2, plain or gzipped.
 *
 * @throws FormatError naming file and line; CancelledError
 */
export async function readEnergies(
  path: string,
  options: ReadOptions = {},
): Promise<{ energies: Energies } & FileDigest> {
  const { text, sha256 } = await readText(path, options);
  return { energies: parseEnergies(text, path), sha256 };
}
