/**
 * What all pictures here share: SVG as text, safe text and numbers in it, and colours. A picture by itself is
 * dark ink on a white ground; a page shows the same picture in its own colours (`page-style.ts`).
 */

/** Colours of every exported picture, whatever the reader's system prefers. */
export const INK = '#1f2328';
export const GROUND = '#ffffff';

/** Data colours, each at least 3:1 against white and against #121212 (WCAG 2.2, 1.4.11). */
export const COLOURS = {
  blue: '#3d85c6',
  orange: '#cf6f00',
  green: '#12934a',
  red: '#dc3d43',
  purple: '#9266cc',
  grey: '#7d8590',
} as const;

/** Series take these in turn. */
export const SERIES: readonly string[] = [
  COLOURS.blue,
  COLOURS.orange,
  COLOURS.green,
  COLOURS.purple,
  COLOURS.red,
  COLOURS.grey,
];

export const FONT = 'system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Characters that no picture or page may hold: control characters (XML 1.0 forbids most, and a terminal obeys
 * them), lone surrogates, non-characters, and marks that change the direction in which the text after them is
 * read.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** Text with a visible U+FFFD in place of every character that is not printable. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');

/** Text for the content or the attributes of SVG and HTML. */
export const escapeXml = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);

/** Letters that are about as wide as high. */
const WIDE = /[MWmw@%\u2014\u2026]|[\u1100-\u11ff\u2e80-\u{10ffff}]/u;

/** About the width of text in a sans serif, px: no font is at hand to measure it. */
export const widthOf = (text: string, size: number): number =>
  Array.from(text).reduce((sum, letter) => sum + size * (WIDE.test(letter) ? 1 : 0.6), 0);

/** Text of at most a width, px; where it was cut it ends in an ellipsis. */
export function cut(text: string, width: number, size: number): string {
  if (widthOf(text, size) <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 0 && widthOf(`${letters.join('')}\u2026`, size) > width) letters.pop();
  return `${letters.join('')}\u2026`;
}

/** A number for people: three digits, a proper minus. */
export const amount = (value: number): string => {
  const rounded = Number(value.toPrecision(3));
  return (
    Math.abs(rounded) >= 1e5 || (rounded !== 0 && Math.abs(rounded) < 1e-3)
      ? rounded.toExponential()
      : rounded.toLocaleString('en', { maximumFractionDigits: 5 })
  ).replaceAll('-', '\u2212');
};

/** A number with so many digits after the point, and a proper minus where any digit is left of it. */
export const fixed = (value: number, digits: number): string =>
  value
    .toFixed(digits)
    .replace(/^-(?=[0.]*$)/, '')
    .replace('-', '\u2212');

/** A coordinate, to a ten-thousandth of a pixel. */
export const coordinate = (value: number): string => String(Number(value.toFixed(4)) + 0);

/**
 * An SVG document with an accessible name, in ink on a ground.
 *
 * @param attributes of the root, XML text
 * @param content of the root, XML text
 */
export function svgDocument(
  width: number,
  height: number,
  title: string,
  content: string,
  attributes: string,
): string {
  const [w, h] = [coordinate(width), coordinate(height)];
  const name = escapeXml(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" color="${INK}" role="img" aria-label="${name}" ${attributes}><title>${name}</title><rect class="ground" width="${w}" height="${h}" fill="${GROUND}"/>${content}</svg>\n`;
}

/** Round numbers that divide an axis: multiples of 1, 2 or 5 times a power of ten, about `count` of them. */
export function ticks(low: number, high: number, count = 4): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.9999)! * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
