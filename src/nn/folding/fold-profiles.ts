/** Structure profiles of sequences on the host, batch by batch. */

import { throwIfCancelled } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { NotFiniteError } from '../../device/errors.js';
import { Gpu } from '../../device/gpu.js';
import { Tensor } from '../../tensor/tensor.js';
import { firstNotFinite } from '../finite.js';
import { checkSequences, recordsOf } from '../sequences.js';
import {
  CONTEXTS,
  FOLDING_OPTIONS,
  Folding,
  type FoldingOptions,
  foldedAtOnce,
  LONGEST_INPUT,
  SHORTEST_INPUT,
} from './folding.js';

/** How sequences of the host are folded. */
export interface FoldProfilesOptions extends FoldingOptions {
  /** Ends the folding with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Sequences folded so far, and all of them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** What errors call a sequence. Default: `record` and its number, from 1. */
  readonly nameOf?: ((record: number) => string) | undefined;
}

/** No letter, as padding of inputs that are too short to fold. */
const PADDING = 4;

/**
 * Folds sequences: McCaskill's partition function at 37 °C with dangling ends on both sides of every helix,
 * as RNAplfold computes it for a window of the whole sequence.
 *
 * @param codes [N * length]: 0-3 = ACGU, 4 = padding at the ends of a sequence, or N within, which pairs with
 * nothing
 * @returns profiles [N * length * (2 or 5)], sequence by sequence and letter by letter: the probabilities of
 * the contexts, which sum to 1, or zeros for padding
 * @throws ArgumentError naming the option; ShapeError for a part of a sequence; InvalidSequenceError naming
 * the record; OutOfMemoryError if the adapter cannot hold a sequence; NotFiniteError naming a sequence whose
 * partition function leaves the range of f32; CancelledError
 */
export async function foldProfiles(
  gpu: Gpu,
  codes: Uint8Array,
  options: FoldProfilesOptions,
): Promise<Float32Array> {
  check.instance(Gpu)(gpu, check.argument('gpu'));
  check.object(options, check.argument('options'));
  check.options(options, {
    ...FOLDING_OPTIONS,
    length: check.whole(1, LONGEST_INPUT),
    signal: check.optional(check.signal),
    onProgress: check.optional(check.callable),
    nameOf: check.optional(check.callable),
  });
  const { length, contexts, energies, signal, onProgress, nameOf = numbered } = options;
  const input = { length, channels: 4 };
  const records = recordsOf(input, { codes });
  checkSequences(input, { codes });
  const inner = Math.max(length, SHORTEST_INPUT);
  const width = CONTEXTS[contexts];
  using folding = Folding.create(gpu, { length: inner, contexts, energies });
  const batch = Math.min(records, foldedAtOnce(gpu, inner));
  using onGpu = Tensor.zeros(gpu, [1, batch, inner], 'u32');
  const { plan, result } = await gpu.record(() => folding.record(onGpu));
  using recorded = plan;
  using profile = result;
  const all = new Float32Array(records * length * width);
  for (let first = 0; first < records; first += batch) {
    throwIfCancelled(signal);
    const count = Math.min(batch, records - first);
    const part = new Uint32Array(batch * inner).fill(PADDING);
    for (let n = 0; n < count; n++)
      part.set(codes.subarray((first + n) * length, (first + n + 1) * length), n * inner);
    await onGpu.write(part);
    recorded.run();
    const folded = await profile.readFloats();
    for (let n = 0; n < count; n++) {
      const row = folded.subarray(n * inner * width, (n * inner + length) * width);
      if (firstNotFinite(row) >= 0) throw outOfRange(nameOf(first + n));
      all.set(row, (first + n) * length * width);
    }
    onProgress?.(first + count, records);
  }
  return all;
}

const numbered = (record: number): string => `record ${record + 1}`;

const outOfRange = (name: string): NotFiniteError =>
  new NotFiniteError(
    `${name}: its partition function leaves the range of 32-bit numbers; fold a shorter part of the sequence, or check the energies`,
  );
