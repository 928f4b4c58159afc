/** Refuses outputs that would replace what a command reads, or one another. */

import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MODEL_FILE } from '../../nn/files/model-files.node.js';
import { UsageError } from '../terminal/errors.js';

/** Arguments and options that name a file to write. */
const OUTPUTS = new Set(['out', 'logos', 'trace']);

/** Options that name files to read; so do all arguments that are no outputs. */
const INPUTS = [
  'affinity',
  'bed',
  'compare',
  'data',
  'energies',
  'file',
  'map',
  'names',
  'network',
  'profiles',
  'published',
  'scores',
  'sequences',
  'show',
  'table',
  'test',
] as const;

/**
 * Pipes and devices may be read and written at once; folders keep what they hold.
 *
 * @param given arguments by name
 * @throws UsageError for an output that is also an input, the file in a model's folder included, and for the
 *   same output twice
 */
export async function refuseInputsAsOutputs(given: object, options: object): Promise<void> {
  const all = { ...options, ...given } as Readonly<Record<string, unknown>>;
  const outputs = [...OUTPUTS].flatMap((name) => textsIn(all[name]));
  const places = await Promise.all(outputs.map(placeOf));
  const inputs = [...Object.keys(given).filter((name) => !OUTPUTS.has(name)), ...INPUTS].flatMap((name) =>
    textsIn(all[name]),
  );
  const read = new Set(
    (await Promise.all(inputs.flatMap((path) => [path, join(path, MODEL_FILE)]).map(placeOf))).filter(
      Boolean,
    ),
  );
  const written = new Set<string>();
  for (const [i, place] of places.entries()) {
    if (place === undefined) continue;
    if (read.has(place))
      throw new UsageError(`${outputs[i]}: is also an input, which it would replace; name another file`);
    if (written.has(place)) throw new UsageError(`${outputs[i]}: is named twice as an output`);
    written.add(place);
  }
}

const textsIn = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string');

/** Where a file is, or would be; undefined for what is no regular file. */
async function placeOf(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isFile() ? await realpath(path) : undefined;
  } catch {
    return path.includes('\0') ? undefined : resolve(path);
  }
}
