/** The plan of a sweep, printed. */

import { patternSet } from '../gia/importance.js';
import type { Pattern } from '../gia/patterns.js';
import { describePlan } from '../gia/plan-report.js';
import { planSweep } from '../gia/sweep-plan.js';
import type { FilterMethod } from '../kernels/filtering.js';
import type { Architecture } from '../nn/architecture.js';
import { type Io, printResult } from './io.js';
import { aligned } from './tables.js';

export interface PlannedSweep {
  /** What is swept, for the heading. */
  readonly what: string;
  readonly patterns: readonly Pattern[];
  readonly method: FilterMethod;
}

export function printPlan(
  io: Io,
  architecture: Architecture,
  { what, patterns, method }: PlannedSweep,
  json: boolean | undefined,
): void {
  const set = patternSet(patterns, architecture.length);
  const report = describePlan(planSweep(architecture, set, method), architecture);
  const { perPattern, shared, total, naive } = report.multiplyAdds;
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  const text = [
    `${count(report.patterns)} ${what}, dilations ${architecture.dilations.join(', ')}, ${method}:`,
    aligned([
      ['stage', 'per pattern', 'shared vectors', 'edges', 'products'],
      ...report.stages.map((stage) => [
        stage.stage,
        stage.perPattern,
        count(stage.shared),
        count(stage.edges),
        stage.products,
      ]),
    ]),
    'Multiply-adds per (pattern, background):',
    aligned([
      ['per pattern', count(perPattern)],
      ['shared', count(shared)],
      ['in all', count(total)],
      ['embedding and predicting', count(naive)],
      ['saving', `${(naive / total).toFixed(1)} times`],
    ]),
  ];
  printResult(io, json, report, text.join('\n'));
}
