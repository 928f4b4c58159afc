/** Lines of a text file as the parsers want them: numbered, without comments and blank lines. */

export interface TextLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
}

/** Every line that is neither blank nor a `#` comment; tolerates a byte-order mark and CRLF or CR endings. */
export function* contentLines(text: string): Generator<TextLine> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() !== '' && !line.startsWith('#')) yield { number: index + 1, text: line };
  }
}
