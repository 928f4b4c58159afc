/** Box plots: local importances per pattern, with their mean, the global importance (paper, figures 2b–d, 3c, 4c). */
import { percentile } from '../../data/transform.js';
import { NotFiniteError, ShapeError } from '../../device/errors.js';
import { COLOURS } from '../svg.js';
import { type Chart, type ChartOptions, category, distinct, draw, quantity } from './chart.js';
import { mean } from './fit.js';

/** Tukey's summary of a sample: quartiles, and whiskers at the last values within 1.5 interquartile ranges of them. */
export interface BoxSummary {
  readonly name: string;
  readonly low: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly high: number;
  readonly mean: number;
  readonly n: number;
}

/** Summarises a sample; quartiles are interpolated as numpy does. @throws ShapeError for none; NotFiniteError */
export function boxSummary(name: string, values: ArrayLike<number>): BoxSummary {
  const n = values.length;
  if (n === 0) throw new ShapeError(`${name}: a box needs at least one value`);
  const sorted = Float64Array.from(values).sort();
  if (!sorted.every(Number.isFinite)) throw new NotFiniteError(`${name}: a value is not finite`);
  const [q1, median, q3] = [25, 50, 75].map((p) => percentile(sorted, p)) as [number, number, number];
  const reach = 1.5 * (q3 - q1);
  const low = sorted.find((value) => value >= q1 - reach)!;
  const high = sorted.findLast((value) => value <= q3 + reach)!;
  return { name, low, q1, median, q3, high, mean: mean(sorted), n };
}

export interface BoxPlotOptions extends ChartOptions {
  /** Draws the dashed line intercept + slope · i, where i = 1, 2, … counts boxes, as in figure 2b. */
  readonly fit?: { readonly slope: number; readonly intercept: number };
}

/** One box per sample, in order; triangles are means. Values beyond the whiskers are not drawn. */
export async function boxPlot(
  boxes: readonly BoxSummary[],
  options: BoxPlotOptions,
): Promise<Chart<BoxSummary>> {
  const { xLabel, yLabel, fit } = options;
  const order = distinct(boxes.map(({ name }) => name));
  if (order.length !== boxes.length) throw new ShapeError('two boxes have the same name');
  const x = category('name', xLabel, order, {
    axis: { labelAngle: angleFor(order, STEP) },
    scale: { padding: 0.4 },
  });
  const y = (field: string) => quantity(field, yLabel, { scale: { zero: false } });
  const rule = { type: 'rule', color: 'currentColor', opacity: 0.8 };
  const line = fit && {
    data: { values: order.map((name, i) => ({ name, at: fit.intercept + fit.slope * (i + 1) })) },
    mark: { type: 'line', strokeDash: [5, 4], color: 'currentColor', opacity: 0.7 },
    encoding: { x, y: y('at') },
  };
  const layer = [
    { mark: rule, encoding: { x, y: y('low'), y2: { field: 'q1' } } },
    { mark: rule, encoding: { x, y: y('q3'), y2: { field: 'high' } } },
    {
      mark: { type: 'bar', color: COLOURS.blue, fillOpacity: 0.45, stroke: COLOURS.blue, strokeWidth: 1 },
      encoding: { x, y: y('q1'), y2: { field: 'q3' } },
    },
    {
      mark: { type: 'tick', color: COLOURS.red, thickness: 2, bandSize: { band: 1 } },
      encoding: { x, y: y('median') },
    },
    ...(line ? [line] : []),
    {
      mark: { type: 'point', shape: 'triangle-up', filled: true, size: 70, color: COLOURS.green, opacity: 1 },
      encoding: { x, y: y('mean') },
    },
  ];
  return await draw(boxes, { layer }, { width: Math.max(160, STEP * boxes.length), ...options });
}

/** Names wider than their band are turned. */
export const angleFor = (names: readonly string[], step: number): number =>
  names.some((name) => name.length * LETTER > step) ? -35 : 0;

/** About the width of a letter of a label, px. */
const LETTER = 7.5;

/** Width of a box and the space around it, px. */
const STEP = 62;
