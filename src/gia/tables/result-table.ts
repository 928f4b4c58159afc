/**
 * The importances of an analysis as one table, model by model and output by output, with bootstrap intervals
 * and local importances.
 */

import { Float16Array } from '@petamoriken/float16';
import { type Alphabet, spellName } from '../../data/sequences/letters.js';
import { breathing } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import type { StorageFormat } from '../../tensor/fused.js';
import { concatenated } from '../arrays.js';
import type { ImportanceResult } from '../importance.js';
import { alphabetIn, type Readouts, readoutAt, readoutsOf, type Written } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
import { bootstrapInSteps } from '../statistics/bootstrap.js';
import { importancesOf, type SweepState } from '../sweep/state.js';
import { type GiaRow, type GiaTable, giaTable, joinTables, type PatternMoments } from './table.js';

/** Patterns and what one model, or one of its outputs, says of them. */
export interface ModelStatistics extends Written, Pick<PatternMoments, 'mean' | 'variance' | 'min' | 'max'> {
  /** Place of the model on the E axis, where models have several outputs. */
  readonly model?: number | undefined;
  /** Name of the output, where models have several. */
  readonly task?: string | undefined;
  /** Names of the patterns [P]. */
  readonly patterns: readonly string[];
  /** Backgrounds of each [P]. */
  readonly n: readonly number[];
  /** Local importances [P * N], where all patterns have as many. */
  readonly local?: Float32Array | undefined;
}

/** How a table is made. */
export interface ResultTableOptions {
  /** Names of the models, which a table of several has in a column. Default: their numbers, from 1. */
  readonly names?: readonly string[] | undefined;
  /** Adds bootstrap intervals, where local importances were kept. */
  readonly bootstrap?: { readonly resamples: number; readonly seed: number } | undefined;
  /** Patterns tested, where more than are in the table. */
  readonly hypotheses?: number | undefined;
  /** Letters of patterns that stand where no probe has one, by name; absent where none do. */
  readonly inPadding?: ReadonlyMap<string, number> | undefined;
  /** Also gives local importances, in this format. */
  readonly local?: StorageFormat | undefined;
  /** Ends the work with a CancelledError. */
  readonly signal?: AbortSignal | undefined;
}

/** A table, and local importances in its order where they are wanted. */
export interface ResultTable {
  readonly table: GiaTable;
  /** [rows * N]. */
  readonly local?: Float32Array | Float16Array | undefined;
}

/** What `importance`, `sweep` and their like found, model by model and output by output. */
export const statisticsOf = (result: ImportanceResult): ModelStatistics[] =>
  result.models.map((moments) => ({
    ...moments,
    ...alphabetIn(result),
    patterns: result.patterns,
    n: result.patterns.map(() => result.backgrounds),
  }));

/**
 * What an analysis in parts has reached, model by model and output by output.
 *
 * @param parts patterns of all parts
 * @param states of the parts begun, in order
 */
export function statisticsOfParts(
  model: Readouts,
  parts: readonly (readonly Pattern[])[],
  states: readonly SweepState[],
): ModelStatistics[] {
  const reached = states.map((state) => importancesOf(state, model));
  const patterns = states.flatMap((_, i) => parts[i]!.map(({ name }) => name));
  const n = states.flatMap(({ backgrounds }, i) => parts[i]!.map(() => backgrounds));
  return Array.from({ length: readoutsOf(model) }, (_, r): ModelStatistics => {
    const joined = (field: 'mean' | 'variance' | 'min' | 'max') =>
      concatenated(reached.map((part) => part[r]![field]));
    const locals = reached.flatMap((part) => part[r]!.local ?? []);
    return {
      ...readoutAt(model, r),
      ...alphabetIn(model),
      patterns,
      mean: joined('mean'),
      variance: joined('variance'),
      min: joined('min'),
      max: joined('max'),
      n,
      ...(locals.length === reached.length && { local: concatenated(locals) }),
    };
  });
}

/**
 * One table of all models and outputs, the patterns of each in order of rank and in the letters of the models'
 * alphabet.
 *
 * @throws ShapeError for sizes that do not fit; CancelledError
 * @example
 * const { table } = await gia.resultTable(gia.statisticsOf(await gia.sweep(model, { backgrounds })));
 */
export async function resultTable(
  statistics: readonly ModelStatistics[],
  options: ResultTableOptions = {},
): Promise<ResultTable> {
  check.list(check.object, 1)(statistics, check.argument('statistics'));
  const { bootstrap, hypotheses, inPadding: counts, local: format, signal } = options;
  const { names = statistics.map((_, e) => String(e + 1)) } = options;
  const models = statistics.map(({ model }, i) => model ?? i);
  const isSeveral = new Set(models).size > 1;
  const tables = await Promise.all(
    statistics.map(async ({ patterns, local, n, task, ...moments }, i) => {
      const intervals =
        bootstrap && local && (await breathing(bootstrapInSteps(local, n[0]!, bootstrap), signal));
      const inPadding = counts && patterns.map((name) => counts.get(name) ?? 0);
      const table = await giaTable(patterns, { ...moments, n, bootstrap: intervals, hypotheses, inPadding });
      const kept = format && local ? ordered(table, patterns, local) : new Float32Array();
      const named = { ...(isSeveral && { model: names[models[i]!]! }), ...(task !== undefined && { task }) };
      return { named: { ...named, table }, local: kept };
    }),
  );
  const { rows } = joinTables(tables.map(({ named }) => named));
  const table = spelledTable(rows, statistics[0]!.alphabet);
  const local = concatenated(tables.map((each) => each.local));
  if (local.length === 0) return { table };
  return { table, local: format === 'f16' ? Float16Array.from(local) : local };
}

const spelledTable = (rows: readonly GiaRow[], alphabet: Alphabet | undefined): GiaTable =>
  alphabet === undefined
    ? { rows }
    : { rows: rows.map((row) => ({ ...row, pattern: spellName(row.pattern, alphabet) })), alphabet };

/** Local importances in the order of a table's rows. */
function ordered({ rows }: GiaTable, patterns: readonly string[], local: Float32Array): Float32Array {
  const count = local.length / patterns.length;
  const places = new Map(patterns.map((name, p) => [name, p]));
  return concatenated(
    rows.map(({ pattern }) => {
      const p = places.get(pattern)!;
      return local.subarray(p * count, (p + 1) * count);
    }),
  );
}
