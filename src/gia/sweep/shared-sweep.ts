/**
 * A sweep in which patterns share work (docs/sweep.md): runs a plan on a model. For each block of
 * backgrounds, shared vectors are computed once. Then each chunk of (background, pattern) pairs computes the
 * rest.
 */

import { Owned } from '../../device/owned.js';
import type { Plan } from '../../device/plan.js';
import { type Control, createControl } from '../../kernels/control.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import type { LayeredModel } from '../model.js';
import { type ChunkChoice, STAGED } from './chunk-choice.js';
import { bytesPerPair } from './cost.js';
import type { Engine } from './engine.js';
import { multiplyAddsPerPair, type SweepPlan } from './plan.js';
import { SharedRecorder, type SweepSize } from './shared-recorder.js';
import { byMatrices, sweepWeights } from './weights.js';

export class SharedSweep implements Engine {
  private constructor(
    readonly plan: SweepPlan,
    readonly bytesPerPair: number,
    readonly size: SweepSize,
    readonly predictions: Tensor,
    readonly shared: { readonly plan: Plan; readonly control: Control },
    readonly chunk: { readonly plan: Plan; readonly control: Control },
  ) {}

  static async create(
    model: LayeredModel,
    plan: SweepPlan,
    backgrounds: Backgrounds,
    size: SweepSize,
    { kind, make }: ChunkChoice = STAGED,
  ): Promise<SharedSweep> {
    const { gpu, models } = model;
    const held: { dispose(): void }[] = [];
    const keep = <T extends { dispose(): void }>(it: T): T => {
      held.push(it);
      return it;
    };
    try {
      const predictions = keep(
        Tensor.zeros(gpu, [models * plan.network.head.outputs, size.block, plan.set.names.length]),
      );
      const [sharedControl, chunkControl] = [keep(createControl(gpu)), keep(createControl(gpu))];
      using weights = await sweepWeights(model, plan);
      using parts = new Owned();
      const own = (tensor: Tensor): Tensor => parts.own(tensor);
      const { edges, matrixLanes, record } = await make({ model, plan, size, weights, own });
      const shares = matrixLanes === undefined ? weights : await byMatrices(weights, model, plan, own);
      using recorder = new SharedRecorder(model, plan, backgrounds, size, shares, edges, matrixLanes);
      const shared = keep((await gpu.record(() => recorder.shared(sharedControl))).plan);
      const chunk = keep((await gpu.record(() => record(chunkControl, predictions))).plan);
      await gpu.flush();
      return new SharedSweep(
        plan,
        bytesPerPair(plan, kind),
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
    this.shared.control.set({ background: first });
    this.shared.plan.run();
    for (let background = 0; background < count; background += backgrounds) {
      for (let pattern = 0; pattern < total; pattern += patterns) {
        this.chunk.control.set({ pattern, block_background: background });
        this.chunk.plan.run();
        yield Math.min(backgrounds, count - background) * Math.min(patterns, total - pattern);
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
