/** Lines through points with bands for their confidence: importance by position, or metrics by epoch. */
import { ShapeError } from '../../device/errors.js';
import { amount, COLOURS } from '../figures/svg.js';
import { type Chart, type ChartOptions, distinct, draw, quantity, TIP, withInterval } from './chart.js';

/** One point of a line. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Ends of its confidence interval; both or neither. */
  readonly low?: number;
  readonly high?: number;
  readonly series?: string;
}

/**
 * One line per series with its points, and a band for the intervals that are given.
 *
 * @throws ShapeError; NotFiniteError
 */
export async function lineChart(
  points: readonly LinePoint[],
  options: ChartOptions,
): Promise<Chart<LinePoint>> {
  const { xLabel, yLabel } = options;
  if (points.some(({ low, high }) => (low === undefined) !== (high === undefined)))
    throw new ShapeError('a point has one end of a confidence interval; give both or neither');
  const series = distinct(points.flatMap((point) => point.series ?? []));
  const x = quantity('x', xLabel, { scale: { zero: false, nice: false } });
  const y = (field: string) => quantity(field, yLabel, { scale: { zero: false } });
  const plain = series.length > 0 ? {} : { color: COLOURS.blue };
  const color =
    series.length > 0
      ? {
          color: {
            field: 'series',
            type: 'nominal',
            sort: series,
            title: null,
            legend: { symbolOpacity: 1 },
          },
        }
      : {};
  // A line is all points of a series, so its tip is only its name.
  const whole = {
    ...color,
    description: series.length > 0 ? { field: 'series', type: 'nominal' } : { value: yLabel },
  };
  return await draw(
    points,
    {
      layer: [
        {
          transform: [{ filter: 'isValid(datum.low)' }],
          mark: { type: 'area', opacity: 0.25, ...plain },
          encoding: { x, y: y('low'), y2: { field: 'high' }, ...whole },
        },
        { mark: { type: 'line', strokeWidth: 2, ...plain }, encoding: { x, y: y('y'), ...whole } },
        {
          mark: { type: 'point', filled: true, size: 28, opacity: 1, ...plain },
          encoding: { x, y: y('y'), ...color, ...TIP },
        },
      ],
    },
    options,
    ({ x, y, low, high, series }) =>
      `${series === undefined ? '' : `${series}, `}at ${amount(x)}: ${withInterval(y, low, high)}`,
  );
}
