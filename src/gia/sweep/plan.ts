/**
 * The planner of a sweep (docs/sweep.md): which vectors of every layer differ between patterns, and how they hang
 * together. Pure data; `shared-sweep.ts` runs it.
 *
 * At every stage (the first convolution and each of the residual block) a position sees the slot's letters within its
 * receptive field. Where almost every pattern looks different there, the position belongs to the stage's *run* and is
 * computed per pattern; elsewhere it is a *shared* column, computed once per class of patterns. A run's column adds what
 * it needs of shared columns from an *edge*: one vector per class, one edge for what lies left of the run before it and
 * one for the right.
 */

import { type Blocks, blocksOf, type FilterMethod } from '../../kernels/sweep/filtering.js';
import type { Architecture } from '../../nn/architecture.js';
import { windowsOf } from '../../nn/presets.js';
import { classes, type Partition, Partitions, type PatternSet } from './partition.js';
import { sizesOf } from './sizes.js';

/** In place of a source that is not there. */
export const NONE = 0xffffffff;

/** What a vector of the first stage adds up: all letters, or those on one side of the slot's cut. */
export type ColumnKind = 'all' | 'left' | 'right';

export interface ColumnRow {
  readonly position: number;
  /** A pattern of the class. */
  readonly pattern: number;
  readonly kind: ColumnKind;
}

/** A vector as the sum of vectors before it: indices, NONE where there is nothing. */
export interface Gathered {
  readonly sources: Uint32Array;
  /** Sources of a row, skip included. */
  readonly width: number;
  readonly rows: number;
}

/** Columns first … first + count - 1, computed per pattern. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/** Edges of a run: the first `left` and the last `right` columns have one. */
export interface Edges {
  readonly left: number;
  readonly right: number;
  /** Vectors, over all columns. */
  readonly rows: number;
  /** Vector of every pattern: [left + right, P]. */
  readonly index: Uint32Array;
}

export interface Stage {
  readonly run: Run;
  readonly edges: Edges;
  /** Number of shared vectors. */
  readonly shared: number;
}

export interface FirstStage extends Stage {
  /** Shared vectors, then edge vectors. */
  readonly columns: readonly ColumnRow[];
  /** The first position of the slot's right part. */
  readonly cut: number;
}

export interface ConvolutionStage extends Stage {
  readonly dilation: number;
  /** How the run before it is multiplied; absent where there is none. */
  readonly blocks?: Blocks;
  /** Shared vectors, then edge vectors, from products (3 row + tap) of the stage before; of the last stage also a skip, a row of the first stage. */
  readonly gathered: Gathered;
}

export interface PoolStage {
  /** Windows that the run reaches, computed per pattern. */
  readonly windows: Run;
  /** The window of every shared part: what of it lies left, or right, of the run. */
  readonly parts: readonly number[];
  /** The most vectors that a part has. */
  readonly partRows: number;
  /** parts.length * partRows vectors from shared vectors of the last stage. */
  readonly gathered: Gathered;
}

export interface DenseStage {
  /** One edge each for the parts left and right of the run: `left` and `right` are 0 or 1. */
  readonly edges: Edges;
  /** Edge vectors from products of parts: part * partRows + row. */
  readonly gathered: Gathered;
}

/** What a sweep will compute, and what patterns share. */
export interface SweepPlan {
  readonly set: PatternSet;
  readonly method: FilterMethod;
  readonly first: FirstStage;
  readonly convolutions: readonly ConvolutionStage[];
  readonly pool: PoolStage;
  readonly dense: DenseStage;
  /** Multiply-adds of matrix products, per (pattern, background), and per background for what patterns share. */
  readonly multiplyAdds: { readonly perPair: number; readonly perBackground: number };
}

/** Columns with more classes than this share of the patterns are computed per pattern. */
const SHARE = 0.5;

interface SharedColumn {
  /** Row of its first class. */
  readonly base: number;
  readonly partition: Partition;
}

/** Positions from low to high that something depends on. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A column that a vector is summed from. */
interface Source {
  readonly seen: Interval;
  /** Its vector for a pattern. */
  readonly vector: (pattern: number) => number;
}

/**
 * Plans a sweep of a pattern set.
 *
 * @param method `filtered`: minimal filtering on top of sharing; `shared`: every product as it stands
 */
export function planSweep(
  architecture: Architecture,
  set: PatternSet,
  method: FilterMethod = 'filtered',
): SweepPlan {
  const sizes = sizesOf(architecture);
  const { length, filters, hidden, dilations, pool, taps } = sizes;
  const partitions = new Partitions(set);
  const reach = [(taps - 1) / 2];
  for (const dilation of dilations) reach.push(reach.at(-1)! + dilation);
  const pooled = windowsOf(sizes) * pool;

  /** What stage `s` sees at a position. */
  const seen = (s: number, position: number): Interval => ({
    low: position - reach[s]!,
    high: position + reach[s]!,
  });
  const isDiverse = ({ low, high }: Interval): boolean =>
    partitions.letters(low, high) > 0 && classes(partitions.of(low, high)) > SHARE * partitions.patterns;
  const runOf = (s: number): Run => {
    const end = s === dilations.length ? pooled : length;
    const diverse = Array.from({ length: end }, (_, p) => p).filter((p) => isDiverse(seen(s, p)));
    return hull(diverse);
  };
  const runs = reach.map((_, s) => runOf(s));
  /** Shared columns of a stage, by position. */
  const shared = runs.map((run, s) => {
    const columns = new Map<number, SharedColumn>();
    let base = 0;
    for (let position = 0; position < length; position++) {
      if (holds(run, position)) continue;
      const { low, high } = seen(s, position);
      const partition = partitions.of(low, high);
      columns.set(position, { base, partition });
      base += classes(partition);
    }
    return { columns, rows: base };
  });

  const first = firstStage(partitions, runs[0]!, shared[0]!, reach[0]!);
  const convolutions = dilations.map((dilation, i): ConvolutionStage => {
    const s = i + 1;
    const before = runs[i]!;
    const run = runs[s]!;
    const isLast = s === dilations.length;
    const source = (column: SharedColumn, at: Interval, scale: number, offset: number): Source => ({
      seen: at,
      vector: (pattern) => scale * (column.base + column.partition.classOf[pattern]!) + offset,
    });
    /** Taps, and the skip of the last stage, at a position: undefined where the column is in a run or out of the sequence. */
    const sourcesAt = (position: number): (Source | undefined)[] => {
      const of: (Source | undefined)[] = [0, 1, 2].map((tap) => {
        const p = position + (tap - 1) * dilation;
        const column = shared[i]!.columns.get(p);
        return column && source(column, seen(i, p), 3, tap);
      });
      if (isLast) {
        const column = shared[0]!.columns.get(position);
        of.push(column && source(column, seen(0, position), 1, 0));
      }
      return of;
    };
    const width = isLast ? 4 : 3;
    const rows: number[] = [];
    for (const [position, { partition }] of shared[s]!.columns) {
      const sources = sourcesAt(position);
      for (const pattern of partition.first) pushRow(rows, sources, pattern);
    }
    const edges = edgesOf(partitions, run, rows, width, (position) => {
      const sources = sourcesAt(position);
      const isRight = sources.map((_, tap) => {
        const [column, among] = tap === 3 ? [position, runs[0]!] : [position + (tap - 1) * dilation, before];
        return among.count > 0 && column >= among.first + among.count;
      });
      return {
        left: sources.map((it, tap) => (isRight[tap] ? undefined : it)),
        right: sources.map((it, tap) => (isRight[tap] ? it : undefined)),
      };
    });
    return {
      run,
      shared: shared[s]!.rows,
      edges,
      dilation,
      ...(before.count > 0 && { blocks: blocksOf(before.count, dilation, method) }),
      gathered: gatheredOf(rows, width),
    };
  });

  const last = shared.at(-1)!;
  const lastRun = runs.at(-1)!;
  const poolStage = planPool(architecture, partitions, lastRun, (position) => {
    const column = last.columns.get(position);
    return (
      column && {
        seen: seen(dilations.length, position),
        vector: (pattern) => column.base + column.partition.classOf[pattern]!,
      }
    );
  });

  const square = filters * filters;
  const products = convolutions.reduce((sum, { blocks }) => sum + (blocks?.products ?? 0), 0);
  const sharedProducts = 3 * shared.slice(0, -1).reduce((sum, { rows }) => sum + rows, 0);
  const window = filters * hidden;
  return {
    set,
    method,
    first,
    convolutions,
    pool: poolStage.pool,
    dense: poolStage.dense,
    multiplyAdds: {
      perPair: products * square + poolStage.pool.windows.count * window + hidden,
      perBackground: sharedProducts * square + poolStage.usedRows * window,
    },
  };
}

/** Multiply-adds of all patterns over one background, as the mean of a pair. */
export const multiplyAddsPerPair = ({ set, multiplyAdds }: SweepPlan): number =>
  multiplyAdds.perPair + multiplyAdds.perBackground / set.names.length;

const holds = ({ first, count }: Run, position: number): boolean =>
  position >= first && position < first + count;

/** The run from the least to the greatest of ascending positions. */
const hull = (positions: readonly number[]): Run =>
  positions.length === 0
    ? { first: 0, count: 0 }
    : { first: positions[0]!, count: positions.at(-1)! - positions[0]! + 1 };

const pushRow = (rows: number[], sources: readonly (Source | undefined)[], pattern: number): void => {
  for (const source of sources) rows.push(source ? source.vector(pattern) : NONE);
};

/** All that some sources see. */
function span(sources: readonly (Source | undefined)[]): Interval {
  const there = sources.filter((source) => source !== undefined);
  return {
    low: Math.min(...there.map(({ seen }) => seen.low)),
    high: Math.max(...there.map(({ seen }) => seen.high)),
  };
}

/** The patterns by all that some sources see. */
function jointly(partitions: Partitions, sources: readonly (Source | undefined)[]): Partition {
  const { low, high } = span(sources);
  return partitions.of(low, high);
}

/** Every pattern's vector of an edge: its class's, from `base` on. */
function indexEdge(index: Uint32Array, edge: number, { classOf }: Partition, base: number): void {
  const start = edge * classOf.length;
  for (let pattern = 0; pattern < classOf.length; pattern++)
    index[start + pattern] = base + classOf[pattern]!;
}

/** Edges of a run; their vectors' sources are appended to `rows`, which holds `width` a vector. */
function edgesOf(
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

/**
 * The first stage. On letters the convolution only adds, so a run's column is the sum of two edges: the background with
 * the left part of the slot, and the right part alone.
 */
function firstStage(
  partitions: Partitions,
  run: Run,
  { columns: shared, rows }: { columns: Map<number, SharedColumn>; rows: number },
  reach: number,
): FirstStage {
  const { slot, patterns } = partitions;
  const cut = slot[Math.ceil(slot.length / 2)] ?? partitions.set.length;
  const columns: ColumnRow[] = [];
  for (const [position, { partition }] of shared) {
    for (const pattern of partition.first) columns.push({ position, pattern, kind: 'all' });
  }
  const right = slot.length > 1 ? run.count : 0;
  const index = new Uint32Array((run.count + right) * patterns);
  const sides: [ColumnKind, number, number, number][] = [
    ['left', run.count, Number.NEGATIVE_INFINITY, cut - 1],
    ['right', right, cut, Number.POSITIVE_INFINITY],
  ];
  let edge = 0;
  for (const [kind, count, low, high] of sides) {
    for (let i = 0; i < count; i++) {
      const position = run.first + i;
      const base = columns.length - rows;
      const partition = partitions.of(Math.max(low, position - reach), Math.min(high, position + reach));
      for (const pattern of partition.first) columns.push({ position, pattern, kind });
      indexEdge(index, edge, partition, base);
      edge++;
    }
  }
  return {
    run,
    shared: rows,
    edges: { left: run.count, right, rows: columns.length - rows, index },
    columns,
    cut,
  };
}

/** Windows of the mean pool, and the dense layer on them. */
function planPool(
  architecture: Architecture,
  partitions: Partitions,
  run: Run,
  columnAt: (position: number) => Source | undefined,
): { pool: PoolStage; dense: DenseStage; usedRows: number } {
  const sizes = sizesOf(architecture);
  const { pool } = sizes;
  const count = windowsOf(sizes);
  const all = Array.from({ length: count }, (_, window) => window);
  const positions = (window: number): number[] => Array.from({ length: pool }, (_, i) => window * pool + i);
  const windows = hull(all.filter((window) => positions(window).some((p) => holds(run, p))));
  const isLeft = (p: number): boolean => run.count === 0 || p < run.first;
  const parts = [true, false].flatMap((left) =>
    all.flatMap((window) => {
      const sources = positions(window).map((p) => (isLeft(p) === left ? columnAt(p) : undefined));
      if (sources.every((source) => source === undefined)) return [];
      return [{ window, left, sources, partition: jointly(partitions, sources) }];
    }),
  );

  const partRows = Math.max(0, ...parts.map(({ partition }) => classes(partition)));
  const rows: number[] = [];
  for (const { sources, partition } of parts) {
    for (const pattern of partition.first) pushRow(rows, sources, pattern);
    for (let padded = classes(partition); padded < partRows; padded++) {
      for (let i = 0; i < pool; i++) rows.push(NONE);
    }
  }
  const denseRows: number[] = [];
  const products = parts.map(({ partition, sources }, i): Source => {
    return { seen: span(sources), vector: (pattern) => i * partRows + partition.classOf[pattern]! };
  });
  const width = Math.max(1, parts.length);
  const edges = edgesOf(partitions, { first: 0, count: 1 }, denseRows, width, () => ({
    left: products.map((source, i) => (parts[i]!.left ? source : undefined)),
    right: products.map((source, i) => (parts[i]!.left ? undefined : source)),
  }));
  return {
    pool: { windows, parts: parts.map(({ window }) => window), partRows, gathered: gatheredOf(rows, pool) },
    dense: { edges, gathered: gatheredOf(denseRows, width) },
    usedRows: parts.reduce((sum, { partition }) => sum + classes(partition), 0),
  };
}

const gatheredOf = (rows: readonly number[], width: number): Gathered => ({
  sources: Uint32Array.from(rows),
  width,
  rows: rows.length / width,
});
