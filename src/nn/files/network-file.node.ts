/** A network of one's own from a JSON file (docs/networks.md): its layers, and what of its input it fixes. */

import { readFile } from 'node:fs/promises';
import * as check from '../../device/check.js';
import { FormatError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { type Architecture, checkArchitecture } from '../architecture.js';
import { strictJson } from './strict-json.js';

/**
 * Reads `{ "layers": [ … ] }`, where `length`, `channels` and `alphabet` may be given too.
 *
 * @returns the network for an input of some positions; a `length` in the file wins
 * @throws FormatError naming the file and the field, when the file is read and when the network is made
 */
export async function readNetwork(path: string): Promise<(length: number) => Architecture> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const value = strictJson(
    // Some editors begin a file with a byte order mark.
    () => text.replace(/^\uFEFF/, ''),
    (reason) => {
      throw new FormatError(`${path}: the network ${reason}`);
    },
  );
  const given = check.object(value, check.fieldOf(path, 'network'));
  const usual = { channels: 4, alphabet: 'rna' };
  return (length) => checkArchitecture({ ...usual, length, ...given }, check.fieldOf(path, 'network'));
}
