/** The vectors that the planner sums, and the edges of a run. */

import type { Partition, Partitions } from './partition.js';
import { type Edges, type Gathered, NONE, type Run } from './stages.js';

/** Shared vectors at a position of a stage. */
export interface SharedColumn {
  /** Row of the first class. */
  readonly base: number;
  readonly partition: Partition;
}

/** Shared vectors of a stage by position, and their number. */
export interface SharedColumns {
  readonly columns: Map<number, SharedColumn>;
  readonly rows: number;
}

/** Positions low … high that a value depends on. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A column that is a term of a vector's sum. */
export interface Source {
  readonly seen: Interval;
  /** The column's vector for a pattern. */
  readonly vector: (pattern: number) => number;
}

export const contains = ({ first, count }: Run, position: number): boolean =>
  position >= first && position < first + count;

/** The run from the first to the last of ascending positions. */
export const hull = (positions: readonly number[]): Run =>
  positions.length === 0
    ? { first: 0, count: 0 }
    : { first: positions[0]!, count: positions.at(-1)! - positions[0]! + 1 };

export const pushRow = (rows: number[], sources: readonly (Source | undefined)[], pattern: number): void => {
  for (const source of sources) rows.push(source ? source.vector(pattern) : NONE);
};

/** The positions that several sources see together. */
export function span(sources: readonly (Source | undefined)[]): Interval {
  const there = sources.filter((source) => source !== undefined);
  return {
    low: Math.min(...there.map(({ seen }) => seen.low)),
    high: Math.max(...there.map(({ seen }) => seen.high)),
  };
}

/** Divides the patterns by the letters that several sources see together. */
export function jointly(partitions: Partitions, sources: readonly (Source | undefined)[]): Partition {
  const { low, high } = span(sources);
  return partitions.of(low, high);
}

/** Index of an edge's vector for each pattern: its class, counted from `base`. */
export function indexEdge(index: Uint32Array, edge: number, { classOf }: Partition, base: number): void {
  const start = edge * classOf.length;
  for (let pattern = 0; pattern < classOf.length; pattern++)
    index[start + pattern] = base + classOf[pattern]!;
}

/**
 * Adds the edges of a run. The sources of their vectors are appended to `rows`, `width` numbers per vector.
 */
export function edgesOf(
  partitions: Partitions,
  { first, count }: Run,
  rows: number[],
  width: number,
  sourcesAt: (column: number) => Record<'left' | 'right', readonly (Source | undefined)[]>,
): Edges {
  const start = rows.length / width;
  const sides = Array.from({ length: count }, (_, i) => sourcesAt(first + i));
  const has = (side: 'left' | 'right') => (sources: (typeof sides)[number]) =>
    sources[side].some((source) => source !== undefined);
  const left = sides.findLastIndex(has('left')) + 1;
  const from = sides.findIndex(has('right'));
  const right = from < 0 ? 0 : count - from;
  const listed = [
    ...sides.slice(0, left).map((sources) => sources.left),
    ...sides.slice(count - right).map((sources) => sources.right),
  ];
  const index = new Uint32Array(listed.length * partitions.patterns);
  listed.forEach((sources, edge) => {
    const base = rows.length / width - start;
    const partition = jointly(partitions, sources);
    for (const pattern of partition.first) pushRow(rows, sources, pattern);
    indexEdge(index, edge, partition, base);
  });
  return { left, right, rows: rows.length / width - start, index };
}

export const gatheredOf = (rows: readonly number[], width: number): Gathered => ({
  sources: Uint32Array.from(rows),
  width,
  rows: rows.length / width,
});
