/**
 * The result of a global importance analysis as a table, one row per pattern, most important first, and as
 * text: tab-separated and JSON. `table-files.ts` has the binary formats; writing files is the caller's.
 */

import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import { FormatError, ShapeError } from '../../device/errors.js';
import { alphabetIn, type Written } from '../model.js';
import { falseDiscoveryRates, ranksOf, summarise } from '../statistics/statistics.js';

/** Global importance of one pattern, in the unit of the model's output. */
export interface GiaRow {
  /** The pattern's name. */
  readonly pattern: string;
  /** Mean local importance over the backgrounds (paper, Eq. 2). */
  readonly importance: number;
  /** Standard deviation of the local importances, ddof 1. */
  readonly sd: number;
  /** Standard error of the importance. */
  readonly se: number;
  /** 95 % confidence interval of the importance. */
  readonly ciLow: number;
  readonly ciHigh: number;
  /** 95 % bootstrap interval, where asked for. */
  readonly bootLow?: number;
  readonly bootHigh?: number;
  /** Least and greatest local importance. */
  readonly min: number;
  readonly max: number;
  /**
   * Student's t of the paired test against no importance, its two-sided p value, and q over the model's
   * patterns.
   */
  readonly t: number;
  readonly p: number;
  readonly q: number;
  /** Number of backgrounds. */
  readonly n: number;
  /** 1 = highest importance. */
  readonly rank: number;
  /** Letters of the pattern that stand where no probe has one; in tables of which a pattern has any. */
  readonly inPadding?: number;
  /** The model's name, in a table of several models. */
  readonly model?: string;
  /** The output's name, in a table of several outputs. */
  readonly task?: string;
}

/** Rows in order of rank; their patterns are in the letters of the alphabet. */
export interface GiaTable extends Written {
  readonly rows: readonly GiaRow[];
}

/**
 * Moments of the local importances of P patterns over the same n backgrounds, as `importance` and `sweep`
 * give them.
 */
export interface PatternMoments {
  /** Mean local importance `[P]`. */
  readonly mean: ArrayLike<number>;
  /** Variance of the local importances `[P]`, ddof 1. */
  readonly variance: ArrayLike<number>;
  /** Least and greatest local importance `[P]`. */
  readonly min: ArrayLike<number>;
  readonly max: ArrayLike<number>;
  /** Backgrounds: of all patterns, or of each `[P]`. */
  readonly n: number | ArrayLike<number>;
  /** Bootstrap interval of every mean `[P]`, where there is one (`bootstrap.ts`). */
  readonly bootstrap?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> } | undefined;
  /**
   * Hypotheses that q corrects for, where more patterns were tested than are given, the others taken as p =
   * 1. Default P.
   */
  readonly hypotheses?: number | undefined;
  /** Letters of every pattern that stand where no probe has one, [P]; absent where none do. */
  readonly inPadding?: readonly number[] | undefined;
}

/** File column and row field, in the order written. */
export const COLUMNS = [
  ['pattern', 'pattern'],
  ['importance', 'importance'],
  ['sd', 'sd'],
  ['se', 'se'],
  ['ci_low', 'ciLow'],
  ['ci_high', 'ciHigh'],
  ['boot_low', 'bootLow'],
  ['boot_high', 'bootHigh'],
  ['min', 'min'],
  ['max', 'max'],
  ['t', 't'],
  ['p', 'p'],
  ['q', 'q'],
  ['n', 'n'],
  ['rank', 'rank'],
  ['in_padding', 'inPadding'],
] as const satisfies readonly (readonly [string, keyof GiaRow])[];

/**
 * Builds the table from the names of P patterns and their moments. Equal importances keep the order of
 * `patterns`.
 *
 * @throws ShapeError unless `mean` and `variance` have one value per pattern; NotFiniteError naming the
 * pattern for one that is not finite; ResidualBindError if n < 2
 */
export async function giaTable(patterns: readonly string[], moments: PatternMoments): Promise<GiaTable> {
  check.list(check.text)(patterns, check.argument('patterns'));
  check.object(moments, check.argument('moments'));
  const { mean, variance, min, max, n, bootstrap, hypotheses = patterns.length, inPadding } = moments;
  const counts = typeof n === 'number' ? {} : { n };
  for (const [name, values] of Object.entries({
    mean,
    variance,
    min,
    max,
    ...counts,
    ...bootstrap,
    ...(inPadding && { inPadding }),
  })) {
    if (values.length !== patterns.length)
      throw new ShapeError(
        `${count(patterns.length, 'pattern')} need as many values of ${name}, not ${values.length}`,
      );
  }
  const summaries = patterns.map((name, p) =>
    summarise(
      { mean: mean[p]!, variance: variance[p]!, n: typeof n === 'number' ? n : n[p]! },
      `pattern ${echo(name)}`,
    ),
  );
  const ranks = ranksOf(mean);
  const q = falseDiscoveryRates(
    summaries.map(({ p }) => p),
    hypotheses,
  );
  const rows = summaries.map(({ mean: importance, ...spread }, i): GiaRow => {
    const range = {
      ...(bootstrap && { bootLow: bootstrap.low[i]!, bootHigh: bootstrap.high[i]! }),
      min: min[i]!,
      max: max[i]!,
    };
    return {
      pattern: patterns[i]!,
      importance,
      ...spread,
      ...range,
      q: q[i]!,
      rank: ranks[i]!,
      ...(inPadding && { inPadding: inPadding[i]! }),
    };
  });
  return { rows: rows.sort((a, b) => a.rank - b.rank) };
}

/** One table of several models' or outputs' tables: one after the other, each in order of rank. */
export const joinTables = (
  tables: readonly { readonly model?: string; readonly task?: string; readonly table: GiaTable }[],
): GiaTable => ({
  rows: tables.flatMap(({ table, ...names }) => table.rows.map((row) => ({ ...row, ...names }))),
});

/** Columns before all others, which say whose importance a row has. */
export const NAMES = ['model', 'task'] as const satisfies readonly (keyof GiaRow)[];

/** Columns that a table has only where they were asked for or are needed. */
const OPTIONAL: readonly string[] = ['bootLow', 'bootHigh', 'inPadding'];

/** The columns that a table has: file column and row field. */
export function columnsOf({ rows }: GiaTable): readonly (readonly [string, keyof GiaRow])[] {
  const columns = COLUMNS.filter(([, field]) => !OPTIONAL.includes(field) || rows[0]?.[field] !== undefined);
  const names = NAMES.filter((name) => rows[0]?.[name] !== undefined);
  return [...names.map((name) => [name, name] as const), ...columns];
}

/** The `count` most important rows, fewer if the table is shorter. */
export function topRows(table: GiaTable, count = 10): readonly GiaRow[] {
  check.object(table, check.argument('table'));
  return table.rows.slice(0, count);
}

/**
 * Tab-separated text with a header line. Numbers carry 9 significant digits, which give back every f32
 * exactly.
 *
 * @throws FormatError for a pattern name with a tab or line break
 */
export function toTsv(table: GiaTable): string {
  check.object(table, check.argument('table'));
  const columns = columnsOf(table);
  const lines = [columns.map(([column]) => column).join('\t')];
  for (const row of table.rows) {
    for (const kind of ['pattern', ...NAMES] as const) {
      const name = row[kind] ?? '';
      if (/[\t\r\n]/.test(name)) {
        throw new FormatError(
          `${kind} ${echo(name)} cannot be a TSV field; rename it without tab or line break`,
        );
      }
    }
    lines.push(columns.map(([, field]) => cell(row[field]!)).join('\t'));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * JSON with the run's manifest, the alphabet where it is not RNA, and one object per row, keyed by the columns of the TSV; numbers in full, an
 * infinite t as null.
 */
export function toJson(table: GiaTable, manifest: unknown): string {
  check.object(table, check.argument('table'));
  const columns = columnsOf(table);
  const rows = table.rows.map((row) =>
    Object.fromEntries(columns.map(([column, field]) => [column, row[field]])),
  );
  return `${JSON.stringify({ manifest, ...alphabetIn(table), rows }, null, 2)}\n`;
}

function cell(value: string | number): string {
  return typeof value === 'string' ? value : String(Number(value.toPrecision(9)));
}
