/** Structure profiles of sequences of any lengths: those of similar length are folded together. */

import * as check from '../../device/check.js';
import { ShapeError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { type FoldProfilesOptions, foldProfiles } from './fold-profiles.js';
import { CONTEXTS, LONGEST_INPUT } from './folding.js';

/** How sequences of any lengths are folded. */
export type FoldSequencesOptions = Omit<FoldProfilesOptions, 'length'>;

/** A sequence is folded with others that are at most so many times as long. Time grows with the cube. */
const SIMILAR = 1.15;
const PADDING = 4;

/**
 * Folds sequences of different lengths, as `foldProfiles`.
 *
 * @param sequences base codes of each, 0-3 = ACGU and 4 = N, which pairs with nothing; up to 2,048
 * @returns the profile of each, [length * (2 or 5)]; N at the ends of a
 * sequence is not padding but unpaired
 * @throws ShapeError naming a sequence that is empty or too long; otherwise as `foldProfiles`
 */
export async function foldSequences(
  gpu: Gpu,
  sequences: readonly Uint8Array[],
  options: FoldSequencesOptions,
): Promise<Float32Array[]> {
  check.list(check.bytes)(sequences, check.argument('sequences'));
  check.object(options, check.argument('options'));
  const { onProgress, nameOf = (record) => `sequence ${record + 1}`, ...others } = options;
  const wrong = sequences.findIndex(({ length }) => length < 1 || length > LONGEST_INPUT);
  if (wrong >= 0)
    throw new ShapeError(
      `sequence ${wrong + 1} has ${sequences[wrong]!.length} letters; sequences of 1 to ${LONGEST_INPUT} letters are folded`,
    );
  const order = sequences.map((_, record) => record);
  order.sort((a, b) => sequences[b]!.length - sequences[a]!.length || a - b);
  const profiles = new Array<Float32Array>(sequences.length);
  for (let from = 0; from < order.length; ) {
    const { length } = sequences[order[from]!]!;
    let end = from;
    while (end < order.length && sequences[order[end]!]!.length * SIMILAR >= length) end++;
    const records = order.slice(from, end);
    const codes = new Uint8Array(records.length * length).fill(PADDING);
    records.forEach((record, n) => {
      codes.set(sequences[record]!, n * length);
    });
    const before = from;
    const folded = await foldProfiles(gpu, codes, {
      ...others,
      length,
      nameOf: (n) => nameOf(records[n]!),
      onProgress: onProgress && ((done) => onProgress(before + done, sequences.length)),
    });
    const width = CONTEXTS[options.contexts];
    records.forEach((record, n) => {
      const start = n * length * width;
      const profile = folded.slice(start, start + sequences[record]!.length * width);
      fillEnds(profile, sequences[record]!, width);
      profiles[record] = profile;
    });
    from = end;
  }
  return profiles;
}

/** Letters N at the ends, which were folded as padding: nothing encloses them. */
function fillEnds(profile: Float32Array, codes: Uint8Array, width: number): void {
  const first = codes.findIndex((code) => code !== PADDING);
  const last = codes.findLastIndex((code) => code !== PADDING);
  for (let k = 0; k < codes.length; k++)
    if (first < 0 || k < first || k > last) profile[(k + 1) * width - 1] = 1;
}
