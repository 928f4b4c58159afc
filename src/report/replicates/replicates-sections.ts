/**
 * What networks that were trained anew on the same probes have in common: the k-mers on top of all of them,
 * the range of their test correlations, and the findings of experiments that all of them agree on.
 */

import type { Measured } from '../../gia/measurement/measurements.js';
import { leastSquares } from '../../gia/statistics/paired.js';
import { dotPlot, rowsToTsv } from '../charts/index.js';
import { coefficient } from '../correlation.js';
import type { Files } from '../figures/figure-files.js';
import { fixed, SERIES } from '../figures/svg.js';
import { html, paragraph, type Section, sortable } from '../page/page.js';
import { chanceFindings, type TaskAgreement } from '../sections/agreement-section.js';
import { measuredFindings, measuredSection, ridgeFinding } from '../sections/measured-section.js';
import { motifSection } from '../sections/motif-section.js';
import { inOrder, kindOf, list, type Shown, type TaskReport } from '../sections/task-sections.js';
import { numberColumn } from '../table-columns.js';
import { count, listed } from '../wording.js';
import type { SharedResult, SharedRow } from './ask-replicates.js';
import { allOf, rangeText, sharedExperiments, sharedFindings } from './shared-experiments.js';

/** What a page shows of replicates. */
export interface SharedReport {
  /** Of the networks, in order. */
  readonly seeds: readonly number[];
  /** By descending mean importance. */
  readonly sweep: readonly SharedRow[];
  /** With the rows of all networks. */
  readonly experiments: readonly SharedResult[];
  /** Of the mean of all predictions. */
  readonly agreement?: TaskAgreement | undefined;
  /** Mean importances beside measurements. */
  readonly measured?: Measured | undefined;
  /** Network by network. */
  readonly replicates: readonly TaskReport[];
}

/** Anchor of the section of the `i`-th network, and the folder of its files. */
export const networkId = (i: number): string => `network-${i + 1}`;

/** Patterns of the table and of the figure, and of the comparison of what is on top. */
const SHOWN = { table: 20, figure: 12, top: 10 };

/** The findings, then the sections behind them. */
export async function replicatesSections(shown: Shown, report: SharedReport): Promise<Section[]> {
  const { swept, others, unit, alphabet } = shown;
  const { sweep, experiments, measured } = report;
  return [
    { id: 'findings', title: 'What the networks have in common', body: findings(report, unit) },
    await sweepSection(swept, sweep, unit),
    ...(measured ? [await measuredSection(swept, measured, unit)] : []),
    motifSection(swept, others, sweep, unit, undefined, alphabet),
    ...sharedExperiments(others, experiments, unit),
  ];
}

function findings(report: SharedReport, unit: string): string {
  const { replicates, seeds, measured, experiments } = report;
  const networks = replicates.length;
  const known = pearsonsOf(report);
  const all = hasLearned(report)
    ? [
        topFinding(report, unit),
        sharedTops(report),
        correlations(report),
        ...agreementFindings(report),
        ...(measured ? measuredFindings(measured, meanOf(known), WHOSE) : []),
        ...sharedFindings(experiments, networks),
      ]
    : [...agreementFindings(report), ...(measured ? ridgeFinding(measured, meanOf(known), WHOSE) : [])];
  const backgrounds = experiments[0]?.backgrounds;
  const note = `These are ${networks} networks (n = ${networks}), trained on the same probes from different seeds (${listed(seeds.map(String))}), which draw initial weights, orders of the probes and dropout. A difference that is only noise has the same sign in all of them in 1 of ${2 ** (networks - 1)} cases. Intervals and q of this section and of the comparisons below are over networks; those of single networks are over ${backgrounds === undefined ? 'backgrounds' : count(backgrounds, 'background')}.`;
  return `${list(all)}${overview(report)}<p class="note">${html(note)}</p>`;
}

/** Whose correlation stands beside that of the regression. */
const WHOSE = 'that of the networks';

/** Whether a network predicts better than chance, or nobody knows. */
const hasLearned = ({ replicates }: SharedReport): boolean =>
  replicates.some(({ agreement }) => chanceFindings(agreement) === undefined);

/** The top pattern, and where it stands in each network. */
function topFinding({ sweep, replicates }: SharedReport, unit: string): string {
  const best = sweep[0]!;
  const firsts = best.ranks.filter((rank) => rank === 1).length;
  const worst = Math.max(...best.ranks);
  const networks = replicates.length;
  const place =
    firsts === networks
      ? `It is the first in ${allOf(networks)}.`
      : `It is the first in ${firsts} of ${networks}; its lowest rank is ${worst.toLocaleString('en')} (network ${best.ranks.indexOf(worst) + 1}).`;
  const of = `${count(sweep.length, kindOf(sweep))}`;
  return `The most important of ${of} on average over ${networks} networks is ${best.pattern}: embedded in a background it ${best.importance < 0 ? 'changes' : 'raises'} the prediction by ${fixed(best.importance, 2)} (${rangeText(best.importances, 2)}), in ${unit}. ${place}`;
}

/** Patterns among the most important ones of every network. */
function sharedTops({ sweep, replicates }: SharedReport): string {
  const most = Math.min(SHOWN.top, sweep.length);
  const kind = kindOf(sweep);
  const shared = sweep.filter(({ ranks }) => ranks.every((rank) => rank <= most));
  const networks = allOf(replicates.length);
  if (shared.length === 0) return `No ${kind} is among the ${most} most important of ${networks}.`;
  return `${shared.length} of the ${most} most important ${kind}s ${shared.length === 1 ? 'is' : 'are'} the same in ${networks}: ${listed(shared.map(({ pattern }) => pattern))}.`;
}

/** How similar the sweeps are, two by two. */
function correlations({ sweep, replicates }: SharedReport): string {
  const values = replicates.map((_, e) => sweep.map(({ importances }) => importances[e]!));
  const r = values.flatMap((a, i) => values.slice(i + 1).map((b) => leastSquares(a, b).r));
  const known = r.filter((value) => !Number.isNaN(value));
  const kind = kindOf(sweep);
  if (known.length === 0) return `Importances of ${kind}s do not vary, so they do not correlate.`;
  return `Importances of all ${kind}s correlate between ${replicates.length === 2 ? 'the networks' : 'any two networks'} at r = ${rangeText(known, 3)}.`;
}

const pearsonsOf = ({ replicates }: SharedReport): readonly number[] =>
  replicates.flatMap(({ agreement }) =>
    agreement === undefined || Number.isNaN(agreement.pearson) ? [] : [agreement.pearson],
  );

function agreementFindings(report: SharedReport): string[] {
  const { replicates, agreement } = report;
  if (!agreement) return [];
  const n = agreement.measured.length;
  const networks = replicates.length;
  const on = `On ${count(n, 'sequence')} that they were not trained on,`;
  const known = pearsonsOf(report);
  if (known.length === 0)
    return [`${on} no network has a defined correlation of predictions with measurements.`];
  const some = known.length === networks ? '' : ` in ${known.length} of ${networks} networks`;
  const together = Number.isNaN(agreement.pearson)
    ? ''
    : `; the mean of all predictions at r = ${fixed(agreement.pearson, 3)}`;
  const poor = replicates.flatMap(({ agreement: own }, i) => (chanceFindings(own) ? [i + 1] : []));
  const chance =
    poor.length === 0
      ? []
      : poor.length === networks
        ? [
            'No network predicts better than chance (r is below 0.1, or its 95 % interval includes 0). The figures below show what the networks compute. They say nothing about the measurements, so the page draws no conclusions from them.',
          ]
        : [
            `Network${poor.length === 1 ? '' : 's'} ${listed(poor.map(String))} ${poor.length === 1 ? 'predicts' : 'predict'} no better than chance (r is below 0.1, or its 95 % interval includes 0). ${poor.length === 1 ? 'Its' : 'Their'} agreement with the others means little.`,
          ];
  return [
    `${on} predictions correlate with measurements at r = ${fixed(meanOf(known), 3)} on average${some} (${rangeText(known, 3)})${together}.`,
    ...chance,
  ];
}

/** One line for each network. */
function overview({ sweep, replicates, seeds }: SharedReport): string {
  const best = sweep[0]!;
  const rows = replicates.map((own, i) => ({ own, i, top: inOrder(own.sweep)[0]! }));
  type Row = (typeof rows)[number];
  return sortable(rows, [
    { heading: 'network', cell: ({ i }) => String(i + 1), href: ({ i }) => `#${networkId(i)}` },
    { heading: 'seed', cell: ({ i }) => String(seeds[i]), value: ({ i }) => seeds[i]! },
    { heading: `top ${kindOf(sweep)}`, cell: ({ top }) => top.pattern, letters: true },
    numberColumn<Row>('its importance', ({ top }) => top.importance, 3),
    numberColumn<Row>(
      `of ${best.pattern}`,
      ({ i }) => best.importances[i]!,
      3,
      `importance of ${best.pattern}`,
    ),
    numberColumn<Row>(`rank of ${best.pattern}`, ({ i }) => best.ranks[i]!, 0),
    ...(replicates.some(({ agreement }) => agreement)
      ? [
          {
            heading: 'r',
            hint: 'Pearson’s correlation of predictions with measurements that were not trained on',
            value: ({ own }: Row) => own.agreement?.pearson ?? Number.NaN,
            cell: ({ own }: Row) => (own.agreement ? coefficient(own.agreement.pearson, 3) : ''),
          },
        ]
      : []),
  ]);
}

async function sweepSection(files: Files, sweep: readonly SharedRow[], unit: string): Promise<Section> {
  const one = kindOf(sweep);
  const networks = sweep[0]!.importances.length;
  const names = sweep[0]!.importances.map((_, e) => `network ${e + 1}`);
  const drawn = sweep.slice(0, SHOWN.figure).flatMap(({ pattern, importance, importances }) =>
    networks <= SERIES.length
      ? importances.map((value, e) => ({ name: pattern, value, series: names[e]! }))
      : [
          { name: pattern, value: Math.min(...importances), series: 'lowest' },
          { name: pattern, value: importance, series: 'mean' },
          { name: pattern, value: Math.max(...importances), series: 'highest' },
        ],
  );
  const chart = await dotPlot(drawn, {
    title: `The most important ${one}s in each network`,
    xLabel: one,
    yLabel: `global importance, ${unit}`,
  });
  const path = `${files.folder}/sweep.tsv`;
  files.all.push({
    path,
    contents: rowsToTsv(
      sweep.map(({ pattern, importance, importances, ranks }, i) => ({
        pattern,
        rank: i + 1,
        importance: digits(importance),
        ...Object.fromEntries(
          importances.flatMap((value, e) => [
            [`importance_${e + 1}`, digits(value)],
            [`rank_${e + 1}`, ranks[e]!],
          ]),
        ),
      })),
    ),
  });
  const places = new Map(sweep.map((row, i) => [row, i + 1]));
  const table = sortable(sweep.slice(0, SHOWN.table), [
    { heading: one, cell: ({ pattern }) => pattern, letters: true },
    numberColumn('rank', (row) => places.get(row)!, 0, 'by mean importance'),
    numberColumn('mean', ({ importance }) => importance, 3, `mean importance over ${networks} networks`),
    numberColumn('lowest', ({ importances }) => Math.min(...importances), 3),
    numberColumn('highest', ({ importances }) => Math.max(...importances), 3),
    { heading: 'ranks', hint: 'in each network, in order', cell: ({ ranks }) => ranks.join(', ') },
  ]);
  return {
    id: 'sweep',
    title: `All ${one}s in all networks`,
    body:
      files.figure(
        'importances',
        chart.svg,
        chart.rows,
        `Global importance of the ${count(Math.min(SHOWN.figure, sweep.length), one)} of the highest mean over ${networks} networks, in each network.`,
      ) +
      paragraph(
        `The most important ${one}s by mean importance${sweep.length > SHOWN.table ? ` (the first ${SHOWN.table})` : ''}.`,
      ) +
      `${table}<p><a href="${path}">All ${count(sweep.length, one)}</a></p>`,
  };
}

const digits = (value: number): number => Number(value.toPrecision(9));

/** NaN of none. */
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
