/**
 * Sequences and scores on the GPU, uploaded once; batches are gathered there by index. Host arrays are checked
 * here, so that nothing past this point sees a bad code or a NaN.
 */

import * as check from '../device/check.js';
import { InvalidSequenceError, NotFiniteError, ShapeError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import { Owned } from '../device/owned.js';
import type { UniformBlock } from '../device/uniform-block.js';
import { gatherCodes, gatherRows } from '../kernels/training.js';
import { Tensor, type TensorData } from '../tensor/tensor.js';
import type { Architecture } from './architecture.js';
import type { NetworkInput } from './network.js';

/** N sequences on the host. */
export interface Sequences {
  /** Base codes [N * length]: 0-3 = ACGU, 4 = pad or N. */
  readonly codes: Uint8Array;
  /** Structure profiles [N * length * (channels - 4)], for models of more than four channels. */
  readonly profile?: Float32Array;
}

const ARRAYS = { codes: check.bytes, profile: check.optional(check.floats) };

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
    /** Scores [records]. */
    readonly scores: Tensor | undefined,
    /** Which record comes at which place of an epoch: [records] u32, the identity until written. */
    readonly order: Tensor,
  ) {}

  /**
   * Uploads sequences and, for training and evaluation, one score each.
   *
   * @throws ArgumentError naming what is no array of its kind; ShapeError, InvalidSequenceError or
   * NotFiniteError naming the record
   */
  static upload(
    gpu: Gpu,
    { length, channels }: Architecture,
    sequences: Sequences,
    scores?: Float32Array,
  ): Dataset {
    check.options(sequences, ARRAYS, 'sequences');
    check.optional(check.floats)(scores, check.argument('scores'));
    const { codes, profile } = sequences;
    const records = codes.length / length;
    if (!Number.isInteger(records) || records < 1) {
      throw new ShapeError(
        `codes must hold whole sequences of ${length} positions, not ${codes.length} positions`,
      );
    }
    const stray = codes.findIndex((code) => code > 4);
    if (stray >= 0)
      throw new InvalidSequenceError(
        `record ${Math.floor(stray / length) + 1}: code ${codes[stray]} is not 0 to 4`,
      );
    const width = length * (channels - 4);
    checkNumbers('structure profile', profile, width > 0 ? records * width : 0, width);
    if (scores) checkNumbers('score', scores, records, 1);
    using made = new Owned();
    const tensor = (data: TensorData, shape: readonly number[]) => made.own(Tensor.from(gpu, data, shape));
    const dataset = new Dataset(
      records,
      length,
      width,
      tensor(codes, [records, length]),
      profile && width > 0 ? tensor(profile, [records, width]) : undefined,
      scores && tensor(scores, [records]),
      tensor(
        Uint32Array.from({ length: records }, (_, i) => i),
        [records],
      ),
    );
    made.release();
    return dataset;
  }

  /** Records the gathering of a batch of sequences from place `control.first` on. */
  batch(control: UniformBlock, batch: number): NetworkInput & Disposable {
    const { records, length, width, codes, profile, order } = this;
    const { gpu } = codes;
    using made = new Owned();
    const gathered = made.own(Tensor.empty(gpu, [1, batch, length], 'u32'));
    gatherCodes(gpu, control, codes, order, gathered, { batch, length, records });
    const rows = profile && made.own(Tensor.empty(gpu, [1, batch, length, width / length]));
    if (profile && rows) gatherRows(gpu, control, profile, order, rows, { batch, width, records });
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

  /** Records the gathering of a batch of scores [1, batch]. */
  goals(control: UniformBlock, batch: number): Tensor {
    const { records, scores, order } = this;
    if (!scores) throw new ShapeError('these sequences have no scores');
    const goals = Tensor.empty(scores.gpu, [1, batch]);
    gatherRows(scores.gpu, control, scores, order, goals, { batch, width: 1, records });
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

function checkNumbers(
  name: string,
  values: Float32Array | undefined,
  count: number,
  perRecord: number,
): void {
  if ((values?.length ?? 0) !== count)
    throw new ShapeError(`${name}: ${count} numbers are needed, not ${values?.length ?? 0}`);
  const bad = values?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (bad >= 0)
    throw new NotFiniteError(`${name} of record ${Math.floor(bad / perRecord) + 1} is ${values![bad]}`);
}
