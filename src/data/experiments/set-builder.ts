/**
 * Builds an `ExperimentSet` record by record. Scores are kept in blocks and put together once, so that the
 * memory is twice that of the scores at most.
 */
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { codeAt } from '../sequences/letters.js';
import type { LeftOut } from '../tables/probes.js';
import type { ExperimentSet, InputFile } from './experiment-set.js';

/** Records per block of scores. */
const BLOCK = 8192;

/** Most experiments, most scores and most letters of a set: 1 GiB each of scores and letters. */
export const MOST = { experiments: 16_384, scores: 2 ** 28, letters: 2 ** 30, records: 2 ** 25 } as const;

/** What a record has beside its scores. */
export interface NewRecord {
  /** Canonical letters; empty where the record has none. */
  readonly sequence: string;
  /** Index of `SETS`. */
  readonly set: number;
  readonly validates?: boolean;
  readonly pool?: string;
  /** 1-based line or record of the source. */
  readonly line: number;
}

/** Bytes that grow. */
class Grown {
  bytes = new Uint8Array(2 ** 16);
  length = 0;

  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  push(byte: number): void {
    this.reserve(1);
    this.bytes[this.length++] = byte;
  }

  taken(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}

export class SetBuilder {
  readonly #letters = new Grown();
  readonly #starts: number[] = [0];
  readonly #sets = new Grown();
  readonly #validation = new Grown();
  readonly #pools = new Grown();
  readonly #poolNames: string[] = [];
  readonly #lines: number[] = [];
  readonly #blocks: Float32Array[] = [];
  readonly #leftOut = { score: 0, sequence: 0, both: 0, infinite: 0 };
  readonly #gaps: { missing: number; flagged: number; infinite: number }[];
  #validates = false;

  /**
   * @param source for messages
   * @throws FormatError for too many experiments, or names that come twice
   */
  constructor(
    readonly source: string,
    readonly experiments: readonly string[],
  ) {
    if (experiments.length > MOST.experiments)
      throw new FormatError(
        `${source}: has ${experiments.length} columns of scores; at most ${MOST.experiments} are read`,
      );
    const seen = new Set<string>();
    const twice = experiments.find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined) throw new FormatError(`${source}: two experiments are called ${echo(twice)}`);
    this.#gaps = experiments.map(() => ({ missing: 0, flagged: 0, infinite: 0 }));
  }

  /** Records taken so far. */
  get records(): number {
    return this.#sets.length;
  }

  /**
   * Takes a record, or counts it as left out where it has no sequence or no finite score.
   *
   * @param scores [E], NaN where one is missing; infinite ones are taken as missing
   * @param flagged [E], 1 where the spot is spoilt; its score is taken as missing
   * @throws FormatError where the set becomes too large
   */
  add(record: NewRecord, scores: ArrayLike<number>, flagged?: Uint8Array): void {
    const width = this.experiments.length;
    let [finite, infinite] = [0, 0];
    for (let e = 0; e < width; e++) {
      const score = flagged?.[e] === 1 ? Number.NaN : Math.fround(scores[e]!);
      if (Number.isFinite(score)) finite++;
      else if (!Number.isNaN(score)) infinite++;
    }
    if (finite === 0 || record.sequence === '') {
      this.#leave(record.sequence !== '', finite > 0, infinite > 0);
      return;
    }
    this.#place(scores, flagged);
    this.#spell(record.sequence);
    this.#starts.push(this.#letters.length);
    this.#sets.push(record.set);
    this.#validation.push(record.validates ? 1 : 0);
    this.#validates ||= record.validates === true;
    this.#pools.push(this.#poolOf(record.pool ?? ''));
    this.#lines.push(record.line);
  }

  #leave(hasSequence: boolean, hasScore: boolean, isInfinite: boolean): void {
    if (hasSequence) this.#leftOut[isInfinite ? 'infinite' : 'score']++;
    else this.#leftOut[hasScore || isInfinite ? 'sequence' : 'both']++;
  }

  #place(scores: ArrayLike<number>, flagged: Uint8Array | undefined): void {
    const width = this.experiments.length;
    const { records } = this;
    if ((records + 1) * width > MOST.scores || records >= MOST.records)
      throw new FormatError(
        `${this.source}: holds more than ${Math.min(MOST.records, Math.floor(MOST.scores / width)).toLocaleString('en')} records of ${width} experiments; choose fewer of them with --score-column`,
      );
    const row = records % BLOCK;
    if (row === 0) this.#blocks.push(new Float32Array(BLOCK * width));
    const block = this.#blocks.at(-1)!;
    for (let e = 0; e < width; e++) {
      const gaps = this.#gaps[e]!;
      let score = Math.fround(scores[e]!);
      if (flagged?.[e] === 1) gaps.flagged++;
      else if (Number.isNaN(score)) gaps.missing++;
      else if (!Number.isFinite(score)) gaps.infinite++;
      if (flagged?.[e] === 1 || !Number.isFinite(score)) score = Number.NaN;
      block[e * BLOCK + row] = score;
    }
  }

  #spell(sequence: string): void {
    const letters = this.#letters;
    letters.reserve(sequence.length);
    if (letters.length + sequence.length > MOST.letters)
      throw new FormatError(`${this.source}: holds more than ${MOST.letters.toLocaleString('en')} letters`);
    for (let i = 0; i < sequence.length; i++) letters.bytes[letters.length++] = codeAt(sequence, i);
  }

  #poolOf(name: string): number {
    const known = this.#poolNames.indexOf(name);
    if (known >= 0) return known;
    if (this.#poolNames.length > 255)
      throw new FormatError(`${this.source}: names more than 256 pools; a pool is an array design`);
    return this.#poolNames.push(name) - 1;
  }

  /** The set. The builder is empty afterwards. */
  finish(inputs: readonly InputFile[], notes: readonly string[] = []): ExperimentSet {
    const { records, source, experiments } = this;
    const scores = new Float32Array(records * experiments.length);
    this.#blocks.forEach((block, b) => {
      const rows = Math.min(BLOCK, records - b * BLOCK);
      for (let e = 0; e < experiments.length; e++)
        scores.set(block.subarray(e * BLOCK, e * BLOCK + rows), e * records + b * BLOCK);
    });
    this.#blocks.length = 0;
    const hasPools = this.#poolNames.some((name) => name !== '');
    return {
      source,
      experiments,
      letters: this.#letters.taken(),
      starts: Uint32Array.from(this.#starts),
      sets: this.#sets.taken(),
      ...(this.#validates && { validation: this.#validation.taken() }),
      ...(hasPools && { pools: { names: this.#poolNames, of: this.#pools.taken() } }),
      scores,
      lines: Uint32Array.from(this.#lines),
      leftOut: this.#leftOut satisfies LeftOut,
      gaps: this.#gaps,
      notes,
      inputs,
    };
  }
}
