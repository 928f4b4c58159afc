/**
 * The planner of a sweep (docs/sweep.md): which vectors of every layer differ between patterns, and how they
 * hang together. Pure data; `shared-sweep.ts` runs it.
 *
 * At every stage (each convolution with its ReLU) a position sees the slot's letters within its receptive
 * field. Where almost every pattern looks different there, the position belongs to the stage's *run* and is
 * computed per pattern; elsewhere it is a *shared* column, computed once per class of patterns. A run's
 * column adds what it needs of shared columns from an *edge*: one vector per class, one edge for what lies
 * left of the run before it and one for the right.
 */

import { blocksOf, type FilterMethod } from '../../kernels/sweep/filtering.js';
import type { Architecture } from '../../nn/architecture.js';
import { classCount, Partitions, type PatternSet } from './partition.js';
import { firstStage, planPool } from './plan-ends.js';
import { expectShareable, lastOf, type ShareableNetwork, type SharedConvolution } from './shareable.js';
import {
  contains,
  edgesOf,
  gatheredOf,
  hull,
  type Interval,
  pushRow,
  type SharedColumns,
  type Source,
} from './sources.js';
import type { ConvolutionStage, DenseStage, FirstStage, PoolStage, Run } from './stages.js';

/** The plan of a sweep: what is computed per pattern, and what patterns share. */
export interface SweepPlan {
  readonly set: PatternSet;
  readonly method: FilterMethod;
  readonly network: ShareableNetwork;
  readonly first: FirstStage;
  readonly convolutions: readonly ConvolutionStage[];
  readonly pool: PoolStage;
  readonly dense: DenseStage;
  /**
   * Multiply-adds of matrix products per (pattern, background), and per background for what patterns share.
   */
  readonly multiplyAdds: { readonly perPair: number; readonly perBackground: number };
}

/** A column with more classes than this share of the patterns is computed per pattern. */
const SHARE = 0.5;

/**
 * What the planner knows of a stage before it counts its vectors: runs, shared columns, and what each column
 * sees.
 */
interface Columns {
  readonly runs: readonly Run[];
  readonly shared: readonly SharedColumns[];
  /** Positions that stage `s` sees from a position. */
  readonly seen: (s: number, position: number) => Interval;
}

/**
 * Plans a sweep of a pattern set.
 *
 * @param method `filtered`: minimal filtering on top of sharing; `shared`: every product as it stands
 * @throws UnsupportedError for a network in which patterns cannot share work
 */
export function planSweep(
  architecture: Architecture,
  set: PatternSet,
  method: FilterMethod = 'filtered',
): SweepPlan {
  const network = expectShareable(architecture);
  const partitions = new Partitions(set);
  const columns = columnsOf(network, partitions);
  const { runs, shared, seen } = columns;
  const { first: entry, convolutions: others, dense, head } = network;
  const first = firstStage(partitions, runs[0]!, shared[0]!, reachOf(entry), entry.outputs);
  const convolutions = others.map((convolution, i) =>
    convolutionStage(network, partitions, columns, convolution, i + 1, method),
  );
  const end = others.length;
  const poolStage = planPool(network, partitions, runs[end]!, (position) => {
    const column = shared[end]!.columns.get(position);
    return (
      column && {
        seen: seen(end, position),
        vector: (pattern) => column.base + column.partition.classOf[pattern]!,
      }
    );
  });

  const square = ({ inputs, outputs }: SharedConvolution): number => inputs * outputs;
  const products = others.map((it, i) => (convolutions[i]!.blocks?.products ?? 0) * square(it));
  const sharedProducts = others.map((it, i) => it.taps * shared[i]!.rows * square(it));
  const window = lastOf(network).outputs * dense.units;
  return {
    set,
    method,
    network,
    first,
    convolutions,
    pool: poolStage.pool,
    dense: poolStage.dense,
    multiplyAdds: {
      perPair: sum(products) + poolStage.pool.windows.count * window + dense.units * head.outputs,
      perBackground: sum(sharedProducts) + poolStage.usedRows * window,
    },
  };
}

/** Multiply-adds of all patterns in one background, divided by the number of patterns. */
export const multiplyAddsPerPair = ({ set, multiplyAdds }: SweepPlan): number =>
  multiplyAdds.perPair + multiplyAdds.perBackground / set.names.length;

/**
 * The largest number of terms in a stage's sums. With more, its kernel (sweep_run.wgsl) takes minutes to
 * compile.
 */
export const MOST_TERMS = 1024;

/** Columns, edges and products of the plan's widest stage. Its kernel holds all of them at once. */
export const termsOf = ({ first, convolutions }: SweepPlan): number =>
  Math.max(
    ...[first, ...convolutions].map((stage) => {
      const products = 'blocks' in stage ? (stage.blocks?.products ?? 0) : 0;
      return stage.run.count + stage.edges.left + stage.edges.right + products;
    }),
  );

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Positions that an output of a convolution sees on either side of its own. */
const reachOf = ({ taps, dilation }: Pick<SharedConvolution, 'taps' | 'dilation'>): number =>
  ((taps - 1) / 2) * dilation;

function columnsOf(
  { length, first, convolutions, pool: { size, stride, windows } }: ShareableNetwork,
  partitions: Partitions,
): Columns {
  const reach = [reachOf(first)];
  for (const convolution of convolutions) reach.push(reach.at(-1)! + reachOf(convolution));
  const seen = (s: number, position: number): Interval => ({
    low: position - reach[s]!,
    high: position + reach[s]!,
  });
  const isDiverse = ({ low, high }: Interval): boolean =>
    partitions.letters(low, high) > 0 && classCount(partitions.of(low, high)) > SHARE * partitions.patterns;
  /** Whether a pool window contains a position. */
  const isPooled = (position: number): boolean =>
    Math.min(Math.floor(position / stride), windows - 1) * stride + size > position;
  const all = Array.from({ length }, (_, position) => position);
  const runs = reach.map((_, s) =>
    hull(all.filter((p) => (s < convolutions.length || isPooled(p)) && isDiverse(seen(s, p)))),
  );
  const shared = runs.map((run, s): SharedColumns => {
    const columns: SharedColumns['columns'] = new Map();
    let base = 0;
    for (const position of all) {
      if (contains(run, position)) continue;
      const { low, high } = seen(s, position);
      const partition = partitions.of(low, high);
      columns.set(position, { base, partition });
      base += classCount(partition);
    }
    return { columns, rows: base };
  });
  return { runs, shared, seen };
}

/** Stage `s`, a convolution after the first. */
function convolutionStage(
  network: ShareableNetwork,
  partitions: Partitions,
  { runs, shared, seen }: Columns,
  { inputs, outputs, taps, dilation }: SharedConvolution,
  s: number,
  method: FilterMethod,
): ConvolutionStage {
  const before = runs[s - 1]!;
  const run = runs[s]!;
  const skips = network.skip && s === network.convolutions.length;
  /** The position that a tap reads. */
  const at = (position: number, tap: number): number => position + (tap - (taps - 1) / 2) * dilation;
  /** A vector of stage `of`; undefined if the column belongs to a run or lies outside the sequence. */
  const source = (of: number, position: number, scale: number, offset: number): Source | undefined => {
    const column = shared[of]!.columns.get(position);
    return (
      column && {
        seen: seen(of, position),
        vector: (pattern) => scale * (column.base + column.partition.classOf[pattern]!) + offset,
      }
    );
  };
  const sourcesAt = (position: number): (Source | undefined)[] => [
    ...Array.from({ length: taps }, (_, tap) => source(s - 1, at(position, tap), taps, tap)),
    ...(skips ? [source(0, position, 1, 0)] : []),
  ];
  const width = taps + Number(skips);
  const rows: number[] = [];
  for (const [position, { partition }] of shared[s]!.columns) {
    const sources = sourcesAt(position);
    for (const pattern of partition.first) pushRow(rows, sources, pattern);
  }
  const edges = edgesOf(partitions, run, rows, width, (position) => {
    const sources = sourcesAt(position);
    const isRight = sources.map((_, tap) => {
      const [column, among] = tap === taps ? [position, runs[0]!] : [at(position, tap), before];
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
    channels: outputs,
    edges,
    inputs,
    taps,
    dilation,
    ...(before.count > 0 && { blocks: blocksOf(before.count, dilation, method, taps) }),
    gathered: gatheredOf(rows, width),
  };
}
