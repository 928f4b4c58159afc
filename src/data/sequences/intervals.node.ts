/**
 * Intervals of BED and a FASTA file → sequences, for Node. The FASTA file is read once, and only letters of
 * intervals are held. `bed.ts` reads lines of BED.
 */
import { Breath } from '../../device/breathe.js';
import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import type { FileDigest } from '../files/text-file.node.js';
import { type StreamOptions, TextStream } from '../files/text-stream.node.js';
import { type Interval, intervalOf } from './bed.js';
import type { LetterOptions } from './letter-reader.js';
import { reverseComplement } from './letters.js';
import { SequenceStream } from './sequence-stream.node.js';

/** Intervals with their letters, in the order of the BED file. */
export interface IntervalSequences {
  /** The BED file, for messages; with `lines` and `names`, a message can name the line of an interval. */
  readonly source: string;
  readonly lines: Uint32Array;
  readonly names: readonly string[];
  readonly intervals: readonly Interval[];
  /** Canonical letters, from 5′ to 3′: the reverse complement for strand `-`. */
  readonly sequences: readonly string[];
  readonly bed: FileDigest;
  readonly fasta: FileDigest;
  readonly notes: readonly string[];
}

/** Letters of all intervals together at most. */
const MOST_LETTERS = 2 ** 30;

/** Names of sequences that a message lists at most. */
const NAMED = 6;

/**
 * Reads the letters of intervals. A sequence is found by the first word of its FASTA header, or by the whole.
 *
 * @param fasta path of the sequences; `-` is standard input
 * @param bed path of the intervals, plain or gzipped
 * @throws FormatError for a bad line, an unknown sequence or an interval that reaches beyond its end, naming
 * the BED file and line; errors of the FASTA file as `SequenceStream`
 */
export async function readIntervals(
  fasta: string,
  bed: string,
  options: LetterOptions & StreamOptions = {},
): Promise<IntervalSequences> {
  const { signal } = options;
  const file = new TextStream(bed, { signal });
  const intervals: Interval[] = [];
  const breath = new Breath(signal);
  let letters = 0;
  for await (const batch of file.lines()) {
    for (const { text, number } of batch) {
      const interval = intervalOf(text, number, file.source);
      if (!interval) continue;
      intervals.push(interval);
      letters += interval.end - interval.start;
      if (letters > MOST_LETTERS)
        throw new FormatError(
          `${file.source}:${number}: the intervals have more than ${MOST_LETTERS} letters in all; divide the file`,
        );
    }
    await breath.take();
  }
  if (intervals.length === 0) throw new FormatError(`${file.source}: no interval`);
  const stream = new SequenceStream(fasta, options);
  const sequences = await lettersOf(intervals, stream, file.source);
  return {
    source: file.source,
    lines: Uint32Array.from(intervals, ({ line }) => line),
    names: intervals.map(({ name }) => name),
    intervals,
    sequences,
    bed: { sha256: file.sha256 },
    fasta: { sha256: stream.sha256 },
    notes: stream.notes,
  };
}

/** Collects the letters of intervals while the sequences are read. */
async function lettersOf(
  intervals: readonly Interval[],
  stream: SequenceStream,
  source: string,
): Promise<string[]> {
  const wanted = new Map<string, number[]>();
  intervals.forEach(({ chrom }, i) => {
    const own = wanted.get(chrom);
    if (own) own.push(i);
    else wanted.set(chrom, [i]);
  });
  for (const own of wanted.values()) own.sort((a, b) => intervals[a]!.start - intervals[b]!.start);
  const found = new Array<string>(intervals.length);
  const begun = new Set<string>();
  const others: string[] = [];
  let cutter: IntervalCutter | undefined;
  let record = -1;
  for await (const { name, line, letters, isLast } of stream.pieces()) {
    if (line !== record) {
      record = line;
      const key = [name, name.split(/\s/, 1)[0]!].find((word) => wanted.has(word));
      if (key !== undefined && begun.has(key))
        throw new FormatError(
          `${stream.source}:${line}: the name ${echo(key)} occurs twice, so the intervals of ${source} that name it are ambiguous`,
        );
      if (key !== undefined) begun.add(key);
      else if (others.length < NAMED) others.push(name.split(/\s/, 1)[0]!);
      cutter = key === undefined ? undefined : new IntervalCutter(intervals, wanted.get(key)!, found);
    }
    cutter?.add(letters);
    if (isLast) cutter?.finish(stream.source, source);
  }
  const missing = intervals.find(({ chrom }) => !begun.has(chrom));
  if (missing)
    throw new FormatError(
      `${source}:${missing.line}: ${stream.source} has no sequence ${echo(missing.chrom)}; it has ${[...begun, ...others].slice(0, NAMED).map(echo).join(', ')} …`,
    );
  return found;
}

/** Intervals of one sequence. */
class IntervalCutter {
  /** Letters read so far. */
  #length = 0;
  #next = 0;
  #open: { readonly at: number; readonly parts: string[] }[] = [];

  /** @param own numbers of the sequence's intervals, by their starts */
  constructor(
    readonly intervals: readonly Interval[],
    readonly own: readonly number[],
    readonly found: string[],
  ) {}

  add(letters: string): void {
    const [from, to] = [this.#length, this.#length + letters.length];
    this.#length = to;
    for (; this.#next < this.own.length && this.intervals[this.own[this.#next]!]!.start < to; this.#next++)
      this.#open.push({ at: this.own[this.#next]!, parts: [] });
    this.#open = this.#open.filter(({ at, parts }) => {
      const { start, end, strand } = this.intervals[at]!;
      parts.push(letters.slice(Math.max(start, from) - from, Math.min(end, to) - from));
      if (end > to) return true;
      // A copy, because a slice of a string keeps the whole string in memory.
      const text = Buffer.from(parts.join(''), 'latin1').toString('latin1');
      this.found[at] = strand === '-' ? reverseComplement(text) : text;
      return false;
    });
  }

  /** @throws FormatError for an interval that reaches beyond the end */
  finish(fasta: string, source: string): void {
    const left = [...this.#open.map(({ at }) => at), ...this.own.slice(this.#next)];
    if (left.length === 0) return;
    const { chrom, end, line } = this.intervals[left.reduce((first, at) => Math.min(first, at))]!;
    throw new FormatError(
      `${source}:${line}: the interval ends at ${end}, but ${echo(chrom)} in ${fasta} has ${count(this.#length, 'letter')}`,
    );
  }
}
