/** An analysis' statistics as one table, model by model. */

import { Float16Array } from '@petamoriken/float16';
import { breathing } from '../../device/breathe.js';
import { concatenated } from '../../gia/arrays.js';
import { bootstrapInSteps } from '../../gia/statistics/bootstrap.js';
import { importancesOf, type SweepState } from '../../gia/sweep/state.js';
import { type GiaTable, giaTable, joinTables } from '../../gia/tables/table.js';
import type { AnalysisRun } from './analysis.js';
import type { ResultTable } from './table-output.js';

/** Patterns of one model and what is known of them. */
export interface ModelStatistics {
  readonly patterns: readonly string[];
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** Backgrounds of each. */
  readonly n: readonly number[];
  /** [P * N], where all have as many. */
  readonly local?: Float32Array | undefined;
}

/** The table of the parts reached. */
export async function reachedTable(run: AnalysisRun, states: readonly SweepState[]): Promise<ResultTable> {
  const { model, patterns } = run;
  const parts = states.map((state) => importancesOf(state, model));
  const names = states.flatMap((_, i) => patterns[i]!.map(({ name }) => name));
  const n = states.flatMap(({ backgrounds }, i) => patterns[i]!.map(() => backgrounds));
  const statistics = Array.from({ length: model.models }, (_, e): ModelStatistics => {
    const joined = (field: 'mean' | 'variance' | 'min' | 'max') =>
      concatenated(parts.map((part) => part[e]![field]));
    const locals = parts.flatMap((part) => part[e]!.local ?? []);
    return {
      patterns: names,
      mean: joined('mean'),
      variance: joined('variance'),
      min: joined('min'),
      max: joined('max'),
      n,
      ...(locals.length === parts.length && { local: concatenated(locals) }),
    };
  });
  return await resultTable(run, statistics);
}

/** @param hypotheses patterns tested, where more than are given */
export async function resultTable(
  { analysis: { paths, options }, model, inPadding: counts, signal }: AnalysisRun,
  statistics: readonly ModelStatistics[],
  hypotheses?: number,
): Promise<ResultTable> {
  const tables = await Promise.all(
    statistics.map(async ({ patterns, local, n, ...moments }, e) => {
      const bootstrap =
        options.bootstrap !== undefined && local
          ? await breathing(
              bootstrapInSteps(local, n[0]!, { resamples: options.bootstrap, seed: options.seed }),
              signal,
            )
          : undefined;
      const inPadding = counts && patterns.map((name) => counts.get(name) ?? 0);
      const table = await giaTable(patterns, { ...moments, n, bootstrap, hypotheses, inPadding });
      return {
        model: paths[e]!,
        table,
        local: options.local && local ? ordered(table, patterns, local) : [],
      };
    }),
  );
  const table = model.models === 1 ? tables[0]!.table : joinTables(tables);
  const local = concatenated(tables.map((each) => each.local));
  if (local.length === 0) return { table };
  return { table, local: options.local === 'f16' ? Float16Array.from(local) : local };
}

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
