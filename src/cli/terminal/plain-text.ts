/**
 * Removes from text what a terminal would obey. Names of files, records and adapters come from anywhere, and
 * an escape sequence in one of them could clear the screen, rename the window or forge a line.
 */

/** Control characters but tab and line feed, line separators, and marks that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Shows them as JSON would write them. */
export const plain = (text: string): string => text.replace(OBEYED, escaped);

/** The same in one line: for names, which may contain line breaks. */
export const plainName = (name: string): string => plain(name.replace(/[\t\n]/g, escaped));

/** JSON that is safe to show and parses to the same value. */
export const plainJson = (value: unknown): string => JSON.stringify(value).replace(OBEYED, escaped);

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
