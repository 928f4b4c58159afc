/**
 * Text → `Probes`: a table whose header names its columns, or bare columns with a sequence and a score in
 * each row; separated by tabs, commas, semicolons or blanks. The scores may come from a second text that is
 * joined line by line. No file access here; see `read.node.ts`.
 */
import { atOnce, type Steps } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { LETTER_OPTIONS, type LetterOptions, Letters } from '../sequences/letter-reader.js';
import { type ColumnChoice, type Layout, type LayoutOptions, layoutOf } from './columns.js';
import { type Delimited, parseDelimited, type Row, type Separator } from './delimited.js';
import { flagIn, parsePart } from './fields.js';
import { isMissing } from './missing.js';
import { isInfinite, numberAdvice, readNumber } from './numbers.js';
import type { LeftOut, ProbeSet, Probes } from './probes.js';

/** Which columns of a probe table are read. */
export interface ProbeTableOptions extends LetterOptions {
  /** Columns to read instead of those that are recognised by their names. */
  readonly columns?: ColumnChoice | undefined;
  /** A second text that holds the scores, one record for each record of the first, in the same order. */
  readonly scores?: { readonly text: string; readonly source: string } | undefined;
  /** Whether messages must not advise such a second text, since the caller takes none. Default false. */
  readonly oneFile?: boolean | undefined;
  /** Names of the tasks of a model, whose columns are taken where none is chosen. */
  readonly tasks?: readonly string[] | undefined;
}

const OPTIONS = {
  ...LETTER_OPTIONS,
  columns: check.optional(
    check.record({
      sequence: check.optional(check.text),
      score: check.optional(check.text),
      set: check.optional(check.text),
    }),
  ),
  scores: check.optional(check.record({ text: check.text, source: check.text })),
  oneFile: check.optional(check.flag),
  tasks: check.optional(check.list(check.text)),
};

/** Lines per step. */
const ROWS = 512;

/** A table, its layout and where it came from. */
interface Table {
  readonly source: string;
  readonly table: Delimited;
  readonly layout: Layout;
}

/**
 * Reads probes from text. Records without a sequence, without a score or with an infinite score are left out
 * and counted (`Probes.leftOut`).
 * @param source file name or other origin, for messages and for `Probes.source`
 * @throws FormatError for a malformed record, for columns that are missing or not clear, or when no scored
 * probe is left; InvalidSequenceError for a bad letter; both name source and line
 */
export const parseProbes = (text: string, source = 'text', options: ProbeTableOptions = {}): Probes =>
  atOnce(parseProbesInSteps(text, source, options));

/** The same in steps, for `breathing`. */
export function* parseProbesInSteps(
  text: string,
  source = 'text',
  options: ProbeTableOptions = {},
): Steps<Probes> {
  check.text(text, check.argument('text'));
  check.options(options, OPTIONS);
  const { columns = {}, scores: other, iupacAsN, oneFile = false, tasks: sought } = options;
  const main = other
    ? open(text, source, { ...columns, score: undefined }, { needs: ['sequence'] })
    : open(text, source, columns, { oneFile, tasks: sought });
  const ofScores = { needs: ['score'], tasks: sought } as const;
  const scored = other && open(other.text, other.source, { score: columns.score }, ofScores);
  const lines: number[] = [];
  const rows: number[] = [];
  let rowsRead = 0;
  const sequences: string[] = [];
  const scores: number[] = [];
  const { tasks } = (scored ?? main).layout;
  const sets: ProbeSet[] = [];
  const validates: boolean[] = [];
  const pools: string[] = [];
  const reader = new Letters({ iupacAsN });
  let flagged = 0;
  const leftOut = { score: 0, sequence: 0, both: 0, infinite: 0 };
  for (const { row, score: found } of joined(main, scored)) {
    if (row.number % ROWS === 0) yield;
    const where = `${source}:${row.number}`;
    const place = rowsRead++;
    if (found === undefined && row.fields.every((field) => field === '')) {
      leftOut.both++;
      continue;
    }
    checkWidth(row, main);
    const from = scored ?? main;
    const each = from.layout.scores.map((column, i) => {
      const value = parseScore(found ?? row, from, column);
      if (!isFlagged(found ?? row, from, i)) return value;
      flagged++;
      return Number.NaN;
    });
    const score = each.find(Number.isFinite) ?? each.find((value) => !Number.isNaN(value)) ?? Number.NaN;
    const letters = row.fields[main.layout.sequence]!;
    const hasSequence = !isMissing(letters);
    const sequence = hasSequence ? reader.read(letters, where) : '';
    const { set, validates: isValid } = parsePart(row.fields[main.layout.set] ?? '', where);
    if (!hasSequence || !Number.isFinite(score)) {
      if (hasSequence) leftOut[Number.isNaN(score) ? 'score' : 'infinite']++;
      else leftOut[Number.isNaN(score) ? 'both' : 'sequence']++;
      continue;
    }
    lines.push(row.number);
    rows.push(place);
    sequences.push(sequence);
    // A score that is missing, or infinite beside others, is left out by itself.
    scores.push(...each.map((value) => (Number.isFinite(value) ? value : Number.NaN)));
    sets.push(set);
    validates.push(isValid);
    pools.push(row.fields[main.layout.pool] ?? '');
  }
  const dropped = leftOut.score + leftOut.sequence + leftOut.both + leftOut.infinite;
  if (sequences.length === 0) {
    const without = leftOut.sequence > 0 ? `, ${leftOut.sequence} no sequence` : '';
    throw new FormatError(
      `${source}: no probe with a score (${leftOut.score + leftOut.both + leftOut.infinite} records had none${without})`,
    );
  }
  const notes = [
    ...(scored ?? main).layout.notes,
    ...reader.notes(source),
    ...(flagged === 0
      ? []
      : [
          `${(scored ?? main).source}: ${count(flagged, 'flagged score')} ${flagged === 1 ? 'is' : 'are'} taken as missing`,
        ]),
    ...missingScores(source, scores, tasks),
  ];
  return {
    source,
    lines: Uint32Array.from(lines),
    sequences,
    scores: Float64Array.from(scores),
    sets,
    pools,
    ...(validates.includes(true) && { validates }),
    dropped,
    ...(dropped > 0 && { rows: Uint32Array.from(rows) }),
    ...(tasks.length > 0 && { tasks }),
    ...(dropped > 0 && { leftOut: leftOut satisfies LeftOut }),
    ...(notes.length > 0 && { notes }),
  };
}

function open(text: string, source: string, columns: ColumnChoice, options: LayoutOptions): Table {
  const table = parseDelimited(text, source);
  return { source, table, layout: layoutOf(table, source, columns, options) };
}

function* records({ table, layout: { hasHeader } }: Table): Generator<Row> {
  const rows = table.rows();
  if (hasHeader) rows.next();
  yield* rows;
}

/**
 * Each row with the row of the second table that stands at its place.
 *
 * @throws FormatError unless both have as many
 */
function* joined(main: Table, scored: Table | undefined): Generator<{ row: Row; score?: Row | undefined }> {
  if (!scored) {
    for (const row of records(main)) yield { row };
    return;
  }
  const others = records(scored);
  const found = { main: 0, scored: 0 };
  for (const row of records(main)) {
    found.main++;
    const { value: score, done } = others.next();
    if (done) continue;
    found.scored++;
    checkWidth(score, scored);
    yield { row, score };
  }
  while (!others.next().done) found.scored++;
  if (found.main !== found.scored)
    throw new FormatError(
      `${main.source} has ${count(found.main, 'record')}, but ${scored.source} has ${count(found.scored, 'score')}; they are joined line by line, so there must be as many`,
    );
}

const SEPARATED = {
  tab: 'tab-separated',
  comma: 'comma-separated',
  semicolon: 'semicolon-separated',
  space: 'space-separated',
} as const;

/** Of a table: what messages say of its rows. */
interface Shape {
  readonly source: string;
  readonly table: { readonly separator: Separator };
  readonly layout: { readonly width: number };
}

/** @throws FormatError for a row that has more or fewer fields than the others */
export function checkWidth(
  { number, fields }: Row,
  { source, table: { separator }, layout: { width } }: Shape,
): void {
  if (fields.length === width) return;
  const advice =
    separator === 'comma' && fields.length > width
      ? '; if a number has a decimal comma, write it with a decimal point'
      : '';
  throw new FormatError(
    `${source}:${number}: expected ${width} ${SEPARATED[separator]} fields, found ${fields.length}${advice}`,
  );
}

/** How many scores of each task are missing. */
function missingScores(source: string, scores: readonly number[], tasks: readonly string[]): string[] {
  const records = scores.length / tasks.length;
  return tasks.flatMap((task, t) => {
    const missing = scores.filter((score, i) => i % tasks.length === t && Number.isNaN(score)).length;
    return missing === 0
      ? []
      : [
          `${source}: ${missing} of ${count(records, 'record')} ${missing === 1 ? 'has' : 'have'} no score for ${task}`,
        ];
  });
}

/** Whether the spot of a task's score is marked as spoilt. */
function isFlagged({ number, fields }: Row, { source, layout }: Table, task: number): boolean {
  const place = layout.flags[task] ?? -1;
  return (
    place >= 0 && flagIn(fields[place]!, layout.tasks[task] ?? layout.reason, `${source}:${number}`) === 1
  );
}

/** NaN where the score is missing. */
function parseScore(
  { number, fields }: Row,
  { source, layout: { reason, tasks, scores } }: Table,
  column: number,
): number {
  const field = fields[column]!;
  const task = tasks[scores.indexOf(column)];
  if (isMissing(field)) return Number.NaN;
  if (isInfinite(field)) return Number.POSITIVE_INFINITY;
  const score = readNumber(field);
  // As large a number as single precision does not hold is none of a measurement.
  if (score !== undefined) return Number.isFinite(Math.fround(score)) ? score : Number.POSITIVE_INFINITY;
  throw new FormatError(
    `${source}:${number}: expected a finite score in column ${column + 1} (${task ?? reason}), found ${echo(field)}${numberAdvice(field)}`,
  );
}
