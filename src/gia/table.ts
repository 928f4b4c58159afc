/**
 * The result of a global importance analysis as a table, one row per pattern, most important first, and its
 * writers: tab-separated text and JSON. It returns text; writing files is the caller's.
 */
import { FormatError, ShapeError } from '../device/errors.js';

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
  /** Number of backgrounds. */
  readonly n: number;
  /** 1 = highest importance. */
  readonly rank: number;
}

/** Rows in order of rank. */
export interface GiaTable {
  readonly rows: readonly GiaRow[];
}

/** Moments of the local importances of P patterns over the same n backgrounds, as `importance` and `sweep` give them. */
export interface PatternMoments {
  /** Mean local importance `[P]`. */
  readonly mean: ArrayLike<number>;
  /** Variance of the local importances `[P]`, ddof 1. */
  readonly variance: ArrayLike<number>;
  readonly n: number;
}

/** File column and row field, in the order written. */
const COLUMNS = [
  ['pattern', 'pattern'],
  ['importance', 'importance'],
  ['sd', 'sd'],
  ['se', 'se'],
  ['ci_low', 'ciLow'],
  ['ci_high', 'ciHigh'],
  ['n', 'n'],
  ['rank', 'rank'],
] as const satisfies readonly (readonly [string, keyof GiaRow])[];

/**
 * Builds the table from the names of P patterns and their moments. Equal importances keep the order of `patterns`.
 *
 * @throws ShapeError unless `mean` and `variance` have one value per pattern; NotFiniteError naming the pattern for
 * one that is not finite; ResidualBindError if n < 2
 */
export async function giaTable(
  patterns: readonly string[],
  { mean, variance, n }: PatternMoments,
): Promise<GiaTable> {
  if (mean.length !== patterns.length || variance.length !== patterns.length) {
    throw new ShapeError(
      `${patterns.length} patterns need as many means and variances, not ${mean.length} and ${variance.length}`,
    );
  }
  const { ranksOf, summarise } = await import('./statistics.js');
  const summaries = patterns.map((name, p) =>
    summarise({ mean: mean[p]!, variance: variance[p]!, n }, `pattern "${name}"`),
  );
  const ranks = ranksOf(mean);
  const rows = summaries.map(({ mean: importance, ...spread }, p): GiaRow => {
    return { pattern: patterns[p]!, importance, ...spread, rank: ranks[p]! };
  });
  return { rows: rows.sort((a, b) => a.rank - b.rank) };
}

/** The `count` most important rows, fewer if the table is shorter. */
export function topRows(table: GiaTable, count = 10): readonly GiaRow[] {
  return table.rows.slice(0, count);
}

/**
 * Tab-separated text with a header line. Numbers carry 9 significant digits, which give back every f32 exactly.
 *
 * @throws FormatError for a pattern name with a tab or line break
 */
export function toTsv(table: GiaTable): string {
  const lines = [COLUMNS.map(([column]) => column).join('\t')];
  for (const row of table.rows) {
    if (/[\t\r\n]/.test(row.pattern)) {
      throw new FormatError(
        `pattern ${JSON.stringify(row.pattern)} cannot be a TSV field; rename it without tab or line break`,
      );
    }
    lines.push(COLUMNS.map(([, field]) => cell(row[field])).join('\t'));
  }
  return `${lines.join('\n')}\n`;
}

/** JSON with the run's manifest and one object per row, keyed by the columns of the TSV; numbers in full. */
export function toJson(table: GiaTable, manifest: unknown): string {
  const rows = table.rows.map((row) =>
    Object.fromEntries(COLUMNS.map(([column, field]) => [column, row[field]])),
  );
  return `${JSON.stringify({ manifest, rows }, null, 2)}\n`;
}

function cell(value: string | number): string {
  return typeof value === 'string' ? value : String(Number(value.toPrecision(9)));
}
