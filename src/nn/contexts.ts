/**
 * Which structure contexts the channels of a model stand for, and profiles of sequences that come without.
 */

import * as check from '../device/check.js';
import type { Gpu } from '../device/gpu.js';
import type { Architecture } from './architecture.js';
import { foldProfiles } from './folding/fold-profiles.js';
import { type Contexts, type Energies, TURNER_1999 } from './folding/folding.js';
import type { Sequences } from './sequences.js';

/** How sequences without profiles are folded. */
export interface StructureOptions {
  /** Default: Turner 1999. */
  readonly energies?: Energies | undefined;
  /** Ends the folding with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Sequences folded so far, and all of them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The name of the energies that sequences are folded with unless others are given. */
export const DEFAULT_ENERGIES = TURNER_1999.name;

/**
 * Paired and unpaired (6 channels), or paired, hairpin, internal, multi and external (9 channels); undefined
 * for a model of letters alone.
 */
export function contextsOf({ channels }: Pick<Architecture, 'channels'>): Contexts | undefined {
  if (channels === 6) return 'pu';
  return channels === 9 ? 'phime' : undefined;
}

/**
 * Sequences as a network takes them: with their structure profiles, folded on the GPU where the network takes
 * structure and the sequences have none; otherwise as they are.
 *
 * @throws as `foldProfiles`
 * @example
 * const train = await nn.withStructure(gpu, model.architecture, experiment.train);
 */
export async function withStructure<T extends Sequences>(
  gpu: Gpu,
  architecture: Pick<Architecture, 'length' | 'channels'>,
  sequences: T,
  options: StructureOptions = {},
): Promise<T & Sequences> {
  check.object(architecture, check.argument('architecture'));
  check.object(sequences, check.argument('sequences'));
  const contexts = contextsOf(architecture);
  if (!contexts || sequences.profile) return sequences;
  const { length } = architecture;
  return {
    ...sequences,
    profile: await foldProfiles(gpu, sequences.codes, { ...options, length, contexts }),
  };
}
