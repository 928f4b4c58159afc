/**
 * One training step as a recorded plan: gather, forward, loss, backward, Adam, one submit. A data set whose
 * size is not a multiple of the batch has a second plan for its last, smaller batch, since batch statistics
 * depend on it.
 */

import * as check from '../../device/check.js';
import { ArgumentError, OutOfMemoryError } from '../../device/errors.js';
import { Owned } from '../../device/owned.js';
import type { Plan, SomeModels } from '../../device/plan.js';
import { sizeFor } from '../../device/sizes.js';
import { type Control, createControl } from '../../kernels/control.js';
import { createLearners, type Learners, MOST_LEARNERS } from '../../kernels/training/learners.js';
import { adam, adamRate, type EpsilonForm, place } from '../../kernels/training/training.js';
import { loss } from '../../tensor/operations.js';
import { Tape } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import { lossKindOf } from '../architecture.js';
import type { Dataset } from '../dataset.js';
import { forward } from '../network.js';
import { ParameterSet } from '../parameters.js';
import { lossOf } from '../residualbind.js';
import { type FusedStepOptions, recordFusedStep, stepShapeOf, type TrainedNetwork } from './fused-step.js';

/** Adam's state: both moments, flat like the parameters. */
export interface OptimiserState {
  readonly m: Tensor;
  readonly v: Tensor;
}

export interface TrainingStepOptions {
  /** Default 100 (docs/method.md, Training). */
  readonly batch?: number;
  /** Seed of the dropout masks: model e draws those of seed + e. */
  readonly seed: number;
  /** Off only to compare with other implementations. Default true. */
  readonly dropout?: boolean;
  /** `torch` only to compare with it. Default `keras`. */
  readonly epsilonForm?: EpsilonForm;
  /**
   * Whether fused kernels compute the step, or the tape's operations. Both give the same but for rounding.
   * Default: the kernels on hardware, for fewer than eight models, if they take the network; `as-alone`: what
   * one model takes, so that its bits do not depend on how many models are beside it.
   */
  readonly fused?: boolean | 'as-alone' | undefined;
}

/** A step of one model. */
export interface ModelStep {
  /** Seed of the dropout masks. */
  readonly seed: number;
  /** Steps taken since the optimiser was new, this one included: Adam's t and the dropout counter. */
  readonly count: number;
  readonly learningRate: number;
}

const OPTIONS = {
  batch: check.optional(check.whole(1)),
  seed: check.seed,
  dropout: check.optional(check.flag),
  epsilonForm: check.optional(check.oneOf('keras', 'torch')),
  fused: (value: unknown, place: check.Place) =>
    value === 'as-alone' ? value : check.optional(check.flag)(value, place),
};

/** Whether the fused kernels compute a step, if they take the network. */
function takesFused(work: FusedStepOptions, fused: TrainingStepOptions['fused']): boolean {
  if (typeof fused === 'boolean') return fused;
  const { gpu, models } = work.model;
  const isFaster = (side: number): boolean => side < sizeFor(gpu.adapter, 'fusedStepModels');
  if (fused === undefined) return isFaster(models);
  if (!isFaster(1)) return false;
  if (!stepShapeOf({ ...work, model: { ...networkOf(work.model), models: 1 } })) return false;
  if (stepShapeOf(work)) return true;
  throw new OutOfMemoryError(
    `${models} models of this size do not fit the adapter's buffers at once; train fewer side by side`,
  );
}

const networkOf = ({ gpu, architecture, parameters, statistics }: TrainedNetwork) => ({
  gpu,
  architecture,
  parameters,
  statistics,
});

/** One training step, recorded; `nn.fit` is made of them. `dispose` it after use. */
export class TrainingStep implements Disposable {
  private constructor(
    /** What is trained. */
    readonly model: TrainedNetwork,
    /** What it is trained on. */
    readonly dataset: Dataset,
    /** Records per step; the last step of an epoch may have fewer. */
    readonly batch: number,
    /** The recorded steps by number of records. */
    readonly plans: ReadonlyMap<number, Plan>,
    /** Adam's state. */
    readonly optimiser: OptimiserState,
    /** Gradients of the last step. */
    readonly gradients: ParameterSet,
    /** Loss of every step of the epoch, [E, steps]. */
    readonly losses: Tensor,
    /** Where a step reads its batch and writes its loss. */
    readonly control: Control,
    /** Each model's seed, step and rate. */
    readonly learners: Learners,
    /** Seed of the first model's masks. */
    readonly seed: number,
    /** Where Adam's epsilon stands. */
    readonly epsilonForm: EpsilonForm,
  ) {}

  /**
   * Records the steps of an epoch.
   *
   * @throws ArgumentError naming the option
   */
  static async record(
    model: TrainedNetwork,
    dataset: Dataset,
    options: TrainingStepOptions,
  ): Promise<TrainingStep> {
    check.options(options, OPTIONS);
    const { gpu, parameters, models, architecture } = model;
    check.whole(1, MOST_LEARNERS)(models, check.argument('model.models'));
    using made = new Owned();
    const batch = Math.min(options.batch ?? 100, dataset.places);
    const steps = Math.ceil(dataset.places / batch);
    const optimiser = {
      m: made.own(Tensor.zeros(gpu, parameters.flat.shape)),
      v: made.own(Tensor.zeros(gpu, parameters.flat.shape)),
    };
    const gradients = made.own(new ParameterSet(gpu, parameters.specs, models));
    const losses = made.own(Tensor.zeros(gpu, [models, steps]));
    const control = made.own(createControl(gpu));
    const learners = made.own(createLearners(gpu));
    const dropout = options.dropout === false ? {} : { dropout: { learners } };

    const recordStep = async (size: number): Promise<Plan> => {
      const work = { model, dataset, batch: size, steps, dropout: options.dropout !== false };
      const shape = takesFused(work, options.fused) ? stepShapeOf(work) : undefined;
      if (options.fused === true && !shape)
        throw new ArgumentError('fused', 'the fused kernels do not take this network');
      const { plan } = await gpu.record(() => {
        if (shape) {
          recordFusedStep(shape, work, { control, learners, gradients, losses, ...optimiser });
          return;
        }
        using input = dataset.batch(control, size);
        using goals = dataset.goals(control, size);
        using tape = new Tape();
        using outputs = tape.watch(() => forward(model, input, { kind: 'training', ...dropout }));
        using value = tape.watch(() => loss(lossOf(lossKindOf(architecture)), outputs, goals));
        for (const gradient of tape.gradients(value, parameters.tensors, gradients.tensors))
          gradient.dispose();
        adam(
          gpu,
          learners,
          { gradients: gradients.flat, parameters: parameters.flat, ...optimiser },
          { models, count: parameters.flat.size / models },
        );
        place(gpu, control, value, losses, { models, count: 1, total: steps });
      });
      return made.own(plan);
    };
    const plans = new Map([[batch, await recordStep(batch)]]);
    const rest = dataset.places % batch;
    if (rest > 0) plans.set(rest, await recordStep(rest));
    made.release();
    return new TrainingStep(
      model,
      dataset,
      batch,
      plans,
      optimiser,
      gradients,
      losses,
      control,
      learners,
      options.seed,
      options.epsilonForm ?? 'keras',
    );
  }

  /** Steps in an epoch. */
  get steps(): number {
    return Math.ceil(this.dataset.places / this.batch);
  }

  /** Kernel launches of one full step. */
  get dispatches(): number {
    return this.plans.get(this.batch)!.dispatches;
  }

  /**
   * Submits step `index` of an epoch, the same one for all models.
   *
   * @param count steps taken since the optimiser was new, this one included
   */
  run(index: number, count: number, learningRate: number): void {
    const step = (_: unknown, e: number) => ({ seed: (this.seed + e) % 2 ** 32, count, learningRate });
    this.runModels(index, Array.from({ length: this.model.models }, step));
  }

  /**
   * Submits step `index` of an epoch for the first models, each with numbers of its own. The models after them
   * take no step and no time.
   */
  runModels(index: number, models: readonly ModelStep[]): void {
    const first = index * this.batch;
    const size = Math.min(this.batch, this.dataset.places - first);
    this.control.set({ record: first, slot: index });
    this.learners.set(
      models.map(({ seed, count, learningRate }) => ({
        seed,
        step: count,
        ...adamRate(learningRate, count, this.epsilonForm),
      })),
    );
    const some: SomeModels = { first: models.length, of: this.model.models };
    this.plans.get(size)!.run(some);
  }

  /** Frees its memory, but neither the model nor the data set. */
  dispose(): void {
    for (const plan of this.plans.values()) plan.dispose();
    this.gradients.dispose();
    this.losses.dispose();
    this.optimiser.m.dispose();
    this.optimiser.v.dispose();
    this.control.dispose();
    this.learners.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
