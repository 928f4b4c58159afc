/** The parameters of the fused kernels (src/kernels/sweep/fused-sweep.ts), taken from a plan. */

import { pointsOf } from '../../kernels/sweep/filtering.js';
import type { FusedShape, FusedStage } from '../../kernels/sweep/fused-sweep.js';
import { residualSizes } from '../../nn/presets.js';
import type { LayeredModel } from '../model.js';
import type { SweepPlan } from './plan.js';
import type { SweepSize } from './shared-recorder.js';
import { skipOf } from './staged-chunk.js';
import type { Edges, Stage } from './stages.js';

const edgesOf = ({ left, right }: Edges): number => left + right;

/**
 * The shape of a chunk's kernel. It is undefined for networks other than ResidualBind with one output, and if
 * no window is computed per pattern or no stage multiplies vectors of patterns: then there is nothing to
 * fuse.
 */
export function sweepShapeOf(
  { architecture, models }: Pick<LayeredModel, 'architecture' | 'models'>,
  { network, first, convolutions, pool, dense, set }: SweepPlan,
  size: SweepSize,
): FusedShape | undefined {
  if (residualSizes(architecture)?.outputs !== 1) return undefined;
  const all: readonly Stage[] = [first, ...convolutions];
  const last = all.at(-1)!;
  if (pool.windows.count === 0 || last.run.count === 0) return undefined;
  let [edge, matrix] = [0, 0];
  const stages = all.flatMap(({ run, edges }, s): FusedStage[] => {
    const convolution = convolutions[s - 1];
    const blocks = convolution?.blocks;
    const from = all[s - 1]?.run;
    const stage: FusedStage = {
      columns: run.count,
      left: edges.left,
      right: edges.right,
      edge,
      ...(convolution && { layer: s - 1 }),
      ...(convolution &&
        blocks &&
        from && {
          before: {
            columns: from.count,
            dilation: convolution.dilation,
            offset: from.first - run.first,
            size: blocks.size,
            matrix,
          },
        }),
    };
    edge += edgesOf(edges);
    if (blocks) matrix += pointsOf(blocks.size);
    return run.count > 0 ? [stage] : [];
  });
  if (matrix === 0) return undefined;
  const window = network.pool.size;
  const skip = skipOf(first, last);
  return {
    models,
    patterns: set.names.length,
    block: size.block,
    chunk: { patterns: size.patterns, backgrounds: size.backgrounds },
    channels: first.channels,
    hidden: network.dense.units,
    stages,
    ...(skip && { skip }),
    pool: {
      size: window,
      windows: pool.windows.count,
      offset: last.run.first - pool.windows.first * window,
    },
    layers: convolutions.length,
    edgeRows: all.reduce((sum, { edges }) => sum + edges.rows, 0),
    dense: { edge, edges: edgesOf(dense.edges), edgeRows: dense.edges.rows },
    sigmoid: network.head.sigmoid,
  };
}
