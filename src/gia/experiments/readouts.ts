/** The result of one output of one model, out of a result that holds several. */

import type { Comparison, ExperimentRow, Labels, RowReadout } from './study.js';

/** The parts of a result that are by model and output. */
interface Readable {
  readonly rows: readonly ExperimentRow[];
  readonly comparisons: readonly Comparison<Labels>[];
  readonly facts: readonly Partial<RowReadout>[];
}

const isOf = (row: RowReadout, { model, output }: RowReadout): boolean =>
  row.model === model && row.output === output;

/** The models and outputs that a result has rows of, in the order of its facts. */
export function readoutsOfResult({ rows }: Readable): readonly RowReadout[] {
  const found: RowReadout[] = [];
  for (const { model, output, task } of rows)
    if (!found.some((one) => isOf(one, { model, ...(output !== undefined && { output }) })))
      found.push({ model, ...(output !== undefined && { output }), ...(task !== undefined && { task }) });
  return found;
}

/**
 * A result with the rows, comparisons and facts of one output of one model alone.
 *
 * @param readout one of `readoutsOfResult`. Default the first
 */
export function atReadout<Result extends Readable>(result: Result, readout?: RowReadout): Result {
  const all = readoutsOfResult(result);
  const chosen = readout ?? all[0];
  if (!chosen || all.length === 1) return result;
  return {
    ...result,
    rows: result.rows.filter((row) => isOf(row, chosen)),
    comparisons: result.comparisons.filter((row) => isOf(row, chosen)),
    facts: result.facts.filter((_, e) => isOf(all[e]!, chosen)),
  };
}
