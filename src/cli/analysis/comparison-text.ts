/** A comparison of methods for the terminal. */

import { basename } from 'node:path';
import { count } from '../../device/count.js';
import type { Comparison, ExperimentComparison, MethodTest } from '../../nn/comparison/compare.node.js';
import { motifLetters } from '../../report/comparison-table.js';
import { coefficient } from '../../report/correlation.js';
import { aligned, interval } from '../tables.js';

/** Experiments that are shown one by one; more of them are rows of one table. */
const SHOWN = 4;

/** What the command prints. */
export function comparisonText(comparison: Comparison): string {
  const { experiments, tests } = comparison;
  const each = experiments.length > SHOWN ? [overview(experiments)] : experiments.map(experimentText);
  return [...each, ...(tests.length > 0 ? [testsText(experiments.length, tests)] : [])].join('\n\n');
}

function experimentText({ name, n, methods, differences }: ExperimentComparison): string {
  const table = aligned([
    ['method', 'test r', '95 % interval', 'Spearman', 'validation r', ''],
    ...methods.map(({ method, value, ciLow, ciHigh, spearman, validation, penalty, motif, folder }) => [
      method,
      coefficient(value),
      intervalText(ciLow, ciHigh),
      coefficient(spearman),
      validation === null ? 'none' : coefficient(validation),
      penalty === undefined
        ? motif
          ? `motif ${motifLetters(motif)}${folder === undefined ? '' : ` (${basename(folder)})`}`
          : ''
        : `penalty ${Number(penalty.toPrecision(3))}`,
    ]),
  ]);
  const paired = aligned([
    ['difference', 'r', '95 % interval'],
    ...differences.map(({ a, b, value, ciLow, ciHigh }) => [
      `${a} - ${b}`,
      coefficient(value),
      intervalText(ciLow, ciHigh),
    ]),
  ]);
  return [`${name}, ${count(n, 'test probe')}`, table, ...(differences.length > 0 ? [paired] : [])].join(
    '\n',
  );
}

/** One row for each experiment. */
function overview(experiments: readonly ExperimentComparison[]): string {
  const methods = experiments[0]!.methods.map(({ method }) => method);
  const means = methods.map((_, i) => {
    const known = experiments.map((each) => each.methods[i]!.value).filter((r) => !Number.isNaN(r));
    return known.reduce((sum, r) => sum + r, 0) / known.length;
  });
  return aligned([
    ['test r', 'probes', ...methods],
    ...experiments.map(({ name, n, methods: own }) => [
      name,
      n.toLocaleString('en'),
      ...own.map(({ value }) => coefficient(value)),
    ]),
    ['mean', '', ...means.map((mean) => coefficient(mean))],
  ]);
}

const testsText = (experiments: number, tests: readonly MethodTest[]): string =>
  [
    `over ${count(experiments, 'experiment')}`,
    aligned([
      ['difference', 'median', 'greater in', 'Wilcoxon p'],
      ...tests.map(({ a, b, median, wins, n, p }) => [
        `${a} - ${b}`,
        coefficient(median),
        `${wins} of ${n}`,
        p < 1e-4 ? p.toExponential(1) : p.toFixed(4),
      ]),
    ]),
  ].join('\n');

const intervalText = (low: number, high: number): string =>
  Number.isNaN(low) ? 'none' : interval(low, high);
