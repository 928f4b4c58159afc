/**
 * Text → measured affinities: tables of patterns and dissociation constants as laboratories keep them, with
 * error columns, units, censored values and replicates. Records that are left out or averaged are counted.
 */

import { echo } from '../../data/echo.js';
import { type Delimited, parseDelimited, type Row } from '../../data/tables/delimited.js';
import { isMissing } from '../../data/tables/missing.js';
import { hasDecimalComma, isInfinite, numberAdvice, readNumber } from '../../data/tables/numbers.js';
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import { motifOf } from './study.js';

/** A variant and its dissociation constant. */
export interface MeasuredAffinity {
  readonly letters: string;
  /** In any unit, above 0; nM in the paper. */
  readonly kd: number;
}

/** The content of a table of dissociation constants. */
export interface AffinityTable {
  /** One for each pattern, in the order of their first records. */
  readonly measured: readonly MeasuredAffinity[];
  /** Unit of K_D where the table names one, for example `nM`. */
  readonly unit?: string;
  /** Number of records that were left out because their K_D is only a bound, such as `>2000`. */
  readonly censored: number;
  /** Number of records that were left out because they have no K_D (`n.d.`) or no pattern. */
  readonly missing: number;
  /** Number of records after the first of their pattern; K_D is the geometric mean of all of them. */
  readonly replicates: number;
  /** Names of columns that were not used, for example those of errors. */
  readonly ignored: readonly string[];
}

/** Which column holds what. */
interface Layout {
  readonly hasHeader: boolean;
  readonly width: number;
  readonly pattern: number;
  readonly kd: number;
  /** The column of each row's unit; −1 where there is none. */
  readonly units: number;
  readonly unit: Unit | undefined;
  readonly ignored: readonly string[];
}

/** Molar units in nM. */
const UNITS = { fM: 1e-6, pM: 1e-3, nM: 1, µM: 1e3, mM: 1e6, M: 1e9 } as const;
type Unit = keyof typeof UNITS;

/** Least number of patterns: a line always fits two. */
const LEAST = 3;

/**
 * Reads a table of variants and dissociation constants, separated by tabs, commas, semicolons or blanks. A
 * header is recognised by its names; without one, one column holds patterns and one holds numbers, in either
 * order.
 *
 * @throws FormatError naming source and line, for columns that cannot be identified, a value that is not a
 * number above 0, a mixture of numbers with and without a unit, and fewer than three patterns
 */
export function readAffinityTable(text: string, source = 'text'): AffinityTable {
  check.text(text, check.argument('text'));
  const table = parseDelimited(text, source);
  const layout = layoutOf(table, source);
  const values = new Map<string, number[]>();
  const leftOut = { censored: 0, missing: 0 };
  let withUnit: boolean | undefined;
  for (const { number, fields } of rowsBelow(table, layout)) {
    const where = `${source}:${number}`;
    if (fields.every((field) => field === '')) continue;
    if (fields.length !== layout.width) throw wrongWidth(fields, layout.width, table, where);
    const written = fields[layout.pattern]!;
    if (isMissing(written)) {
      leftOut.missing++;
      continue;
    }
    const letters = patternOf(written, where);
    const kd = [fields[layout.kd], fields[layout.units]].filter((field) => field !== undefined).join(' ');
    const value = kdOf(kd, where);
    if (typeof value === 'string') {
      leftOut[value]++;
      continue;
    }
    withUnit ??= value.unit !== undefined;
    if (!layout.unit && withUnit !== (value.unit !== undefined))
      throw new FormatError(
        `${where}: K_D ${echo(kd)} has ${value.unit ? 'a' : 'no'} unit, unlike those above; write all of them in one unit`,
      );
    const factor = value.unit ? UNITS[value.unit] / UNITS[layout.unit ?? 'nM'] : 1;
    const known = values.get(letters);
    if (known) known.push(value.kd * factor);
    else values.set(letters, [value.kd * factor]);
  }
  const measured = Array.from(values, ([letters, all]) => ({ letters, kd: geometricMean(all) }));
  if (measured.length < LEAST)
    throw new FormatError(
      `${source}: ${count(measured.length, 'affinity', 'affinities')}${leftOutOf(leftOut)}; at least ${LEAST} are needed for the p of a line`,
    );
  if (measured.every(({ kd }) => kd === measured[0]!.kd))
    throw new FormatError(
      `${source}: all ${measured.length} patterns have the K_D ${measured[0]!.kd}; a line needs at least two different values`,
    );
  const unit = layout.unit ?? (withUnit ? 'nM' : undefined);
  return {
    measured,
    ...(unit && { unit }),
    ...leftOut,
    replicates: [...values.values()].reduce((sum, all) => sum + all.length - 1, 0),
    ignored: layout.ignored,
  };
}

/** The affinities of `readAffinityTable` alone. @throws FormatError naming source and line */
export const parseAffinities = (text: string, source = 'text'): MeasuredAffinity[] => [
  ...readAffinityTable(text, source).measured,
];

function* rowsBelow(table: Delimited, { hasHeader }: Layout): Generator<Row> {
  const rows = table.rows();
  if (hasHeader) rows.next();
  yield* rows;
}

const leftOutOf = ({ censored, missing }: { censored: number; missing: number }): string =>
  censored + missing === 0 ? '' : ` (${censored} more are only bounds, ${missing} have no value)`;

/** The mean of one value is that value, bit for bit. */
const geometricMean = (values: readonly number[]): number =>
  values.length === 1
    ? values[0]!
    : Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

const isPattern = (field: string): boolean => /^[acgutn]+$/i.test(field) && !isMissing(field);

function patternOf(written: string, where: string): string {
  if (!isPattern(written))
    throw new FormatError(`${where}: ${echo(written)} is not a pattern of A, C, G and U (or T)`);
  return motifOf(written);
}

const BOUND = /^(?:[<>≤≥]|=[<>]|[<>]=)/;
const NOT_BOUND =
  /^(?:n\.?b\.?|n\.?\/b\.?|no[ -]?binding|not[ -]?bound|not[ -]?detected|not[ -]?determined)$/i;
const UNIT = /^(\S+?)\s*([pnfumµμ]?M|[pnfuµμ]m)$/;

/** A K_D and its unit, or why there is none. */
function kdOf(
  field: string,
  where: string,
): { readonly kd: number; readonly unit: Unit | undefined } | 'censored' | 'missing' {
  if (isMissing(field) || (field.length < 20 && NOT_BOUND.test(field))) return 'missing';
  if (BOUND.test(field) || isInfinite(field)) return 'censored';
  const { number, unit } = partsOf(field);
  const kd = readNumber(number);
  if (kd !== undefined && kd > 0 && Number.isFinite(kd)) return { kd, unit };
  throw new FormatError(`${where}: K_D ${echo(field)} must be a number above 0${numberAdvice(number)}`);
}

/** A field without its error (`1.5 ± 0.2`, `1.5 +/- 0.2`, `1.5 (0.2)`) and its unit. */
function partsOf(field: string): { readonly number: string; readonly unit: Unit | undefined } {
  if (field.length > 64) return { number: field, unit: undefined };
  const [value = '', ...error] = field.split(/±|\+\/-|\+-|[([]/).map((part) => part.trim());
  const own = UNIT.exec(value);
  if (own) return { number: own[1]!, unit: unitOf(own[2]!) };
  // In `1.5 ± 0.2 nM` the unit follows the error.
  return { number: value, unit: unitOf(UNIT.exec(error.join(''))?.[2] ?? '') };
}

/** The unit that a text names, with u and both letters mu for µ. */
const unitOf = (text: string): Unit | undefined => {
  const unit = text.replace(/^[uμ]/, 'µ').replace(/^([pnfµ])m$/, '$1M');
  return Object.hasOwn(UNITS, unit) ? (unit as Unit) : undefined;
};

/** The column that holds only a unit, as in `UGCAUG 1.5 nM`; −1 where there is none. */
const placeOfUnits = (fields: readonly string[]): number =>
  fields.findIndex((field) => unitOf(field) !== undefined);

/**
 * Logarithms, free energies and association constants: as K_D they would reverse or bend the line.
 */
const OTHER_QUANTITY =
  /^(?:log|lg|ln|p(?:app)?kd?(?![a-z]))|^pk|log(?:10|2)?[ _(]*k|\bk_?a\b|^k_?a(?![a-z])|associat|(?:^|[^0-9.])1\/(?:[pnfumµμ]?m|k)|m\^?[-−]1|\bd?dg|ΔG|Δg|kcal|kj|relative ?(?:affinit|binding)|enrichment|[ie]c ?50/i;

function refuseOtherQuantity(name: string, where: string): void {
  if (OTHER_QUANTITY.test(name.slice(0, 80)))
    throw new FormatError(
      `${where}: the column ${echo(name)} seems to hold another quantity than K_D; give dissociation constants on a linear scale, in a column named kd`,
    );
}

/** Lower-case letters and digits of a column's name. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '');
const isPatternName = (name: string): boolean =>
  /(sequence|seq|motif|pattern|kmer|variant|oligo|rna|ligand|probe|site)/.test(plain(name));
const isErrorName = (name: string): boolean =>
  /(error|stderr|stdev|deviation|interval|lower|upper)/.test(plain(name)) ||
  /(^|[^a-z])(sd|se|sem|std|err|ci|min|max|low|high)([^a-z]|$)/.test(name.toLowerCase().slice(0, 200));
const isKdName = (name: string): boolean =>
  !isErrorName(name) &&
  (/^(app(arent)?)?kds?(mean|average|median|value)?([pnfum]?m)?(app)?$/.test(plain(name)) ||
    /(dissociation|affinit)/.test(plain(name)));

function layoutOf(table: Delimited, source: string): Layout {
  const [first, second] = table.rows();
  if (!first)
    throw new FormatError(`${source}: the file holds no affinities; expected patterns and their K_D`);
  const where = `${source}:${first.number}`;
  const { fields: names } = first;
  const width = names.length;
  if (!isHeader(names)) return headerless(table, where, width);
  const [patterns, kds] = [placesOf(names, isPatternName), placesOf(names, isKdName)];
  // Where one of two columns has a known name, the other is known too.
  const others = placesOf(names, (name) => !isPatternName(name) && !isKdName(name) && !isErrorName(name));
  const pattern = onlyOf(patterns.length === 0 ? others : patterns, names, 'patterns', where);
  const kd = onlyOf(
    kds.length === 0 ? others.filter((at) => at !== pattern) : kds,
    names,
    'dissociation constants',
    where,
  );
  refuseOtherQuantity(names[kd]!, where);
  const unit = unitOfName(names[kd]!);
  const units = unit === undefined ? placeOfUnits(second?.fields ?? []) : -1;
  return {
    hasHeader: true,
    width,
    pattern,
    kd,
    units,
    unit,
    ignored: names.filter((name, at) => at !== pattern && at !== kd && at !== units && name !== ''),
  };
}

/** Whether a first row names columns: it holds a known name and is not itself a pattern with a value. */
const isHeader = (fields: readonly string[]): boolean =>
  !(fields.some(isPattern) && fields.some(isValue)) &&
  fields.some((name) => isPatternName(name) || isKdName(name));

/** Letters of a pattern at most, where nothing but its length tells it from a probe. */
const LONGEST_PATTERN = 12;

/**
 * Whether a table without a header holds patterns and K_D: in every row a pattern that is shorter than any
 * probe, and in the same column of all rows numbers above 0, bounds or missing values; and of three patterns
 * or more a number, as a line needs.
 */
export function isAffinityTable(table: Delimited): boolean {
  const rows = [...table.rows()];
  const [first] = rows;
  if (!first || isHeader(first.fields) || first.fields.length !== 2) return false;
  const isShort = (field: string) => isPattern(field) && field.length <= LONGEST_PATTERN;
  const isPositive = (field: string) =>
    isMissing(field) || BOUND.test(field) || hasDecimalComma(field) || readNumber(partsOf(field).number)! > 0;
  return [0, 1].some((at) => {
    const isOne = rows.every(
      ({ fields }) => fields.length === 2 && isShort(fields[at]!) && isPositive(fields[1 - at]!),
    );
    // A row may have a single field.
    if (!isOne) return false;
    const measured = rows.filter(({ fields }) => readNumber(partsOf(fields[1 - at]!).number) !== undefined);
    return new Set(measured.map(({ fields }) => motifOf(fields[at]!))).size >= 3;
  });
}

/** Whether a field looks like a K_D or a bound of one. */
const isValue = (field: string): boolean =>
  readNumber(partsOf(field).number) !== undefined || BOUND.test(field) || hasDecimalComma(field);

const unitOfName = (name: string): Unit | undefined =>
  unitOf(/(?:^|[^A-Za-zµμ])([pnfumµμ]?M|[pnfuµμ]m)(?:[^A-Za-z]|$)/.exec(name.slice(0, 200))?.[1] ?? '');

const placesOf = (fields: readonly string[], test: (field: string) => boolean): number[] =>
  fields.flatMap((field, at) => (test(field) ? [at] : []));

function onlyOf(places: readonly number[], names: readonly string[], what: string, where: string): number {
  if (places.length === 1) return places[0]!;
  const listed = names.slice(0, 12).map(echo).join(', ');
  throw new FormatError(
    places.length === 0
      ? `${where}: no column is named as one of ${what}; the columns are ${listed}; call them pattern and kd`
      : `${where}: ${places.length} columns could hold ${what} (${places.map((at) => echo(names[at]!)).join(', ')}); leave only one of them`,
  );
}

/** Each column is classified by its first value. */
function headerless(table: Delimited, where: string, width: number): Layout {
  const kinds: ('pattern' | 'kd' | 'other' | undefined)[] = [];
  for (const { fields } of table.rows()) {
    if (fields.length !== width) break;
    fields.forEach((field, at) => {
      if (!isMissing(field)) kinds[at] ??= isPattern(field) ? 'pattern' : isValue(field) ? 'kd' : 'other';
    });
  }
  const place = (kind: 'pattern' | 'kd'): number[] =>
    Array.from({ length: width }, (_, at) => at).filter((at) => kinds[at] === kind);
  let [pattern, kd] = [place('pattern'), place('kd')];
  // With two columns, the unknown one is the other; errors about its values then say what is wrong.
  if (width === 2 && pattern.length + kd.length === 1) {
    if (kd.length === 1) pattern = [1 - kd[0]!];
    else kd = [1 - pattern[0]!];
  }
  const [first] = table.rows();
  if (pattern.length === 1 && kd.length === 1)
    return {
      hasHeader: false,
      width,
      pattern: pattern[0]!,
      kd: kd[0]!,
      units: placeOfUnits(first!.fields),
      unit: undefined,
      ignored: [],
    };
  const found = echo(first!.fields.join(' '));
  const commas =
    table.separator === 'comma' ? '; if numbers have a decimal comma, write them with a decimal point' : '';
  throw new FormatError(
    width > 2 && kd.length > 1
      ? `${where}: there is no header, and columns ${kd.map((at) => at + 1).join(' and ')} could all hold K_D, found ${found}; add a header line such as pattern, kd, sd${commas}`
      : `${where}: expected 2 columns (pattern and K_D), with or without a header that names them, found ${found}${commas}`,
  );
}

function wrongWidth(
  fields: readonly string[],
  width: number,
  { separator }: Delimited,
  where: string,
): FormatError {
  const commas =
    separator === 'comma' && fields.length > width
      ? '; if K_D has a decimal comma, write it with a decimal point'
      : '';
  return new FormatError(`${where}: expected ${width} columns, found ${fields.length}${commas}`);
}
