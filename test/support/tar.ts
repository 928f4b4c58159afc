/** Tar archives made in tests. */

/** A file, or with another type something that only looks like one, as the blocks of an archive. */
export function tarEntry(name: string, content: string, type = '0'): Uint8Array {
  const block = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  const write = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  write(name, 0);
  write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  write(type, 156);
  write(content, 512);
  return block;
}

export const joinBlocks = (...blocks: Uint8Array[]): Uint8Array =>
  Uint8Array.from(blocks.flatMap((block) => [...block]));

/** A whole archive of files by name. */
export const tarOf = (files: Readonly<Record<string, string>>): Uint8Array =>
  joinBlocks(...Object.entries(files).map(([name, text]) => tarEntry(name, text)), new Uint8Array(1024));
