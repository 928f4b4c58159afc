/** Importance tables from files, in Node. */

import { extname } from 'node:path';
import { type FileDigest, readText } from '../../data/files/text-file.node.js';
import { parseTableJson, parseTsv, type StoredTable } from '../tables/table-reader.js';

/**
 * Reads a table that `gia sweep` wrote: JSON where the file's name says so, tab-separated text otherwise.
 *
 * @throws FormatError naming file and line
 */
export async function readTable(path: string): Promise<StoredTable & FileDigest> {
  const { text, sha256 } = await readText(path);
  const isJson = extname(path).toLowerCase() === '.json';
  return { ...(isJson ? parseTableJson(text, path) : parseTsv(text, path)), sha256 };
}
