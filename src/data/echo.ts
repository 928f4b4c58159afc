/** What a message repeats of its input: quoted, without control characters, and short however long the input is. */

/** Characters of a field that a message repeats. */
export const ECHOED = 80;

/** The field in double quotes, cut after 80 characters; line breaks and control characters are escaped. */
export function echo(field: string): string {
  const shown = field.length <= ECHOED ? field : `${field.slice(0, ECHOED)}…`;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
