/** Copies of a motif in words and figures (paper, figures 2b and 2c). */

import { type CopyRow, LEAST_SHARE, type MultiplicityResult } from '../../gia/experiments/index.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { type BoxPlotOptions, boxPlot } from '../charts/index.js';
import { fitOf } from '../correlation.js';
import type { Files } from '../figures/figure-files.js';
import { sortable } from '../page/page.js';
import { intervalColumn, numberColumn } from '../table-columns.js';
import { count, listed } from '../wording.js';
import type { ComparedOf, ExperimentReport } from './experiment-report.js';
import {
  about,
  BOXES,
  boxOfRow,
  captionOf,
  comparisonTable,
  fact,
  isDetected,
  isSmall,
  paddingOf,
  qOf,
  rounded,
} from './shared.js';

type Compared = ComparedOf<MultiplicityResult>;

const COMPARISONS = {
  'together-minus-sum': 'together − sum of each alone',
  'added-minus-alone': 'added by the last copy − the same copy alone',
} as const satisfies Record<Compared['comparison'], string>;

const copies = (n: number): string => count(n, 'copy', 'copies');

const description = ({ design: { motif, suboptimal, positions } }: MultiplicityResult): string =>
  `1 to ${copies(positions.length)} of ${motif}${suboptimal === undefined ? '' : `, and of ${suboptimal}`}, at positions ${listed(positions.map(String))}`;

const comparison = (labels: Compared, { design }: MultiplicityResult): string =>
  about(COMPARISONS[labels.comparison], [
    ...(design.suboptimal === undefined ? [] : [labels.motif]),
    copies(labels.copies),
    ...paddingOf(labels),
  ]);

export const multiplicityReport: ExperimentReport<MultiplicityResult> = {
  description,
  columns: ({ design }) => [
    ...(design.suboptimal === undefined
      ? []
      : [{ heading: 'motif', cell: ({ labels }: CopyRow) => labels.motif }]),
    { heading: 'copies', cell: ({ labels }) => String(labels.copies) },
    { heading: 'pattern', cell: ({ labels }) => labels.pattern },
    { heading: 'last copy at', cell: ({ more }) => String(more.position) },
  ],
  numbers: () => [
    { heading: 'added by the last', cell: ({ more }) => more.added.toFixed(4) },
    { heading: 'the last alone', cell: ({ more }) => more.alone.toFixed(4) },
  ],
  comparison,
  facts: ({ slope, intercept, r2, suboptimalSlope, suboptimalIntercept, suboptimalR2, points }) => [
    fact('slope', slope),
    fact('intercept', intercept),
    fact('R²', r2),
    ...(suboptimalSlope === undefined
      ? []
      : [
          fact('sub-optimal slope', suboptimalSlope),
          fact('sub-optimal intercept', suboptimalIntercept!),
          fact('sub-optimal R²', suboptimalR2!),
        ]),
    fact('points', points),
  ],
  finding,
  section: {
    title: 'Number of copies',
    question: 'Does each further copy of the motif add as much as the same copy alone at the same position?',
    body,
  },
};

function finding(result: MultiplicityResult): string | undefined {
  const { design } = result;
  const [{ slope, r2, suboptimalSlope, suboptimalR2 }] = result.facts as [MultiplicityResult['facts'][0]];
  const parts = [
    findingOf(result, design.motif, design.motif, slope, r2),
    design.suboptimal === undefined
      ? undefined
      : findingOf(
          result,
          design.suboptimal,
          `the sub-optimal ${design.suboptimal}`,
          suboptimalSlope!,
          suboptimalR2!,
        ),
  ].filter((text) => text !== undefined);
  return parts.length > 0 ? parts.join(' ') : undefined;
}

/** Of one of the motifs. @param name in the sentence */
function findingOf(
  result: MultiplicityResult,
  motif: string,
  name: string,
  slope: number,
  r2: number,
): string | undefined {
  const own = result.rows.filter(({ labels }) => labels.motif === motif);
  const sum = result.comparisons.findLast(
    ({ labels }) => labels.motif === motif && labels.comparison === 'together-minus-sum',
  );
  const last = own.at(-1);
  if (!sum || !last) return undefined;
  const verdict = !isDetected(sum)
    ? `and no difference from the sum of the same copies alone was detected (${qOf(sum)})`
    : isSmall(sum.difference, last.importance - sum.difference)
      ? `which is within ${100 * LEAST_SHARE} % of the sum of the same copies alone`
      : `${rounded(Math.abs(sum.difference))} ${sum.difference < 0 ? 'less' : 'more'} than the sum of the same copies alone (${qOf(sum)})`;
  return `${copies(own.length)} of ${name} together have an importance of ${rounded(last.importance)}, ${verdict}. Importance ${slope < 0 ? 'falls' : 'rises'} by ${rounded(Math.abs(slope))} per copy (${fitOf(r2, own.length)}).`;
}

async function body(files: Files, result: MultiplicityResult, unit: string): Promise<string> {
  const rows = result.rows;
  const { motif, suboptimal, positions } = result.design;
  const { slope, intercept, suboptimalSlope, suboptimalIntercept } = result.facts[0]!;
  // Both motifs have the same axis.
  const range = [Math.min(...rows.map(({ low }) => low)), Math.max(...rows.map(({ high }) => high))];
  const draw = async (
    file: string,
    letters: string,
    fit: NonNullable<BoxPlotOptions['fit']>,
    caption: string,
  ) => {
    const own = rows.filter(({ labels }) => labels.motif === letters);
    const chart = await boxPlot(
      own.map((row) => boxOfRow(row, String(row.labels.copies))),
      {
        title: `Importance by number of copies of ${letters}`,
        xLabel: `copies of ${letters}`,
        yLabel: `local importance, ${unit}`,
        fit,
        range,
      },
    );
    return files.figure(file, chart.svg, own.map(flatRow), caption) + copyTable(own);
  };
  const caption = `${captionOf(description(result), result)} ${BOXES} The dashed line is the least-squares line through the means of the ${count(positions.length, 'box', 'boxes')}. Copies differ in position as well as in number, so the table below gives what each copy adds, and its importance alone at the same position.`;
  const figures = [await draw('multiplicity', motif, { slope, intercept }, caption)];
  if (suboptimal !== undefined)
    figures.push(
      await draw(
        'multiplicity-suboptimal',
        suboptimal,
        { slope: suboptimalSlope!, intercept: suboptimalIntercept! },
        `The same for the sub-optimal motif, ${suboptimal}.`,
      ),
    );
  return figures.join('\n') + comparisonTable(result.comparisons, (labels) => comparison(labels, result));
}

/** What each copy adds to those before it, beside the same copy alone at the same position. */
const copyTable = (rows: readonly CopyRow[]): string =>
  sortable(rows, [
    numberColumn<CopyRow>('copy', ({ labels }) => labels.copies, 0),
    numberColumn<CopyRow>('at', ({ more }) => more.position, 0, 'position of this copy'),
    numberColumn<CopyRow>(
      'together',
      ({ importance }) => importance,
      3,
      'importance of this copy and those before it',
    ),
    numberColumn<CopyRow>('added', ({ more }) => more.added, 3, 'what this copy adds to those before it'),
    intervalColumn(({ more }: CopyRow) => ({ ciLow: more.addedCiLow, ciHigh: more.addedCiHigh })),
    numberColumn<CopyRow>(
      'alone',
      ({ more }) => more.alone,
      3,
      'importance of this copy alone, at the same position in the same backgrounds',
    ),
    intervalColumn(({ more }: CopyRow) => ({ ciLow: more.aloneCiLow, ciHigh: more.aloneCiHigh })),
  ]);
