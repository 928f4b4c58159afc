/**
 * Results of experiments in the letters that they are to be written in. Results hold RNA letters; files, the
 * terminal and pages take them from here.
 */

import { type Alphabet, spellName } from '../../data/sequences/letters.js';
import type { Written } from '../model.js';

interface Labelled {
  readonly labels: Readonly<Record<string, string | number | undefined>>;
}

/** The parts of a result that may hold letters. */
export interface Spellable extends Written {
  readonly design: object;
  readonly rows: readonly Labelled[];
  readonly comparisons: readonly Labelled[];
  readonly across?: readonly Labelled[];
  readonly padding?: { readonly patterns: readonly string[] };
}

/** The same result with its motifs, patterns and letters spelled in its alphabet. */
export function spelledResult<Result extends Spellable>(result: Result): Result {
  const { alphabet, design, rows, comparisons, across, padding } = result;
  if (alphabet === undefined) return result;
  const labelled = (all: readonly Labelled[]) =>
    all.map((row) => ({ ...row, labels: spelledFields(row.labels, alphabet) }));
  return {
    ...result,
    design: spelledFields(design, alphabet),
    rows: labelled(rows),
    comparisons: labelled(comparisons),
    ...(across && { across: labelled(across) }),
    ...(padding && {
      padding: { ...padding, patterns: padding.patterns.map((name) => spellName(name, alphabet)) },
    }),
  };
}

/** Identifiers and numbers stay: no identifier is made of letters of bases alone. */
const spelledFields = (fields: object, alphabet: Alphabet): Record<string, string | number | undefined> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? spellName(value, alphabet) : value,
    ]),
  );
