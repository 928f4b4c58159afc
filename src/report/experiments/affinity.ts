/** Importances against measured affinities in words and figures (paper, figure 2f). */

import { type AffinityResult, SIGNIFICANT } from '../../gia/experiments/index.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { scatterPlot } from '../charts/index.js';
import { fitOf } from '../correlation.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { paragraph, sortable } from '../page/page.js';
import { intervalColumn, numberColumn } from '../table-columns.js';
import { count, probability } from '../wording.js';
import type { ExperimentReport, RowOf } from './experiment-report.js';
import { captionOf, fact, label, rounded } from './shared.js';

type Row = RowOf<AffinityResult>;

/** `K_D, nM`, or `K_D` where its unit is not known. */
const constant = ({ design: { unit } }: AffinityResult): string =>
  unit === undefined ? 'K_D' : `K_D, ${unit}`;

const description = ({ rows, design: { position } }: AffinityResult): string =>
  `${count(rows.length, 'variant')} at position ${position}, against ln K_D`;

export const affinityReport: ExperimentReport<AffinityResult> = {
  description,
  columns: (result) => [
    { heading: 'variant', cell: ({ labels }) => labels.pattern },
    { heading: constant(result), cell: ({ labels }) => label(labels.kd) },
    { heading: 'ln K_D', cell: ({ labels }) => label(labels.lnKd) },
  ],
  comparison: (none) => none,
  facts: ({ slope, slopeCiLow, slopeCiHigh, intercept, r2, r, p, points }) => [
    fact('slope', slope, [slopeCiLow, slopeCiHigh]),
    fact('intercept', intercept),
    fact('R²', r2),
    fact('r', r),
    probability(p),
    fact('points', points),
  ],
  finding,
  section: {
    title: 'Measured affinities',
    question: 'Are variants that bind more tightly, as measured, more important?',
    body,
  },
};

function finding({ facts, rows }: AffinityResult): string {
  const { slope, r2, p } = facts[0]!;
  const variants = rows.length;
  const line = Number.isNaN(r2) ? fitOf(r2, variants) : `${fitOf(r2, variants)}, ${probability(p)}`;
  if (!(p <= SIGNIFICANT))
    return `No relation between importance and measured affinity was detected (${line}).`;
  return `Importance ${slope < 0 ? 'falls' : 'rises'} by ${rounded(Math.abs(slope))} per unit of ln K_D (${line}): variants that bind more ${slope < 0 ? 'tightly' : 'weakly'} are more important.`;
}

async function body(files: Files, result: AffinityResult, unit: string): Promise<string> {
  const rows = result.rows;
  const { slope, slopeCiLow, slopeCiHigh, r2, p } = result.facts[0]!;
  const chart = await scatterPlot(
    rows.map(({ labels, importance }) => ({ x: labels.lnKd, y: importance, label: labels.pattern })),
    {
      title: 'Importance by measured affinity',
      xLabel: 'ln K_D, tighter binding to the left',
      yLabel: `global importance, ${unit}`,
    },
  );
  const unlabelled =
    chart.unlabelled === 0
      ? ''
      : ` ${count(chart.unlabelled, 'variant')} ${chart.unlabelled === 1 ? 'has' : 'have'} no label, which would cover another; the tip of each mark names its variant.`;
  const table = sortable(rows, [
    { heading: 'variant', cell: ({ labels }) => labels.pattern, letters: true },
    { heading: constant(result), cell: ({ labels }) => label(labels.kd), value: ({ labels }) => labels.kd },
    numberColumn<Row>('importance', ({ importance }) => importance, 3),
    intervalColumn<Row>(),
  ]);
  const ofUnit = result.design.unit === undefined ? ' K_D is in the unit of the table of measurements.' : '';
  return (
    files.figure(
      'affinity',
      chart.svg,
      rows.map(flatRow),
      `${captionOf(description(result), result)} The dashed line is the least-squares line.${unlabelled}`,
    ) +
    paragraph(
      `Slope ${fixed(slope, 3)} per unit of ln K_D (95 % interval ${fixed(slopeCiLow, 3)} to ${fixed(slopeCiHigh, 3)}), ${fitOf(r2, rows.length)}, ${probability(p)}. Where the slope is below 0, variants that bind more tightly are more important.${ofUnit}`,
    ) +
    table
  );
}
