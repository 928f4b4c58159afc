/** Columns that several tables of a report share, and the meaning of their headings. */

import { fixed } from './figures/svg.js';
import type { TableColumn } from './page/page.js';

export const HINTS = {
  interval: '95 % confidence interval of the mean over backgrounds',
  sd: 'standard deviation over backgrounds',
  d: 'Cohen\u2019s d: the mean difference, in standard deviations of the difference over backgrounds',
  q: 'p value of a t test over backgrounds, corrected for the number of tests (Benjamini and Hochberg)',
} as const;

/**
 * The ends of a confidence interval. A column sorts by the lower end; a cell without an interval is empty.
 */
type Interval = { readonly ciLow?: number | undefined; readonly ciHigh?: number | undefined };

/** @param of the interval of a row. Default the row's own */
export const intervalColumn = <Row = Interval>(
  of: (row: Row) => Interval = (row) => row as Interval,
): TableColumn<Row> => ({
  heading: '95 % interval',
  hint: HINTS.interval,
  value: (row) => of(row).ciLow ?? Number.NaN,
  cell: (row) => {
    const { ciLow, ciHigh } = of(row);
    return ciLow === undefined || ciHigh === undefined
      ? ''
      : `${fixed(ciLow, 3)} to\u00a0${fixed(ciHigh, 3)}`;
  },
  wraps: true,
});

/** @param digits after the point @param hint what the heading means */
export const numberColumn = <Row>(
  heading: string,
  value: (row: Row) => number,
  digits: number,
  hint?: string,
): TableColumn<Row> => ({
  heading,
  ...(hint !== undefined && { hint }),
  value,
  cell: (row) => fixed(value(row), digits),
});
