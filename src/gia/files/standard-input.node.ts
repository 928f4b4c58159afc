/** Standard input as a file, for what reads a file more than once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInput, STDIN, sourceOf } from '../../data/files/input.node.js';

/**
 * Copies standard input to a temporary file and describes that. The result and errors name standard input.
 *
 * @throws what `describe` throws
 */
export async function ofStandardInput<T extends { readonly path: string }>(
  describe: (copy: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'residualbind-'));
  const copy = join(folder, 'stdin');
  try {
    await writeFile(copy, openInput(STDIN));
    return { ...(named(await describe(copy), copy) as T), path: STDIN };
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(copy, sourceOf(STDIN));
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A value whose texts name standard input instead of its copy. */
function named(value: unknown, copy: string): unknown {
  if (typeof value === 'string') return value.replaceAll(copy, sourceOf(STDIN));
  if (Array.isArray(value)) return value.map((part) => named(part, copy));
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, named(part, copy)]));
}
