/** Columns that several tables of a report share, and what their headings mean. */
import type { TableColumn } from './page.js';
import { fixed } from './svg.js';

export const HINTS = {
  interval: '95 % confidence interval of the mean over backgrounds',
  sd: 'standard deviation over backgrounds',
  d: 'Cohen\u2019s d: the mean difference, in standard deviations of the difference over backgrounds',
  q: 'p value of a t test over backgrounds, corrected for the number of tests (Benjamini and Hochberg)',
} as const;

/** The ends of a confidence interval; sorts by its lower one, and is empty where there is none. */
export const intervalColumn = <
  Row extends { readonly ciLow?: number | undefined; readonly ciHigh?: number | undefined },
>(): TableColumn<Row> => ({
  heading: '95 % interval',
  hint: HINTS.interval,
  value: ({ ciLow }) => ciLow ?? Number.NaN,
  cell: ({ ciLow, ciHigh }) =>
    ciLow === undefined || ciHigh === undefined ? '' : `${fixed(ciLow, 3)} to\u00a0${fixed(ciHigh, 3)}`,
  wraps: true,
});
