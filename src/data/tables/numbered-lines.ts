/**
 * Sequence lines as GenBank and EMBL lay them out: in groups of ten letters, with the count of letters at one
 * end.
 */

/**
 * The letters of a line without blanks, and without a number at its beginning that says which letter comes
 * first, or at its end that says how many there are by then. Any other number stays, so that the reader
 * refuses it.
 *
 * @param before letters of the record above this line
 */
export function withoutNumbers(row: string, before: number): string {
  const groups = row.split(/\s+/);
  if (groups.length === 1) return row;
  if (groups[0] === String(before + 1)) groups.shift();
  const letters = groups.slice(0, -1).reduce((sum, { length }) => sum + length, before);
  if (groups.at(-1) === String(letters)) groups.pop();
  return groups.join('');
}
