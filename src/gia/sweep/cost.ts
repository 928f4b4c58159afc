/** Costs of a sweep besides arithmetic, counted from its plan: bytes through memory, and dispatches. */

import { evaluatedOf } from '../../kernels/sweep/filtering.js';
import type { SweepPlan } from './plan.js';
import { lastOf } from './shareable.js';
import type { SweepSize } from './shared-recorder.js';
import type { ChunkKind } from './size.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Bytes that the kernels of a chunk read and write for one pair: edges, predictions and all intermediate
 * vectors. Weights, which all pairs share, and vectors that are computed once per background do not count.
 */
export function bytesPerPair(
  { network, first, convolutions, pool, dense }: SweepPlan,
  kind: ChunkKind,
): number {
  const { units } = network.dense;
  const all = [first, ...convolutions].map(
    ({ edges, channels }) => (edges.left + edges.right) * (1 + channels),
  );
  const denseEdges = dense.edges.left + dense.edges.right;
  const edges = sum(all) + denseEdges * (1 + units);
  // A prediction is written, and then becomes a local importance.
  const predictions = 3 * network.head.outputs;
  if (kind !== 'staged') return 4 * (edges + predictions);
  const columns = convolutions.map(({ blocks, inputs, channels }) =>
    blocks ? blocks.count * (inputs * evaluatedOf(blocks) + channels * blocks.points) : 0,
  );
  const skipped = network.skip ? all[0]! : 0;
  const windows = lastOf(network).outputs * pool.windows.count;
  const between = sum(columns) + windows + (pool.windows.count > 0 ? units : 0);
  return 4 * (edges + skipped + 2 * between + predictions);
}

/** Dispatches of a sweep over some backgrounds, statistics included. */
export function dispatchesOf(
  { first, convolutions, pool, set }: SweepPlan,
  { block, patterns, backgrounds }: SweepSize,
  count: number,
  kind: ChunkKind,
): number {
  const runs = [first, ...convolutions].filter(({ run }) => run.count > 0).length;
  const products = convolutions.filter(({ blocks }) => blocks).length;
  const dense = pool.windows.count > 0 ? 1 : 0;
  const chunk = kind !== 'staged' ? 1 : runs + products + dense + 1;
  const shared =
    1 + 2 * convolutions.filter(({ gathered }) => gathered.rows > 0).length + (pool.parts.length > 0 ? 3 : 0);
  const statistics = 1;
  const whole = Math.floor(count / block);
  const chunks = (of: number): number =>
    Math.ceil(of / backgrounds) * Math.ceil(set.names.length / patterns) * chunk;
  const rest = count % block;
  return whole * (shared + statistics + chunks(block)) + (rest > 0 ? shared + statistics + chunks(rest) : 0);
}
