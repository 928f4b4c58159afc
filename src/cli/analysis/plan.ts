/** The plan of a sweep, printed. */

import type { Pattern } from '../../gia/patterns/patterns.js';
import { type FoldingCost, foldingCost, type Treatment } from '../../gia/structure.js';
import { patternSet } from '../../gia/sweep/partition.js';
import { planSweep } from '../../gia/sweep/plan.js';
import {
  describePlan,
  estimate,
  type PlanReport,
  type SweepExtent,
  type TimeEstimate,
} from '../../gia/sweep/plan-report.js';
import { reasonNotShared } from '../../gia/sweep/shareable.js';
import type { FilterMethod } from '../../kernels/sweep/filtering.js';
import { type Architecture, forwardMultiplyAdds } from '../../nn/architecture.js';
import { summaryOf } from '../../nn/presets.js';
import { count } from '../../report/wording.js';
import { aligned } from '../tables.js';
import { type Io, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';

export interface PlannedSweep extends SweepExtent {
  /** What is swept, for the heading. */
  readonly what: string;
  readonly patterns: readonly Pattern[];
  readonly method: FilterMethod;
  /** Multiply-adds per second at the peak of the adapter; undefined where there is none. */
  readonly ceiling?: number;
  /** Of models with structure channels. */
  readonly structure?: Treatment | undefined;
  /** Sequences folded a second here, for models with structure channels, where there is an adapter. */
  readonly folded?: number | undefined;
}

/** What the columns of the table mean. */
const LEGEND = [
  ['per pattern', 'positions that are computed for every pattern on its own'],
  ['shared vectors', 'vectors computed once per background, for all patterns that look alike there'],
  ['edges', 'sums of what comes from shared vectors, once per background and class of patterns'],
  ['products', 'matrix products per pattern; minimal filtering takes several positions as one block'],
] as const;

const CHUNKS = {
  fused: 'many pairs from edges to predictions in one dispatch',
  matrices: 'many pairs from edges to predictions in one dispatch, by matrices',
  staged: 'pairs stage by stage, because no kernel holds all of this plan',
} as const;

export function printPlan(
  io: Io,
  architecture: Architecture,
  { what, patterns, method, ceiling, structure, folded, ...extent }: PlannedSweep,
  json: boolean | undefined,
): void {
  const heading = `${whole(patterns.length)} ${what}, ${summaryOf(architecture)}`;
  const reason = reasonNotShared(architecture);
  if (reason) {
    const naive = forwardMultiplyAdds(architecture);
    const { backgrounds, times = 1 } = extent;
    const size = { patterns: patterns.length * times, backgrounds };
    const folding = foldingCost(architecture, size, { structure }, folded);
    const report = {
      patterns: patterns.length,
      method: 'naive',
      reason,
      multiplyAdds: { naive },
      ...(folding && { folding }),
    };
    const text = [
      `${heading}: ${reason}.`,
      `Every pattern is embedded in every background and predicted: ${whole(naive)} multiply-adds per pair.`,
      ...(folding ? foldingLines(folding, backgrounds) : []),
    ];
    printResult(io, json, report, text.join('\n'));
    return;
  }
  const set = patternSet(patterns, architecture.length);
  const described = describePlan(planSweep(architecture, set, method), architecture, extent);
  const here =
    ceiling === undefined
      ? []
      : [
          estimate(described.work, {
            on: 'this adapter at its peak arithmetic, at least',
            multiplyAddsPerSecond: ceiling,
          }),
        ];
  const report = { ...described, times: [...here, ...described.times] };
  printResult(io, json, report, [`${heading}, ${method}:`, ...reportLines(report)].join('\n'));
}

/** What is folded, and how long that takes. */
function foldingLines({ structure, foldings, times }: FoldingCost, backgrounds: number): readonly string[] {
  const rows = times.map(({ on, seconds, sequencesPerSecond }) => [
    `on ${on}`,
    duration(seconds),
    `${whole(sequencesPerSecond)} a second`,
  ]);
  return structure === 'fold'
    ? [
        `Every embedded sequence is folded anew, which takes most of the time: ${count(foldings, 'folding')}, about`,
        aligned(rows),
        `With --structure keep only the ${count(backgrounds, 'background')} are folded.`,
      ]
    : [
        `Embedded sequences keep the structure of their background: ${count(foldings, 'folding')}, about`,
        aligned(rows),
      ];
}

/** The plan of a sweep that shares work, line by line. */
function reportLines(report: PlanReport): readonly string[] {
  const { perPattern, shared, total, naive } = report.multiplyAdds;
  const { least, software, hardware } = report.memory;
  return [
    aligned([
      ['stage', 'per pattern', 'shared vectors', 'edges', 'products'],
      ...report.stages.map((stage) => [
        stage.stage,
        stage.perPattern,
        whole(stage.shared),
        whole(stage.edges),
        stage.products,
      ]),
    ]),
    ...LEGEND.map(([name, meaning]) => `  ${name}: ${meaning}`),
    'Multiply-adds per (pattern, background):',
    aligned([
      ['per pattern', whole(perPattern)],
      ['shared', whole(shared)],
      ['in all', whole(total)],
      ['embedding and predicting', whole(naive)],
      ['saving', `${(naive / total).toFixed(1)} times`],
    ]),
    `Estimated time for ${count(report.backgrounds, 'background')}, ${giga(report.work)} multiply-adds in all:`,
    aligned(report.times.map(timeRow)),
    `GPU memory: at least ${mib(least)}; by default about ${mib(software)} on CPU adapters, ${mib(hardware)} on hardware (--memory sets a limit).`,
    `On hardware: ${CHUNKS[report.chunk]}, ${(report.bytesPerPair / 1000).toFixed(1)} kB through memory per pair, ${count(report.dispatches, 'dispatch', 'dispatches')}.`,
  ];
}

const timeRow = ({ on, multiplyAddsPerSecond, seconds }: TimeEstimate): string[] => [
  `on ${on}`,
  duration(seconds),
  `${giga(multiplyAddsPerSecond)} a second`,
];

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const giga = (value: number): string =>
  `${Number((value / 1e9).toPrecision(3)).toLocaleString('en')} billion`;
const mib = (bytes: number): string => `${whole(Math.ceil(bytes / 2 ** 20))} MiB`;
