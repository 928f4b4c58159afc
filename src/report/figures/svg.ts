/**
 * What all pictures share: SVG as text, escaped text and numbers, and colours. A picture as a file is dark on
 * white; a page shows the same picture in its own colours (`page-style.ts`).
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

/** The colours of series, in order. */
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
 * Characters that no picture or page may contain: control characters (XML 1.0 forbids most, and a terminal
 * obeys them), lone surrogates, non-characters, and marks that reverse the direction of the text after them.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** Text with a visible U+FFFD in place of every character that is not printable. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\ufffd');

/** Text for the content or the attributes of SVG and HTML. */
export const escapeXml = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);

/** Letters that are about as wide as they are high. */
const WIDE = /[MWmw@%\u2014\u2026]|[\u1100-\u11ff\u2e80-\u{10ffff}]/u;

/** Approximate width of text in a sans serif, px: there is no font to measure it with. */
export const widthOf = (text: string, size: number): number =>
  Array.from(text).reduce((sum, letter) => sum + size * (WIDE.test(letter) ? 1 : 0.6), 0);

/** Text cut to a greatest width, px; text that was cut ends in an ellipsis. */
export function cut(text: string, width: number, size: number): string {
  if (widthOf(text, size) <= width) return text;
  const letters = Array.from(text);
  while (letters.length > 0 && widthOf(`${letters.join('')}\u2026`, size) > width) letters.pop();
  return `${letters.join('')}\u2026`;
}

/** Made once: `toLocaleString` with options makes one for every number, and tables have thousands. */
const PLAIN = new Intl.NumberFormat('en', { maximumFractionDigits: 5 });

/** A number for people: three digits and a minus sign instead of a hyphen. */
export const amount = (value: number): string => {
  const rounded = Number(value.toPrecision(3));
  return (
    Math.abs(rounded) >= 1e5 || (rounded !== 0 && Math.abs(rounded) < 1e-3)
      ? rounded.toExponential()
      : PLAIN.format(rounded)
  ).replaceAll('-', '\u2212');
};

/** A number with a fixed number of digits after the point; a minus sign only where a digit is not 0. */
export const fixed = (value: number, digits: number): string =>
  value
    .toFixed(digits)
    .replace(/^-(?=[0.]*$)/, '')
    .replace('-', '\u2212');

/** A coordinate, to a ten-thousandth of a pixel. */
export const coordinate = (value: number): string => String(Number(value.toFixed(4)) + 0);

/**
 * An SVG document with an accessible name, dark on white.
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

/** About `count` round numbers along an axis: multiples of 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number, count = 4): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.9999)! * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
