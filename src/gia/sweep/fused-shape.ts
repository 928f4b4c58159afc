/** A plan as the fused kernels see it (src/kernels/sweep/fused-sweep.ts). */

import { pointsOf } from '../../kernels/sweep/filtering.js';
import type { FusedShape, FusedStage } from '../../kernels/sweep/fused-sweep.js';
import type { LayeredModel } from '../model.js';
import type { Edges, Stage, SweepPlan } from './plan.js';
import type { SweepSize } from './shared-recorder.js';
import { sizesOf } from './sizes.js';
import { skipOf } from './staged-chunk.js';

const edgesOf = ({ left, right }: Edges): number => left + right;

/**
 * The shape of a chunk's kernel; undefined where no window is computed per pattern or no stage multiplies what is,
 * so that nothing is left to fuse.
 */
export function fusedShape(
  { architecture, models }: Pick<LayeredModel, 'architecture' | 'models'>,
  { first, convolutions, pool, dense, set }: SweepPlan,
  size: SweepSize,
): FusedShape | undefined {
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
  const { filters, hidden, head, pool: window } = sizesOf(architecture);
  return {
    models,
    patterns: set.names.length,
    block: size.block,
    chunk: { patterns: size.patterns, backgrounds: size.backgrounds },
    channels: filters,
    hidden,
    stages,
    ...(first.run.count > 0 && { skip: skipOf(first, last) }),
    pool: {
      size: window,
      windows: pool.windows.count,
      offset: last.run.first - pool.windows.first * window,
    },
    layers: convolutions.length,
    edgeRows: all.reduce((sum, { edges }) => sum + edges.rows, 0),
    dense: { edge, edges: edgesOf(dense.edges), edgeRows: dense.edges.rows },
    sigmoid: head === 'classification',
  };
}
