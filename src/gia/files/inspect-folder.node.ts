/**
 * The file that a folder stands for, in Node: of a model, of a training, or the manifest of other results.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, FormatError } from '../../device/errors.js';
import { CHECKPOINT_FILE, MANIFEST_FILE, MODEL_FILE } from '../../nn/files/model-files.node.js';
import type { InspectedManifest } from './inspection.js';

/** Names that a message lists at most. */
const NAMED = 4;

/** The file itself, or the one of a folder. @throws FormatError for a folder that holds none */
export async function fileOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return path;
  if (!found?.isDirectory()) {
    if (found) throw new FileError(`${path}: not an ordinary file; inspect reads a file more than once`);
    return path;
  }
  for (const name of [MODEL_FILE, CHECKPOINT_FILE, MANIFEST_FILE]) {
    const file = join(path, name);
    if ((await stat(file).catch(() => undefined))?.isFile()) return file;
  }
  const folders = await modelsBelow(path);
  const [first] = folders;
  throw new FormatError(
    first === undefined
      ? `${path}: a folder with neither ${MODEL_FILE}, ${CHECKPOINT_FILE} nor ${MANIFEST_FILE}; name a file, or a folder that a command wrote`
      : `${path}: a folder without a manifest, as a study has while it runs; it holds ${folders.length === 1 ? 'a model' : `${folders.length} models`}: ${folders.slice(0, NAMED).join(', ')}${folders.length > NAMED ? ' …' : ''}; name one of these folders, such as ${join(path, first)}`,
  );
}

/** Folders of models in a folder, or in its folder `experiments`. */
async function modelsBelow(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of ['experiments', '.']) {
    const names = await readdir(join(path, folder)).catch(() => []);
    for (const name of names.sort()) {
      const isModel = await stat(join(path, folder, name, MODEL_FILE)).then(
        (file) => file.isFile(),
        () => false,
      );
      if (isModel) found.push(join(folder, name));
    }
  }
  return found;
}

type Json = Readonly<Record<string, unknown>>;

/** A manifest, with the names of what it lists: experiments of a study, models of a survey. */
export function manifestOf(given: Json): InspectedManifest | undefined {
  const { command, started, seconds, versions } = given;
  if (typeof command !== 'string' || typeof versions !== 'object' || versions === null) return undefined;
  const [experiments, models] = [namedParts(given.experiments), namedParts(given.models)];
  return {
    kind: 'manifest',
    command,
    ...(typeof started === 'string' && { started }),
    ...(typeof seconds === 'number' && { seconds }),
    versions: versions as Json,
    ...(experiments && { experiments }),
    ...(models && { models }),
  };
}

/** Entries of a list that have a name; undefined where it is no list of them. */
function namedParts(value: unknown): NonNullable<InspectedManifest['experiments']> | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.flatMap((entry: unknown) => {
    const { name, folder, status } = (entry ?? {}) as Json;
    if (typeof name !== 'string') return [];
    return [
      { name, ...(typeof folder === 'string' && { folder }), ...(typeof status === 'string' && { status }) },
    ];
  });
}
