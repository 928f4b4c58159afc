/**
 * The kernels of the partition function: diagonal by diagonal inside, then outside, for a batch of sequences.
 * Each diagonal is a dispatch, in which every segment of every sequence is a thread, so nothing waits at a
 * barrier inside a kernel and a sequence may have any length.
 */

import type { Gpu } from '../../device/gpu.js';
import { flatGrid, launch, type Operand } from '../launch.js';

/** Sequences of a batch and their positions. */
export interface FoldingShape {
  readonly batch: number;
  /** 5 or more. */
  readonly length: number;
  /** Sequences before this batch in the codes and in the profile. */
  readonly first: number;
}

/** Least j - i of a pair (i, j). */
const SHORTEST = 4;
/** The layouts of `shaders/lib/fold.wgsl`. */
const INSIDE_ARRAYS = 10;
const OUTSIDE_ARRAYS = 8;
const PARTIAL_SUMS = 3 * 27;
const LETTER_ROWS = 6;
const POSITION_SUMS = 4;

/** Numbers for each sequence of a batch in the buffers that the kernels share. */
export function foldingSizes(length: number): {
  letters: number;
  inside: number;
  outside: number;
  sums: number;
} {
  const cells = ((length - SHORTEST) * (length - SHORTEST + 1)) / 2;
  return {
    letters: length + LETTER_ROWS,
    inside: INSIDE_ARRAYS * cells + PARTIAL_SUMS * length + 2 * (length + 1),
    outside: OUTSIDE_ARRAYS * cells + PARTIAL_SUMS * length,
    sums: POSITION_SUMS * length,
  };
}

/** What the kernels keep between dispatches. */
export interface FoldingScratch {
  readonly letters: Operand;
  readonly inside: Operand;
  readonly outside: Operand;
  readonly sums: Operand;
}

/**
 * A guess of ln of the partition function per letter: `perLetter`, and `perGc` times the squared share of G
 * and C.
 */
interface Scale {
  readonly perLetter: number;
  readonly perGc: number;
}

/**
 * Up to so many letters, numbers stay in the range of f32 with the scale in the middle between the least (no
 * pair) and the largest that the stacks allow (a helix of G and C: 2.1 per letter).
 */
const SAFE_LENGTH = 64;
const MIDDLE: Scale = { perLetter: 0.45, perGc: 0.6 };
/** What random sequences of a hundred letters and more have on average. */
const TYPICAL: Scale = { perLetter: 0.2, perGc: 1.2 };
/** How often another scale is tried for sequences that leave the range. */
const RESCALED = 3;

/**
 * Structure profiles [sequences, length, contexts] of a batch of codes [sequences, length].
 *
 * @param contexts 2 or 5 numbers for each letter
 */
export function fold(
  gpu: Gpu,
  operands: { codes: Operand; factors: Operand; profile: Operand } & FoldingScratch,
  { batch, length, first }: FoldingShape,
  contexts: 2 | 5,
): void {
  const { codes, factors, profile, letters, inside, outside, sums } = operands;
  const { perLetter, perGc } = length <= SAFE_LENGTH ? MIDDLE : TYPICAL;
  launch(gpu, 'fold_letters', {
    operands: { codes, letters },
    params: { length, batch, first, per_letter: perLetter, per_gc: perGc },
    workgroups: flatGrid(gpu, batch),
  });
  const params = (span: number) => ({ length, batch, first, span });
  const diagonal = (span: number) => flatGrid(gpu, (length - span) * batch);
  const computeInside = (): void => {
    for (let span = SHORTEST; span < length; span++)
      launch(gpu, 'fold_inside', {
        operands: { letters, factors, inside },
        params: params(span),
        workgroups: diagonal(span),
      });
    launch(gpu, 'fold_ends', {
      operands: { letters, inside },
      params: params(0),
      workgroups: flatGrid(gpu, batch),
    });
  };
  computeInside();
  for (let again = 0; length > SAFE_LENGTH && again < RESCALED; again++) {
    launch(gpu, 'fold_rescale', {
      operands: { letters, inside },
      params: params(0),
      workgroups: flatGrid(gpu, batch),
    });
    computeInside();
  }
  for (let span = length - 1; span >= SHORTEST; span--)
    launch(gpu, 'fold_outside', {
      operands: { letters, factors, inside, outside },
      params: params(span),
      workgroups: diagonal(span),
    });
  launch(gpu, 'fold_sums', {
    operands: { letters, factors, inside, outside, sums },
    params: params(0),
    workgroups: flatGrid(gpu, length * batch),
  });
  launch(gpu, 'fold_profile', {
    operands: { letters, inside, sums, profile },
    params: params(0),
    tile: { CONTEXTS: contexts },
    workgroups: flatGrid(gpu, length * batch),
  });
}
