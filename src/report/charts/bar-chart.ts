/** Bars with error bars: the importances of patterns and their 95 % confidence intervals. */
import { ShapeError } from '../../device/errors.js';
import { COLOURS } from '../svg.js';
import { angleFor } from './box-plot.js';
import { type Chart, type ChartOptions, category, distinct, draw, quantity } from './chart.js';

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Ends of its error bar; both or neither. */
  readonly low?: number;
  readonly high?: number;
  /** Bars of one series have one colour and stand beside those of others. */
  readonly series?: string;
}

/** Width of a bar, or of bars side by side, and the space around, px. */
const STEP = 56;

/** One bar per row, in order, from 0. @throws ShapeError for half an error bar, or a bar given twice */
export async function barChart(bars: readonly Bar[], options: ChartOptions): Promise<Chart<Bar>> {
  const { xLabel, yLabel } = options;
  const order = distinct(bars.map(({ name }) => name));
  const seen = new Set<string>();
  for (const { name, low, high, series } of bars) {
    if ((low === undefined) !== (high === undefined))
      throw new ShapeError(`bar "${name}" has half an error bar`);
    const key = JSON.stringify([name, series]);
    if (seen.has(key)) throw new ShapeError(`bar "${name}" is given twice`);
    seen.add(key);
  }
  const series = distinct(bars.flatMap((bar) => bar.series ?? []));
  const x = category('name', xLabel, order, { axis: { labelAngle: angleFor(order, STEP) } });
  const split =
    series.length > 0
      ? {
          xOffset: { field: 'series', sort: series },
          color: { field: 'series', type: 'nominal', sort: series, title: null },
        }
      : {};
  const xOffset = series.length > 0 ? { xOffset: { field: 'series', sort: series } } : {};
  const layer = [
    {
      mark: { type: 'bar', ...(series.length > 0 ? {} : { color: COLOURS.blue }) },
      encoding: { x, y: quantity('value', yLabel), ...split },
    },
    {
      transform: [{ filter: 'isValid(datum.low)' }],
      mark: { type: 'rule', color: 'currentColor', strokeWidth: 1.5 },
      encoding: { x, y: quantity('low', yLabel), y2: { field: 'high' }, ...xOffset },
    },
  ];
  return await draw(bars, { layer }, { width: Math.max(160, STEP * order.length), ...options });
}
