/** Lines of a text file as the parsers want them: numbered, without comments and blank lines. */

export interface TextLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
}

/**
 * Where `#` begins a comment: on any line; or only above the first line that is none, which is a table's
 * header, so that a row whose first field begins with `#` is data.
 */
export type Comments = 'anywhere' | 'above the header';

/** Every line that is neither blank nor a `#` comment; tolerates a byte-order mark and CRLF or CR endings. */
export function* contentLines(text: string, comments: Comments = 'anywhere'): Generator<TextLine> {
  let begun = false;
  for (const line of textLines(text)) {
    const isComment = line.text.startsWith('#') && !(begun && comments === 'above the header');
    if (isComment || line.text.trim() === '') continue;
    begun = true;
    yield line;
  }
}

/** Every line, without its ending; tolerates a byte-order mark and CRLF or CR endings. */
export function* textLines(text: string): Generator<TextLine> {
  const ending = /\r\n|\n|\r/g;
  let start = text.startsWith('\uFEFF') ? 1 : 0;
  let number = 1;
  ending.lastIndex = start;
  for (let found = ending.exec(text); found; found = ending.exec(text)) {
    yield { number, text: text.slice(start, found.index) };
    start = ending.lastIndex;
    number++;
  }
  yield { number, text: text.slice(start) };
}
