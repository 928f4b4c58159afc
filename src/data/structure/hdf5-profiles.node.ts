/**
 * Structure channels of HDF5 files as the authors of ResidualBind released them, in Node: the channels behind
 * the four letters of `X_train`, `X_valid` and `X_test`, which are P H I M E, or P U.
 */
import { Breath } from '../../device/breathe.js';
import { FormatError } from '../../device/errors.js';
import { withHdf5 } from '../../device/hdf5.node.js';
import {
  experimentsIn,
  numbersIn,
  type Part,
  partsIn,
  placedSequence,
  rowsPerSlice,
} from '../experiments/hdf5.node.js';
import type { ReadOptions } from '../files/text-file.node.js';
import { ALPHABET } from '../sequences/letters.js';
import { CONTEXT_LETTERS, contextsIn } from './contexts.js';
import type { ProfileRecord } from './profiles.js';

/**
 * Reads the profile of every sequence. A record without letters is passed over.
 *
 * @throws FormatError for a file of another kind, or one of sequences alone
 */
export async function readHdf5Profiles(
  path: string,
  take: (record: ProfileRecord) => void,
  { signal }: ReadOptions = {},
): Promise<void> {
  let taken = 0;
  const takeOnce = (record: ProfileRecord): void => {
    taken++;
    take(record);
  };
  await withHdf5(path, async (root) => {
    // A second attempt must not take records twice.
    if (taken > 0) throw new FormatError(`${path}: cannot be read as HDF5, or is damaged`);
    const breath = new Breath(signal);
    for (const part of partsIn(experimentsIn(root, path), path)) await readPart(part, path, takeOnce, breath);
  });
}

async function readPart(
  part: Part,
  path: string,
  take: (record: ProfileRecord) => void,
  breath: Breath,
): Promise<void> {
  const { name, x, records, channels, positions } = part;
  const contexts = contextsIn(channels);
  if (!contexts)
    throw new FormatError(
      `${path}: X_${name} has ${channels} channels, which are letters alone; profiles need 6 (with P and U) or 9 (with P, H, I, M and E)`,
    );
  const size = channels * positions;
  const step = rowsPerSlice(part);
  for (let from = 0; from < records; from += step) {
    const to = Math.min(records, from + step);
    const values = numbersIn(x.slice([[from, to], [], []]), `X_${name}`, path);
    if (values.length !== (to - from) * size) throw new FormatError(`${path}: X_${name} ends too early`);
    for (let i = 0; i < to - from; i++) {
      const place = `${path}: X_${name}, record ${from + i + 1}`;
      const one = values.subarray(i * size, (i + 1) * size);
      const { sequence, start } = placedSequence(one, positions, place);
      if (sequence === '') continue;
      const row = (context: number): ArrayLike<number> => {
        const first = (ALPHABET.length + context) * positions + start;
        return one.subarray(first, first + sequence.length);
      };
      const letters = Array.from(CONTEXT_LETTERS[contexts]);
      const rows = new Map(letters.map((letter, context) => [letter, row(context)]));
      take({ place, label: sequence, rows });
    }
    await breath.take();
  }
}
