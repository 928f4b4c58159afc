/**
 * The result of an experiment as files: a JSON with everything, and tab-separated tables. The caller writes
 * them.
 */

import type { Written } from '../model.js';
import { columnName, type ExperimentTables, flatRow, type LabelledRow, namedResult } from './column-names.js';
import { spelledResult } from './spelling.js';

/** A result of an experiment, and what `acrossModels` makes of those of several models. */
type Result = ExperimentTables & Written & { readonly experiment: string };

/** A file of a result. */
export interface ExperimentFile {
  /** Within the folder of the results: `hairpin.comparisons.tsv`. */
  readonly path: string;
  readonly contents: string;
}

/** Endings of the files that an experiment may have, after its name. */
export const EXPERIMENT_FILES = ['.json', '.tsv', '.comparisons.tsv', '.across.tsv'] as const;

/** Rows as tab-separated text with a header; labels and further numbers become columns of their own. */
export function experimentTsv(rows: readonly LabelledRow[]): string {
  const flat = rows.map(flatRow);
  const columns = Object.keys(flat[0] ?? {});
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? String(Number(value.toPrecision(9))) : (value ?? '');
  const lines = flat.map((row) => columns.map((column) => cell(row[column])));
  return `${[columns.map(columnName), ...lines].map((line) => line.join('\t')).join('\n')}\n`;
}

/**
 * The files of a result.
 *
 * @param manifest how the result was made; it becomes part of the JSON
 */
export function experimentFiles(result: Result, manifest?: object): readonly ExperimentFile[] {
  const spelled = spelledResult(result);
  const { experiment: name, rows, comparisons, across } = spelled;
  const json = { ...(manifest && { manifest }), ...namedResult(result) };
  return [
    { path: `${name}.json`, contents: `${JSON.stringify(json, null, 2)}\n` },
    { path: `${name}.tsv`, contents: experimentTsv(rows) },
    ...(comparisons.length > 0
      ? [{ path: `${name}.comparisons.tsv`, contents: experimentTsv(comparisons) }]
      : []),
    ...(across ? [{ path: `${name}.across.tsv`, contents: experimentTsv(across) }] : []),
  ];
}
