/** Records what patterns share of a block of backgrounds (docs/sweep.md). */

import type { UniformBlock } from '../../device/uniform-block.js';
import { type ProductShape, product } from '../../kernels/matrix/product.js';
import { productByMatrices } from '../../kernels/matrix/product-matrix.js';
import { TAPS } from '../../kernels/sweep/filtering.js';
import { type EdgeRows, sweepColumns, sweepGather } from '../../kernels/sweep/sweep.js';
import type { Architecture } from '../../nn/architecture.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import type { LayeredModel } from '../model.js';
import type { StageEdges, SweepEdges } from './edges.js';
import { type ColumnKind, NONE, type Stage, type SweepPlan } from './plan.js';
import { sizesOf } from './sizes.js';
import type { SweepWeights } from './weights.js';

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
    readonly model: LayeredModel,
    readonly plan: SweepPlan,
    readonly backgrounds: Backgrounds,
    readonly size: SweepSize,
    readonly weights: SweepWeights,
    readonly edges: SweepEdges,
    /** As in `SweepChunk`; `weights` are then those of `byMatrices`. */
    readonly matrixLanes?: number,
  ) {}

  /** Everything that a block computes once. Control: slot = first background. */
  shared(control: UniformBlock): void {
    const { gpu, models, architecture } = this.model;
    const { filters, hidden, pool: window } = sizesOf(architecture);
    const { block } = this.size;
    const { first, convolutions, pool, dense } = this.plan;
    const { weights, edges } = this;
    const stages: readonly Stage[] = [first, ...convolutions];
    const parts = pool.parts.length;
    const perModel = block * pool.gathered.rows;

    // Three buffers for everything: the first stage's columns, then pooled parts; the columns of one stage after another;
    // products, of the dense layer at the end.
    const held = sharedMemory(this.plan, architecture);
    const storage = this.matrixLanes === undefined ? 'f32' : 'f16';
    using early = Tensor.empty(gpu, [models, block * held.early], storage);
    using late = Tensor.empty(gpu, [models, block * held.late], storage);
    using multiplied = Tensor.empty(gpu, [models, block * held.products]);
    const within = (memory: Tensor, rows: number, channels: number): Tensor =>
      memory.slice(0, [models, rows, channels], rows * channels);

    using entry = within(early, block * sharedOf(first), filters);
    this.#entry(control, entry);
    convolutions.forEach((stage, i) => {
      const before = stages[i]!;
      const rows = block * sharedOf(before);
      using x = i === 0 ? entry.retain() : within(late, rows, filters);
      using products = within(multiplied, rows, TAPS * filters);
      const shape = { models, rows, inputs: filters, outputs: TAPS * filters };
      this.#product(x, weights.convolutions[i]!.taps, products, shape);
      using columns = within(late, block * sharedOf(stage), filters);
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
    if (!weights.parts || !edges.dense) return;

    const last = stages.at(-1)!;
    using columns = within(late, block * sharedOf(last), filters);
    using pooled = within(early, perModel, filters);
    sweepGather(
      gpu,
      { sources: this.#upload(pool.gathered.sources), x: columns, y: pooled },
      {
        models,
        block,
        channels: filters,
        shared: pool.gathered.rows,
        group: pool.partRows,
        edges: NO_ROWS,
        sources: window,
        xRows: sharedOf(last),
        scale: 1 / window,
      },
    );
    using sums = within(multiplied, perModel, hidden);
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
    const { length, taps, filters } = sizesOf(architecture);
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

  #product(x: Tensor, w: Tensor, y: Tensor, shape: ProductShape): void {
    const { gpu } = this.model;
    if (this.matrixLanes === undefined) product(gpu, x, w, y, shape);
    else productByMatrices(gpu, x, w, y, shape, this.matrixLanes);
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

/** Floats that what patterns share of a background takes while it is computed, without edges. */
export function sharedMemory(
  { first, convolutions, pool }: SweepPlan,
  architecture: Architecture,
): { readonly early: number; readonly late: number; readonly products: number } {
  const { filters, hidden } = sizesOf(architecture);
  const stages: readonly Stage[] = [first, ...convolutions];
  const most = Math.max(...stages.map(sharedOf));
  return {
    early: filters * Math.max(sharedOf(first), pool.gathered.rows),
    late: filters * most,
    products: Math.max(TAPS * filters * most, hidden * pool.gathered.rows),
  };
}

/** Rows of a stage's shared vectors in memory: one that is never read where there are none. */
const sharedOf = ({ shared }: Stage): number => Math.max(1, shared);
