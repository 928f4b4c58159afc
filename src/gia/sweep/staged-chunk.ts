/**
 * The pairs of a chunk stage by stage: a kernel for the columns of a run, one for its products, and one for the head. Runs
 * on every adapter, whatever the plan; `fused-chunk.ts` does the same in one dispatch.
 */

import type { UniformBlock } from '../../device/uniform-block.js';
import { type ProductShape, product } from '../../kernels/matrix/product.js';
import { type Blocks, evaluatedOf, pointsOf, TAPS } from '../../kernels/sweep/filtering.js';
import { sweepHead, sweepRun } from '../../kernels/sweep/sweep.js';
import { Tensor } from '../../tensor/tensor.js';
import type { LayeredModel } from '../model.js';
import type { ChunkParts, MakeChunk } from './chunk.js';
import { type SeparateEdges, separateEdges } from './edges.js';
import type { Stage } from './plan.js';
import { sizesOf } from './sizes.js';
import type { ConvolutionWeights } from './weights.js';

export const stagedChunk: MakeChunk = async (parts) => {
  const { model, plan, size, own } = parts;
  const edges = separateEdges(model, plan, size.block, own);
  return {
    edges,
    record: (control, predictions) => recordStages({ ...parts, edges }, control, predictions),
  };
};

/** predictions [E, block, patterns] of a chunk. Control: first = first pattern, slot = first background of the block. */
function recordStages(
  { model, plan, size, weights, edges }: ChunkParts & { readonly edges: SeparateEdges },
  control: UniformBlock,
  predictions: Tensor,
): void {
  const { gpu, models, architecture, parameters } = model;
  const { filters, hidden, head, pool: window } = sizesOf(architecture);
  const { first, convolutions, pool, dense, set } = plan;
  const rows = size.patterns * size.backgrounds;
  const chunk = {
    models,
    rows,
    patterns: set.names.length,
    chunkPatterns: size.patterns,
    block: size.block,
    channels: filters,
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
      x &&
      convolution?.blocks &&
      multiplied(model, weights.convolutions[s - 1]!, x, convolution.blocks, rows);
    evaluated = undefined;
    if (stage.run.count === 0) return;
    const following = next(s);
    evaluated = isLast
      ? Tensor.empty(gpu, [models, rows, pool.windows.count * filters])
      : Tensor.empty(gpu, [models, following!.blocks.count * evaluatedOf(following!.blocks) * rows, filters]);
    const skip = isLast && first.run.count > 0 ? skipOf(first, stage) : undefined;
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
              size: window,
              windows: pool.windows.count,
              offset: stage.run.first - pool.windows.first * window,
            }
          : undefined,
        skip,
      },
    );
  });

  using pooled = evaluated;
  using sums = pooled && Tensor.empty(gpu, [models, rows, hidden]);
  if (pooled && sums) {
    product(gpu, pooled, weights.windows!, sums, {
      models,
      rows,
      inputs: pool.windows.count * filters,
      outputs: hidden,
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
      out_w: parameters.get('out.w'),
      out_bias: parameters.get('out.b'),
      predictions,
    },
    {
      ...chunk,
      hidden,
      edges: edges.dense ? dense.edges.left + dense.edges.right : 0,
      edgeRows: dense.edges.rows,
      sigmoid: head === 'classification',
    },
  );
}

/** Products of a run's evaluated columns x. */
function multiplied(
  { gpu, models, architecture }: LayeredModel,
  { taps, points }: ConvolutionWeights,
  x: Tensor,
  blocks: Blocks,
  rows: number,
): Tensor {
  const { filters } = sizesOf(architecture);
  const all = blocks.count * rows;
  const count = pointsOf(blocks.size);
  const products = Tensor.empty(gpu, [models, all * count, filters]);
  const [w, shape]: [Tensor, ProductShape] = points
    ? [points, { models: models * count, rows: all, inputs: filters, outputs: filters }]
    : [taps, { models, rows: all, inputs: filters, outputs: TAPS * filters }];
  using from = x.reshape([shape.models, all, filters]);
  using to = products.reshape([shape.models, all, shape.outputs]);
  product(gpu, from, w, to, shape);
  return products;
}

/** Where the last stage's run has the first stage's run added. */
export function skipOf({ run, edges }: Stage, last: Stage) {
  const columns = Math.min(run.first + run.count, last.run.first + last.run.count) - run.first;
  return {
    first: run.first - last.run.first,
    columns,
    run: run.count,
    sides: edges.right > 0 ? 2 : 1,
    edgeRows: edges.rows,
  };
}
