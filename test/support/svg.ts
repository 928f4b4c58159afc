/** Reading pictures back: well-formed SVG as elements, and labels that try to break them. */

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { expect } from 'vitest';

type Node = { readonly [name: string]: unknown };

export type Attributes = Readonly<Record<string, string>>;

/** Elements of a well-formed SVG in document order, with the text in them; attributes have no prefix. */
export function elementsOf(svg: string): readonly { tag: string; attributes: Attributes; text: string }[] {
  expect(XMLValidator.validate(svg)).toBe(true);
  const found: { tag: string; attributes: Attributes; text: string }[] = [];
  const walk = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      const tag = Object.keys(node).find((key) => key !== ':@');
      if (tag === undefined || tag.startsWith('#')) continue;
      const inner = node[tag] as Node[];
      const text = inner.map((child) => String(child['#text'] ?? '')).join('');
      found.push({ tag, attributes: (node[':@'] ?? {}) as Attributes, text });
      walk(inner);
    }
  };
  const options = {
    ignoreAttributes: false,
    attributeNamePrefix: '',
    preserveOrder: true,
    parseTagValue: false,
    trimValues: false,
  };
  walk(new XMLParser(options).parse(svg) as Node[]);
  return found;
}

/** What XML 1.0 cannot hold, and what this package holds back: other controls and marks of direction. */
export const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/u;

const PIECES = [
  ...['<', '>', '&', '"', "'", '</svg>', '<script>', ']]>', '<!--', '-->', '&#0;', '&lt;', '\\', '`'],
  ...['\u0000', '\u0007', '\u001b[31m', '\u007f', '\u009b31m', '\t', '\n', '\r', '\u2028', '\ufeff'],
  ...['\ud800', '\udc00', '\ud83d\ude00', '\ufffe', '\uffff', '\u202e', '\u2066', '\u200f', '\u061c'],
  ...[
    'clip1',
    'gradient_0',
    'url(#clip1)',
    ' id="clip1"',
    'a',
    'GCUGGC',
    ' ',
    '0',
    '日本',
    'é',
    'W'.repeat(70),
  ],
];

/** Labels of random pieces, the same for the same seed. */
export function labels(count: number, seed = 1): string[] {
  let state = seed;
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  return Array.from({ length: count }, (_, i) =>
    // Different from each other also where nothing of them can be printed.
    [...Array.from({ length: 1 + below(6) }, () => PIECES[below(PIECES.length)]!), i].join(''),
  );
}
