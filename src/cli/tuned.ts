/** Puts tuned kernels in use for a command and prints a line about it, or about why they are not used. */

import { dirname } from 'node:path';
import { makePrivateFolder, UntrustedFileError } from '../device/adapter/user-cache.node.js';
import { FileError, FormatError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import { replaced, type Tuned, tuningFile, useTuned } from '../kernels/tuning/tuning-cache.node.js';
import { checkFile } from './output/files.js';
import { type Io, note } from './terminal/io.js';

/** Checks that the adapter's file can be written. @throws FileError that names it and XDG_CACHE_HOME */
export async function checkTuningFile(gpu: Gpu): Promise<void> {
  const path = tuningFile(gpu);
  try {
    await makePrivateFolder(dirname(path));
    await checkFile(path);
  } catch (error) {
    if (error instanceof UntrustedFileError) throw error;
    throw new FileError(
      `${path} cannot be written (${(error as Error).message}); set XDG_CACHE_HOME to a folder that can be`,
      { cause: error },
    );
  }
}

/**
 * Puts in use what was found for this adapter, and says so in one line; with `--no-tuned` or
 * RESIDUALBIND_TUNED=0 nothing.
 *
 * @returns what is in use beyond the table
 */
export async function applyTuned(
  io: Io,
  gpu: Gpu,
  { tuned: wanted = true }: { readonly tuned?: boolean },
): Promise<Tuned | undefined> {
  if (!wanted || process.env.RESIDUALBIND_TUNED === '0') return undefined;
  try {
    const tuned = await useTuned(gpu);
    if (!tuned) return undefined;
    const names = replaced(gpu, tuned.variants).join(', ') || 'none differs from the built-in kernels';
    note(io, `tuned kernels (${tuned.measured.slice(0, 10)}): ${names}`);
    return tuned;
  } catch (error) {
    const { message } = error as Error;
    const remedy = error instanceof FormatError ? '; residualbind tune measures them again' : '';
    note(io, `tuned kernels ignored: ${message}${remedy}`);
    return undefined;
  }
}
