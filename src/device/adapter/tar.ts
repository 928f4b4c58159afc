/**
 * Reads the regular files of a tar archive in memory: ustar headers with short names, which is all we unpack.
 */

const BLOCK = 512;
const REGULAR_FILE = new Set(['0', '\0']);

export interface TarEntry {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Yields the regular files in order. @throws RangeError when the archive ends inside a file */
export function* readTar(archive: Uint8Array): Generator<TarEntry> {
  const text = (start: number, length: number) =>
    new TextDecoder().decode(archive.subarray(start, start + length)).replace(/\0.*$/s, '');
  // Two blocks of zeros end the archive: a header without a name.
  for (let header = 0; header < archive.length && archive[header] !== 0; ) {
    const name = text(header, 100);
    const size = Number.parseInt(text(header + 124, 12), 8);
    const start = header + BLOCK;
    if (!(start + size <= archive.length)) throw new RangeError(`the tar archive ends inside "${name}"`);
    if (REGULAR_FILE.has(String.fromCharCode(archive[header + 156]!))) {
      yield { name, data: archive.subarray(start, start + size) };
    }
    header = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}
