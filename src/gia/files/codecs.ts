/**
 * How states of analyses are saved. `checkpoint.node.ts` writes what a codec returns, and passes it what was
 * read.
 */

import { FormatError } from '../../device/errors.js';
import { type AdaptiveSize, type AdaptiveState, checkAdaptiveState, type Round } from '../adaptive.js';
import { checkState, type StateSize, type SweepState } from '../sweep/state.js';

/** What the metadata of a checkpoint's file call its format. */
export const SWEEP_FORMAT = 'residualbind sweep 1';

/** A state as a file holds it. */
export interface Saved {
  /** Of JSON. */
  readonly facts: unknown;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

/** How a state is saved. */
export interface Codec<State> {
  /** The state as a file holds it. */
  save(state: State): Saved;
  /** @throws ResidualBindError for a state that does not belong to this work */
  load(saved: Saved): State;
}

/** States of an analysis in parts, up to the part that has begun. `sizes` are the patterns of each part. */
export const partsCodec = (
  sizes: readonly number[],
  size: Omit<StateSize, 'patterns'>,
): Codec<readonly SweepState[]> => ({
  save: (states) => ({
    facts: states.map(({ backgrounds }) => backgrounds),
    arrays: Object.fromEntries(
      states.flatMap(({ statistics, local }, i) => [
        [`statistics.${i}`, statistics],
        ...(local ? [[`local.${i}`, local] as const] : []),
      ]),
    ),
  }),
  load: ({ facts, arrays }) => {
    const begun: readonly unknown[] = Array.isArray(facts) ? facts : [];
    if (begun.length < 1 || begun.length > sizes.length)
      throw new FormatError(`the checkpoint is not of ${sizes.length} parts`);
    return begun.map((backgrounds, i) => {
      const [statistics, local] = [arrays[`statistics.${i}`], arrays[`local.${i}`]];
      if (typeof backgrounds !== 'number' || !statistics)
        throw new FormatError(`the checkpoint lacks part ${i + 1}`);
      const state = { backgrounds, statistics, ...(local && { local }) };
      checkState(state, { ...size, patterns: sizes[i]! });
      if (i < begun.length - 1 && backgrounds !== size.count)
        throw new FormatError(`the checkpoint began part ${i + 2} before the end of part ${i + 1}`);
      return state;
    });
  },
});

/** State of a search for the top patterns. */
export const roundsCodec = (size: AdaptiveSize): Codec<AdaptiveState> => ({
  save: ({ rounds, survivors, local }) => ({
    facts: rounds,
    arrays: { survivors: Float32Array.from(survivors), local },
  }),
  load: ({ facts, arrays: { survivors, local } }) => {
    if (!Array.isArray(facts) || !survivors || !local)
      throw new FormatError('the checkpoint is not of a search for the top patterns');
    if (survivors.some((pattern) => !Number.isInteger(pattern) || pattern < 0))
      throw new FormatError('the checkpoint names patterns that do not exist');
    const state = { rounds: facts as Round[], survivors: Uint32Array.from(survivors), local };
    checkAdaptiveState(state, size);
    return state;
  },
});
