/** How the structure of sequences was treated, in words. */

import type { Treated, Treatment } from '../gia/structure.js';
import type { Architecture } from '../nn/architecture.js';
import { contextsOf } from '../nn/contexts.js';
import type { Contexts } from '../nn/folding/folding.js';

/** The structure of embedded sequences. */
export const TREATMENTS_IN_WORDS: Readonly<Record<Treatment, string>> = {
  fold: 'every embedded sequence is folded anew',
  keep: 'embedded sequences keep the structure of their background',
};

/** What structure channels stand for. */
const CONTEXTS_IN_WORDS: Readonly<Record<Contexts, string>> = {
  pu: 'probabilities of each letter to be paired or unpaired',
  phime: 'probabilities of each letter to be paired, or in a hairpin, interior, multi or exterior loop',
};

/** Ends a description; empty for models that see letters only. */
export const structureNote = ({ structure }: Treated): string =>
  structure === undefined ? '' : `; ${TREATMENTS_IN_WORDS[structure]}`;

/** The same for mutants, as a sentence that begins with a blank. */
export const mutantsNote = ({ structure }: Treated): string =>
  structure === undefined
    ? ''
    : { fold: ' Every mutant is folded anew.', keep: ' Mutants keep the structure of the sequence.' }[
        structure
      ];

/**
 * Which structure a model sees, and how that of embedded sequences was treated: a row for a list of facts.
 */
export function structureFacts(
  architecture: Pick<Architecture, 'channels'>,
  structure: Treatment | undefined,
): [string, string][] {
  const contexts = contextsOf(architecture);
  if (!contexts || structure === undefined) return [];
  return [['structure', `${CONTEXTS_IN_WORDS[contexts]}; ${TREATMENTS_IN_WORDS[structure]}`]];
}
