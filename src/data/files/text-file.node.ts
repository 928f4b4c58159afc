/** Files → text, for Node: opened, hashed, unpacked and decoded; what it says is for the parsers. */
import { createHash } from 'node:crypto';
import { CancelledError, FormatError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { bytesOf, openInput, type ReadOptions, sourceOf } from './input.node.js';
import { isGzip, LONGEST_TEXT, unpack } from './unpack.node.js';

export type { ReadOptions } from './input.node.js';

/** Identity of an input file, for the run manifest. */
export interface FileDigest {
  /** SHA-256 of the bytes on disk (of the packed file, where it is packed), hexadecimal. */
  readonly sha256: string;
}

/** First bytes of files that are packed otherwise, and what unpacks them. */
const PACKED: readonly (readonly [string, readonly number[], string])[] = [
  ['a ZIP archive', [0x50, 0x4b, 0x03, 0x04], 'unpack it, or export a workbook as text'],
  ['packed by bzip2', [0x42, 0x5a, 0x68], 'unpack it with bunzip2'],
  ['packed by xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'unpack it with unxz'],
  ['packed by zstd', [0x28, 0xb5, 0x2f, 0xfd], 'unpack it with unzstd'],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31], 'name it as a file where a command takes data sets'],
  ['an HDF5 file', [0x89, 0x48, 0x44, 0x46], 'name it as a file where a command takes HDF5 files'],
];

/**
 * A UTF-8 text file, plain or gzipped (recognised by content, not by name); `-` is standard input. A gzip may
 * have several members; how much text it may hold is limited (`unpack.node.ts`).
 * @throws FormatError naming the file, and the line of what is not UTF-8
 */
export async function readText(
  path: string,
  options: ReadOptions = {},
): Promise<{ text: string } & FileDigest> {
  const bytes = await readBytes(path, options);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const source = sourceOf(path);
  return { text: decoded(isGzip(bytes) ? await unpack(bytes, source, options) : bytes, source), sha256 };
}

async function readBytes(path: string, { signal }: ReadOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const source = sourceOf(path);
  let size = (await bytesOf(path)) ?? 0;
  if (size > LONGEST_TEXT) throw tooLong(source);
  size = 0;
  try {
    for await (const chunk of openInput(path, { signal })) {
      size += chunk.length;
      if (size > LONGEST_TEXT) throw tooLong(source);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    if (signal?.aborted) throw new CancelledError(`${source}: reading was cancelled`, { cause });
    throw unreadable(source, cause);
  }
  return Buffer.concat(chunks);
}

function tooLong(path: string): FormatError {
  const mib = Math.floor(LONGEST_TEXT / 2 ** 20);
  return new FormatError(
    `${path}: has more than ${mib} MiB, and JavaScript holds no longer text; divide it into several files`,
  );
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError(`${path}${notUtf8(bytes)}`, { cause });
  }
}

/**
 * What bytes are instead of UTF-8, and what to do; a message opens with the file's name and this.
 *
 * @param first number of the first line
 */
export function notUtf8(bytes: Uint8Array, first = 1): string {
  const packed = PACKED.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte));
  if (packed) return `: is ${packed[0]}, expected UTF-8 text, plain or gzipped; ${packed[2]}`;
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (isUtf16)
    return ': is UTF-16, expected UTF-8 text; convert it, for example: iconv -f UTF-16 -t UTF-8 FILE > FILE.utf8';
  if (bytes.subarray(0, 4096).includes(0))
    return ': expected UTF-8 text, plain or gzipped, found binary data';
  const { line, byte } = firstStrangeByte(bytes, first);
  const hex = `0x${byte.toString(16).toUpperCase()}`;
  return `:${line}: expected UTF-8 text, found the byte ${hex}; if it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8 FILE > FILE.utf8`;
}

/** The first line that is not UTF-8 by itself, and its first byte that is not. */
function firstStrangeByte(bytes: Uint8Array, first: number): { line: number; byte: number } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, line = first; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const part = bytes.subarray(start, end < 0 ? bytes.length : end);
    try {
      decoder.decode(part);
    } catch {
      // A replacement stands where the first strange byte is.
      const before = new TextDecoder().decode(part).split('\uFFFD', 1)[0]!;
      return { line, byte: part[new TextEncoder().encode(before).length] ?? 0 };
    }
    start += part.length + 1;
  }
  return { line: first, byte: bytes[0] ?? 0 };
}
