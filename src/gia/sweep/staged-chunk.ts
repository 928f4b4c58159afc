/**
 * Computes the pairs of a chunk stage by stage: one kernel for the columns of a run, one for its products,
 * and one for the head. It runs on every adapter and with any plan. `fused-chunk.ts` does the same in one
 * dispatch.
 */

import type { Control } from '../../kernels/control.js';
import { type ProductShape, product } from '../../kernels/matrix/product.js';
import { evaluatedOf } from '../../kernels/sweep/filtering.js';
import { sweepHead, sweepRun } from '../../kernels/sweep/sweep.js';
import { Tensor } from '../../tensor/tensor.js';
import type { LayeredModel } from '../model.js';
import type { ChunkParts, MakeChunk } from './chunk.js';
import { type SeparateEdges, separateEdges } from './edges.js';
import { lastOf } from './shareable.js';
import type { ConvolutionStage, Stage } from './stages.js';
import type { ConvolutionWeights } from './weights.js';

export const stagedChunk: MakeChunk = async (parts) => {
  const { model, plan, size, own } = parts;
  const edges = separateEdges(model, plan, size.block, own);
  return {
    edges,
    record: (control, predictions) => recordStages({ ...parts, edges }, control, predictions),
  };
};

/**
 * predictions [E * outputs, block, patterns] of a chunk. It begins at the control's `pattern` and
 * `block_background`.
 */
function recordStages(
  { model, plan, size, weights, edges }: ChunkParts & { readonly edges: SeparateEdges },
  control: Control,
  predictions: Tensor,
): void {
  const { gpu, models, parameters } = model;
  const { network, first, convolutions, pool, dense, set } = plan;
  const { units } = network.dense;
  const pooledChannels = lastOf(network).outputs;
  const rows = size.patterns * size.backgrounds;
  const chunk = {
    models,
    rows,
    patterns: set.names.length,
    chunkPatterns: size.patterns,
    block: size.block,
  };
  const stages: readonly Stage[] = [first, ...convolutions];
  const next = (s: number) => {
    const stage = convolutions[s];
    return stage?.blocks && { blocks: stage.blocks, dilation: stage.dilation };
  };

  let evaluated: Tensor | undefined;
  stages.forEach((stage, s) => {
    using x = evaluated;
    const convolution = convolutions[s - 1];
    const isLast = s === convolutions.length;
    using products =
      x && convolution?.blocks && multiplied(model, weights.convolutions[s - 1]!, x, convolution, rows);
    evaluated = undefined;
    if (stage.run.count === 0) return;
    const following = next(s);
    evaluated = isLast
      ? Tensor.empty(gpu, [models, rows, pool.windows.count * pooledChannels])
      : Tensor.empty(gpu, [
          models,
          following!.blocks.count * evaluatedOf(following!.blocks) * rows,
          stage.channels,
        ]);
    const skip = isLast && network.skip ? skipOf(first, stage) : undefined;
    sweepRun(
      gpu,
      control,
      {
        products: products ?? undefined,
        bias: convolution && weights.convolutions[s - 1]!.bias,
        edges: edges.stages[s]?.vectors,
        edge_index: edges.stages[s]?.index,
        skip_edges: skip && edges.stages[0]!.vectors,
        skip_index: skip && edges.stages[0]!.index,
        y: evaluated,
      },
      {
        ...chunk,
        channels: stage.channels,
        columns: stage.run.count,
        left: stage.edges.left,
        right: stage.edges.right,
        edgeRows: stage.edges.rows,
        before: convolution?.blocks && {
          blocks: convolution.blocks,
          dilation: convolution.dilation,
          offset: stages[s - 1]!.run.first - stage.run.first,
        },
        next: following,
        pool: isLast
          ? {
              size: network.pool.size,
              stride: network.pool.stride,
              windows: pool.windows.count,
              offset: stage.run.first - pool.windows.first * network.pool.stride,
            }
          : undefined,
        skip,
      },
    );
  });

  using pooled = evaluated;
  using sums = pooled && Tensor.empty(gpu, [models, rows, units]);
  if (pooled && sums) {
    product(gpu, pooled, weights.windows!, sums, {
      models,
      rows,
      inputs: pool.windows.count * pooledChannels,
      outputs: units,
    });
  }
  sweepHead(
    gpu,
    control,
    {
      x: sums,
      edges: edges.dense?.vectors,
      edge_index: edges.dense?.index,
      bias: weights.denseBias,
      out_w: parameters.get(`${network.head.name}.w`),
      out_bias: parameters.get(`${network.head.name}.b`),
      predictions,
    },
    {
      ...chunk,
      hidden: units,
      edges: edges.dense ? dense.edges.left + dense.edges.right : 0,
      edgeRows: dense.edges.rows,
      outputs: network.head.outputs,
      sigmoid: network.head.sigmoid,
    },
  );
}

/** Products of a run's columns x, evaluated for filtering. */
function multiplied(
  { gpu, models }: LayeredModel,
  { taps, points }: ConvolutionWeights,
  x: Tensor,
  { blocks, inputs, channels }: ConvolutionStage,
  rows: number,
): Tensor {
  const all = blocks!.count * rows;
  const count = blocks!.points;
  const products = Tensor.empty(gpu, [models, all * count, channels]);
  const [w, shape]: [Tensor, ProductShape] = points
    ? [points, { models: models * count, rows: all, inputs, outputs: channels }]
    : [taps, { models, rows: all, inputs, outputs: count * channels }];
  using from = x.reshape([shape.models, all, inputs]);
  using to = products.reshape([shape.models, all, shape.outputs]);
  product(gpu, from, w, to, shape);
  return products;
}

/** Where the first stage's run is added to the last stage's; undefined if they do not overlap. */
export function skipOf({ run, edges }: Stage, last: Stage) {
  const first = Math.max(run.first, last.run.first);
  const columns = Math.min(run.first + run.count, last.run.first + last.run.count) - first;
  if (run.count === 0 || columns <= 0) return undefined;
  return {
    first: first - last.run.first,
    columns,
    from: first - run.first,
    run: run.count,
    sides: edges.right > 0 ? 2 : 1,
    edgeRows: edges.rows,
  };
}
