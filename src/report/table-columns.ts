/** Columns that several tables of a report share, and what their headings mean. */

import { fixed } from './figures/svg.js';
import type { TableColumn } from './page/page.js';

export const HINTS = {
  interval: '95 % confidence interval of the mean over backgrounds',
  sd: 'standard deviation over backgrounds',
  d: 'Cohen\u2019s d: the mean difference, in standard deviations of the difference over backgrounds',
  q: 'p value of a t test over backgrounds, corrected for the number of tests (Benjamini and Hochberg)',
} as const;

/**
 * The ends of a confidence interval; a heading sorts by its lower one, and a cell is empty where there is
 * none.
 */
type Interval = { readonly ciLow?: number | undefined; readonly ciHigh?: number | undefined };

/** @param of where a row has its interval. Default in the row itself */
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

/** A number with so many digits after the point. */
export const numberColumn = <Row>(
  heading: string,
  value: (row: Row) => number,
  digits: number,
): TableColumn<Row> => ({ heading, value, cell: (row) => fixed(value(row), digits) });
