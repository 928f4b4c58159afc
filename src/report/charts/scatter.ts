/** Scatter plots with a least-squares line: predicted against measured, importance against affinity (figures 2a,f, 3a). */
import { fitLine, type LineFit } from '../../gia/line.js';
import { amount, COLOURS, fixed } from '../svg.js';
import { type Chart, type ChartOptions, distinct, draw, quantity, TIP, WIDTH } from './chart.js';

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Gives the point its colour. */
  readonly series?: string;
  /** Written beside the point, and in its tip. */
  readonly label?: string;
  /** What its tip calls it. */
  readonly name?: string;
}

/** Pixels a letter of a label takes. */
const LETTER = 8;

/** More points than these are drawn smaller, and have no tips. */
const MANY = 500;

export interface ScatterOptions extends ChartOptions {
  /** Most points drawn, evenly chosen from all; default 3,000. The line is fitted to all of them. */
  readonly most?: number;
}

/**
 * Points, their least-squares line (dashed) and Pearson's r written above. `rows` holds all points; where not all are
 * drawn, the text says how many are.
 *
 * @throws ShapeError for fewer than two points or a single x; NotFiniteError
 */
export async function scatterPlot(
  points: readonly Point[],
  options: ScatterOptions,
): Promise<Chart<Point> & { readonly fit: LineFit }> {
  const { xLabel, yLabel, most = 3000 } = options;
  const fit = fitLine(
    points.map(({ x }) => x),
    points.map(({ y }) => y),
  );
  const step = Math.max(1, Math.ceil(points.length / most));
  const drawn = sided(points.filter((_, i) => i % step === 0));
  const series = distinct(points.flatMap((point) => point.series ?? []));
  const low = points.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY);
  const high = points.reduce((greatest, { x }) => Math.max(greatest, x), Number.NEGATIVE_INFINITY);
  const ends = [low, high].map((x) => ({ x, y: fit.intercept + fit.slope * x }));
  const longest = Math.max(0, ...drawn.map(({ label = '' }) => label.length));
  const x = quantity('x', xLabel, { scale: { zero: false, padding: 6 + LETTER * longest } });
  const y = quantity('y', yLabel, { scale: { zero: false, padding: 6 } });
  const many = drawn.length > MANY;
  const colour = {
    color: { field: 'series', type: 'nominal', sort: series, title: null, legend: { symbolOpacity: 1 } },
  };
  const chart = await draw(
    drawn,
    {
      title: {
        text: `${Number.isNaN(fit.r) ? 'r undefined' : `r = ${fixed(fit.r, 3)}`}, n = ${fit.n.toLocaleString('en')}${step > 1 ? ` (${drawn.length.toLocaleString('en')} drawn)` : ''}`,
        color: 'currentColor',
        fontSize: 12,
        fontWeight: 'normal',
        anchor: 'start',
      },
      layer: [
        {
          mark: {
            type: 'circle',
            size: many ? 10 : 32,
            opacity: many ? 0.45 : 0.8,
            aria: !many,
            ...(series.length > 0 ? {} : { color: COLOURS.blue }),
          },
          encoding: { x, y, ...(series.length > 0 ? colour : {}), ...(many ? {} : TIP) },
        },
        ...(drawn.some(({ label }) => label !== undefined)
          ? [
              {
                mark: {
                  type: 'text',
                  align: { expr: "datum.side > 0 ? 'left' : 'right'" },
                  dx: { expr: '7 * datum.side' },
                  color: 'currentColor',
                  fontSize: 11,
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
  return { ...chart, rows: points, fit };
}

/** Points with the side of their label, 1 for the right and -1 for the left: the other one for each next x, so that neighbours do not cover each other's. */
function sided(points: readonly Point[]): readonly (Point & { readonly side?: number })[] {
  if (points.every(({ label }) => label === undefined)) return points;
  const order = [...points.keys()].sort((a, b) => points[a]!.x - points[b]!.x);
  const ranks = new Map(order.map((point, rank) => [point, rank]));
  return points.map((point, i) => ({ ...point, side: ranks.get(i)! % 2 === 0 ? 1 : -1 }));
}
