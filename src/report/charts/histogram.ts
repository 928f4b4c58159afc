/** Histograms of one or several samples with the same bins (paper, figures 2g and 4d,e). */
import { NotFiniteError, ShapeError } from '../../device/errors.js';
import { amount, SERIES, ticks } from '../figures/svg.js';
import { type Chart, type ChartOptions, draw, legendLines, quantity, TIP } from './chart.js';

/** One bin of a histogram. */
export interface Bin {
  readonly series: string;
  /** The bin holds start ≤ value < end; the last one its end too. */
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** How a histogram is drawn. */
export interface HistogramOptions extends ChartOptions {
  /** Approximate number of bins; their edges are round numbers. Default 20. */
  readonly bins?: number;
  /** Counts on a logarithmic axis, so that a few outliers are visible beside thousands. Default false. */
  readonly logarithmic?: boolean;
}

/**
 * Counts samples in bins of equal width over the range of all of them.
 *
 * @throws ShapeError for no values; NotFiniteError
 */
export function histogramBins(samples: Readonly<Record<string, ArrayLike<number>>>, bins = 20): Bin[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [name, values] of Object.entries(samples)) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) throw new NotFiniteError(`${name}: value ${i + 1} is ${values[i]}`);
      low = Math.min(low, values[i]!);
      high = Math.max(high, values[i]!);
    }
  }
  if (low > high) throw new ShapeError('a histogram needs at least one value');
  if (!Number.isInteger(bins) || bins < 1)
    throw new ShapeError(`bins must be a whole number above 0, not ${bins}`);
  const edges = edgesOver(low, high, bins);
  return Object.entries(samples).flatMap(([series, values]) => {
    const counts = new Uint32Array(edges.length - 1);
    for (let i = 0; i < values.length; i++) {
      const after = edges.findIndex((edge) => edge > values[i]!);
      counts[(after < 0 ? edges.length - 1 : after) - 1]! += 1;
    }
    return Array.from(counts, (count, i) => ({ series, start: edges[i]!, end: edges[i + 1]!, count }));
  });
}

/** Round edges that enclose the range from low to high, at least two. */
function edgesOver(low: number, high: number, bins: number): number[] {
  if (low === high) {
    const half = low === 0 ? 0.5 : Math.abs(low) / 2;
    return [low - half, low + half];
  }
  const inner = ticks(low, high, bins);
  const step = inner.length > 1 ? inner[1]! - inner[0]! : high - low;
  const round = (value: number) => Number(value.toPrecision(12));
  const edges = inner.length > 0 ? inner : [low];
  return [
    ...(edges[0]! > low ? [round(edges[0]! - step)] : []),
    ...edges,
    ...(edges.at(-1)! < high ? [round(edges.at(-1)! + step)] : []),
  ];
}

/** One colour per sample, drawn over each other. @throws as `histogramBins` */
export async function histogram(
  samples: Readonly<Record<string, ArrayLike<number>>>,
  options: HistogramOptions,
): Promise<Chart<Bin>> {
  const rows = histogramBins(samples, options.bins);
  const names = Object.keys(samples);
  const color = {
    field: 'series',
    type: 'nominal',
    sort: names,
    title: null,
    scale: { domain: names, range: SERIES.slice(0, Math.max(names.length, 1)) },
    ...(names.length > 1 ? { legend: legendLines(names).legend } : { legend: null }),
  };
  const counts = options.logarithmic
    ? { scale: { type: 'symlog' }, axis: { values: [0, 1, 10, 100, 1e3, 1e4, 1e5, 1e6], format: ',d' } }
    : { axis: { tickMinStep: 1, format: ',d' } };
  return await draw(
    rows,
    {
      transform: [{ filter: 'datum.count > 0' }],
      mark: { type: 'bar', opacity: names.length > 1 ? 0.6 : 0.9, binSpacing: 1 },
      encoding: {
        x: quantity('start', options.xLabel, { bin: { binned: true } }),
        x2: { field: 'end' },
        y: quantity('count', options.yLabel, { stack: null, ...counts }),
        color,
        ...TIP,
      },
    },
    options,
    ({ series, start, end, count }) =>
      `${names.length > 1 ? `${series}, ` : ''}${amount(start)} to ${amount(end)}: ${count.toLocaleString('en')}`,
  );
}
