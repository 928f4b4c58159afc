/** Names as fields of tab-separated text. */

const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** The text with tabs and line breaks as `\t`, `\n` and `\r`, so that it stays one field of one line. */
export const tsvField = (text: string): string =>
  text.replace(/[\t\n\r]/g, (character) => ESCAPES[character]!);
