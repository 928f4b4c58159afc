/** Two motifs by their distance in words and figures (paper, figure 2d). */

import { LEAST_SHARE, type SpacingResult } from '../../gia/experiments/index.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { lineChart } from '../charts/index.js';
import type { Files } from '../figures/figure-files.js';
import { count } from '../wording.js';
import type { ComparedOf, ExperimentReport } from './experiment-report.js';
import { about, captionOf, isDetected, isSmall, paddingOf, qOf, rounded } from './shared.js';

type Compared = ComparedOf<SpacingResult>;

const COMPARISONS = {
  'together-minus-sum': 'together − sum of each alone',
} as const satisfies Record<Compared['comparison'], string>;

function description({ design: { motif, second, arrangement }, rows }: SpacingResult): string {
  const pairs = () => rows.map(({ labels }) => `(${labels.first}, ${labels.second})`);
  const places = {
    gaps: () => 'around the middle, at increasing distance',
    map: () => 'at every pair of positions',
    pairs: () => `at positions ${pairs().join(', ')}`,
  }[arrangement];
  return `${motif} and ${second}, ${places()}`;
}

export const spacingReport: ExperimentReport<SpacingResult> = {
  description,
  columns: () => [
    { heading: 'first at', cell: ({ labels }) => String(labels.first) },
    { heading: 'second at', cell: ({ labels }) => String(labels.second) },
    { heading: 'gap', cell: ({ labels }) => String(labels.gap) },
  ],
  comparison: (labels) =>
    about(COMPARISONS[labels.comparison], [
      `at ${labels.first} and ${labels.second}`,
      `gap ${labels.gap}`,
      ...paddingOf(labels),
    ]),
  facts: () => [],
  finding,
  section: {
    title: 'Spacing',
    question: 'Do two copies help or hinder each other, and at what distance?',
    body,
  },
};

/** How two motifs stand to each other. */
function atGap(gap: number): string {
  if (gap === 0) return 'next to each other';
  return gap < 0 ? `overlapping by ${count(-gap, 'letter')}` : `${count(gap, 'letter')} apart`;
}

function finding({ design: { motif, second }, rows, comparisons }: SpacingResult): string | undefined {
  if (comparisons.length === 0) return undefined;
  const small = new Set(
    comparisons.filter(({ difference }, i) => isSmall(difference, rows[i]!.importance - difference)),
  );
  const near = comparisons.reduce((a, b) => (b.labels.gap < a.labels.gap ? b : a));
  const both = motif === second ? `two copies of ${motif}` : `${motif} and ${second}`;
  const place = `${both} ${atGap(near.labels.gap)}`;
  const nearest = !isDetected(near)
    ? `For ${place}, no difference from the sum of each alone was detected (${qOf(near)}).`
    : small.has(near)
      ? `The importance of ${place} is within ${100 * LEAST_SHARE} % of the sum of each alone.`
      : `The importance of ${place} is ${rounded(Math.abs(near.difference))} ${near.difference < 0 ? 'less' : 'more'} than the sum of each alone (${qOf(near)}).${furtherCopies(motif, second, near.labels.gap)}`;
  if (comparisons.length === 1) return nearest;
  const losses = comparisons.filter((one) => isDetected(one) && !small.has(one) && one.difference < 0);
  if (losses.length === 0)
    return `${nearest} At no gap do the two ${motif === second ? 'copies' : 'motifs'} together lose ${100 * LEAST_SHARE} % of the sum of each alone.`;
  const worst = losses.reduce((a, b) => (b.difference < a.difference ? b : a));
  return `${nearest} The largest loss is ${rounded(-worst.difference)}, ${atGap(worst.labels.gap)} (${qOf(worst)}).`;
}

/** Two copies side by side may spell the motif once more: UCUUCU twice is UCUUCUUCUUCU. */
const furtherCopies = (motif: string, second: string, gap: number): string =>
  gap === 0 && motif === second && `${motif}${second}`.indexOf(motif, 1) < motif.length
    ? ' Side by side they spell the motif once more.'
    : '';

async function body(files: Files, result: SpacingResult, unit: string): Promise<string> {
  const { rows, comparisons } = result;
  const together = rows.map(({ labels, importance: y, ciLow: low, ciHigh: high }) => ({
    x: labels.gap,
    y,
    low,
    high,
    series: 'together',
  }));
  const alone = rows.map(({ labels, importance }, i) => {
    const { difference, ciLow, ciHigh } = comparisons[i]!;
    return {
      x: labels.gap,
      y: importance - difference,
      low: importance - ciHigh,
      high: importance - ciLow,
      series: 'sum of each alone',
    };
  });
  const chart = await lineChart([...together, ...alone], {
    title: 'Importance by gap',
    xLabel: 'letters between the two',
    yLabel: `global importance, ${unit}`,
  });
  return files.figure(
    'spacing',
    chart.svg,
    comparisons.map(flatRow),
    `${captionOf(description(result), result)} The sum adds the importances of the two motifs, each alone at the same position. Where the line of both together lies above the sum, they help each other; where it lies below, they hinder each other. Bands are 95 % intervals; the band of the sum is the interval of the difference between the two lines.`,
  );
}
