/**
 * One training step as a recorded plan: gather, forward, loss, backward, Adam, one submit. A data set whose
 * size is not a multiple of the batch has a second plan for its last, smaller batch, since batch statistics
 * depend on it.
 */

import * as check from '../../device/check.js';
import { ArgumentError } from '../../device/errors.js';
import { Owned } from '../../device/owned.js';
import type { Plan } from '../../device/plan.js';
import { sizeFor } from '../../device/sizes.js';
import { type Control, createControl } from '../../kernels/control.js';
import { adam, adamRate, type EpsilonForm, place } from '../../kernels/training/training.js';
import { loss } from '../../tensor/operations.js';
import { Tape } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import { lossKindOf } from '../architecture.js';
import type { Dataset } from '../dataset.js';
import { forward } from '../network.js';
import { ParameterSet } from '../parameters.js';
import { lossOf, type ResidualBind } from '../residualbind.js';
import { fusedShape, recordFusedStep } from './fused-step.js';

/** Adam's state: both moments, flat like the parameters. */
export interface OptimiserState {
  readonly m: Tensor;
  readonly v: Tensor;
}

export interface TrainingStepOptions {
  /** Default 100 (docs/method.md, Training). */
  readonly batch?: number;
  /** Seed of the dropout masks. */
  readonly seed: number;
  /** Off only to compare with other implementations. Default true. */
  readonly dropout?: boolean;
  /** `torch` only to compare with it. Default `keras`. */
  readonly epsilonForm?: EpsilonForm;
  /**
   * Whether fused kernels compute the step, or the tape's operations. Default: the kernels on hardware, for
   * fewer than eight models, if they take the network. Both give the same but for rounding.
   */
  readonly fused?: boolean;
}

const OPTIONS = {
  batch: check.optional(check.whole(1)),
  seed: check.seed,
  dropout: check.optional(check.flag),
  epsilonForm: check.optional(check.oneOf('keras', 'torch')),
  fused: check.optional(check.flag),
};

/** One training step, recorded; `nn.fit` is made of them. `dispose` it after use. */
export class TrainingStep implements Disposable {
  private constructor(
    /** What is trained. */
    readonly model: ResidualBind,
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
    /** The step's numbers: place, slot, rates. */
    readonly control: Control,
    /** Where Adam's epsilon stands. */
    readonly epsilonForm: EpsilonForm,
  ) {}

  /**
   * Records the steps of an epoch.
   *
   * @throws ArgumentError naming the option
   */
  static async record(
    model: ResidualBind,
    dataset: Dataset,
    options: TrainingStepOptions,
  ): Promise<TrainingStep> {
    check.options(options, OPTIONS);
    const { gpu, parameters, models, architecture } = model;
    using made = new Owned();
    const batch = Math.min(options.batch ?? 100, dataset.records);
    const steps = Math.ceil(dataset.records / batch);
    const optimiser = {
      m: made.own(Tensor.zeros(gpu, parameters.flat.shape)),
      v: made.own(Tensor.zeros(gpu, parameters.flat.shape)),
    };
    const gradients = made.own(new ParameterSet(gpu, parameters.specs, models));
    const losses = made.own(Tensor.zeros(gpu, [models, steps]));
    const control = made.own(createControl(gpu));
    const dropout = options.dropout === false ? {} : { dropout: { seed: options.seed, control } };

    const recordStep = async (size: number): Promise<Plan> => {
      const work = {
        model,
        dataset,
        batch: size,
        steps,
        seed: options.seed,
        dropout: options.dropout !== false,
      };
      const isFaster = model.models < sizeFor(gpu.adapter, 'fusedStepModels');
      const shape = (options.fused ?? isFaster) ? fusedShape(work) : undefined;
      if (options.fused && !shape)
        throw new ArgumentError('fused', 'the fused kernels do not take this network');
      const { plan } = await gpu.record(() => {
        if (shape) {
          recordFusedStep(shape, work, { control, gradients, losses, ...optimiser });
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
          control,
          { gradients: gradients.flat, parameters: parameters.flat, ...optimiser },
          parameters.flat.size,
        );
        place(gpu, control, value, losses, { models, count: 1, total: steps });
      });
      return made.own(plan);
    };
    const plans = new Map([[batch, await recordStep(batch)]]);
    const rest = dataset.records % batch;
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
      options.epsilonForm ?? 'keras',
    );
  }

  /** Steps in an epoch. */
  get steps(): number {
    return Math.ceil(this.dataset.records / this.batch);
  }

  /** Kernel launches of one full step. */
  get dispatches(): number {
    return this.plans.get(this.batch)!.dispatches;
  }

  /**
   * Submits step `index` of an epoch.
   *
   * @param count steps taken since the optimiser was new, this one included: Adam's t and the dropout counter
   */
  run(index: number, count: number, learningRate: number): void {
    const first = index * this.batch;
    const size = Math.min(this.batch, this.dataset.records - first);
    this.control.set({
      record: first,
      slot: index,
      step: count,
      ...adamRate(learningRate, count, this.epsilonForm),
    });
    this.plans.get(size)!.run();
  }

  /** Frees its memory, but neither the model nor the data set. */
  dispose(): void {
    for (const plan of this.plans.values()) plan.dispose();
    this.gradients.dispose();
    this.losses.dispose();
    this.optimiser.m.dispose();
    this.optimiser.v.dispose();
    this.control.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
