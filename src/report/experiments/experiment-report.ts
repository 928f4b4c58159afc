/**
 * How one experiment is put into words and figures, for the page and for the terminal alike. Results name
 * things by identifiers; the modules beside this one, one for each experiment, say them in English.
 */

import type { ExperimentResult } from '../../gia/experiments/index.js';
import type { Files } from '../figures/figure-files.js';

/** Rows, comparisons and facts of a result. */
export type RowOf<Result extends ExperimentResult> = Result['rows'][number];
export type ComparedOf<Result extends ExperimentResult> = Result['comparisons'][number]['labels'];
export type FactsOf<Result extends ExperimentResult> = Result['facts'][number];

/** A column of a table for the terminal. */
export interface TextColumn<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
}

/** Results here are of one output of one model (`atReadout`). */
export interface ExperimentReport<Result extends ExperimentResult> {
  /** What was done, without a capital at the start or a full stop. */
  description(result: Result): string;
  /** What a row is. */
  columns(result: Result): readonly TextColumn<RowOf<Result>>[];
  /** Numbers that a row has beside its importance. */
  numbers?(result: Result): readonly TextColumn<RowOf<Result>>[];
  /** What a comparison is, for example `together − sum of each alone (3 copies)`. */
  comparison(labels: ComparedOf<Result>, result: Result): string;
  /** The numbers of a model as a whole, each a phrase. */
  facts(facts: FactsOf<Result>): readonly string[];
  /** One or a few sentences, made from the numbers alone; undefined for no finding. */
  finding(result: Result): string | undefined;
  /** Its section of a page; absent for an experiment that has none. */
  readonly section?: ExperimentSection<Result>;
}

export interface ExperimentSection<Result extends ExperimentResult> {
  readonly title: string;
  /** The question that the experiment asks. */
  readonly question: string;
  /** @param unit of importances. @returns HTML */
  body(files: Files, result: Result, unit: string): Promise<string>;
}
