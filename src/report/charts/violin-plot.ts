/** Box-violin plots: the distribution of many values for each of a few named things (paper, figure 1a). */
import { ShapeError } from '../../device/errors.js';
import { COLOURS } from '../figures/svg.js';
import { type BoxSummary, boxSummary } from './box-plot.js';
import {
  type Chart,
  type ChartOptions,
  draw,
  heightOf,
  namesAxis,
  quantity,
  TIP,
  unlikeFields,
  withInterval,
} from './chart.js';

/** Samples of fewer values have a dot for each instead of a violin. */
const FEW = 10;

/** Greatest half width of a violin, as a share of the distance between two. */
const HALF = 0.4;

/** Points along a violin. */
const STEPS = 60;

/** Half of a violin's outline: density at `value`, 1 at its widest. */
export interface Density {
  readonly value: number;
  readonly density: number;
}

/**
 * Kernel density estimate over the range of a sample, relative to its maximum. The kernel is Gaussian, and
 * its width is 0.9 · min(s.d., interquartile range / 1.34) · n^(−1/5) (B. W. Silverman, Density Estimation,
 * 1986, equation 3.31).
 *
 * @returns no points if all values are equal
 * @throws ShapeError for an empty sample; NotFiniteError
 */
export function densityOf(values: readonly number[]): Density[] {
  const { q1, q3, mean } = boxSummary('density', values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const spread = q3 > q1 ? Math.min(deviation, (q3 - q1) / 1.34) : deviation;
  if (!(spread > 0)) return [];
  const width = 0.9 * spread * values.length ** -0.2;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const value = low + ((high - low) * i) / STEPS;
    const density = values.reduce((sum, at) => sum + Math.exp(-0.5 * ((value - at) / width) ** 2), 0);
    return { value, density };
  });
  const most = Math.max(...points.map(({ density }) => density));
  return points.map(({ value, density }) => ({ value, density: density / most }));
}

/**
 * One horizontal violin per sample, in order, around its box; the red line is the median and the triangle the
 * mean. All violins are equally wide at their widest. Samples of fewer than ten values are dots.
 *
 * @param options `xLabel` is the title of the names and `yLabel` that of the values
 * @returns `rows` are the boxes
 * @throws ShapeError for no samples, or an empty one; NotFiniteError
 */
export async function violinPlot(
  samples: Readonly<Record<string, readonly number[]>>,
  options: ChartOptions,
): Promise<Chart<BoxSummary>> {
  const names = Object.keys(samples);
  if (names.length === 0) throw new ShapeError('a violin plot needs at least one sample');
  const { xLabel, yLabel } = options;
  const boxes = names.map((name) => boxSummary(name, samples[name]!));
  const y = {
    field: 'at',
    type: 'quantitative',
    title: xLabel,
    scale: { domain: [-0.5, names.length - 0.5], reverse: true, nice: false, zero: false },
    axis: {
      ...namesAxis(true),
      values: names.map((_, i) => i),
      labelExpr: `${JSON.stringify(names.map(unlikeFields))}[datum.value]`,
      grid: false,
      ticks: false,
      domain: false,
    },
  };
  const x = (field: string) =>
    quantity(field, yLabel, { scale: { zero: false, nice: true }, axis: { tickCount: 5 } });
  const outline = names.flatMap((name, at) =>
    (samples[name]!.length < FEW ? [] : densityOf(samples[name]!)).map(({ value, density }) => ({
      name,
      value,
      at: at - HALF * density,
      to: at + HALF * density,
    })),
  );
  const dots = names.flatMap((name, at) =>
    samples[name]!.length < FEW ? samples[name]!.map((value) => ({ name, value, at })) : [],
  );
  const between = (from: string, to: string) => ({ x: x(from), x2: { field: to }, y, ...TIP });
  const layer = [
    ...(outline.length > 0
      ? [
          {
            data: { values: outline },
            mark: { type: 'area', orient: 'vertical', color: COLOURS.blue, opacity: 0.35, aria: false },
            encoding: { x: x('value'), y, y2: { field: 'to' }, detail: { field: 'name', type: 'nominal' } },
          },
        ]
      : []),
    { mark: { type: 'rule', color: 'currentColor' }, encoding: between('low', 'high') },
    { mark: { type: 'rule', color: COLOURS.blue, strokeWidth: 7 }, encoding: between('q1', 'q3') },
    ...(dots.length > 0
      ? [
          {
            data: { values: dots },
            mark: { type: 'circle', color: 'currentColor', size: 22, opacity: 0.8, aria: false },
            encoding: { x: x('value'), y },
          },
        ]
      : []),
    {
      mark: { type: 'tick', orient: 'vertical', color: COLOURS.red, thickness: 2.5, size: 16, opacity: 1 },
      encoding: { x: x('median'), y, ...TIP },
    },
    {
      mark: {
        type: 'point',
        shape: 'triangle-up',
        size: 45,
        fill: COLOURS.orange,
        stroke: 'currentColor',
        strokeWidth: 1,
        opacity: 1,
      },
      encoding: { x: x('mean'), y, ...TIP },
    },
  ];
  const chart = await draw(
    boxes.map((box, at) => ({ ...box, at })),
    { layer },
    { height: heightOf(names) + 14 * names.length, ...options },
    ({ name, mean, median, q1, q3, n }) =>
      `${name}: mean ${withInterval(mean)}, median and quartiles ${withInterval(median, q1, q3)}, n = ${n.toLocaleString('en')}`,
  );
  return { ...chart, rows: boxes };
}
