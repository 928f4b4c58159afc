/**
 * Classes of patterns. For the letters that a position sees, equal patterns form a class, and everything that
 * depends only on these letters is computed once per class. If the set is all k-mers, a class is a prefix or
 * a suffix.
 */

import { KEEP, overlay, type Pattern } from '../patterns/patterns.js';

/** P patterns as base codes [P, length], with KEEP where the background stays. */
export interface PatternSet {
  readonly names: readonly string[];
  readonly overlays: Uint8Array;
  readonly length: number;
}

/** Encodes patterns for sequences of a given length. @throws as `overlay` */
export const patternSet = (patterns: readonly Pattern[], length: number): PatternSet => ({
  names: patterns.map(({ name }) => name),
  overlays: overlay(patterns, length),
  length,
});

/** The class of each pattern. Classes are numbered in the order of their first patterns. */
export interface Partition {
  /** Class of every pattern, [P]. */
  readonly classOf: Uint32Array;
  /** First pattern of every class. */
  readonly first: readonly number[];
}

export const classCount = ({ first }: Partition): number => first.length;

/** One code for each letter and one for KEEP. */
const CODES = KEEP + 1;

export class Partitions {
  readonly patterns: number;
  /** Positions that at least one pattern writes, ascending. */
  readonly slot: readonly number[];
  readonly #known = new Map<string, Partition>();

  constructor(readonly set: PatternSet) {
    const { names, overlays, length } = set;
    this.patterns = names.length;
    const written = new Uint8Array(length);
    for (let pattern = 0; pattern < this.patterns; pattern++) {
      for (let position = 0; position < length; position++) {
        if (overlays[pattern * length + position] !== KEEP) written[position] = 1;
      }
    }
    this.slot = Array.from(written.keys()).filter((position) => written[position]);
  }

  /** Letters of the slot among positions low … high. */
  letters(low: number, high: number): number {
    return this.slot.filter((position) => position >= low && position <= high).length;
  }

  /** Divides the patterns by their letters at positions low … high. */
  of(low: number, high: number): Partition {
    const seen = this.slot.filter((position) => position >= low && position <= high);
    return this.#of(seen);
  }

  #of(seen: readonly number[]): Partition {
    const key = seen.join();
    let partition = this.#known.get(key);
    if (!partition) {
      partition =
        seen.length === 0
          ? { classOf: new Uint32Array(this.patterns), first: [0] }
          : this.#refine(this.#of(seen.slice(0, -1)), seen.at(-1)!);
      this.#known.set(key, partition);
    }
    return partition;
  }

  /** Splits classes by the letter at one more position. */
  #refine({ classOf, first }: Partition, position: number): Partition {
    const { overlays, length } = this.set;
    const refined = new Int32Array(first.length * CODES).fill(-1);
    const result = new Uint32Array(this.patterns);
    const firstOf: number[] = [];
    for (let p = 0; p < this.patterns; p++) {
      const key = classOf[p]! * CODES + overlays[p * length + position]!;
      if (refined[key] === -1) refined[key] = firstOf.push(p) - 1;
      result[p] = refined[key]!;
    }
    return { classOf: result, first: firstOf };
  }
}
