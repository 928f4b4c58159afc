/** G and C near either end of a motif in words and figures (paper, figures 4c to 4e). */

import { GC_EVIDENCE, type GcResult, gcVerdicts, LEAST_SHARE } from '../../gia/experiments/index.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { boxPlot } from '../charts/index.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { paragraph } from '../page/page.js';
import { listed } from '../wording.js';
import type { ComparedOf, ExperimentReport, RowOf } from './experiment-report.js';
import {
  BOXES,
  boxOfRow,
  captionOf,
  comparisonTable,
  fact,
  intervalOf,
  isDetected,
  qOf,
  rounded,
} from './shared.js';

type Compared = ComparedOf<GcResult>;
type Condition = RowOf<GcResult>['labels']['condition'];

const CONDITIONS: Readonly<Record<Condition, string>> = {
  motif: 'motif',
  'with-gc5': 'motif and 5′ GC',
  'with-gc3': 'motif and 3′ GC',
  gc5: '5′ GC',
  gc3: '3′ GC',
};

const COMPARISONS: Readonly<Record<Compared['comparison'], string>> = {
  'with-gc5-minus-motif': 'with 5′ GC − motif',
  'with-gc3-minus-motif': 'with 3′ GC − motif',
  'with-gc5-minus-with-gc3': 'with 5′ GC − with 3′ GC',
  'with-gc5-minus-sum': 'with 5′ GC − sum of each alone',
  'with-gc3-minus-sum': 'with 3′ GC − sum of each alone',
};

const ENDS = [
  ['5′', 'gc5'],
  ['3′', 'gc3'],
] as const;

const description = ({ design: { motif, position, gc, position5, position3 } }: GcResult): string =>
  `${motif} at position ${position} with ${gc} at position ${position5} (5′ end) or ${position3} (3′ end), and ${gc} alone`;

const comparison = (labels: Compared): string => COMPARISONS[labels.comparison];

export const gcReport: ExperimentReport<GcResult> = {
  description,
  columns: () => [
    { heading: 'embedded', cell: ({ labels }) => CONDITIONS[labels.condition] },
    { heading: 'pattern', cell: ({ labels }) => labels.pattern },
  ],
  comparison,
  facts: (facts) => [
    fact('with 5′ GC / motif alone', facts.effect5, [facts.effect5CiLow, facts.effect5CiHigh]),
    fact('with 3′ GC / motif alone', facts.effect3, [facts.effect3CiLow, facts.effect3CiHigh]),
    fact('difference of these ratios', facts.difference, [facts.differenceCiLow, facts.differenceCiHigh]),
  ],
  finding,
  section: { title: 'GC bias', question: 'Do G and C near an end change the motif’s effect?', body },
};

function finding(result: GcResult): string {
  const { design, rows, comparisons } = result;
  const { motif, gc } = design;
  const verdicts = gcVerdicts(result);
  const effects = ENDS.map(([end, key]) => {
    const place = `${gc} at the ${end} end`;
    const found = comparisons.find(({ labels }) => labels.comparison === GC_EVIDENCE[key]);
    if (!found) return `${place} was not compared`;
    if (!isDetected(found)) return `${place} has no detectable effect (${qOf(found)})`;
    const size = `${found.difference > 0 ? 'adds' : 'takes away'} ${rounded(Math.abs(found.difference))}`;
    return verdicts[key] === 'none'
      ? `${place} has no effect of note (it ${size}, less than ${100 * LEAST_SHARE} % of the importance)`
      : `${place} ${size} (${intervalOf(found)}, ${qOf(found)})`;
  });
  const alone = rows.find(({ labels }) => labels.condition === 'motif');
  const importance = alone ? ` (importance ${rounded(alone.importance)} alone)` : '';
  return `Together with ${motif}${importance}, ${listed(effects)}.`;
}

async function body(files: Files, result: GcResult, unit: string): Promise<string> {
  const rows = result.rows;
  const chart = await boxPlot(
    rows.map((row) => boxOfRow(row, CONDITIONS[row.labels.condition])),
    { title: 'GC at either end', xLabel: 'what is embedded', yLabel: `local importance, ${unit}` },
  );
  const { effect5, effect3, difference } = result.facts[0]!;
  return (
    files.figure('gc', chart.svg, rows.map(flatRow), `${captionOf(description(result), result)} ${BOXES}`) +
    paragraph(
      `The effect size is the importance with GC divided by the importance of the motif alone; 1 means no change. It is ${fixed(effect5, 3)} at the 5′ end and ${fixed(effect3, 3)} at the 3′ end; the difference is ${fixed(difference, 3)}.`,
    ) +
    comparisonTable(result.comparisons, comparison)
  );
}
