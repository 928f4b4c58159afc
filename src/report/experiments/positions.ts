/** A motif by its position in words and figures. */

import type { PositionsResult } from '../../gia/experiments/index.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { lineChart } from '../charts/index.js';
import type { Files } from '../figures/figure-files.js';
import { listed } from '../wording.js';
import type { ComparedOf, ExperimentReport } from './experiment-report.js';
import { about, captionOf, fact, paddingOf, rounded } from './shared.js';

type Compared = ComparedOf<PositionsResult>;

const COMPARISONS = {
  'position-minus-mean': (position) => `position ${position} − mean over positions`,
  'position-minus-best': (position) => `position ${position} − best position`,
} as const satisfies Record<Compared['comparison'], (position: number) => string>;

const description = ({ design: { motif, positions, range } }: PositionsResult): string =>
  `${motif} at ${
    {
      given: `positions ${listed(positions.map(String))}`,
      letters: `every position where probes have letters (${positions[0]}–${positions.at(-1)})`,
      input: 'every position',
    }[range]
  }`;

export const positionsReport: ExperimentReport<PositionsResult> = {
  description,
  columns: () => [{ heading: 'position', cell: ({ labels }) => String(labels.position) }],
  comparison: (labels) => about(COMPARISONS[labels.comparison](labels.position), paddingOf(labels)),
  facts: ({ range, best }) => [
    fact('range of importance over positions', range),
    fact('best position', best),
  ],
  finding,
  section: { title: 'Position', question: 'Does the importance of the motif depend on its position?', body },
};

function finding(result: PositionsResult): string | undefined {
  const { rows } = result;
  if (rows.length === 0) return undefined;
  const least = rows.reduce((a, b) => (b.importance < a.importance ? b : a));
  const best = rows.reduce((a, b) => (b.importance > a.importance ? b : a));
  const { motif } = result.design;
  if (rows.length === 1)
    return `At position ${best.labels.position}, ${motif} has an importance of ${rounded(best.importance)}.`;
  return `The importance of ${motif} ranges from ${rounded(least.importance)} (at position ${least.labels.position}) to ${rounded(best.importance)} (at position ${best.labels.position}).`;
}

async function body(files: Files, result: PositionsResult, unit: string): Promise<string> {
  const rows = result.rows;
  const points = rows.map(({ labels, importance: y, ciLow: low, ciHigh: high }) => ({
    x: labels.position,
    y,
    low,
    high,
  }));
  const chart = await lineChart(points, {
    title: 'Importance by position',
    xLabel: 'position of the first letter, from 0',
    yLabel: `global importance, ${unit}`,
  });
  return files.figure(
    'positions',
    chart.svg,
    rows.map(flatRow),
    `${captionOf(description(result), result)} The band is the 95 % interval.`,
  );
}
