/** What the reports of the experiments share: captions, tables of comparisons, and numbers in sentences. */

import { describeRange } from '../../gia/backgrounds/letters.js';
import {
  type Comparison,
  type ExperimentResult,
  type ExperimentRow,
  type Labels,
  LEAST_SHARE,
  type Padding,
  SIGNIFICANT,
} from '../../gia/experiments/index.js';
import { fixed } from '../figures/svg.js';
import { sortable } from '../page/page.js';
import { structureNote } from '../structure-words.js';
import { HINTS, intervalColumn, numberColumn } from '../table-columns.js';
import { count, probability } from '../wording.js';

export const isDetected = ({ q }: { readonly q: number }): boolean => q <= SIGNIFICANT;

/** Whether a difference is too small beside an importance to be stated of one network. */
export const isSmall = (difference: number, importance: number): boolean =>
  Math.abs(difference) < LEAST_SHARE * Math.abs(importance);

/** An importance or a difference in a sentence. */
export const rounded = (value: number): string => fixed(value, 2);

export const qOf = ({ q }: { readonly q: number }): string => probability(q, 'q');

/** `95 % interval 0.66 to 0.81`, in a sentence. */
export function intervalOf({ difference, ciLow, ciHigh }: Comparison): string {
  const ends = [ciLow, ciHigh].map((end) => (difference < 0 ? -end : end)).sort((a, b) => a - b);
  return `95 % interval ${ends.map(rounded).join(' to ')}`;
}

/** Numbers that are labels: positions and dissociation constants. */
export const label = (value: number): string => String(Number(value.toPrecision(5)));

/** A label in words, and what it is about in brackets. */
export const about = (words: string, of: readonly string[]): string =>
  of.length > 0 ? `${words} (${of.join(', ')})` : words;

/** Names the letters that stand where no probe has one, where there are any. */
export const paddingOf = ({ inPadding = 0 }: { readonly inPadding?: number }): string[] =>
  inPadding > 0 ? [`${count(inPadding, 'letter')} in padding`] : [];

/** Ends a description; empty where all patterns stand within the letters of probes. */
export const paddingNote = (padding: Padding | undefined): string =>
  padding === undefined
    ? ''
    : `; ${padding.patterns.length} of ${count(padding.of, 'pattern')} have letters where no probe has one (probes have letters at positions ${describeRange(padding.letters)} only)`;

export const capitalised = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** @param description what was done, without a capital or a full stop */
export const captionOf = (
  description: string,
  { padding, backgrounds, structure }: ExperimentResult,
): string =>
  `${capitalised(description)}${paddingNote(padding)}${structureNote({ structure })}; ${count(backgrounds, 'background')}.`;

/** A row as a box of a chart. */
export const boxOfRow = (row: ExperimentRow, name: string) => {
  const { low, q1, median, q3, high, n } = row;
  return { name, low, q1, median, q3, high, mean: row.importance, n };
};

/** Under box plots. */
export const BOXES =
  'Boxes: the middle half of the local importances. Thick line: median. Triangle: mean, which is the global importance. Whiskers reach the last values within 1.5 times the height of the box.';

/** The comparisons of a result as a table of the page. */
export const comparisonTable = <Own extends Labels>(
  comparisons: readonly Comparison<Own>[],
  name: (labels: Own) => string,
): string =>
  sortable(comparisons, [
    { heading: 'comparison', cell: ({ labels }) => name(labels) },
    numberColumn<Comparison<Own>>('difference', ({ difference }) => difference, 3),
    intervalColumn<Comparison<Own>>(),
    { heading: 'd', hint: HINTS.d, cell: ({ d }) => fixed(d, 2), value: ({ d }) => d },
    { heading: 'q', hint: HINTS.q, cell: ({ q }) => probability(q, ''), value: ({ q }) => q },
  ]);

/** `slope 1.2 (95 % interval 1 to 1.4)`, for the terminal. */
export function fact(
  name: string,
  value: number | readonly number[],
  interval?: readonly [low: number, high: number],
): string {
  const text = (x: number) => (Number.isNaN(x) ? 'undefined' : String(Number(x.toPrecision(4))));
  const between =
    interval === undefined || interval.some(Number.isNaN)
      ? ''
      : interval.every(Number.isFinite)
        ? ` (95 % interval ${interval.map(text).join(' to ')})`
        : ' (95 % interval unbounded)';
  return `${name} ${[value].flat().map(text).join(', ')}${between}`;
}
