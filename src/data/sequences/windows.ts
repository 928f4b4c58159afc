/**
 * Windows of sequences that come in pieces: base codes of overlapping parts as long as a model's input. No
 * more of a sequence is held than one window and one piece.
 */
import * as check from '../../device/check.js';
import type { SequencePiece } from './fasta-pieces.js';
import { codeAt, PAD } from './letters.js';

/** A part of a sequence. Positions count from 0; `end` is one past the last letter. */
export interface Window {
  /** Number of its sequence, from 0, and its name. */
  readonly sequence: number;
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Windows and their base codes [N * length]. */
export interface WindowBatch {
  readonly windows: readonly Window[];
  readonly codes: Uint8Array;
}

/** Which windows are made. */
export interface WindowCutterOptions {
  /** Letters of a window: positions of the model's input. */
  readonly length: number;
  /** Positions from the start of a window to that of the next. Default: half of the length. */
  readonly stride?: number | undefined;
  /** Windows of a batch at most. Default 4,096. */
  readonly batch?: number | undefined;
}

/** The stride where none is chosen: every run of so many letters lies within a window. */
export const usualStride = (length: number): number => Math.max(1, Math.floor(length / 2));

const OPTIONS = {
  length: check.whole(1),
  stride: check.optional(check.whole(1)),
  batch: check.optional(check.whole(1)),
};

/**
 * Cuts windows from sequences. The first begins with the sequence and the last ends with it, so that every
 * letter is in a window. A sequence that is shorter than a window is one window, padded on both sides.
 * Windows without any letter but N are left out and counted.
 *
 * @example
 * const cutter = new WindowCutter({ length: 41, stride: 20 });
 * for await (const { windows, codes } of cutter.cut(stream.pieces())) …
 */
export class WindowCutter {
  readonly #length: number;
  readonly #stride: number;
  readonly #batch: number;
  #windows: Window[] = [];
  #codes: Uint8Array;
  /** Codes of the record that is being cut, from its position `#offset` on. */
  #held = new Uint8Array(0);
  #offset = 0;
  #next = 0;
  #blank = 0;
  #sequences = 0;
  readonly #names = new Set<string>();

  constructor(options: WindowCutterOptions) {
    check.options(options, OPTIONS);
    const { length, stride = usualStride(length), batch = 4096 } = options;
    this.#length = length;
    this.#stride = stride;
    this.#batch = batch;
    this.#codes = new Uint8Array(batch * length);
  }

  /** Windows left out because all their letters are N, so far. */
  get blank(): number {
    return this.#blank;
  }

  /** Sequences so far that have the name of an earlier one. */
  get repeatedNames(): number {
    return this.#sequences - this.#names.size;
  }

  /** Sequences cut so far. */
  get sequences(): number {
    return this.#sequences;
  }

  /** Windows of all sequences, in order, in batches. @throws what reading the pieces throws */
  async *cut(pieces: AsyncIterable<SequencePiece>): AsyncGenerator<WindowBatch> {
    for await (const piece of pieces) yield* this.#add(piece);
    if (this.#windows.length > 0) yield this.#take();
  }

  *#add({ name, letters, isLast }: SequencePiece): Generator<WindowBatch> {
    const held = new Uint8Array(this.#held.length + letters.length);
    held.set(this.#held);
    for (let i = 0; i < letters.length; i++) held[this.#held.length + i] = codeAt(letters, i);
    this.#held = held;
    const end = this.#offset + held.length;
    for (; this.#next + this.#length <= end; this.#next += this.#stride)
      yield* this.#window(name, this.#next);
    if (!isLast) {
      // The last window of a sequence may begin before the next one would.
      const from = Math.max(0, Math.min(this.#next, end - this.#length) - this.#offset);
      this.#held = held.subarray(from);
      this.#offset += from;
      return;
    }
    if (end < this.#length) yield* this.#padded(name, end);
    else if (this.#next - this.#stride + this.#length < end) yield* this.#window(name, end - this.#length);
    this.#held = new Uint8Array(0);
    this.#offset = 0;
    this.#next = 0;
    this.#sequences++;
    this.#names.add(name);
  }

  *#window(name: string, start: number): Generator<WindowBatch> {
    const at = start - this.#offset;
    yield* this.#put(
      { sequence: this.#sequences, name, start, end: start + this.#length },
      this.#held.subarray(at, at + this.#length),
    );
  }

  *#padded(name: string, end: number): Generator<WindowBatch> {
    const codes = new Uint8Array(this.#length).fill(PAD);
    codes.set(this.#held, Math.floor((this.#length - end) / 2));
    yield* this.#put({ sequence: this.#sequences, name, start: 0, end }, codes);
  }

  *#put(window: Window, codes: Uint8Array): Generator<WindowBatch> {
    if (codes.every((code) => code === PAD)) {
      this.#blank++;
      return;
    }
    this.#codes.set(codes, this.#windows.length * this.#length);
    this.#windows.push(window);
    if (this.#windows.length === this.#batch) yield this.#take();
  }

  #take(): WindowBatch {
    const windows = this.#windows;
    this.#windows = [];
    return { windows, codes: this.#codes.slice(0, windows.length * this.#length) };
  }
}
