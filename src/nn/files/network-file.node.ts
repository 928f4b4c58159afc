/** A network of one's own from a JSON file (docs/networks.md): its layers, and what of its input it fixes. */

import { readFile } from 'node:fs/promises';
import * as check from '../../device/check.js';
import { FormatError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { type Alphabet, type Architecture, checkArchitecture } from '../architecture.js';
import { strictJson } from './strict-json.js';

/** What a network file may leave to whoever uses it; what the file says wins. */
export interface UnfixedInput {
  /** Input positions. */
  readonly length: number;
  /** 6 or 9 with structure. Default 4. */
  readonly channels?: number | undefined;
  /** Default `rna`. */
  readonly alphabet?: Alphabet | undefined;
}

/**
 * Reads `{ "layers": [ … ] }`, where `length`, `channels` and `alphabet` may be given too.
 *
 * @returns the network for an input; a `length`, `channels` or an `alphabet` in the file wins
 * @throws FormatError naming the file and the field, when the file is read and when the network is made
 */
export async function readNetwork(path: string): Promise<(input: UnfixedInput) => Architecture> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const value = strictJson(
    // Some editors begin a file with a byte order mark.
    () => text.replace(/^\uFEFF/, ''),
    (reason) => {
      throw new FormatError(`${path}: the network file ${reason}; it must hold {"layers": [...]}`);
    },
  );
  if (Array.isArray(value))
    throw new FormatError(`${path}: the file is a list; write {"layers": [...]} around the layers`);
  const given = check.object(value, check.fieldOf(path, 'network'));
  return ({ length, channels = 4, alphabet = 'rna' }) =>
    checkArchitecture({ channels, length, alphabet, ...given }, check.fieldOf(path, 'network'));
}
