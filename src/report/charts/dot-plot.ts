/** Dot plots: one or two values for each of a few named things, too few for a histogram. */
import { ShapeError } from '../../device/errors.js';
import { amount, COLOURS, SERIES } from '../figures/svg.js';
import {
  type Chart,
  type ChartOptions,
  category,
  distinct,
  draw,
  heightOf,
  legendLines,
  namesAxis,
  quantity,
  TIP,
} from './chart.js';

/** One dot. */
export interface Dot {
  readonly name: string;
  readonly value: number;
  /** Dots of one series have the same colour. */
  readonly series?: string;
}

/**
 * One line per name, in order of appearance, and a dot at each of its values. The axis of the values need not
 * begin at 0.
 *
 * @param options `xLabel` is the title of the names and `yLabel` that of the values
 * @throws ShapeError for a dot given twice; NotFiniteError
 */
export async function dotPlot(dots: readonly Dot[], options: ChartOptions): Promise<Chart<Dot>> {
  const { xLabel, yLabel } = options;
  const order = distinct(dots.map(({ name }) => name));
  const series = distinct(dots.flatMap((dot) => dot.series ?? []));
  if (new Set(dots.map(({ name, series }) => JSON.stringify([name, series]))).size !== dots.length)
    throw new ShapeError('a dot is given twice');
  const values = dots.map(({ value }) => value);
  const equal = values.every((value) => value === values[0]);
  // A single value has no range.
  const around = 0.1 * Math.abs(values[0] ?? 0) || 1;
  const scale = equal ? { domain: [values[0]! - around, values[0]! + around] } : { zero: false };
  const lines = legendLines(series, order);
  const colour = {
    color: {
      field: 'series',
      type: 'nominal',
      sort: series,
      title: null,
      scale: { domain: series, range: SERIES.slice(0, series.length) },
      legend: { symbolOpacity: 1, ...lines.legend },
    },
  };
  return await draw(
    dots,
    {
      mark: {
        type: 'circle',
        size: 70,
        opacity: 0.9,
        ...(series.length > 0 ? {} : { color: COLOURS.blue }),
      },
      encoding: {
        x: quantity('value', yLabel, { scale: { ...scale, padding: 8 }, axis: { tickCount: 5 } }),
        y: category('name', xLabel, order, { axis: { ...namesAxis(true), grid: true } }),
        ...(series.length > 0 ? colour : {}),
        ...TIP,
      },
    },
    { height: heightOf(order) + (series.length > 0 ? 24 : 0) + lines.height, ...options },
    ({ name, value, series }) => `${series === undefined ? name : `${name}, ${series}`}: ${amount(value)}`,
  );
}
