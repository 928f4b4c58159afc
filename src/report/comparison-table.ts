/** A comparison of methods as a table: one row for each experiment and method, in the formats of table files. */

import { consensusOf } from '../data/pwm.js';
import { tsvField } from '../data/tables/tsv-field.js';
import { trimMotif } from '../gia/motif/kmer-motif.js';
import { extensionOf } from '../gia/tables/table-files.js';
import type { LearnedMotif } from '../nn/baselines/pwm.js';
import type { Comparison, ExperimentComparison } from '../nn/comparison/compare.node.js';

export const COMPARISON_FORMATS = ['tsv', 'json', 'parquet'] as const;
export type ComparisonFormat = (typeof COMPARISON_FORMATS)[number];

/** The format that a file's name asks for. @throws FormatError for any other */
export const comparisonFormat = (path: string): ComparisonFormat =>
  extensionOf(path, COMPARISON_FORMATS, 'a table of methods');

/** One method on one experiment. Numbers that do not exist are NaN; in JSON and Parquet they are null. */
export interface ComparisonRow {
  readonly experiment: string;
  readonly method: string;
  /** Test probes. */
  readonly n: number;
  readonly pearson: number;
  readonly ci_low: number;
  readonly ci_high: number;
  readonly spearman: number;
  readonly validation: number;
  /** The method that the difference is taken from, the last of the comparison; empty in its own row. */
  readonly than: string;
  /** Pearson's r less that of `than`, with its paired interval. */
  readonly difference: number;
  readonly difference_ci_low: number;
  readonly difference_ci_high: number;
  readonly best_epoch: number;
  readonly penalty: number;
  /** Of the PWM model: letters of its informative positions, and whether sites lower the prediction. */
  readonly motif: string;
}

/** Positions of a learned motif with less information are at its ends by chance, bits. */
const INFORMATIVE = 0.25;

/** Letters of a learned motif without its uninformative ends; after `-` where sites lower the prediction. */
export function motifLetters({ pwm, sign }: LearnedMotif): string {
  return `${sign < 0 ? '-' : ''}${consensusOf(informative(pwm))}`;
}

function informative(pwm: LearnedMotif['pwm']): LearnedMotif['pwm'] {
  try {
    return trimMotif(pwm, INFORMATIVE).pwm;
  } catch {
    // No position is informative: nothing is cut.
    return pwm;
  }
}

/** The rows of a comparison, experiment by experiment. */
export const comparisonRows = ({ experiments }: Comparison): readonly ComparisonRow[] =>
  experiments.flatMap(rowsOf);

function rowsOf({ name, n, methods, differences }: ExperimentComparison): ComparisonRow[] {
  const last = methods.at(-1)!.method;
  return methods.map(({ method, value, ciLow, ciHigh, spearman, validation, bestEpoch, penalty, motif }) => {
    const difference = differences.find(({ a, b }) => a === last && b === method);
    return {
      experiment: name,
      method,
      n,
      pearson: value,
      ci_low: ciLow,
      ci_high: ciHigh,
      spearman,
      validation: validation ?? Number.NaN,
      than: difference ? last : '',
      // The difference is that of the last method less this one.
      difference: difference ? -difference.value : Number.NaN,
      difference_ci_low: difference ? -difference.ciHigh : Number.NaN,
      difference_ci_high: difference ? -difference.ciLow : Number.NaN,
      best_epoch: bestEpoch ?? Number.NaN,
      penalty: penalty ?? Number.NaN,
      motif: motif ? motifLetters(motif) : '',
    };
  });
}

const TEXTS: readonly string[] = ['experiment', 'method', 'than', 'motif'];

/** The contents of a table file. @param manifest goes into JSON and Parquet */
export async function encodeComparison(
  comparison: Comparison,
  format: ComparisonFormat,
  manifest: object,
): Promise<string | Uint8Array> {
  if (format === 'json') return `${JSON.stringify({ ...comparison, manifest }, null, 2)}\n`;
  const rows = comparisonRows(comparison);
  const names = Object.keys(rows[0] ?? {}) as (keyof ComparisonRow)[];
  if (format === 'tsv') {
    const cell = (value: string | number) => (typeof value === 'string' ? tsvField(value) : String(value));
    return [names, ...rows.map((row) => names.map((name) => cell(row[name])))]
      .map((row) => `${row.join('\t')}\n`)
      .join('');
  }
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columnData = names.map((name) => ({
    name,
    data: rows.map((row) => (Number.isNaN(row[name]) ? null : row[name])),
    type: TEXTS.includes(name)
      ? ('STRING' as const)
      : name === 'n'
        ? ('INT32' as const)
        : ('DOUBLE' as const),
  }));
  const about = { manifest, tests: comparison.tests, failed: comparison.failed };
  return new Uint8Array(
    parquetWriteBuffer({ columnData, kvMetadata: [{ key: 'comparison', value: JSON.stringify(about) }] }),
  );
}
