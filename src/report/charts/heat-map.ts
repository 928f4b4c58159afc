/** Heat maps of signed values: mutagenesis maps and maps of two positions. */
import { ShapeError } from '../../device/errors.js';
import { amount, widthOf } from '../figures/svg.js';
import { type Chart, type ChartOptions, category, distinct, draw, TIP } from './chart.js';

/** One cell. */
export interface HeatMapCell {
  readonly x: string;
  readonly y: string;
  readonly value: number;
}

/** How a heat map is drawn. */
export interface HeatMapOptions extends ChartOptions {
  /** Beside the colour scale. */
  readonly valueLabel: string;
}

/** Largest and smallest side of a cell, and approximate width of all cells together, px. */
const CELL = { most: 28, least: 8, all: 260 };

/** Names are often capitals, which are wider than other letters. */
const NAME = 1.2;

/**
 * One cell per row, columns and lines in order of appearance. Blue is below 0, white is 0, red is above. The
 * scale is symmetric about 0, so that a colour always shows the sign. Cells that are not given stay empty.
 *
 * @throws ShapeError for a cell given twice; NotFiniteError
 */
export async function heatMap(
  cells: readonly HeatMapCell[],
  options: HeatMapOptions,
): Promise<Chart<HeatMapCell>> {
  const columns = distinct(cells.map(({ x }) => x));
  const lines = distinct(cells.map(({ y }) => y));
  if (new Set(cells.map(({ x, y }) => JSON.stringify([x, y]))).size !== cells.length)
    throw new ShapeError('a cell of the heat map is given twice');
  const most = cells.reduce((high, { value }) => Math.max(high, Math.abs(value)), 0) || 1;
  const side = Math.max(CELL.least, Math.min(CELL.most, CELL.all / columns.length));
  // Columns are as wide as their names, where all fit; else names stand upright, but numbers are left out.
  const name = NAME * Math.max(...columns.map((column) => widthOf(column, 11))) + 8;
  const step = columns.length * name <= CELL.all ? Math.max(side, name) : side;
  const labelAngle = step < name && columns.some((column) => Number.isNaN(Number(column))) ? -90 : 0;
  const { xLabel, yLabel, valueLabel, width, height } = options;
  return await draw(
    cells,
    {
      autosize: { type: 'pad' },
      ...(width === undefined && { width: { step } }),
      ...(height === undefined && { height: { step: side } }),
      mark: { type: 'rect' },
      encoding: {
        x: category('x', xLabel, columns, { axis: { labelAngle, labelOverlap: labelAngle === 0 } }),
        y: category('y', yLabel, lines, { axis: { labelOverlap: true, titlePadding: 14 } }),
        color: {
          field: 'value',
          type: 'quantitative',
          title: valueLabel,
          scale: { scheme: 'redblue', reverse: true, domain: [-most, most], domainMid: 0 },
          legend: { orient: 'top', gradientLength: 120 },
        },
        ...TIP,
      },
    },
    options,
    ({ x, y, value }) => `${x}, ${yLabel} ${y}: ${amount(value)}`,
  );
}
