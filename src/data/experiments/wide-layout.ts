/**
 * Which columns of a table hold sequences, sets and the scores of many experiments, from its first lines.
 * `columns.ts` recognises sequences and sets.
 */
import { FormatError } from '../../device/errors.js';
import { chosenNames } from '../chosen-names.js';
import { echo } from '../echo.js';
import {
  type ColumnChoice,
  checkDistinct,
  chosenPlace,
  hasHeaderRow,
  type Layout,
  layoutOf,
} from '../tables/columns.js';
import type { Delimited, Row } from '../tables/delimited.js';
import { isMissing } from '../tables/missing.js';
import { isOtherNumber, numberAdvice, readNumber } from '../tables/numbers.js';
import { flagOf, isFlag, isPlaceName, isScore, isScoreName } from '../tables/recognise.js';
import { listed } from './experiment-set.js';

/** The column of an experiment. Places count from 0. */
export interface ScoreColumn {
  readonly name: string;
  readonly place: number;
  /** The column that marks its spoilt spots; −1 where there is none. */
  readonly flag: number;
}

/** Where everything is in a table of many experiments. */
export interface WideLayout extends Pick<Layout, 'hasHeader' | 'width' | 'sequence' | 'set' | 'pool'> {
  readonly columns: readonly ScoreColumn[];
  /** Columns of numbers that are not read as scores. */
  readonly passedOver: readonly string[];
  /** Columns without any value in the table's first lines, which are not read as scores either. */
  readonly empty: readonly string[];
  /** Columns of numbers that have something else too, which are not read as scores. */
  readonly mixed: readonly MixedColumn[];
}

/** A column of which at least half of the values are numbers, and its first value that is none. */
export interface MixedColumn {
  readonly name: string;
  readonly field: string;
  /** Of the file. */
  readonly line: number;
}

/**
 * The layout of a table. Without a choice, the scores are the columns whose names are those of experiments
 * or scores (`RNCMPT00001`, `HybID00025`, `intensity` …); where there is none, all columns of numbers.
 *
 * @param table its first lines
 * @param choice `score` names columns, separated by commas
 * @param needsSequence false for a table of scores whose sequences are in another file
 * @throws FormatError where columns are missing or not clear, naming the option that chooses
 */
export function wideLayout(
  table: Delimited,
  source: string,
  choice: ColumnChoice,
  needsSequence = true,
): WideLayout {
  const [first] = table.rows();
  if (!first) throw new FormatError(`${source}: the table is empty`);
  const where = `${source}:${first.number}`;
  if (!hasHeaderRow(table, choice)) return withoutHeader(table, source, choice, needsSequence);
  const names = first.fields;
  const { score, ...others } = choice;
  const layout = needsSequence
    ? layoutOf(table, source, others, { needs: ['sequence'] })
    : { hasHeader: true, width: names.length, sequence: -1, set: -1, pool: -1 };
  // R names the rows but not their column: then every row has a field more than the header.
  const shift = layout.width > names.length && layout.sequence >= 0 ? shiftOf(table, names.length) : 0;
  const taken = [layout.sequence, layout.set, layout.pool].map((at) => at - shift);
  const { places, passedOver, empty, mixed } =
    score === undefined
      ? recognised(table, names, taken, shift)
      : { places: chosenPlaces(score, names, where), passedOver: [], empty: [], mixed: [] };
  if (places.length === 0 && mixed[0])
    throw new FormatError(`${source}:${mixed[0].line}: ${mixedMessage(mixed[0])}`);
  const wrong = places.length === 0 ? wrongScore(table, names, shift) : undefined;
  if (wrong) throw new FormatError(`${source}:${wrong}`);
  if (places.length === 0)
    throw new FormatError(
      `${where}: no column holds scores; its columns are ${listed(names)}; choose some with --score-column A,B,…${needsSequence ? ', or give the scores in a second file with --scores <file>' : ''}`,
    );
  const columns = places.map((place) => {
    const name = names[place]!;
    const flag = flagOf(names, name);
    return { name, place: place + shift, flag: flag < 0 ? -1 : flag + shift };
  });
  return { ...layout, columns, passedOver, empty, mixed };
}

/** The first value that is no score in a column whose name says that it holds scores: line and message. */
function wrongScore(table: Delimited, names: readonly string[], shift: number): string | undefined {
  const at = names.findIndex(isScoreName);
  if (at < 0) return undefined;
  const bad = [...table.rows()].slice(1).find(({ fields }) => !isScore(fields[at + shift] ?? ''));
  if (!bad) return undefined;
  const field = bad.fields[at + shift]!;
  return `${bad.number}: expected a score in column ${at + shift + 1} (${echo(names[at]!)}), found ${echo(field)}${numberAdvice(field)}`;
}

/** The columns that a choice names. A single name may have commas of its own. */
function chosenPlaces(score: string, names: readonly string[], where: string): number[] {
  const places = chosenNames(score, names).map((name) => chosenPlace(name, names, 'score', where));
  checkDistinct(places, names, where);
  return places;
}

/** Whether the rows have a name in front that the header has no column for. */
function shiftOf(table: Delimited, width: number): 0 | 1 {
  const [, second] = table.rows();
  return second?.fields.length === width + 1 && second.fields.at(-1) !== '' ? 1 : 0;
}

/** Score columns by name, else by their values in the first rows. */
function recognised(
  table: Delimited,
  names: readonly string[],
  taken: readonly number[],
  shift: number,
): Pick<WideLayout, 'passedOver' | 'empty' | 'mixed'> & { readonly places: readonly number[] } {
  const rows = [...table.rows()].slice(1);
  const free = names.flatMap((name, at) => (taken.includes(at) || isFlag(name) ? [] : [at]));
  const numeric = free.filter((at) => {
    const values = rows.map(({ fields }) => fields[at + shift] ?? '');
    // A number in another notation is an error, which is found with its line when the column is read.
    const hasNumber = values.some((value) => readNumber(value) !== undefined || isOtherNumber(value));
    // In a column whose name says that it holds scores, what is no number is an error, to be found with its
    // line.
    if (isScoreName(names[at]!)) return hasNumber || values.every(isMissing);
    return hasNumber && values.every(isScore);
  });
  const named = numeric.filter((at) => isScoreName(names[at]!));
  const places = named.length > 0 ? named : numeric.filter((at) => !isPlaceName(names[at]!));
  const passedOver = numeric.filter((at) => !places.includes(at)).map((at) => names[at]!);
  const isEmpty = (at: number) => rows.every(({ fields }) => isMissing(fields[at + shift] ?? ''));
  const unread = free.filter((at) => !numeric.includes(at) && !isPlaceName(names[at]!));
  // A blank column is none of scores; one of NA is likely an experiment without scores.
  const isBlank = (at: number) => rows.every(({ fields }) => (fields[at + shift] ?? '').trim() === '');
  const empty = unread.filter((at) => isEmpty(at) && !isBlank(at)).map((at) => names[at]!);
  const mixed =
    named.length > 0 ? [] : unread.flatMap((at) => mixedColumn(rows, names[at]!, at + shift) ?? []);
  return { places, passedOver, empty, mixed };
}

/** Why a column is not read, and what to do. */
export const mixedMessage = ({ name, field }: MixedColumn): string =>
  `column ${echo(name)} is not read as scores, since ${echo(field)} is not a number; correct it, or choose columns with --score-column`;

function mixedColumn(rows: readonly Row[], name: string, at: number): MixedColumn | undefined {
  const values = rows.map(({ number, fields }) => ({ field: fields[at] ?? '', line: number }));
  const others = values.filter(({ field }) => !isScore(field));
  const numbers = values.filter(({ field }) => readNumber(field) !== undefined || isOtherNumber(field));
  const [first] = others;
  return first && numbers.length >= others.length ? { name, ...first } : undefined;
}

/** Without a header, a column is what its first values are; experiments have the numbers of their columns. */
function withoutHeader(
  table: Delimited,
  source: string,
  choice: ColumnChoice,
  needsSequence: boolean,
): WideLayout {
  if (needsSequence) {
    const layout = layoutOf(table, source, choice);
    const columns = layout.scores.map((place) => ({ name: `column ${place + 1}`, place, flag: -1 }));
    return { ...layout, columns, passedOver: [], empty: [], mixed: [] };
  }
  const rows = [...table.rows()];
  const width = rows[0]!.fields.length;
  const all = Array.from({ length: width }, (_, at) => at);
  const numbered =
    choice.score === undefined ? undefined : chosenNames(choice.score).map((text) => Number(text) - 1);
  const stray = numbered?.find((at) => !all.includes(at));
  if (stray !== undefined)
    throw new FormatError(
      `${source}:${rows[0]!.number}: there is no header, so --score-column takes numbers of columns, 1 to ${width}`,
    );
  const isNumeric = (at: number) =>
    rows.some(({ fields }) => !isMissing(fields[at] ?? '')) &&
    rows.every(({ fields }) => isScore(fields[at] ?? ''));
  const places = numbered ?? all.filter(isNumeric);
  if (places.length === 0)
    throw new FormatError(
      `${source}:${rows[0]!.number}: expected scores in each row, found ${listed(rows[0]!.fields)}`,
    );
  const columns = places.map((place) => ({ name: `column ${place + 1}`, place, flag: -1 }));
  const others = { passedOver: [], empty: [], mixed: [] };
  return { hasHeader: false, width, sequence: -1, set: -1, pool: -1, columns, ...others };
}
