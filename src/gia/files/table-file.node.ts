/** Importance tables from files, in Node. */

import { extname } from 'node:path';
import { STDIN, sourceOf } from '../../data/files/input.node.js';
import { type FileDigest, readText } from '../../data/files/text-file.node.js';
import { parseTableJson, parseTsv, type StoredTable } from '../tables/table-reader.js';

/**
 * Reads a table that `gia sweep` wrote: JSON where the file's name says so, tab-separated text otherwise. For
 * standard input (`-`) the first character decides.
 *
 * @throws FormatError naming file and line
 */
export async function readTable(path: string): Promise<StoredTable & FileDigest> {
  const { text, sha256 } = await readText(path);
  const isJson = path === STDIN ? /^\s*\{/.test(text) : extname(path).toLowerCase() === '.json';
  const source = sourceOf(path);
  return { ...(isJson ? parseTableJson(text, source) : parseTsv(text, source)), sha256 };
}
