/** Which structure contexts the channels of a model stand for, and profiles of sequences that come without. */

import * as check from '../device/check.js';
import type { Gpu } from '../device/gpu.js';
import type { Architecture } from './architecture.js';
import { foldProfiles } from './folding/fold-profiles.js';
import type { Contexts } from './folding/folding.js';
import type { Sequences } from './sequences.js';

/**
 * Paired and unpaired (6 channels), or paired, hairpin, internal, multi and external (9 channels); undefined
 * for a model of letters alone.
 */
export function contextsOf({ channels }: Pick<Architecture, 'channels'>): Contexts | undefined {
  if (channels === 6) return 'pu';
  return channels === 9 ? 'phime' : undefined;
}

/**
 * Sequences with the structure profiles that a model takes: those given, or those that they fold to.
 *
 * @throws ShapeError or InvalidSequenceError for codes that are not sequences; CancelledError
 */
export async function withProfiles(
  gpu: Gpu,
  { length, channels }: Pick<Architecture, 'length' | 'channels'>,
  sequences: Sequences,
  signal?: AbortSignal,
): Promise<Sequences> {
  const contexts = contextsOf({ channels });
  if (!contexts) return sequences;
  const { codes, profile } = check.object(sequences, check.argument('sequences')) as unknown as Sequences;
  if (profile) return sequences;
  return { codes, profile: await foldProfiles(gpu, codes, { length, contexts, ...(signal && { signal }) }) };
}
