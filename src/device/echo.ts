/**
 * Quotes input in messages: without control characters, and shortened.
 */

/** Most characters of a field that a message repeats. */
export const ECHOED = 80;

/** The first 80 characters of a text, and a mark if there are more. */
export function shortened(text: string): string {
  if (text.length <= ECHOED) return text;
  // Never cut a surrogate pair, because half of one cannot be printed.
  const isHalf = /[\uD800-\uDBFF]/.test(text[ECHOED - 1]!);
  return `${text.slice(0, isHalf ? ECHOED - 1 : ECHOED)}…`;
}

/**
 * The field in double quotes, with line breaks and control characters escaped. At most 80 characters are
 * repeated, and fewer if escapes would fill several lines.
 */
export function echo(field: string): string {
  const quoted = escaped(shortened(field));
  // An escape takes up to six characters.
  return quoted.length <= 2 * ECHOED ? quoted : escaped(`${field.slice(0, ECHOED / 4)}…`);
}

const escaped = (text: string): string =>
  JSON.stringify(text).replace(
    // Terminals obey C1 controls, and direction marks reverse the text that follows.
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
