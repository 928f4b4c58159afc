/**
 * Records a planned sweep (docs/sweep.md) as dispatches: `shared`, what patterns share of a block of backgrounds, and
 * `chunk`, what the pairs of a chunk add.
 */

import type { UniformBlock } from '../device/uniform-block.js';
import { conv1d } from '../kernels/conv.js';
import { type Blocks, evaluatedOf, pointsOf, TAPS } from '../kernels/filtering.js';
import type { Operand } from '../kernels/launch.js';
import { sweepColumns, sweepGather, sweepHead, sweepRun } from '../kernels/sweep.js';
import { variantOf } from '../kernels/variants.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { Tensor } from '../tensor/tensor.js';
import type { Backgrounds } from './backgrounds.js';
import { type ColumnKind, type Edges, NONE, type Stage, type SweepPlan } from './sweep-plan.js';
import type { SweepWeights } from './sweep-weights.js';

/** How much is done at a time. */
export interface SweepSize {
  /** Backgrounds of a block. */
  readonly block: number;
  /** Patterns and backgrounds of a chunk. */
  readonly patterns: number;
  readonly backgrounds: number;
}

const KINDS: Readonly<Record<ColumnKind, number>> = { all: 0, left: 1, right: 2 };

/** Patterns and positions that a row of `sweep_columns` can name. */
export const MOST_PATTERNS = 2 ** 20;
export const MOST_POSITIONS = 2 ** 10;

/** Edge vectors [E, block, rows, channels], and the vector of every pattern. */
interface EdgeTensors {
  readonly edges: Tensor;
  readonly index: Tensor;
}

interface Product {
  readonly models: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

export class Recorder implements Disposable {
  readonly #held: Tensor[] = [];
  /** Of the first stage and of each convolution. */
  readonly #edges: readonly (EdgeTensors | undefined)[];
  readonly #denseEdges: EdgeTensors | undefined;

  constructor(
    readonly model: ResidualBind,
    readonly plan: SweepPlan,
    readonly backgrounds: Backgrounds,
    readonly size: SweepSize,
    readonly weights: SweepWeights,
  ) {
    const { filters, hidden } = model.architecture;
    const stages = [plan.first, ...plan.convolutions];
    try {
      this.#edges = stages.map(({ edges }) => this.#edgeTensors(edges, filters));
      this.#denseEdges = this.#edgeTensors(plan.dense.edges, hidden);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Everything that a block computes once. Control: slot = first background. */
  shared(control: UniformBlock): void {
    const { gpu, models, architecture } = this.model;
    const { filters, hidden, pool: window } = architecture;
    const { block } = this.size;
    const { first, convolutions, pool, dense } = this.plan;
    const { weights } = this;
    const stages: readonly Stage[] = [first, ...convolutions];

    using entry = this.#sharedColumns(first);
    this.#entry(control, entry);
    using products = Tensor.empty(gpu, [models, block * Math.max(...stages.map(sharedOf)), TAPS * filters]);
    let columns = entry.retain();
    convolutions.forEach((stage, i) => {
      using x = columns;
      const before = stages[i]!;
      const rows = block * sharedOf(before);
      this.#product(x, weights.convolutions[i]!.taps, products, {
        models,
        rows,
        inputs: filters,
        outputs: TAPS * filters,
      });
      columns = this.#sharedColumns(stage);
      sweepGather(
        gpu,
        {
          sources: this.#upload(stage.gathered.sources),
          x: products,
          skip: i + 1 === convolutions.length ? entry : undefined,
          bias: weights.convolutions[i]!.bias,
          y: stage.shared > 0 ? columns : undefined,
          edges: this.#edges[i + 1]?.edges,
        },
        {
          models,
          block,
          channels: filters,
          shared: stage.shared,
          group: sharedOf(stage),
          edgeRows: stage.edges.rows,
          sources: TAPS,
          xRows: TAPS * sharedOf(before),
          skipRows: sharedOf(first),
          relu: true,
        },
      );
    });
    using last = columns;
    if (!weights.parts || !this.#denseEdges) return;

    const parts = pool.parts.length;
    const perModel = parts * block * pool.partRows;
    using pooled = Tensor.empty(gpu, [models, perModel, filters]);
    sweepGather(
      gpu,
      { sources: this.#upload(pool.gathered.sources), x: last, y: pooled },
      {
        models,
        block,
        channels: filters,
        shared: pool.gathered.rows,
        group: pool.partRows,
        edgeRows: 0,
        sources: window,
        xRows: sharedOf(stages.at(-1)!),
        scale: 1 / window,
      },
    );
    using sums = Tensor.empty(gpu, [models, perModel, hidden]);
    const rows = block * pool.partRows;
    using byPart = pooled.reshape([models * parts, rows, filters]);
    using sumsByPart = sums.reshape([models * parts, rows, hidden]);
    this.#product(byPart, weights.parts, sumsByPart, {
      models: models * parts,
      rows,
      inputs: filters,
      outputs: hidden,
    });
    // Parts lie block by block apart.
    const sources = dense.gathered.sources.map((source) =>
      source === NONE ? NONE : Math.floor(source / pool.partRows) * rows + (source % pool.partRows),
    );
    sweepGather(
      gpu,
      { sources: this.#upload(sources), x: sums, edges: this.#denseEdges.edges },
      {
        models,
        block,
        channels: hidden,
        shared: 0,
        group: 1,
        edgeRows: dense.edges.rows,
        sources: dense.gathered.width,
        xRows: pool.partRows,
      },
    );
  }

  /** predictions [E, block, patterns] of a chunk. Control: first = first pattern, slot = first background of the block. */
  chunk(control: UniformBlock, predictions: Tensor): void {
    const { gpu, models, architecture, parameters } = this.model;
    const { filters, hidden, head, pool: window } = architecture;
    const { first, convolutions, pool, dense, set } = this.plan;
    const { weights, size } = this;
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
      using products = x && convolution?.blocks && this.#multiplied(x, s - 1, convolution.blocks, rows);
      evaluated = undefined;
      if (stage.run.count === 0) return;
      const following = next(s);
      evaluated = isLast
        ? Tensor.empty(gpu, [models, rows, pool.windows.count * filters])
        : Tensor.empty(gpu, [
            models,
            following!.blocks.count * evaluatedOf(following!.blocks) * rows,
            filters,
          ]);
      const skip = isLast && first.run.count > 0 ? this.#skip(stage) : undefined;
      sweepRun(
        gpu,
        control,
        {
          products: products ?? undefined,
          bias: convolution && weights.convolutions[s - 1]!.bias,
          edges: this.#edges[s]?.edges,
          edge_index: this.#edges[s]?.index,
          skip_edges: skip && this.#edges[0]!.edges,
          skip_index: skip && this.#edges[0]!.index,
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
      this.#product(pooled, weights.windows!, sums, {
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
        edges: this.#denseEdges?.edges,
        edge_index: this.#denseEdges?.index,
        bias: weights.denseBias,
        out_w: parameters.get('out.w'),
        out_bias: parameters.get('out.b'),
        predictions,
      },
      {
        ...chunk,
        hidden,
        edges: this.#denseEdges ? dense.edges.left + dense.edges.right : 0,
        edgeRows: dense.edges.rows,
        sigmoid: head === 'classification',
      },
    );
  }

  /** The first convolution's shared vectors and edges. */
  #entry(control: UniformBlock, columns: Tensor): void {
    const { gpu, models, architecture } = this.model;
    const { length, taps, filters } = architecture;
    const { first, set } = this.plan;
    const { codes, count } = this.backgrounds;
    const rows = Uint32Array.from(
      first.columns,
      ({ kind, position, pattern }) => ((KINDS[kind] << 30) | (position << 20) | pattern) >>> 0,
    );
    sweepColumns(
      gpu,
      control,
      {
        rows: this.#upload(rows),
        overlays: this.#keep(Tensor.from(gpu, set.overlays, [set.names.length, length])),
        sequences: this.#keep(Tensor.from(gpu, codes, [count, length])),
        tables: this.weights.tables,
        bias: this.weights.entryBias,
        columns: first.shared > 0 ? columns : undefined,
        edges: this.#edges[0]?.edges,
      },
      {
        models,
        block: this.size.block,
        backgrounds: count,
        shared: first.shared,
        edgeRows: first.edges.rows,
        cut: first.cut,
        slotLast: length - 1,
        length,
        taps,
        channels: filters,
      },
    );
  }

  /** Products of a run's evaluated columns x. */
  #multiplied(x: Tensor, i: number, blocks: Blocks, rows: number): Tensor {
    const { gpu, models, architecture } = this.model;
    const { filters } = architecture;
    const { taps, points } = this.weights.convolutions[i]!;
    const all = blocks.count * rows;
    const count = pointsOf(blocks.size);
    const products = Tensor.empty(gpu, [models, all * count, filters]);
    const [w, product]: [Tensor, Product] = points
      ? [points, { models: models * count, rows: all, inputs: filters, outputs: filters }]
      : [taps, { models, rows: all, inputs: filters, outputs: TAPS * filters }];
    using from = x.reshape([product.models, all, filters]);
    using to = products.reshape([product.models, all, product.outputs]);
    this.#product(from, w, to, product);
    return products;
  }

  /** Where the last stage's run has the first stage's run added. */
  #skip(last: Stage) {
    const { run, edges } = this.plan.first;
    const columns = Math.min(run.first + run.count, last.run.first + last.run.count) - run.first;
    return {
      first: run.first - last.run.first,
      columns,
      run: run.count,
      sides: edges.right > 0 ? 2 : 1,
      edgeRows: edges.rows,
    };
  }

  #product(x: Operand, w: Tensor, y: Operand, { models, rows, inputs, outputs }: Product): void {
    const { gpu } = this.model;
    const shape = { models, rows, length: 1, inputs, outputs, taps: 1, dilation: 1 };
    conv1d(gpu, x, w, y, shape, {}, variantOf(gpu, 'product'));
  }

  #sharedColumns(stage: Stage): Tensor {
    const { gpu, models, architecture } = this.model;
    return Tensor.empty(gpu, [models, this.size.block * sharedOf(stage), architecture.filters]);
  }

  #edgeTensors({ left, right, rows, index }: Edges, channels: number): EdgeTensors | undefined {
    if (left + right === 0) return undefined;
    const { gpu, models } = this.model;
    const edges = Tensor.zeros(gpu, [models, this.size.block * rows, channels]);
    return { edges: this.#keep(edges), index: this.#upload(index) };
  }

  #upload(data: Uint32Array): Tensor {
    return this.#keep(Tensor.from(this.model.gpu, data, [data.length]));
  }

  #keep(tensor: Tensor): Tensor {
    this.#held.push(tensor);
    return tensor;
  }

  /** Lets go of what recordings hold by themselves. */
  dispose(): void {
    for (const tensor of this.#held) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Rows of a stage's shared vectors in memory: one that is never read where there are none. */
const sharedOf = ({ shared }: Stage): number => Math.max(1, shared);
