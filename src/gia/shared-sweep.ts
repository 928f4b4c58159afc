/**
 * A sweep by what patterns share (docs/sweep.md): runs a plan on a model. Per block of backgrounds, vectors that patterns
 * share are computed once; then every chunk of (background, pattern) pairs adds what is its own.
 */

import { Owned } from '../device/owned.js';
import type { Plan } from '../device/plan.js';
import type { UniformBlock } from '../device/uniform-block.js';
import { evaluatedOf, pointsOf, TAPS } from '../kernels/filtering.js';
import type { FusedVariant } from '../kernels/fused-sweep.js';
import { createControl } from '../kernels/training.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { Tensor } from '../tensor/tensor.js';
import type { Backgrounds } from './backgrounds.js';
import type { Engine } from './engine.js';
import { recordFusedChunk } from './fused-chunk.js';
import { fusedShape } from './fused-shape.js';
import { fusedWeights } from './fused-weights.js';
import { recordStagedChunk } from './staged-chunk.js';
import { joinedEdges, type SweepEdges, separateEdges } from './sweep-edges.js';
import { multiplyAddsPerPair, type SweepPlan } from './sweep-plan.js';
import { SharedRecorder, type SweepSize } from './sweep-recorder.js';
import { sweepWeights } from './sweep-weights.js';

export class SharedSweep implements Engine {
  private constructor(
    readonly plan: SweepPlan,
    readonly size: SweepSize,
    readonly predictions: Tensor,
    readonly shared: { readonly plan: Plan; readonly control: UniformBlock },
    readonly chunk: { readonly plan: Plan; readonly control: UniformBlock },
  ) {}

  static async create(
    model: ResidualBind,
    plan: SweepPlan,
    backgrounds: Backgrounds,
    size: SweepSize,
    variant?: FusedVariant,
  ): Promise<SharedSweep> {
    const { gpu, models } = model;
    const held: { dispose(): void }[] = [];
    const keep = <T extends { dispose(): void }>(it: T): T => {
      held.push(it);
      return it;
    };
    try {
      const predictions = keep(Tensor.zeros(gpu, [models, size.block, plan.set.names.length]));
      const [sharedControl, chunkControl] = [keep(createControl(gpu)), keep(createControl(gpu))];
      using weights = await sweepWeights(model, plan);
      using parts = new Owned();
      const own = (tensor: Tensor): Tensor => parts.own(tensor);
      const record = async (edges: SweepEdges, body: () => void): Promise<[Plan, Plan]> => {
        using recorder = new SharedRecorder(model, plan, backgrounds, size, weights, edges);
        const { plan: shared } = await gpu.record(() => recorder.shared(sharedControl));
        return [keep(shared), keep((await gpu.record(body)).plan)];
      };
      const shape = variant && fusedShape(model, plan, size);
      const recorded = async (): Promise<[Plan, Plan]> => {
        if (!shape || !variant) {
          const edges = separateEdges(model, plan, size.block, own);
          return record(edges, () =>
            recordStagedChunk({ model, plan, size, weights, edges }, chunkControl, predictions),
          );
        }
        const edges = joinedEdges(model, plan, size.block, own);
        const values = await fusedWeights(model, shape, weights);
        return record(edges, () =>
          recordFusedChunk({ model, shape, variant, weights: values, edges }, chunkControl, predictions),
        );
      };
      const [shared, chunk] = await recorded();
      await gpu.flush();
      return new SharedSweep(
        plan,
        size,
        predictions,
        { plan: shared, control: sharedControl },
        { plan: chunk, control: chunkControl },
      );
    } catch (error) {
      for (const it of held) it.dispose();
      throw error;
    }
  }

  get block(): number {
    return this.size.block;
  }

  get multiplyAddsPerPair(): number {
    return multiplyAddsPerPair(this.plan);
  }

  *run(first: number, count: number): Generator<number> {
    const { patterns, backgrounds } = this.size;
    const total = this.plan.set.names.length;
    this.shared.control.set({ slot: first });
    this.shared.plan.run();
    for (let slot = 0; slot < count; slot += backgrounds) {
      for (let pattern = 0; pattern < total; pattern += patterns) {
        this.chunk.control.set({ first: pattern, slot });
        this.chunk.plan.run();
        yield Math.min(backgrounds, count - slot) * Math.min(patterns, total - pattern);
      }
    }
  }

  dispose(): void {
    for (const { plan, control } of [this.shared, this.chunk]) {
      plan.dispose();
      control.dispose();
    }
    this.predictions.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Bytes of GPU memory that a sweep takes: whatever its size, per background of a block, and per pair of a chunk; and those
 * of the largest single buffer per background and per pair.
 */
export function sweepBytes(
  { first, convolutions, pool, dense, set }: SweepPlan,
  { architecture, models }: Pick<ResidualBind, 'architecture' | 'models'>,
): {
  readonly fixed: number;
  readonly perBackground: number;
  readonly perPair: number;
  readonly largest: { readonly perBackground: number; readonly perPair: number };
} {
  const { filters, hidden } = architecture;
  const stages = [first, ...convolutions];
  const edges = stages.map((stage) => stage.edges);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const indices = [...edges, dense.edges].map(({ index }) => index.length);
  const sources = [...convolutions, pool, dense].map(({ gathered }) => gathered.sources.length);
  const mostShared = Math.max(1, ...stages.map(({ shared }) => shared));
  const parts = pool.gathered.rows;
  // The entry, two stages and their products; edges stay for the chunks.
  const vectors = first.shared + (2 + TAPS) * mostShared + sum(edges.map(({ rows }) => rows)) + parts;
  const multiplied = convolutions.flatMap(({ blocks }) => blocks ?? []);
  const evaluated = multiplied.map((blocks) => blocks.count * evaluatedOf(blocks));
  const products = multiplied.map(({ count, size }) => count * pointsOf(size));
  const windows = pool.windows.count;
  return {
    fixed: 4 * (sum(indices) + sum(sources) + first.columns.length) + set.overlays.length,
    perBackground: 4 * models * (filters * vectors + hidden * (parts + dense.edges.rows) + set.names.length),
    // Memory of one stage serves the next only where it fits.
    perPair: 4 * models * (filters * (sum(evaluated) + sum(products) + windows) + hidden),
    largest: {
      perBackground:
        4 *
        models *
        Math.max(filters * TAPS * mostShared, hidden * Math.max(parts, dense.edges.rows), set.names.length),
      perPair: 4 * models * Math.max(filters * Math.max(windows, ...evaluated, ...products), hidden),
    },
  };
}
