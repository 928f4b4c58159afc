/**
 * Importances beside measurements: the mean measured score of the probes that have a k-mer, and its rank. A
 * network may give a k-mer a high importance that no measurement supports.
 */

import { isWord } from '../../data/sequences/letters.js';
import * as check from '../../device/check.js';
import { ShapeError } from '../../device/errors.js';
import { kmerCounts } from '../../nn/baselines/kmer-counts.js';
import { isConstant, pearson, spearman } from '../../nn/metrics.js';
import { kmerIndex, MAX_K } from '../patterns/kmers.js';
import { ranksOf } from '../statistics/statistics.js';
import type { StoredRow } from '../tables/table-reader.js';

/** Fewest probes that a mean is ranked by. */
export const LEAST_PROBES = 5;

/** As many k-mers as make a motif (`TOP_KMERS`) are the best measured ones. */
const BEST = 10;

/** Measurements by k-mer. */
export interface MeasuredKmers {
  readonly k: number;
  /** Mean score of the probes that have the k-mer, however often; NaN where none has. [4^k] */
  readonly means: Float64Array;
  /** Probes that have it. [4^k] */
  readonly probes: Uint32Array;
  /** 1 for the highest mean; 0 for k-mers in fewer than five probes. [4^k] */
  readonly ranks: Uint32Array;
  /** k-mers that have a rank. */
  readonly ranked: number;
}

/**
 * Means by k-mer over probes.
 *
 * @param codes [N * length]
 * @param scores [N * outputs], record by record; NaN where one is missing
 * @param which output of how many
 * @throws ArgumentError unless k is 1 to 8; ShapeError unless there is a score for every record
 */
export function measuredKmers(
  codes: Uint8Array,
  scores: Float32Array,
  { length, k, output = 0, outputs = 1 }: { length: number; k: number; output?: number; outputs?: number },
): MeasuredKmers {
  check.whole(1, MAX_K)(k, check.argument('k'));
  const { starts, kmers, records } = kmerCounts(codes, length, k);
  if (scores.length !== records * outputs)
    throw new ShapeError(`${records} records have ${records * outputs} scores, not ${scores.length}`);
  const size = 4 ** k;
  const [sums, probes] = [new Float64Array(size), new Uint32Array(size)];
  const seenIn = new Int32Array(size).fill(-1);
  for (let record = 0; record < records; record++) {
    const score = scores[record * outputs + output]!;
    if (Number.isNaN(score)) continue;
    for (let i = starts[record]!; i < starts[record + 1]!; i++) {
      const kmer = kmers[i]!;
      if (seenIn[kmer] === record) continue;
      seenIn[kmer] = record;
      sums[kmer]! += score;
      probes[kmer]! += 1;
    }
  }
  const means = sums.map((sum, i) => sum / probes[i]!);
  const known = Array.from(probes.keys()).filter((i) => probes[i]! >= LEAST_PROBES);
  const ranks = new Uint32Array(size);
  ranksOf(known.map((i) => means[i]!)).forEach((rank, i) => {
    ranks[known[i]!] = rank;
  });
  return { k, means, probes, ranks, ranked: known.length };
}

/** A k-mer of a sweep beside its measurements. */
export interface MeasuredRow {
  readonly pattern: string;
  readonly importance: number;
  /** By importance, from 1. */
  readonly rank: number;
  /** Mean measured score of the probes that have it; NaN where none has. */
  readonly measured: number;
  readonly probes: number;
  /** By `measured`, from 1; 0 for fewer than five probes. */
  readonly measuredRank: number;
}

/** A sweep beside measurements. */
export interface BesideMeasurements {
  /** All k-mers of the sweep, the most important first. */
  readonly rows: readonly MeasuredRow[];
  /** k-mers that have a rank by measurement, of all that there are. */
  readonly ranked: number;
  /** The k-mer of the sweep that is measured best; undefined where none is ranked. */
  readonly best: MeasuredRow | undefined;
  /** Correlations of importance with the mean score over ranked k-mers; NaN where they do not exist. */
  readonly pearson: number;
  readonly spearman: number;
  /** Whether the most important k-mer is one of the ten best by measurement. */
  readonly isAmongBest: boolean;
}

/**
 * Puts a sweep beside measurements.
 *
 * @param rows of one model and task, in any order
 * @returns undefined for patterns that are not all k-mers of one length up to 8
 */
export function besideMeasurements(
  rows: readonly StoredRow[],
  measuredFor: (k: number) => MeasuredKmers,
): BesideMeasurements | undefined {
  const k = rows[0]?.pattern.length ?? 0;
  if (k < 1 || k > MAX_K || !rows.every(({ pattern }) => pattern.length === k && isWord(pattern)))
    return undefined;
  const { means, probes, ranks, ranked } = measuredFor(k);
  const beside = [...rows]
    .sort((a, b) => b.importance - a.importance)
    .map(({ pattern, importance }, i): MeasuredRow => {
      const at = kmerIndex(pattern);
      return {
        pattern,
        importance,
        rank: i + 1,
        measured: means[at]!,
        probes: probes[at]!,
        measuredRank: ranks[at]!,
      };
    });
  const known = beside.filter(({ measuredRank }) => measuredRank > 0);
  const [x, y] = [known.map(({ importance }) => importance), known.map(({ measured }) => measured)];
  const correlate = (of: typeof pearson) =>
    known.length < 3 || isConstant(x) || isConstant(y) ? Number.NaN : of(x, y);
  const top = beside[0]!.measuredRank;
  return {
    rows: beside,
    ranked,
    best: known.toSorted((one, other) => one.measuredRank - other.measuredRank)[0],
    pearson: correlate(pearson),
    spearman: correlate(spearman),
    isAmongBest: top > 0 && top <= BEST,
  };
}
