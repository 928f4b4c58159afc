/** The plan of a k-mer sweep, printed. */

import { kmerPatterns, patternSet } from '../gia/importance.js';
import { describePlan } from '../gia/plan-report.js';
import { planSweep } from '../gia/sweep-plan.js';
import type { FilterMethod } from '../kernels/filtering.js';
import type { Architecture } from '../nn/architecture.js';
import { type Io, printResult } from './io.js';
import { aligned } from './tables.js';

export interface KmerSweep {
  readonly k: number;
  readonly position: number;
  readonly method: FilterMethod;
}

export function printPlan(
  io: Io,
  architecture: Architecture,
  { k, position, method }: KmerSweep,
  json: boolean | undefined,
): void {
  const set = patternSet(kmerPatterns(k, position, architecture.length), architecture.length);
  const report = describePlan(planSweep(architecture, set, method), architecture);
  const { perPattern, shared, total, naive } = report.multiplyAdds;
  const count = (value: number): string => Math.round(value).toLocaleString('en');
  const text = [
    `${count(report.patterns)} ${k}-mers at ${position}, dilations ${architecture.dilations.join(', ')}, ${method}:`,
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
    'Multiply-adds per (k-mer, background):',
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
