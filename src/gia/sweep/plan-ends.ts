/**
 * The first and the last part of a sweep's plan: the first convolution, and the pool with the dense layer.
 */

import { classCount, type Partitions } from './partition.js';
import type { ShareableNetwork } from './shareable.js';
import {
  contains,
  edgesOf,
  gatheredOf,
  hull,
  indexEdge,
  jointly,
  pushRow,
  type SharedColumns,
  type Source,
  span,
} from './sources.js';
import {
  type ColumnKind,
  type ColumnRow,
  type DenseStage,
  type FirstStage,
  NONE,
  type PoolStage,
  type Run,
} from './stages.js';

/**
 * The first stage. Its input is letters, so the convolution only adds. Each column of a run is the sum of two
 * edges: one for the background with the left part of the slot, one for the right part.
 */
export function firstStage(
  partitions: Partitions,
  run: Run,
  { columns: shared, rows }: SharedColumns,
  reach: number,
  channels: number,
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
    channels,
    edges: { left: run.count, right, rows: columns.length - rows, index },
    columns,
    cut,
  };
}

/** Windows of the mean pool, and the dense layer after it. */
export function planPool(
  { pool: { size, stride, windows: count } }: ShareableNetwork,
  partitions: Partitions,
  run: Run,
  columnAt: (position: number) => Source | undefined,
): { pool: PoolStage; dense: DenseStage; usedRows: number } {
  const all = Array.from({ length: count }, (_, window) => window);
  const positions = (window: number): number[] => Array.from({ length: size }, (_, i) => window * stride + i);
  const windows = hull(all.filter((window) => positions(window).some((p) => contains(run, p))));
  const isLeft = (p: number): boolean => run.count === 0 || p < run.first;
  const parts = [true, false].flatMap((left) =>
    all.flatMap((window) => {
      const sources = positions(window).map((p) => (isLeft(p) === left ? columnAt(p) : undefined));
      if (sources.every((source) => source === undefined)) return [];
      return [{ window, left, sources, partition: jointly(partitions, sources) }];
    }),
  );

  const partRows = Math.max(0, ...parts.map(({ partition }) => classCount(partition)));
  const rows: number[] = [];
  for (const { sources, partition } of parts) {
    for (const pattern of partition.first) pushRow(rows, sources, pattern);
    for (let padded = classCount(partition); padded < partRows; padded++) {
      for (let i = 0; i < size; i++) rows.push(NONE);
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
    pool: { windows, parts: parts.map(({ window }) => window), partRows, gathered: gatheredOf(rows, size) },
    dense: { edges, gathered: gatheredOf(denseRows, width) },
    usedRows: parts.reduce((sum, { partition }) => sum + classCount(partition), 0),
  };
}
