/**
 * Which column of a probe table holds what: by the names of a header, by the kinds of the values where there
 * is no header, or as the caller chooses. Where that leaves a doubt it asks instead of guessing.
 */
import { FormatError } from '../../device/errors.js';
import { chosenNames } from '../chosen-names.js';
import { echo } from '../echo.js';
import { taskColumns } from '../task-columns.js';
import type { Delimited, Row } from './delimited.js';
import { isMissing } from './missing.js';
import {
  flagOf,
  isFlag,
  isKnown,
  isLetters,
  isNamed,
  isNumber,
  isPlaceName,
  isScore,
  type Role,
} from './recognise.js';

/** Columns by name or by number (from 1); each replaces what would be recognised. */
export interface ColumnChoice {
  readonly sequence?: string | undefined;
  /** Several, separated by commas, are a task each. */
  readonly score?: string | undefined;
  /** RNAcompete's set A or B. */
  readonly set?: string | undefined;
}

/**
 * Which field holds what, the same for every row. Places count from 0; −1 where the table has no such column.
 */
export interface Layout {
  readonly hasHeader: boolean;
  /** Fields of every row below the header. */
  readonly width: number;
  readonly sequence: number;
  /** One place, or one for each task. */
  readonly scores: readonly number[];
  /** What the tasks are called; empty for a single score. */
  readonly tasks: readonly string[];
  readonly set: number;
  readonly pool: number;
  /** Columns that mark spoilt spots of each score; −1 where there is none. */
  readonly flags: readonly number[];
  /** Why the score is expected where it is, for messages. */
  readonly reason: string;
  /** Which columns were recognised by their values alone, in sentences for the user. */
  readonly notes: readonly string[];
}

/** What a table must have, and what a message may advise where it has not. */
export interface LayoutOptions {
  /** Columns that must be there. Default: both; one where the other comes from a second file. */
  readonly needs?: readonly ('sequence' | 'score')[];
  /** Whether messages must not advise a second file with the scores, since the caller takes none. */
  readonly oneFile?: boolean | undefined;
  /** Names of the tasks of a model, whose columns are taken where none is chosen. */
  readonly tasks?: readonly string[] | undefined;
}

const OPTION: Readonly<Record<Role, string>> = {
  sequence: '--sequence-column',
  score: '--score-column',
  set: '--set-column',
};

/**
 * The layout of a table of sequences and scores.
 * @throws FormatError where a column is missing, or where several could be meant, naming them and the option
 * that chooses
 */
export function layoutOf(
  table: Delimited,
  source: string,
  asked: ColumnChoice = {},
  { needs = ['sequence', 'score'], oneFile = false, tasks = [] }: LayoutOptions = {},
): Layout {
  const [first, second] = table.rows();
  if (!first) throw new FormatError(`${source}: no probe with a score; the file holds no records`);
  const where = `${source}:${first.number}`;
  const names = first.fields;
  const hasTasks = tasks.length > 0 && tasks.every((task) => names.includes(task));
  const hasHeader = hasHeaderRow(table, asked) || (hasTasks && !isData(first));
  const score = taskColumns({
    chosen: asked.score,
    tasks: needs.includes('score') ? tasks : [],
    names: hasHeader ? names : undefined,
    where,
  });
  const choice = { ...asked, score };
  if (!hasHeader) return headerless(table, where, choice, { needs, oneFile, tasks });

  const find = (role: Role): number => {
    const isNeeded = role !== 'set' && needs.includes(role);
    if (role !== 'set' && !isNeeded) return -1;
    const chosen = choice[role];
    if (chosen !== undefined) return chosenPlace(chosen, names, role, where);
    const known = placesOf(names, (name) => isNamed(role, name) && !isFlag(name));
    const scored = role === 'score' && second ? known.filter((at) => isScore(second.fields[at] ?? '')) : [];
    const places = scored.length > 0 ? scored : known;
    if (places.length > 1)
      throw new FormatError(
        `${where}: ${places.length} columns could hold the ${role} (${list(places.map((at) => names[at]!))}); choose one with ${OPTION[role]} <name or number>${role === 'score' ? orSeveral(places.map((at) => names[at]!)) : ''}`,
      );
    if (places.length > 0 || !isNeeded) return places[0] ?? -1;
    const only = onlyByValues(table, names, role);
    if (only === undefined) throw absent(role, names, where, oneFile);
    notes.push(
      `${source}: the column ${echo(names[only]!)} is read as the ${role}, since it is the only one of ${role === 'score' ? 'numbers' : 'sequences'}; ${OPTION[role]} chooses another`,
    );
    return only;
  };
  const notes: string[] = [];
  const sequence = find('sequence');
  const scores = listed(choice.score, names)?.map((name) => chosenPlace(name, names, 'score', where));
  const single = scores ? -1 : find('score');
  if (scores) checkDistinct(scores, names, where);
  const set = find('set');
  const pool = names.findIndex((name) => isNamed('pool', name));
  const shift = rowNames(table, names.length, second, sequence);
  const shifted = (at: number) => (at < 0 ? at : at + shift.by);
  return {
    hasHeader: true,
    width: shift.width,
    sequence: shifted(sequence),
    scores: (scores ?? [single]).map(shifted),
    tasks: (scores ?? []).map((at) => names[at]!),
    set: shifted(set),
    pool: shifted(pool),
    flags: (scores ?? [single]).map((at) => shifted(flagOf(names, names[at]))),
    notes,
    reason: `the header's column ${(scores ?? [single]).map((at) => echo(names[at] ?? '')).join(', ')}`,
  };
}

/** Several columns that are chosen at once; undefined for one, also for one whose name has commas. */
function listed(chosen: string | undefined, names: readonly string[]): readonly string[] | undefined {
  if (chosen === undefined || !chosen.includes(',') || names.includes(chosen)) return undefined;
  return chosenNames(chosen);
}

/** Refuses a column that is chosen twice, by name and by number or in other letters. @throws FormatError */
export function checkDistinct(places: readonly number[], names: readonly string[], where: string): void {
  const twice = places.find((at, i) => places.indexOf(at) !== i);
  if (twice !== undefined)
    throw new FormatError(`${where}: --score-column names ${echo(names[twice] ?? String(twice + 1))} twice`);
}

/** Columns in words: the first few of them, quoted. */
const list = (names: readonly string[]): string =>
  names.length <= 12
    ? names.map(echo).join(', ')
    : `${names.slice(0, 10).map(echo).join(', ')} and ${names.length - 10} more`;

function absent(role: Role, names: readonly string[], where: string, oneFile: boolean): FormatError {
  const [named, elsewhere] =
    role === 'score'
      ? ['intensity or score', ', or give the scores in a second file with --scores <file>']
      : [
          'sequence or seq',
          '; where the sequences are in another file, give that one first and this one with --scores <file>',
        ];
  return new FormatError(
    `${where}: the header has no column named ${named}; its columns are ${list(names)}; choose one with ${OPTION[role]} <name>${role === 'score' ? orSeveral(['<name>', '<name>']) : ''}${oneFile ? '' : elsewhere}`,
  );
}

/** Whether a row names columns; a row that holds a sequence and a number is data whatever else it holds. */
export function isHeader({ fields }: Row, choice: ColumnChoice): boolean {
  const chosen = Object.values(choice).filter((name) => name !== undefined);
  const named = chosen.filter((name) => !/^\d+$/.test(name));
  if (named.some((name) => fields.includes(name))) return true;
  if (isData({ fields })) return false;
  if (named.length > 0) return true;
  const roles = ['sequence', 'score', 'set'] as const;
  if (fields.some((name) => isFlag(name) || roles.some((role) => isNamed(role, name)))) return true;
  return chosen.length > 0 && !fields.some((field) => isLetters(field) || isScore(field));
}

/** Rows from which a column is recognised by its values. */
const SAMPLE = 200;

/**
 * Whether the first row of a table names columns, also where it has no known name: it holds neither letters
 * nor numbers where the second row has both.
 */
export function hasHeaderRow(table: Delimited, choice: ColumnChoice): boolean {
  const [first, second] = table.rows();
  if (!first) return false;
  if (isHeader(first, choice)) return true;
  const isName = (field: string) => field !== '' && !isLetters(field) && !isScore(field);
  return (
    second !== undefined &&
    isData(second) &&
    first.fields.length === second.fields.length &&
    first.fields.every(isName)
  );
}

/** The only column of scores or sequences by its values; undefined where there is none, or several. */
function onlyByValues(table: Delimited, names: readonly string[], role: Role): number | undefined {
  const rows: Row[] = [];
  for (const row of table.rows()) if (rows.push(row) > SAMPLE) break;
  const values = (at: number) => rows.slice(1).map(({ fields }) => fields[at] ?? '');
  const [isOne, isAny] =
    role === 'score'
      ? ([isScore, isNumber] as const)
      : ([(field: string) => isLetters(field) || isMissing(field), isLetters] as const);
  const places = placesOf(names, (name) => !isFlag(name) && !isPlaceName(name) && !isKnown(name)).filter(
    (at) => values(at).every(isOne) && values(at).some(isAny),
  );
  return places.length === 1 && rows.every(({ fields }) => fields.length === names.length)
    ? places[0]
    : undefined;
}

/** Whether a row holds a sequence and a number. */
const isData = ({ fields }: Pick<Row, 'fields'>): boolean => fields.some(isLetters) && fields.some(isNumber);

const placesOf = (fields: readonly string[], test: (field: string) => boolean): number[] =>
  fields.flatMap((field, at) => (test(field) ? [at] : []));

/** The place of a column that was chosen by name, else by number. */
export function chosenPlace(chosen: string, names: readonly string[], role: Role, where: string): number {
  const sameName = [
    (name: string) => name === chosen,
    (name: string) => name.toLowerCase() === chosen.toLowerCase(),
  ]
    .map((test) => placesOf(names, test))
    .find((places) => places.length > 0);
  if (sameName && sameName.length > 1)
    throw new FormatError(
      `${where}: ${sameName.length} columns are named ${echo(chosen)}; give ${OPTION[role]} a number from 1 to ${names.length}`,
    );
  const place = sameName?.[0] ?? numbered(chosen, names.length);
  if (place === undefined)
    throw new FormatError(
      `${where}: there is no column ${echo(chosen)}, which ${OPTION[role]} asks for; the columns are ${list(names)}`,
    );
  if (role === 'score' && isFlag(names[place]!))
    throw new FormatError(
      `${where}: ${echo(names[place]!)} holds flags of spoilt spots, not scores; choose another column with --score-column`,
    );
  return place;
}

/** The place of a column that was chosen by its number, from 1; undefined where there is none. */
const numbered = (chosen: string, width: number): number | undefined =>
  /^\d{1,6}$/.test(chosen) && Number(chosen) >= 1 && Number(chosen) <= width ? Number(chosen) - 1 : undefined;

/**
 * R's `write.table` names the rows but not the column of these names, so that a row has one field more than
 * the header; others end rows, but not the header, with a separator.
 */
function rowNames(
  { separator }: Delimited,
  width: number,
  second: Row | undefined,
  sequence: number,
): { readonly width: number; readonly by: 0 | 1 } {
  if (second?.fields.length !== width + 1) return { width, by: 0 };
  if (second.fields.at(-1) === '') return { width: width + 1, by: 0 };
  const isShifted = isLetters(second.fields[sequence + 1] ?? '') && !isLetters(second.fields[sequence] ?? '');
  // With commas, one field more may come from a decimal comma.
  return isShifted && (separator === 'space' || separator === 'tab')
    ? { width: width + 1, by: 1 }
    : { width, by: 0 };
}

/** Where there is no header: a column is what its first value is. */
function headerless(
  table: Delimited,
  where: string,
  choice: ColumnChoice,
  { needs, oneFile, tasks }: Required<{ [K in keyof LayoutOptions]: NonNullable<LayoutOptions[K]> }>,
): Layout {
  const kinds: (Role | 'other' | undefined)[] = [];
  let width = 0;
  for (const { fields } of table.rows()) {
    width ||= fields.length;
    if (fields.length !== width) break;
    fields.forEach((field, at) => {
      if (!isMissing(field)) kinds[at] ??= kindOf(field, width);
    });
    if (Array.from({ length: width }, (_, at) => kinds[at]).every((kind) => kind !== undefined)) break;
  }
  const all = Array.from({ length: width }, (_, at) => at);
  const place = (role: Role): number => {
    const isNeeded = role !== 'set' && needs.includes(role);
    if (role !== 'set' && !isNeeded) return -1;
    const chosen = choice[role];
    if (chosen !== undefined) {
      const at = numbered(chosen, width);
      if (at !== undefined) return at;
      throw new FormatError(
        `${where}: there is no header, so ${OPTION[role]} takes the number of a column, 1 to ${width}, not ${echo(chosen)}`,
      );
    }
    const places = all.filter((at) => kinds[at] === role);
    // A column without any value holds the scores where nothing else can.
    const empty = all.filter((at) => kinds[at] === undefined);
    if (role === 'score' && places.length === 0 && isNeeded && empty.length === 1) return empty[0]!;
    if (places.length > 1)
      throw new FormatError(
        `${where}: there is no header, and columns ${places.map((at) => at + 1).join(' and ')} could all hold the ${role}; ${role === 'score' && tasks.length > 1 ? forTasks(tasks) : `choose one with ${OPTION[role]} <number>${role === 'score' ? orSeveral(places.map((at) => at + 1)) : ''}`}`,
      );
    if (places.length === 0 && isNeeded) throw unrecognised(table, where, kinds, oneFile);
    return places[0] ?? -1;
  };
  const several = listed(choice.score, []);
  const scores = several?.map((name) => {
    const at = numbered(name, width);
    if (at !== undefined) return at;
    throw new FormatError(
      `${where}: there is no header, so ${OPTION.score} takes numbers of columns, 1 to ${width}, not ${echo(name)}`,
    );
  });
  if (scores) checkDistinct(scores, [], where);
  return {
    hasHeader: false,
    width,
    sequence: place('sequence'),
    scores: scores ?? [place('score')],
    tasks: (scores ?? []).map((at) => `column ${at + 1}`),
    set: place('set'),
    pool: -1,
    flags: [],
    notes: [],
    reason: `the order of line ${where.slice(where.lastIndexOf(':') + 1)}`,
  };
}

/** Several columns can be learned at once. The example names the first two. */
const orSeveral = (columns: readonly (string | number)[]): string =>
  `, or train on several at once, each a task: --score-column ${columns.slice(0, 2).join()}`;

/** What to give for a model of several tasks; those that were trained without a header have numbers. */
const forTasks = (tasks: readonly string[]): string =>
  tasks.every((task) => NUMBERED.test(task))
    ? `choose those of the model's tasks with --score-column ${tasks.map((task) => task.replace(NUMBERED, '')).join()}`
    : `give a header that names the columns of the model's tasks, so that --score-column ${tasks.join()} finds them`;

/** What a task is called where there is no header, before its number. */
const NUMBERED = /^column (?=\d+$)/;

function kindOf(field: string, width: number): Role | 'other' {
  if (isNumber(field)) return 'score';
  // Beside a sequence and a score, a single A or B is no sequence.
  if (width > 2 && /^(?:set[ _-]?)?[ab]$/i.test(field)) return 'set';
  return isLetters(field) ? 'sequence' : 'other';
}

function unrecognised(
  table: Delimited,
  where: string,
  kinds: readonly (Role | 'other' | undefined)[],
  oneFile: boolean,
): FormatError {
  const [first] = table.rows();
  const [hasSequence, hasScore] = [kinds.includes('sequence'), kinds.includes('score')];
  const isFasta = first!.fields[0]!.startsWith('>');
  const advice = isFasta
    ? '; FASTA holds no scores, so give a table with a score for each sequence'
    : hasSequence
      ? `; it holds sequences without scores${oneFile ? '' : ', so give the scores in a second file with --scores <file>'}`
      : hasScore
        ? `; it holds scores without sequences${oneFile ? '' : ', so give the file of the sequences first and this one with --scores <file>'}`
        : '';
  return new FormatError(
    `${where}: expected a header with the columns sequence and intensity, or a sequence and a score in each row, found ${echo(first!.fields.join(' '))}${advice}`,
  );
}
