/**
 * Files → lines, for Node, piece by piece: a table of many experiments is larger than the longest text that
 * JavaScript holds. The file is hashed on the way, and unpacked where it is gzipped.
 */
import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { CancelledError, FormatError, ResidualBindError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { openInput, sourceOf } from './input.node.js';
import { notUtf8, type ReadOptions } from './text-file.node.js';
import { type TextLine, textLines } from './text-lines.js';
import { isGzip } from './unpack.node.js';

/** Longest line, in bytes; a row of 16,384 experiments has less. */
const LONGEST_LINE = 2 ** 24;

/** Bytes of the file that are read at a time. */
const CHUNK = 2 ** 18;

const [NEWLINE, RETURN] = [0x0a, 0x0d];

/** How a stream is read. */
export interface StreamOptions extends ReadOptions {
  /** Gets the number of bytes of the file read since the last call. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/** A text file, or standard input, that is read once from its beginning to its end. */
export class TextStream {
  /** Its name in messages. */
  readonly source: string;
  readonly #hash = createHash('sha256');
  readonly #options: StreamOptions;
  #digest: string | undefined;

  /** @param path of a file; `-` is standard input */
  constructor(
    readonly path: string,
    options: StreamOptions = {},
  ) {
    this.source = sourceOf(path);
    this.#options = options;
  }

  /** Of the bytes on disk, hexadecimal, once all lines have been read. */
  get sha256(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }

  /**
   * Lines in batches, without their endings.
   *
   * @throws FormatError naming the file, and the line of what is not UTF-8; CancelledError
   */
  async *lines(): AsyncGenerator<TextLine[]> {
    let number = 1;
    let rest: Uint8Array = new Uint8Array(0);
    for await (const chunk of this.#contents()) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = lastEnding(bytes);
      if (end > 0) {
        const batch = this.#decoded(bytes.subarray(0, end), number, false);
        number += batch.length;
        yield batch;
      }
      rest = bytes.subarray(end);
      if (rest.length > LONGEST_LINE)
        throw new FormatError(
          `${this.source}:${number}: the line has more than ${LONGEST_LINE / 2 ** 20} MiB`,
        );
    }
    if (rest.length > 0) yield this.#decoded(rest, number, true);
  }

  /** @param isLast whether the text may end without a line's ending */
  #decoded(bytes: Uint8Array, first: number, isLast: boolean): TextLine[] {
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: first > 1 }).decode(bytes);
    } catch (cause) {
      throw new FormatError(`${this.source}${notUtf8(bytes, first)}`, { cause });
    }
    const lines = Array.from(textLines(text), (line) => ({ ...line, number: line.number + first - 1 }));
    // Behind the ending of the last line, there is an empty one.
    if (!isLast || /[\r\n]$/.test(text)) lines.pop();
    return lines;
  }

  async *#contents(): AsyncGenerator<Uint8Array> {
    const input = this.#bytes();
    try {
      const first = await input.next();
      if (first.done) return;
      yield* isGzip(first.value) ? this.#members(first.value, input) : prefixed(first.value, input);
    } finally {
      await input.return(undefined);
    }
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    const { signal, onRead } = this.#options;
    try {
      for await (const chunk of openInput(this.path, { signal, highWaterMark: CHUNK })) {
        this.#hash.update(chunk);
        onRead?.(chunk.length);
        yield chunk;
      }
    } catch (cause) {
      if (cause instanceof ResidualBindError) throw cause;
      if (signal?.aborted) throw new CancelledError(`${this.source}: reading was cancelled`, { cause });
      throw unreadable(this.source, cause);
    }
  }

  /** All members of a gzip file. Zero bytes between and behind them are padding. */
  async *#members(head: Uint8Array, input: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
    let at = 0;
    let pending: Uint8Array | undefined = head;
    while (pending) {
      const member = new Member(pending, input);
      try {
        yield* member.contents();
      } catch (cause) {
        if (cause instanceof ResidualBindError) throw cause;
        throw new FormatError(
          `${this.source}: damaged or truncated gzip file (${(cause as Error).message})`,
          {
            cause,
          },
        );
      }
      at += member.consumed;
      ({ bytes: pending, at } = await afterPadding(member.rest(), at, input));
      if (pending && !isGzip(pending))
        throw new FormatError(
          `${this.source}: damaged gzip file: no gzip member begins at byte ${at + 1}; pack it anew`,
        );
    }
  }
}

/** One gzip member, or several without padding between them. */
class Member {
  /** The piece that the unpacker was given last, and how many bytes it was given up to its end. */
  #last: Uint8Array;
  #given = 0;
  readonly #gunzip = createGunzip({ chunkSize: CHUNK });

  constructor(
    first: Uint8Array,
    readonly input: AsyncGenerator<Uint8Array>,
  ) {
    this.#last = first;
  }

  async *contents(): AsyncGenerator<Uint8Array> {
    const gunzip = this.#gunzip;
    const feeding = this.#feed().catch((error: Error) => void gunzip.destroy(error));
    try {
      yield* gunzip as AsyncIterable<Uint8Array>;
      await feeding;
    } finally {
      gunzip.destroy();
    }
  }

  /** Gives the unpacker pieces until it has had enough: it leaves what does not belong to a member. */
  async #feed(): Promise<void> {
    for (;;) {
      const piece = this.#last;
      this.#given += piece.length;
      await new Promise<void>((resolve, reject) => {
        this.#gunzip.write(piece, (error) => (error ? reject(error) : resolve()));
      });
      if (this.consumed < this.#given) break;
      const next = await this.input.next();
      if (next.done) break;
      this.#last = next.value;
    }
    this.#gunzip.end();
  }

  /** Bytes of the file that the member has. */
  get consumed(): number {
    return this.#gunzip.bytesWritten;
  }

  /** What was read beyond the member. */
  rest(): Uint8Array {
    return this.#last.subarray(this.#last.length - (this.#given - this.consumed));
  }
}

/** Passes over zero bytes. `bytes` is undefined at the end of the file. */
async function afterPadding(
  rest: Uint8Array,
  start: number,
  input: AsyncGenerator<Uint8Array>,
): Promise<{ bytes: Uint8Array | undefined; at: number }> {
  let [bytes, at] = [rest, start];
  for (;;) {
    const first = bytes.findIndex((byte) => byte !== 0);
    if (first >= 0) {
      const found = bytes.subarray(first);
      if (found.length > 1) return { bytes: found, at: at + first };
      const more = await input.next();
      return { bytes: more.done ? found : Buffer.concat([found, more.value]), at: at + first };
    }
    at += bytes.length;
    const next = await input.next();
    if (next.done) return { bytes: undefined, at };
    bytes = next.value;
  }
}

async function* prefixed(first: Uint8Array, input: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* input;
}

/**
 * Where the last whole line ends; 0 where there is none. A carriage return at the end may be half an ending.
 */
function lastEnding(bytes: Uint8Array): number {
  const newline = bytes.lastIndexOf(NEWLINE);
  const isHalf = bytes.at(-1) === RETURN;
  const alone = (isHalf ? bytes.subarray(0, -1) : bytes).lastIndexOf(RETURN);
  return Math.max(newline, alone) + 1;
}
