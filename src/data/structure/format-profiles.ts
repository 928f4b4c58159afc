/** Structure profiles as text: what `parse-profiles.ts` reads, and DLPRB's annotations. */

import { CONTEXT_LETTERS, type Contexts } from './contexts.js';

/** Digits behind the point; profiles of other programs have four. */
const DIGITS = 4;

const written = (p: number): string => String(Number(p.toFixed(DIGITS)));

/** The probabilities of one context, letter by letter. */
function contextOf(profile: Float32Array, context: number, width: number): string[] {
  const values: string[] = [];
  for (let at = context; at < profile.length; at += width) values.push(written(profile[at]!));
  return values;
}

/**
 * A sequence and its profile as DLPRB's annotations and RNAcontext have them: `>` and the letters, then a
 * line for each context, which begins with a tab.
 */
export function annotation(sequence: string, profile: Float32Array, contexts: Contexts): string {
  const letters = CONTEXT_LETTERS[contexts];
  const lines = Array.from(letters, (_, c) => `\t${contextOf(profile, c, letters.length).join('\t')}\n`);
  return `>${sequence}\n${lines.join('')}`;
}

/** The header of a table of profiles. */
export const PROFILE_HEADER = 'sequence\tcontext\tprobabilities\n';

/**
 * The rows of a sequence in a table of profiles: one for each context, its probabilities separated by blanks.
 */
export function profileRows(sequence: string, profile: Float32Array, contexts: Contexts): string {
  const letters = CONTEXT_LETTERS[contexts];
  return Array.from(
    letters,
    (letter, c) => `${sequence}\t${letter}\t${contextOf(profile, c, letters.length).join(' ')}\n`,
  ).join('');
}
