/**
 * Charts from rows and a Vega-Lite specification, as SVG. The libraries are loaded with the first chart, so
 * importing this module costs nothing. No canvas and no browser are needed.
 */
import { nextTurn } from '../../device/breathe.js';
import { NotFiniteError, ShapeError } from '../../device/errors.js';
import { columnName } from '../../gia/tables/column-names.js';
import { amount, FONT, printable, SERIES, svgDocument, widthOf } from '../figures/svg.js';

/** A row of the numbers that a chart shows; undefined for a number that a row does not have. */
export type ChartRow = Readonly<Record<string, string | number | undefined>>;

/** A drawn chart and the numbers in it, for a table beside the picture. */
export interface Chart<Row extends object = ChartRow> {
  /** SVG document, dark ink on a white ground. */
  readonly svg: string;
  /** The numbers that are drawn, one row per mark. */
  readonly rows: readonly Row[];
  /** The Vega-Lite specification, its data included, as JSON. */
  readonly spec: Layers;
}

/** The options that every chart takes. */
export interface ChartOptions {
  /** Accessible name; not drawn. */
  readonly title: string;
  /** Title of the horizontal axis. */
  readonly xLabel: string;
  /** Title of the vertical axis. */
  readonly yLabel: string;
  /** Width of the picture with axes and legend, px. Default 360, which fits a telephone. */
  readonly width?: number;
  /** Height of the picture, px. Default 240. */
  readonly height?: number;
}

const THEME = {
  background: 'transparent',
  font: FONT,
  padding: 6,
  view: { stroke: null },
  range: { category: [...SERIES] },
  axis: {
    domainColor: 'currentColor',
    tickColor: 'currentColor',
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    gridColor: 'currentColor',
    gridOpacity: 0.12,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    labelLimit: 160,
    labelFlush: false,
  },
  axisX: { titleLimit: 320 },
  axisY: { titleLimit: 260 },
  header: { labelColor: 'currentColor', titleColor: 'currentColor' },
  legend: {
    orient: 'top',
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 12,
    labelLimit: 140,
    titleLimit: 300,
  },
  title: { limit: 340 },
} as const;

/** The part of a specification that charts write. */
export type Layers = Readonly<Record<string, unknown>>;

/** Default width, px. */
export const WIDTH = 360;

/** Encodes the text of a mark for a pointer and for a screen reader. */
export const TIP = { description: { field: 'tip', type: 'nominal' } } as const;

/**
 * Draws a chart.
 *
 * @param layers Vega-Lite without data, size and theme. A `width` or `height` in it is the size of the plot
 * without axes
 * @param tip the text of the marks that encode `TIP`, for a row
 * @throws NotFiniteError naming a row with a number that is not finite; ShapeError for no rows
 */
export async function draw<Row extends object>(
  rows: readonly Row[],
  layers: Layers,
  { title, width = WIDTH, height = 240 }: ChartOptions,
  tip: (row: Row) => string,
): Promise<Chart<Row>> {
  checkRows(rows);
  const { vega, compile } = await import('./vega.js');
  measureText(vega);
  // Vega never yields to the event loop, and a page has dozens of charts.
  await nextTurn();
  const spec = onOneLine({
    width,
    height,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values: rows.map((row) => ({ ...row, tip: tip(row) })) },
    ...layers,
    config: THEME,
  }) as Layers;
  const view = new vega.View(vega.parse(compile(spec as unknown as Parameters<typeof compile>[0]).spec), {
    renderer: 'none',
    logLevel: vega.Error,
  });
  try {
    return { svg: finished(await view.toSVG(), title), rows, spec };
  } finally {
    view.finalize();
  }
}

/**
 * A specification in which every text is printable and on one line: Vega-Lite writes names and titles into
 * expressions, and their parser takes U+2028 for the end of a line.
 */
const onOneLine = (spec: object): unknown =>
  JSON.parse(JSON.stringify(spec), (_, value: unknown) =>
    typeof value === 'string' ? unlikeFields(printable(value).replace(/\s/gu, ' ')) : value,
  );

/**
 * Vega looks names up in plain objects, where it would find `constructor`. The word joiner is taken out
 * again.
 */
export const unlikeFields = (name: string): string => (name in {} ? `${name}${JOINER}` : name);
const JOINER = '\u2060';

/**
 * Without a canvas Vega assumes 0.8 em per letter and leaves too much room; a sans serif has about 0.6. Text
 * with a limit is cut there, so its width is at most the limit.
 */
function measureText(vega: object): void {
  // Vega exports this, but its types do not say so.
  const { textMetrics } = vega as { textMetrics: { width: unknown; readonly estimateWidth: unknown } };
  if (textMetrics.width === textMetrics.estimateWidth)
    textMetrics.width = (
      { fontSize = 11, limit }: { readonly fontSize?: number; readonly limit?: number },
      text: unknown,
    ) => Math.min(widthOf(String(text ?? ''), fontSize), limit || Number.POSITIVE_INFINITY);
}

function checkRows(rows: readonly object[]): void {
  if (rows.length === 0) throw new ShapeError('a chart needs at least one row');
  rows.forEach((row, i) => {
    for (const [field, value] of Object.entries(row)) {
      if (typeof value === 'number' && !Number.isFinite(value))
        throw new NotFiniteError(`row ${i + 1}: ${field} is ${value}`);
    }
  });
}

/**
 * Vega's ids in the attributes that declare and use them. A label that reads the same is left as it is.
 */
const IDS =
  /(\s(?:id|clip-path|fill|stroke|mask|href|xlink:href)="(?:url\(#|#)?)((?:gradient_|clip)\d+)(?=[)"])/g;

/** Vega's SVG as a document of this package, with ids that no other picture on the page has. */
function finished(drawn: string, title: string): string {
  // Vega cuts long text between any two UTF-16 units, which may split a letter.
  const svg = printable(drawn.replaceAll(JOINER, ''));
  const { attributes, width, height, content } = SVG.exec(svg)!.groups!;
  const unique = digest(svg);
  const own = content!.replace(/<[^<>]+>/g, (tag) =>
    tag
      .replace(IDS, `$1$2-${unique}`)
      .replace(PLACE, (_, x, y) => ` transform="translate(${short(x)},${short(y)})"`),
  );
  return svgDocument(Number(width), Number(height), title, own, attributes!.trim());
}

/** Vega writes positions with up to 17 digits. */
const PLACE = /\stransform="translate\(([^,()"]+),([^,()"]+)\)"/g;
const short = (pixels: string): string => String(Number(Number(pixels).toFixed(2)));

/** Vega's output: the size of the root, and its content. */
const SVG =
  /^<svg xmlns="[^"]*"(?<attributes>[^>]*) width="(?<width>[\d.]+)" height="(?<height>[\d.]+)" viewBox="[^"]*">(?<content>.*)<\/svg>$/s;

/** FNV-1a, 32 bits. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

/**
 * Chart rows as tab-separated text. Each field is a column (`ciLow` is `ci_low`); columns are in the order in
 * which rows first have them. Numbers have all their digits.
 */
export function rowsToTsv(rows: readonly object[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: unknown) => String(value ?? '').replace(/[\t\r\n]+/g, ' ');
  const lines = rows.map((row) =>
    columns.map((column) => cell((row as Record<string, unknown>)[column])).join('\t'),
  );
  return `${[columns.map(columnName).join('\t'), ...lines].join('\n')}\n`;
}

/** `2.15`, or `2.15 (2.07 to 2.22)` where there is an interval. */
export const withInterval = (value: number, low?: number, high?: number): string =>
  low === undefined || high === undefined
    ? amount(value)
    : `${amount(value)} (${amount(low)} to ${amount(high)})`;

/** Approximate width of a letter of a label, and of the axis beside the names, px. */
const LETTER = 7;
const BESIDE = 60;

/** Whether names do not fit beside each other. Then names stand at the side, and marks are horizontal. */
export const lies = (names: readonly string[], width = WIDTH): boolean =>
  names.some((name) => name.length * LETTER > (width - BESIDE) / names.length);

/** The axis of the names. Where marks are horizontal, its title stands above them. */
export const namesAxis = (lying: boolean): object => ({
  labelAngle: 0,
  ...(lying && { titleAngle: 0, titleAlign: 'right', titleBaseline: 'bottom', titleX: -8, titleY: -4 }),
});

/** Width of a legend's entry beside its text, and height of a line of entries, px. */
const ENTRY = 46;
const ENTRY_LINE = 16;
/** Size of the text of labels, and their greatest width, px. */
const LABEL_SIZE = 11;
const LABEL_LIMIT = 160;

/**
 * The columns of a legend above a plot whose entries do not fit beside each other, and the height that its
 * further lines take.
 *
 * @param labels of the axis beside the plot
 */
export function legendLines(
  entries: readonly string[],
  labels: readonly string[] = [],
): { readonly legend: { readonly columns?: number; readonly labelLimit?: number }; readonly height: number } {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => widthOf(text, LABEL_SIZE)));
  const space = WIDTH - Math.min(LABEL_LIMIT, widest(labels));
  const columns = Math.max(1, Math.floor(space / (widest(entries) + ENTRY)));
  if (columns >= entries.length) return { legend: {}, height: 0 };
  const labelLimit = Math.floor(space / columns) - ENTRY;
  return { legend: { columns, labelLimit }, height: (Math.ceil(entries.length / columns) - 1) * ENTRY_LINE };
}

/** Height of a chart with horizontal marks, px. */
export const heightOf = (names: readonly string[]): number => 76 + 26 * names.length;

/** A Vega-Lite field definition with an axis title. */
export const quantity = (field: string, title: string, more: object = {}) => ({
  field,
  type: 'quantitative',
  title,
  ...more,
});

/** The same for names, in the order given. */
export const category = (field: string, title: string, order: readonly string[], more: object = {}) => ({
  field,
  type: 'nominal',
  title,
  sort: order,
  ...more,
});

/** Different values in order of appearance. */
export const distinct = (values: readonly string[]): string[] => [...new Set(values)];
