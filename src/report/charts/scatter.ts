/**
 * Scatter plots: predicted against measured, one end against the other, importance against affinity (figures
 * 2a,f, 3a).
 */
import { fitLine, type LineFit } from '../../gia/statistics/line.js';
import { amount, COLOURS, fixed, ticks } from '../figures/svg.js';
import { type Chart, type ChartOptions, distinct, draw, quantity, TIP, WIDTH } from './chart.js';
import { LABEL, placeLabels } from './labels.js';
import { thinned } from './thinning.js';

/** One point. */
export interface Point {
  readonly x: number;
  readonly y: number;
  /** Gives the point its colour. */
  readonly series?: string;
  /** Written beside the point where it covers no other label and no point, and in its tip. */
  readonly label?: string;
  /** Its name in the tip. */
  readonly name?: string;
}

/** More points than this are drawn smaller, and have no tips. */
const MANY = 500;

/** Side of the plot in which x and y have the same range, or points have labels, px. */
const SQUARE = 276;

/** Space around points with labels, as a share of their range. */
const MARGIN = 0.08;

/** How a scatter plot is drawn. */
export interface ScatterOptions extends ChartOptions {
  /**
   * Approximate greatest number of points drawn. Default 3,000. Points are left out only where they are
   * dense.
   */
  readonly most?: number;
  /**
   * The dashed line: the least-squares `line` of the points (default), or the `identity` where x and y are
   * the same quantity; both axes then have the same range.
   */
  readonly guide?: 'line' | 'identity';
  /**
   * Colours of series, in the order of the legend; points of the first series lie on top. Default: series in
   * order of appearance.
   */
  readonly colours?: Readonly<Record<string, string>>;
  /** Title of the legend. */
  readonly legend?: string;
}

/**
 * Points, a dashed guide, and Pearson's r and n written above. `rows` holds all points; where not all are
 * drawn, the text says how many are. `unlabelled` counts the labels that are not written for want of space.
 *
 * @throws ShapeError for no points; without the identity also for fewer than two or a single x;
 * NotFiniteError
 */
export async function scatterPlot(
  points: readonly Point[],
  options: ScatterOptions,
): Promise<Chart<Point> & { readonly fit: LineFit; readonly unlabelled: number }> {
  const { xLabel, yLabel, most = 3000, guide = 'line', colours, legend } = options;
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const fit = guide === 'identity' && new Set(xs).size < 2 ? noFit(points.length) : fitLine(xs, ys);
  const order = colours ? Object.keys(colours) : distinct(points.flatMap((point) => point.series ?? []));
  const chosen = thinned(points, most).map((i) => points[i]!);
  const depth = ({ series }: Point) => (colours && series !== undefined ? order.indexOf(series) : 0);
  const drawn = chosen.sort((a, b) => depth(b) - depth(a));
  const low = (axis: 'x' | 'y') =>
    points.reduce((least, point) => Math.min(least, point[axis]), Number.POSITIVE_INFINITY);
  const high = (axis: 'x' | 'y') =>
    points.reduce((greatest, point) => Math.max(greatest, point[axis]), Number.NEGATIVE_INFINITY);
  const hasLabels = drawn.some(({ label }) => label !== undefined);
  const both = roundEnds(Math.min(low('x'), low('y')), Math.max(high('x'), high('y')));
  const domains =
    guide === 'identity'
      ? { x: both, y: both }
      : { x: withMargin(low('x'), high('x')), y: withMargin(low('y'), high('y')) };
  const axisOf = (axis: 'x' | 'y', label: string) =>
    quantity(axis, label, {
      scale:
        guide === 'identity' || hasLabels
          ? { domain: domains[axis], nice: false, zero: false }
          : { zero: false, padding: 6 },
      ...(guide === 'identity' && { axis: { values: ticks(both[0]!, both[1]!, 7) } }),
    });
  const [x, y] = [axisOf('x', xLabel), axisOf('y', yLabel)];
  const places = hasLabels ? placesOf(drawn, domains) : undefined;
  const ends =
    guide === 'identity'
      ? both.map((at) => ({ x: at, y: at }))
      : [low('x'), high('x')].map((at) => ({ x: at, y: fit.intercept + fit.slope * at }));
  const many = drawn.length > MANY;
  const colour = {
    color: {
      field: 'series',
      type: 'nominal',
      sort: order,
      title: legend ?? null,
      legend: { symbolOpacity: 1 },
      ...(colours && { scale: { domain: order, range: Object.values(colours) } }),
    },
  };
  const chart = await draw(
    places ? drawn.map((point, i) => ({ ...point, ...places[i] })) : drawn,
    {
      ...((guide === 'identity' || hasLabels) && {
        width: SQUARE,
        height: SQUARE,
        autosize: { type: 'pad' },
      }),
      title: {
        text: `${correlation(fit)}n = ${fit.n.toLocaleString('en')}${drawn.length < points.length ? ` (${drawn.length.toLocaleString('en')} drawn)` : ''}`,
        color: 'currentColor',
        fontSize: 12,
        fontWeight: 'normal',
        anchor: 'start',
        frame: 'group',
      },
      layer: [
        {
          mark: {
            type: 'circle',
            size: many ? 10 : 32,
            opacity: many ? 0.45 : 0.8,
            aria: !many,
            ...(order.length > 0 ? {} : { color: COLOURS.blue }),
          },
          encoding: { x, y, ...(order.length > 0 ? colour : {}), ...(many ? {} : TIP) },
        },
        ...(hasLabels
          ? [
              {
                transform: [{ filter: 'isValid(datum.align)' }],
                mark: {
                  type: 'text',
                  align: { expr: 'datum.align' },
                  dx: { expr: 'datum.dx' },
                  dy: { expr: 'datum.dy' },
                  color: 'currentColor',
                  fontSize: LABEL.size,
                  limit: LABEL.most,
                },
                encoding: { x, y, text: { field: 'label', type: 'nominal' } },
              },
            ]
          : []),
        {
          data: { values: ends },
          mark: { type: 'line', color: 'currentColor', strokeDash: [6, 4], strokeWidth: 1.5, aria: false },
          encoding: { x, y },
        },
      ],
    },
    { height: WIDTH, ...options },
    ({ x, y, label, name = label }) =>
      `${name === undefined ? '' : `${name}: `}${xLabel} ${amount(x)}, ${yLabel} ${amount(y)}`,
  );
  const unlabelled = places
    ? drawn.filter(({ label }, i) => label !== undefined && places[i] === undefined).length
    : 0;
  return { ...chart, rows: points, fit, unlabelled };
}

const noFit = (n: number): LineFit => ({ slope: Number.NaN, intercept: Number.NaN, r: Number.NaN, n });

/** Empty for two points, which always correlate at 1 or −1. */
const correlation = ({ r, n }: LineFit): string =>
  n < 3 ? '' : Number.isFinite(r) ? `r = ${fixed(r, 3)}, ` : 'r undefined, ';

/** Round ends of an axis that holds two values with a margin. */
function roundEnds(low: number, high: number): readonly number[] {
  const [from, to] = low < high ? [low, high] : [low - 1, high + 1];
  const [first, second] = ticks(from, to, 10) as [number, number];
  const step = second - first;
  return [Math.floor(from / step) * step, Math.ceil(to / step) * step].map((end) =>
    Number(end.toPrecision(12)),
  );
}

/** Ends of an axis with space for labels on either side. */
function withMargin(low: number, high: number): readonly [number, number] {
  const margin = low < high ? MARGIN * (high - low) : Math.abs(low) || 1;
  return [low - margin, high + margin];
}

/** Where the labels of points stand. */
function placesOf(points: readonly Point[], { x, y }: Readonly<Record<'x' | 'y', readonly number[]>>) {
  const along = (value: number, [from, to]: readonly number[]) => (SQUARE * (value - from!)) / (to! - from!);
  const placed = points.map((point) => ({
    x: along(point.x, x),
    y: SQUARE - along(point.y, y),
    label: point.label,
  }));
  return placeLabels(placed, { width: SQUARE, height: SQUARE });
}
