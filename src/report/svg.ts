/** What all pictures here share: SVG as text, safe text and numbers in it, and colours that a light or a dark page gives. */

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

/**
 * Text and axes are drawn in `currentColor`. In a page that is the page's; for a file on its own, where the SVG is the
 * root, this makes it dark on light or light on dark, as the reader prefers.
 */
export const STANDALONE =
  '<style>svg:root{color:#1f2328}@media(prefers-color-scheme:dark){svg:root{color:#e6edf3}}</style>';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters that XML 1.0 cannot hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Text for an SVG's content or attributes. */
export const escapeXml = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (letter) => ENTITIES[letter]!);

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

/** An SVG document with an accessible name, of a class that pages can style. `content` is SVG text already. */
export function svgDocument(
  width: number,
  height: number,
  title: string,
  content: string,
  kind: string,
): string {
  const [w, h] = [coordinate(width), coordinate(height)];
  const name = escapeXml(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" class="${kind}" role="img" aria-label="${name}"><title>${name}</title>${STANDALONE}${content}</svg>\n`;
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
