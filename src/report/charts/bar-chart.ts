/** Bars with error bars: the importances of patterns and their 95 % confidence intervals. */
import { ShapeError } from '../../device/errors.js';
import { COLOURS } from '../figures/svg.js';
import {
  type Chart,
  type ChartOptions,
  category,
  distinct,
  draw,
  heightOf,
  lies,
  namesAxis,
  quantity,
  TIP,
  withInterval,
} from './chart.js';

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Ends of its error bar; both or neither. */
  readonly low?: number;
  readonly high?: number;
  /** Bars of one series have the same colour and stand beside those of other series. */
  readonly series?: string;
}

/**
 * One bar per row, in order, from 0. Bars are vertical, or horizontal where names are long, like boxes.
 *
 * @throws ShapeError for an error bar with one end, or a bar given twice
 */
export async function barChart(bars: readonly Bar[], options: ChartOptions): Promise<Chart<Bar>> {
  const { xLabel, yLabel } = options;
  const order = distinct(bars.map(({ name }) => name));
  const seen = new Set<string>();
  for (const { name, low, high, series } of bars) {
    if ((low === undefined) !== (high === undefined))
      throw new ShapeError(`bar "${name}" has one end of an error bar; give both or neither`);
    const key = JSON.stringify([name, series]);
    if (seen.has(key)) throw new ShapeError(`bar "${name}" is given twice`);
    seen.add(key);
  }
  const series = distinct(bars.flatMap((bar) => bar.series ?? []));
  const lying = lies(order, options.width);
  const at = (from: string, to?: string) => ({
    [lying ? 'y' : 'x']: category('name', xLabel, order, { axis: namesAxis(lying) }),
    [lying ? 'x' : 'y']: quantity(from, yLabel),
    ...(to && { [lying ? 'x2' : 'y2']: { field: to } }),
    ...(series.length > 0 && { [lying ? 'yOffset' : 'xOffset']: { field: 'series', sort: series } }),
  });
  const colour =
    series.length > 0 ? { color: { field: 'series', type: 'nominal', sort: series, title: null } } : {};
  const layer = [
    {
      mark: { type: 'bar', ...(series.length > 0 ? {} : { color: COLOURS.blue }) },
      encoding: { ...at('value'), ...colour, ...TIP },
    },
    {
      transform: [{ filter: 'isValid(datum.low)' }],
      mark: { type: 'rule', color: 'currentColor', strokeWidth: 1.5 },
      encoding: { ...at('low', 'high'), ...TIP },
    },
  ];
  const height = lying ? heightOf(order) : 240;
  return await draw(bars, { layer }, { height, ...options }, tipOf);
}

const tipOf = ({ name, series, value, low, high }: Bar): string =>
  `${series === undefined ? name : `${name}, ${series}`}: ${withInterval(value, low, high)}`;
