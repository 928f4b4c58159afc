/**
 * Sequences and scores on the GPU, uploaded once; batches are gathered there by index. Host arrays are
 * checked here, so that nothing past this point sees a bad code or a NaN.
 */

import * as check from '../device/check.js';
import { ShapeError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import { Owned } from '../device/owned.js';
import type { Control } from '../kernels/control.js';
import { gatherCodes, gatherRows } from '../kernels/training/training.js';
import { Tensor, type TensorData } from '../tensor/tensor.js';
import { type Architecture, outputsOf } from './architecture.js';
import type { NetworkInput } from './network.js';
import { checkCount, checkScores, checkSequences, recordsOf, type Sequences, widthOf } from './sequences.js';

export type { Sequences } from './sequences.js';

/** Sequences, and their scores where they have any, on the GPU. `dispose` it after use. */
export class Dataset implements Disposable {
  private constructor(
    /** Number of sequences. */
    readonly records: number,
    /** Positions of a sequence. */
    readonly length: number,
    /** Numbers of a structure profile, length * (channels - 4); 0 without one. */
    readonly width: number,
    /** Base codes [records, length]. */
    readonly codes: Tensor,
    /** Structure profiles [records, width]. */
    readonly profile: Tensor | undefined,
    /** Scores [E or 1, records, outputs]; NaN where one is missing. */
    readonly scores: Tensor | undefined,
    /**
     * Which record comes at which place: [E or 1, places] u32. All records in their order until written, where
     * models share it.
     */
    readonly order: Tensor,
  ) {}

  /**
   * Uploads sequences and, for training and evaluation, scores: one each, or one for each output. Of several
   * outputs, NaN is a score that is missing.
   *
   * @throws ArgumentError naming what is no array of its kind; ShapeError, InvalidSequenceError or
   * NotFiniteError naming the record
   */
  static upload(gpu: Gpu, architecture: Architecture, sequences: Sequences, scores?: Float32Array): Dataset {
    check.optional(check.floats)(scores, check.argument('scores'));
    const records = recordsOf(architecture, sequences);
    checkSequences(architecture, sequences);
    const outputs = outputsOf(architecture);
    if (scores) {
      checkCount('score', scores, records * outputs);
      checkScores(scores, outputs);
    }
    const { length } = architecture;
    const { codes, profile } = sequences;
    const width = widthOf(architecture);
    using made = new Owned();
    const tensor = (data: TensorData, shape: readonly number[]) => made.own(Tensor.from(gpu, data, shape));
    const dataset = new Dataset(
      records,
      length,
      width,
      tensor(codes, [records, length]),
      profile && width > 0 ? tensor(profile, [records, width]) : undefined,
      scores && tensor(scores, [1, records, outputs]),
      tensor(
        new Uint32Array(records).map((_, i) => i),
        [1, records],
      ),
    );
    made.release();
    return dataset;
  }

  /** Places of a model's order. */
  get places(): number {
    return this.order.shape[1]!;
  }

  /**
   * The same sequences, so many places for each model, all at record 0 until `order` is written. The caller
   * disposes it.
   *
   * @param scores [E or 1, records, outputs], which it disposes
   */
  ordered(models: number, places: number, scores?: Tensor): Dataset {
    const { records, length, width, codes, profile } = this;
    const order = Tensor.zeros(codes.gpu, [models, places], 'u32');
    return new Dataset(records, length, width, codes.retain(), profile?.retain(), scores, order);
  }

  /**
   * Writes other sequences, no more than there are, over the first ones, for work submitted from now on. They
   * are taken as checked.
   */
  replace({ codes, profile }: Sequences): void {
    const { gpu } = this.codes;
    const write = (tensor: Tensor, data: Uint8Array | Float32Array) => {
      const { allocation, offset } = tensor.range;
      gpu.upload(allocation.buffer, offset, data);
    };
    write(this.codes, codes);
    if (this.profile && profile) write(this.profile, profile);
  }

  /** Records the gathering of a batch [E or 1, batch, …] of sequences from place `control.record` on. */
  batch(control: Control, batch: number): NetworkInput & Disposable {
    const { length, width, codes, profile, order } = this;
    const { gpu } = codes;
    const [models, places] = order.shape as [number, number];
    using made = new Owned();
    const gathered = made.own(Tensor.empty(gpu, [models, batch, length], 'u32'));
    gatherCodes(gpu, control, codes, order, gathered, { models, batch, length, places });
    const rows = profile && made.own(Tensor.empty(gpu, [models, batch, length, width / length]));
    if (profile && rows) {
      // Sequences are the same for all models, whatever the shape [records, width] says.
      using shared = profile.reshape([1, profile.size]);
      gatherRows(gpu, control, shared, order, rows, { models, batch, width, places });
    }
    made.release();
    return {
      codes: gathered,
      profile: rows,
      [Symbol.dispose]: () => {
        gathered.dispose();
        rows?.dispose();
      },
    };
  }

  /**
   * Records the gathering of a batch of scores [E or 1, batch], or [E or 1, batch, outputs] of several outputs.
   */
  goals(control: Control, batch: number): Tensor {
    const { scores, order } = this;
    if (!scores) throw new ShapeError('these sequences have no scores');
    const outputs = scores.shape[2]!;
    const [models, places] = order.shape as [number, number];
    const goals = Tensor.empty(scores.gpu, outputs === 1 ? [models, batch] : [models, batch, outputs]);
    gatherRows(scores.gpu, control, scores, order, goals, { models, batch, width: outputs, places });
    return goals;
  }

  /** Frees its memory. */
  dispose(): void {
    this.codes.dispose();
    this.profile?.dispose();
    this.scores?.dispose();
    this.order.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
