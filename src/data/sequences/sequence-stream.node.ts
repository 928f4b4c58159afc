/**
 * Files → pieces of sequences, for Node: FASTA line by line, so that a chromosome needs little memory; FASTQ
 * and lists, whose sequences are short, as a whole.
 */
import { Breath } from '../../device/breathe.js';
import { FormatError } from '../../device/errors.js';
import type { TextLine } from '../files/text-lines.js';
import { type StreamOptions, TextStream } from '../files/text-stream.node.js';
import { LONGEST_TEXT } from '../files/unpack.node.js';
import { FastaPieces, type SequencePiece } from './fasta-pieces.js';
import { type LetterOptions, Letters } from './letter-reader.js';
import { parseSequences } from './parse-sequences.js';

/** Sequences of a file that is read once, from its beginning to its end. */
export class SequenceStream {
  readonly #stream: TextStream;
  #notes: readonly string[] = [];

  /** @param path of FASTA, FASTQ or one sequence per line, plain or gzipped; `-` is standard input */
  constructor(
    path: string,
    /** How letters are read, and how reading ends. */
    readonly options: LetterOptions & StreamOptions = {},
  ) {
    this.#stream = new TextStream(path, options);
  }

  /** The file's name in messages. */
  get source(): string {
    return this.#stream.source;
  }

  /** SHA-256 of the bytes on disk, hexadecimal; known once all pieces have been read. */
  get sha256(): string {
    return this.#stream.sha256;
  }

  /** What was left out or read as something else; known once all pieces have been read. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /**
   * The sequences of the file in pieces, once.
   *
   * @throws FormatError, InvalidSequenceError naming file and line; CancelledError
   */
  async *pieces(): AsyncGenerator<SequencePiece> {
    const batches = this.#stream.lines();
    try {
      const first: TextLine[] = [];
      let begin: string | undefined;
      while (begin === undefined) {
        const next = await batches.next();
        if (next.done) break;
        first.push(...next.value);
        begin = next.value.map(({ text }) => text.trim()).find((row) => row !== '' && !/^[#;]/.test(row));
      }
      yield* begin?.startsWith('>') ? this.#fasta(first, batches) : this.#others(first, batches);
    } finally {
      await batches.return(undefined);
    }
  }

  async *#fasta(first: TextLine[], batches: AsyncGenerator<TextLine[]>): AsyncGenerator<SequencePiece> {
    const { iupacAsN, signal } = this.options;
    const reader = new FastaPieces(this.source, new Letters({ iupacAsN }));
    const breath = new Breath(signal);
    for await (const batch of joined(first, batches)) {
      for (const { text, number } of batch) {
        const piece = reader.line(text, number);
        if (piece) yield piece;
      }
      await breath.take();
    }
    const last = reader.finish();
    if (last) yield last;
    this.#notes = reader.notes();
  }

  async *#others(first: TextLine[], batches: AsyncGenerator<TextLine[]>): AsyncGenerator<SequencePiece> {
    const parts: string[] = [];
    let size = 0;
    for await (const batch of joined(first, batches)) {
      const text = batch.map((line) => `${line.text}\n`).join('');
      size += text.length;
      if (size > LONGEST_TEXT) throw new FormatError(`${this.source}: too long for a file that is not FASTA`);
      parts.push(text);
    }
    const {
      names,
      sequences,
      lines,
      notes = [],
    } = parseSequences(parts.join(''), this.source, {
      iupacAsN: this.options.iupacAsN,
    });
    for (const [i, letters] of sequences.entries())
      yield { name: names[i]!, line: lines[i]!, letters, isLast: true };
    this.#notes = notes;
  }
}

async function* joined(
  first: TextLine[],
  rest: AsyncGenerator<TextLine[]>,
): AsyncGenerator<readonly TextLine[]> {
  yield first;
  yield* rest;
}
