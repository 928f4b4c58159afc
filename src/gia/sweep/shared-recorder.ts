/** Records the work that patterns share in a block of backgrounds (docs/sweep.md). */

import type { Control } from '../../kernels/control.js';
import { type ProductShape, product } from '../../kernels/matrix/product.js';
import { productByMatrices } from '../../kernels/matrix/product-matrix.js';
import { type EdgeRows, sweepColumns, sweepGather } from '../../kernels/sweep/sweep.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import type { LayeredModel } from '../model.js';
import type { StageEdges, SweepEdges } from './edges.js';
import type { SweepPlan } from './plan.js';
import { lastOf } from './shareable.js';
import { type ColumnKind, NONE, type Stage } from './stages.js';
import type { SweepWeights } from './weights.js';

/** Sizes of blocks and chunks. */
export interface SweepSize {
  /** Backgrounds per block. */
  readonly block: number;
  /** Patterns and backgrounds per chunk. */
  readonly patterns: number;
  readonly backgrounds: number;
}

const KINDS: Readonly<Record<ColumnKind, number>> = { all: 0, left: 1, right: 2 };

/** Limits of the patterns and positions that a row of `sweep_columns` can hold. */
export const MOST_PATTERNS = 2 ** 20;
export const MOST_POSITIONS = 2 ** 10;

/** Records the shared work. Its tables are disposed of with it; recordings keep what they need. */
export class SharedRecorder implements Disposable {
  readonly #held: Tensor[] = [];

  constructor(
    readonly model: LayeredModel,
    readonly plan: SweepPlan,
    readonly backgrounds: Backgrounds,
    readonly size: SweepSize,
    readonly weights: SweepWeights,
    readonly edges: SweepEdges,
    /** As in `SweepChunk`; if set, `weights` are those of `byMatrices`. */
    readonly matrixLanes?: number,
  ) {}

  /** All work that a block does once. It begins at the control's `background`. */
  shared(control: Control): void {
    const { gpu, models } = this.model;
    const { block } = this.size;
    const { network, first, convolutions, pool, dense } = this.plan;
    const { units } = network.dense;
    const { weights, edges } = this;
    const stages: readonly Stage[] = [first, ...convolutions];
    const parts = pool.parts.length;
    const perModel = block * pool.gathered.rows;

    // Three buffers hold everything. The first: columns of the first stage, then pooled parts. The second:
    // columns of one stage after the other. The third: products, and at the end those of the dense layer.
    // Without further stages, the parts are in the second.
    const held = sharedMemory(this.plan);
    const storage = this.matrixLanes === undefined ? 'f32' : 'f16';
    using early = Tensor.empty(gpu, [models, block * held.early], storage);
    using late = Tensor.empty(gpu, [models, block * held.late], storage);
    using multiplied = Tensor.empty(gpu, [models, block * held.products]);
    const within = (memory: Tensor, rows: number, channels: number): Tensor =>
      memory.slice(0, [models, rows, channels], rows * channels);

    using entry = within(early, block * sharedOf(first), first.channels);
    this.#entry(control, entry);
    convolutions.forEach((stage, i) => {
      // Both this run and the run before it may fill the sequence.
      if (stage.gathered.rows === 0) return;
      const before = stages[i]!;
      const rows = block * sharedOf(before);
      const { inputs, channels, taps } = stage;
      using x = i === 0 ? entry.retain() : within(late, rows, inputs);
      using products = within(multiplied, rows, taps * channels);
      const shape = { models, rows, inputs, outputs: taps * channels };
      this.#product(x, weights.convolutions[i]!.taps, products, shape);
      using columns = within(late, block * sharedOf(stage), channels);
      sweepGather(
        gpu,
        {
          sources: this.#upload(stage.gathered.sources),
          x: products,
          skip: network.skip && i + 1 === convolutions.length ? entry : undefined,
          bias: weights.convolutions[i]!.bias,
          y: stage.shared > 0 ? columns : undefined,
          edges: edges.stages[i + 1]?.vectors,
        },
        {
          models,
          block,
          channels,
          shared: stage.shared,
          group: sharedOf(stage),
          edges: rowsOf(edges.stages[i + 1]),
          sources: taps,
          xRows: taps * sharedOf(before),
          skipRows: sharedOf(first),
          relu: true,
        },
      );
    });
    if (!weights.parts || !edges.dense) return;

    const last = stages.at(-1)!;
    const { outputs: channels } = lastOf(network);
    const [from, to] = convolutions.length > 0 ? [late, early] : [early, late];
    using columns = within(from, block * sharedOf(last), channels);
    using pooled = within(to, perModel, channels);
    sweepGather(
      gpu,
      { sources: this.#upload(pool.gathered.sources), x: columns, y: pooled },
      {
        models,
        block,
        channels,
        shared: pool.gathered.rows,
        group: pool.partRows,
        edges: NO_ROWS,
        sources: network.pool.size,
        xRows: sharedOf(last),
        scale: 1 / network.pool.size,
      },
    );
    using sums = within(multiplied, perModel, units);
    const rows = block * pool.partRows;
    using byPart = pooled.reshape([models * parts, rows, channels]);
    using sumsByPart = sums.reshape([models * parts, rows, units]);
    this.#product(byPart, weights.parts, sumsByPart, {
      models: models * parts,
      rows,
      inputs: channels,
      outputs: units,
    });
    // The parts of different blocks are apart.
    const sources = dense.gathered.sources.map((source) =>
      source === NONE ? NONE : Math.floor(source / pool.partRows) * rows + (source % pool.partRows),
    );
    sweepGather(
      gpu,
      { sources: this.#upload(sources), x: sums, edges: edges.dense.vectors },
      {
        models,
        block,
        channels: units,
        shared: 0,
        group: 1,
        edges: edges.dense.rows,
        sources: dense.gathered.width,
        xRows: pool.partRows,
      },
    );
  }

  /** Shared vectors and edges of the first convolution. */
  #entry(control: Control, columns: Tensor): void {
    const { gpu, models } = this.model;
    const { network, first, set } = this.plan;
    const { length } = network;
    const { taps, outputs } = network.first;
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
        channels: outputs,
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

  /** Disposes of what recordings keep themselves. */
  dispose(): void {
    for (const tensor of this.#held) tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const NO_ROWS = { rows: 0, first: 0, stride: 0 };
const rowsOf = (edges: StageEdges | undefined): EdgeRows => edges?.rows ?? NO_ROWS;

/** Floats per background that the shared work needs while it is computed, without edges. */
export function sharedMemory({ network, first, convolutions, pool }: SweepPlan): {
  readonly early: number;
  readonly late: number;
  readonly products: number;
} {
  const stages: readonly Stage[] = [first, ...convolutions];
  const columns = stages.map((stage) => stage.channels * sharedOf(stage));
  const products = convolutions.map(({ taps, channels }, i) => taps * channels * sharedOf(stages[i]!));
  const parts = lastOf(network).outputs * pool.gathered.rows;
  return {
    early: Math.max(columns[0]!, convolutions.length > 0 ? parts : 0),
    late: convolutions.length > 0 ? Math.max(...columns) : parts,
    products: Math.max(1, ...products, network.dense.units * pool.gathered.rows),
  };
}

/** Rows of a stage's shared vectors in memory. If there are none, one row is allocated and never read. */
const sharedOf = ({ shared }: Stage): number => Math.max(1, shared);
