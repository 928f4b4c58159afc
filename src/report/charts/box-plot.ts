/**
 * Box plots: local importances per pattern, with their mean, the global importance (paper, figures 2b–d, 3c,
 * 4c).
 */
import { ShapeError } from '../../device/errors.js';
import { type Box, boxOf } from '../../gia/statistics/box.js';
import { mean } from '../../gia/statistics/line.js';
import { amount, COLOURS } from '../figures/svg.js';
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
} from './chart.js';

/** A box, its name, and the sample's mean. */
export interface BoxSummary extends Box {
  readonly name: string;
  readonly mean: number;
  readonly n: number;
}

/** The box of a sample. @throws ShapeError for an empty sample; NotFiniteError */
export const boxSummary = (name: string, values: ArrayLike<number>): BoxSummary => ({
  name,
  ...boxOf(values, name),
  mean: mean(values),
  n: values.length,
});

/** How box plots are drawn. */
export interface BoxPlotOptions extends ChartOptions {
  /** Draws the dashed line intercept + slope · i, where i = 1, 2, … counts boxes, as in figure 2b. */
  readonly fit?: { readonly slope: number; readonly intercept: number };
  /** Values that the axis includes beside those of the boxes, so that several plots have the same range. */
  readonly range?: readonly number[];
}

/**
 * One box per sample, in order; triangles are means. Values beyond the whiskers are not drawn. Boxes are
 * vertical, or horizontal where their names are too long to stand beside each other.
 *
 * @param options `xLabel` is the title of the names and `yLabel` that of the values, in either direction
 */
export async function boxPlot(
  boxes: readonly BoxSummary[],
  options: BoxPlotOptions,
): Promise<Chart<BoxSummary>> {
  const { xLabel, yLabel, fit, range } = options;
  const order = distinct(boxes.map(({ name }) => name));
  if (order.length !== boxes.length) throw new ShapeError('two boxes have the same name');
  const held = range && [...range, ...boxes.flatMap(({ low, high, mean }) => [low, high, mean])];
  const domain = held && [Math.min(...held), Math.max(...held)];
  const lying = lies(order, options.width);
  const names = category('name', xLabel, order, { axis: namesAxis(lying), scale: { padding: 0.4 } });
  const values = (field: string) =>
    quantity(field, yLabel, {
      scale: { zero: false, ...(domain && { domain, nice: true }) },
      ...(lying && { axis: { tickCount: 5 } }),
    });
  const at = (from: string, to?: string) => ({
    [lying ? 'y' : 'x']: names,
    [lying ? 'x' : 'y']: values(from),
    ...(to && { [lying ? 'x2' : 'y2']: { field: to } }),
  });
  const rule = { type: 'rule', color: 'currentColor', opacity: 0.8 };
  const line = fit && {
    data: { values: order.map((name, i) => ({ name, i, at: fit.intercept + fit.slope * (i + 1) })) },
    mark: { type: 'line', strokeDash: [5, 4], color: 'currentColor', opacity: 0.7, aria: false },
    encoding: { ...at('at'), order: { field: 'i' } },
  };
  const layer = [
    { mark: rule, encoding: { ...at('low', 'q1'), ...TIP } },
    { mark: rule, encoding: { ...at('q3', 'high'), ...TIP } },
    {
      mark: { type: 'bar', color: COLOURS.blue, fillOpacity: 0.5, stroke: 'currentColor', strokeWidth: 1 },
      encoding: { ...at('q1', 'q3'), ...TIP },
    },
    {
      mark: { type: 'tick', color: 'currentColor', thickness: 2.5, opacity: 1, bandSize: { band: 1 } },
      encoding: { ...at('median'), ...TIP },
    },
    ...(line ? [line] : []),
    {
      mark: {
        type: 'point',
        shape: 'triangle-up',
        size: 70,
        fill: COLOURS.orange,
        stroke: 'currentColor',
        strokeWidth: 1,
        opacity: 1,
      },
      encoding: { ...at('mean'), ...TIP },
    },
  ];
  const height = lying ? heightOf(order) : 240;
  return await draw(boxes, { layer }, { height, ...options }, tipOf);
}

const tipOf = ({ name, mean, median, q1, q3, n }: BoxSummary): string =>
  `${name}: mean ${amount(mean)}, median ${amount(median)}, half of the values from ${amount(q1)} to ${amount(q3)}, n = ${n.toLocaleString('en')}`;
