/** Which models a table is from, by its manifest, in Node. */

import { readFile } from 'node:fs/promises';
import { STDIN, sourceOf } from '../../data/files/input.node.js';
import { FormatError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { MANIFEST, type ModelFile } from '../../nn/files/model-files.node.js';
import type { StoredTable } from '../tables/table-reader.js';

/** The file of a model, by which it is told from others. */
type Origin = Pick<ModelFile, 'path' | 'sha256'>;

/**
 * Checks that a table that `gia sweep` wrote is from these models, all of them and no others. Its manifest
 * tells: that within a JSON table, else the one beside the file. Files are compared by contents, so a model
 * may have been moved since.
 *
 * @returns why this cannot be checked, for a table whose manifest is missing or names no model
 * @throws FormatError for a table of other models, and for a manifest that is not JSON
 */
export async function checkTableOf(
  path: string,
  { manifest }: Pick<StoredTable, 'manifest'>,
  models: readonly Origin[],
): Promise<string | undefined> {
  const source = sourceOf(path);
  const about = manifest ?? (await manifestBeside(path));
  const unknown = `so it is not known whether it is from ${namesOf(models.map(({ path: name }) => name))}`;
  if (about === undefined) return `${source} has no manifest, ${unknown}`;
  const from = originsIn(about);
  if (from.length === 0) return `the manifest of ${source} names no model, ${unknown}`;
  const [others, absent] = [without(from, models), without(models, from)];
  if (others.length + absent.length === 0) return undefined;
  throw new FormatError(
    `${source}: its manifest says that it is from ${listOf(from)}, which is not ${listOf(models)}; make the table of the same models again with: residualbind gia sweep`,
  );
}

/** The manifest beside a table; undefined where there is none. */
async function manifestBeside(path: string): Promise<unknown> {
  if (path === STDIN) return undefined;
  const file = `${path}${MANIFEST}`;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (ABSENT.includes((error as NodeJS.ErrnoException).code)) return undefined;
    throw unreadable(file, error);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${file}: not JSON (${(cause as Error).message})`, { cause });
  }
}

const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

/** The models that a manifest names. */
function originsIn(manifest: unknown): readonly Origin[] {
  const { models } = (manifest ?? {}) as { readonly models?: unknown };
  return (Array.isArray(models) ? models : []).flatMap((model: unknown) => {
    const { path, sha256 } = (model ?? {}) as Readonly<Record<keyof Origin, unknown>>;
    return typeof path === 'string' && typeof sha256 === 'string' ? [{ path, sha256 }] : [];
  });
}

/** The first models without those that the second have. */
const without = (models: readonly Origin[], others: readonly Origin[]): readonly Origin[] =>
  models.filter(({ sha256 }) => others.every((other) => other.sha256 !== sha256));

const listOf = (models: readonly Origin[]): string =>
  namesOf(models.map(({ path, sha256 }) => `${path} (sha256 ${sha256.slice(0, 12)}…)`));

/** Names in a sentence, the first few of many. */
const namesOf = (names: readonly string[]): string =>
  names.length > NAMED
    ? `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
    : names.join(', ');

const NAMED = 3;
