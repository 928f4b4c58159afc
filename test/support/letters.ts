/** Letters in what was written. */

/** Words of bases with U, alone or before a position: what RNA is written in and DNA is not. */
export const withU = (text: string): string[] =>
  text.match(/(?<![A-Za-z0-9_])[ACGTN]*U[ACGTUN]*(?![A-Za-z0-9_])/g) ?? [];

/** The same of words with T, and no other letter than those of bases. */
export const withT = (text: string): string[] =>
  text.match(/(?<![A-Za-z0-9_])[ACGUN]*T[ACGTUN]*(?![A-Za-z0-9_])/g) ?? [];

/** RNA as DNA, in the words of a text. */
export const asDna = (text: string): string =>
  text.replace(/(?<![A-Za-z0-9_])[ACGN]*U[ACGUN]*(?![A-Za-z0-9_])/g, (word) => word.replaceAll('U', 'T'));
