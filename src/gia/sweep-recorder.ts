/** Records what patterns share of a block of backgrounds (docs/sweep.md). */

import type { UniformBlock } from '../device/uniform-block.js';
import { TAPS } from '../kernels/filtering.js';
import { product } from '../kernels/product.js';
import { type EdgeRows, sweepColumns, sweepGather } from '../kernels/sweep.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { Tensor } from '../tensor/tensor.js';
import type { Backgrounds } from './backgrounds.js';
import type { StageEdges, SweepEdges } from './sweep-edges.js';
import { type ColumnKind, NONE, type Stage, type SweepPlan } from './sweep-plan.js';
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

/** Records what patterns share. Its own tables are disposed of with it; recordings hold what they need. */
export class SharedRecorder implements Disposable {
  readonly #held: Tensor[] = [];

  constructor(
    readonly model: ResidualBind,
    readonly plan: SweepPlan,
    readonly backgrounds: Backgrounds,
    readonly size: SweepSize,
    readonly weights: SweepWeights,
    readonly edges: SweepEdges,
  ) {}

  /** Everything that a block computes once. Control: slot = first background. */
  shared(control: UniformBlock): void {
    const { gpu, models, architecture } = this.model;
    const { filters, hidden, pool: window } = architecture;
    const { block } = this.size;
    const { first, convolutions, pool, dense } = this.plan;
    const { weights, edges } = this;
    const stages: readonly Stage[] = [first, ...convolutions];

    using entry = this.#sharedColumns(first);
    this.#entry(control, entry);
    using products = Tensor.empty(gpu, [models, block * Math.max(...stages.map(sharedOf)), TAPS * filters]);
    let columns = entry.retain();
    convolutions.forEach((stage, i) => {
      using x = columns;
      const before = stages[i]!;
      const rows = block * sharedOf(before);
      product(gpu, x, weights.convolutions[i]!.taps, products, {
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
          edges: edges.stages[i + 1]?.vectors,
        },
        {
          models,
          block,
          channels: filters,
          shared: stage.shared,
          group: sharedOf(stage),
          edges: rowsOf(edges.stages[i + 1]),
          sources: TAPS,
          xRows: TAPS * sharedOf(before),
          skipRows: sharedOf(first),
          relu: true,
        },
      );
    });
    using last = columns;
    if (!weights.parts || !edges.dense) return;

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
        edges: NO_ROWS,
        sources: window,
        xRows: sharedOf(stages.at(-1)!),
        scale: 1 / window,
      },
    );
    using sums = Tensor.empty(gpu, [models, perModel, hidden]);
    const rows = block * pool.partRows;
    using byPart = pooled.reshape([models * parts, rows, filters]);
    using sumsByPart = sums.reshape([models * parts, rows, hidden]);
    product(gpu, byPart, weights.parts, sumsByPart, {
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
      { sources: this.#upload(sources), x: sums, edges: edges.dense.vectors },
      {
        models,
        block,
        channels: hidden,
        shared: 0,
        group: 1,
        edges: edges.dense.rows,
        sources: dense.gathered.width,
        xRows: pool.partRows,
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
        edges: this.edges.stages[0]?.vectors,
      },
      {
        models,
        block: this.size.block,
        backgrounds: count,
        shared: first.shared,
        edges: rowsOf(this.edges.stages[0]),
        cut: first.cut,
        slotLast: length - 1,
        length,
        taps,
        channels: filters,
      },
    );
  }

  #sharedColumns(stage: Stage): Tensor {
    const { gpu, models, architecture } = this.model;
    return Tensor.empty(gpu, [models, this.size.block * sharedOf(stage), architecture.filters]);
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

const NO_ROWS = { rows: 0, first: 0, stride: 0 };
const rowsOf = (edges: StageEdges | undefined): EdgeRows => edges?.rows ?? NO_ROWS;

/** Rows of a stage's shared vectors in memory: one that is never read where there are none. */
const sharedOf = ({ shared }: Stage): number => Math.max(1, shared);
