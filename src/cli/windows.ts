/** Parts of long sequences for `predict`: windows of a FASTA file, and intervals of a BED file. */

import { bytesOf } from '../data/files/input.node.js';
import {
  encodeSequences,
  type Interval,
  type IntervalSequences,
  readIntervals,
  type SequencePiece,
  SequenceStream,
  type Window,
  type WindowBatch,
  WindowCutter,
} from '../data/index.node.js';
import { count } from '../device/count.js';
import type { LettersOptions } from './probe-options.js';
import { type Io, note } from './terminal/io.js';
import { Progress } from './terminal/progress.js';

/** Which parts are predicted. */
export interface PartOptions extends LettersOptions {
  readonly windows?: boolean;
  readonly stride?: number;
  readonly bed?: string;
}

/** Parts of sequences: batches of them, and what is known of them once all were read. */
export interface Parts {
  batches(): AsyncIterable<WindowBatch>;
  /** What a table says of a part before its prediction. */
  row(window: Window): object;
  /** The interval that a part is from or is; undefined without a BED file. */
  interval(window: Window): Interval | undefined;
  /** Sequences that are predicted as a whole. */
  readonly whole?: readonly string[];
  /** Prints what was left out, and returns what a manifest says of the input. */
  finish(): object;
}

/** Parts in a batch at most. */
const BATCH = 4096;

const MIB = 2 ** 20;

/** Parts of the sequences of a file. @param length positions of the model's input */
export async function partsOf(io: Io, path: string, length: number, options: PartOptions): Promise<Parts> {
  const { bed, windows, stride, iupacAsN } = options;
  if (bed === undefined) return await windowsOfFile(io, path, length, options);
  const read = await readIntervals(path, bed, { iupacAsN, signal: io.signal });
  for (const line of read.notes) note(io, line);
  const cutter = windows ? new WindowCutter({ length, stride, batch: BATCH }) : undefined;
  const whole = cutter ? new Uint8Array() : encodeSequences(read.sequences, length, read);
  return {
    batches: () => (cutter ? cutter.cut(piecesOf(read)) : inBatches(whole, read, length)),
    ...(!windows && { whole: read.sequences }),
    interval: ({ sequence }) => read.intervals[sequence],
    row: (window) => {
      const interval = read.intervals[window.sequence]!;
      const { chrom, strand } = interval;
      return { name: window.name, chrom, ...placeIn(interval, window), strand };
    },
    finish() {
      if (cutter) noteBlank(io, path, cutter.blank);
      return {
        input: { path, sha256: read.fasta.sha256 },
        intervals: { path: bed, sha256: read.bed.sha256, count: read.intervals.length },
      };
    },
  };
}

async function windowsOfFile(
  io: Io,
  path: string,
  length: number,
  { stride, iupacAsN }: PartOptions,
): Promise<Parts> {
  const size = await bytesOf(path);
  let progress: Progress | undefined;
  let done = 0;
  const onRead = (bytes: number) => {
    if (size === undefined) return;
    done += bytes;
    progress ??= new Progress(io, { label: 'predicting', total: size / MIB, unit: 'MiB/s' });
    progress.update(Math.min(size, done) / MIB);
  };
  let stream = new SequenceStream(path, { iupacAsN, signal: io.signal, onRead });
  let cutter = new WindowCutter({ length, stride, batch: BATCH });
  return {
    batches() {
      done = 0;
      stream = new SequenceStream(path, { iupacAsN, signal: io.signal, onRead });
      cutter = new WindowCutter({ length, stride, batch: BATCH });
      return cutter.cut(stream.pieces());
    },
    interval: () => undefined,
    row: ({ name, start, end }) => ({ name, start, end }),
    finish() {
      progress?.finish();
      for (const line of stream.notes) note(io, line);
      noteBlank(io, path, cutter.blank);
      const { repeatedNames } = cutter;
      if (repeatedNames > 0)
        note(
          io,
          `${path}: ${count(repeatedNames, 'sequence has', 'sequences have')} the name of an earlier one; rows are in the order of the file`,
        );
      return { input: { path, sha256: stream.sha256, count: cutter.sequences } };
    },
  };
}

/** Where a part of an interval is in the sequence that the interval is of. */
export const placeIn = (
  { start, end, strand }: Interval,
  window: Pick<Window, 'start' | 'end'>,
): { readonly start: number; readonly end: number } =>
  strand === '-'
    ? { start: end - window.end, end: end - window.start }
    : { start: start + window.start, end: start + window.end };

async function* piecesOf({ names, lines, sequences }: IntervalSequences): AsyncGenerator<SequencePiece> {
  for (const [i, letters] of sequences.entries())
    yield { name: names[i]!, line: lines[i]!, letters, isLast: true };
}

/** Whole intervals. */
async function* inBatches(
  codes: Uint8Array,
  { names, sequences }: IntervalSequences,
  length: number,
): AsyncGenerator<WindowBatch> {
  for (let first = 0; first < names.length; first += BATCH) {
    const windows = names.slice(first, first + BATCH).map((name, i) => {
      return { sequence: first + i, name, start: 0, end: sequences[first + i]!.length };
    });
    yield { windows, codes: codes.subarray(first * length, (first + windows.length) * length) };
  }
}

function noteBlank(io: Io, path: string, blank: number): void {
  if (blank > 0)
    note(io, `${path}: ${count(blank, 'window')} of N alone ${blank === 1 ? 'was' : 'were'} left out`);
}
