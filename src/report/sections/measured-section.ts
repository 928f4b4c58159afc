/**
 * The sweep beside measurements: what probes with the top k-mers measured, and what a linear model predicts.
 */

import type { BesideMeasurements, MeasuredRow } from '../../gia/measurement/measured-kmers.js';
import type { Measured } from '../../gia/measurement/measurements.js';
import { scatterPlot } from '../charts/index.js';
import { coefficient } from '../correlation.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { paragraph, type Section, sortable } from '../page/page.js';
import { numberColumn } from '../table-columns.js';
import { count } from '../wording.js';

/** Rows of the table. */
const SHOWN = 20;

/** Points drawn. */
const MOST = 3000;

const rankText = ({ measuredRank, probes }: MeasuredRow, ranked: number): string =>
  measuredRank > 0
    ? `is number ${measuredRank.toLocaleString('en')} of ${ranked.toLocaleString('en')} by the mean score of the probes that have it`
    : `is in ${count(probes, 'probe')}, too few to rank it by measurement`;

/** The test correlation of a linear regression, where there is one, beside the network's. */
export const ridgeFinding = (
  { ridge }: Pick<Measured, 'ridge'>,
  pearson = Number.NaN,
  whose = 'the network’s',
): readonly string[] =>
  ridge && ridge.reason === null
    ? [
        `The test correlation of a linear regression on ${ridge.k}-mers is ${fixed(ridge.pearson, 3)}${Number.isNaN(pearson) ? '' : `, ${whose} ${fixed(pearson, 3)}`}.`,
      ]
    : [];

/**
 * What measurements say of the top k-mer, in sentences.
 *
 * @param pearson the network's test correlation, to stand beside that of the regression
 * @param whose correlation that is
 */
export function measuredFindings(
  { beside, ridge }: Measured,
  pearson = Number.NaN,
  whose = 'the network’s',
): string[] {
  const { rows, ranked, best, isAmongBest } = beside;
  const top = rows[0]!;
  const regression = ridgeFinding({ ridge }, pearson, whose);
  const known = rows.filter(({ measuredRank }) => measuredRank > 0).map(({ measured }) => measured);
  if (known.every((mean) => mean === known[0]))
    return [
      known.length === 0
        ? `Warning: no k-mer is in enough probes with a score, so measurements neither confirm nor refute the top k-mer, ${top.pattern}.`
        : `Warning: all k-mers have the same mean score, so measurements neither confirm nor refute the top k-mer, ${top.pattern}.`,
      ...regression,
    ];
  const other = best && best.pattern !== top.pattern ? best : undefined;
  const measured = other
    ? ` The best measured one is ${other.pattern}, which is number ${other.rank.toLocaleString('en')} by importance.`
    : '';
  const warning = isAmongBest
    ? ''
    : ' The measurements do not confirm the top k-mer as the motif: train longer, with a larger network or with other seeds before you trust it.';
  return [
    `${isAmongBest ? '' : 'Warning: '}${top.pattern} ${rankText(top, ranked)}; over all k-mers, importance and mean score correlate at r = ${coefficient(beside.pearson, 3)}.${measured}${warning}`,
    ...regression,
  ];
}

/** The warning alone, for the terminal; undefined where measurements confirm the top k-mer. */
export const measuredWarning = (measured: Measured): string | undefined =>
  measured.beside.isAmongBest ? undefined : measuredFindings({ beside: measured.beside })[0];

/** What manifests and JSON hold, with the first rows. */
export const measuredNumbers = ({ beside: { rows, ...numbers }, ridge }: Measured) => ({
  ...numbers,
  top: rows.slice(0, 10),
  ...(ridge && { ridge }),
});

/** Importance and mean score of every k-mer, and the table of the first ones. */
export async function measuredSection(files: Files, { beside }: Measured, unit: string): Promise<Section> {
  const { rows, ranked } = beside;
  const known = rows.filter(({ measuredRank }) => measuredRank > 0);
  const points = known.map(({ measured, importance, pattern }) => ({
    x: rounded(measured),
    y: rounded(importance),
    name: pattern,
  }));
  const path = files.table(
    'measured',
    rows.map(({ pattern, rank, importance, measured, probes, measuredRank }) => ({
      pattern,
      rank,
      importance: rounded(importance),
      measured: Number.isNaN(measured) ? undefined : rounded(measured),
      probes,
      measured_rank: measuredRank > 0 ? measuredRank : undefined,
    })),
  );
  const isDrawn = new Set(points.map(({ x }) => x)).size > 1;
  const table = sortable(rows.slice(0, SHOWN), [
    { heading: 'k-mer', cell: ({ pattern }) => pattern, letters: true },
    { heading: 'rank', cell: ({ rank }) => String(rank), value: ({ rank }) => rank },
    numberColumn('importance', ({ importance }) => importance, 3),
    {
      heading: 'mean score',
      hint: `mean measured score of the probes that have the k-mer, ${unit}`,
      value: ({ measured }) => measured,
      cell: ({ measured }) => (Number.isNaN(measured) ? '' : fixed(measured, 3)),
    },
    { heading: 'probes', cell: ({ probes }) => String(probes), value: ({ probes }) => probes },
    {
      heading: 'rank by score',
      hint: `of ${ranked.toLocaleString('en')} k-mers that five probes or more have`,
      value: ({ measuredRank }) => (measuredRank > 0 ? measuredRank : Number.NaN),
      cell: ({ measuredRank }) => (measuredRank > 0 ? String(measuredRank) : ''),
    },
  ]);
  const text = `The most important k-mers${rows.length > SHOWN ? ` (the first ${SHOWN})` : ''}, and the mean measured score of all probes that have them.`;
  return {
    id: 'measured',
    title: 'Beside the measurements',
    body: `${isDrawn ? await figureOf(files, points, beside, unit) : ''}${paragraph(text)}${table}<p><a href="${path}">All ${count(rows.length, 'k-mer')}</a></p>`,
  };
}

async function figureOf(
  files: Files,
  points: readonly { readonly x: number; readonly y: number; readonly name: string }[],
  { pearson, spearman }: BesideMeasurements,
  unit: string,
): Promise<string> {
  const chart = await scatterPlot(points, {
    title: 'Importance and mean measured score',
    xLabel: `mean score, ${unit}`,
    yLabel: `global importance, ${unit}`,
    most: MOST,
  });
  return files.figure(
    'measured-kmers',
    chart.svg,
    points.map(({ x, y, name }) => ({ pattern: name, measured: x, importance: y })),
    `Global importance of ${count(points.length, 'k-mer')} and the mean measured score of the probes that have them (r = ${coefficient(pearson, 3)}, Spearman ${coefficient(spearman, 3)}). Probes differ in more than the k-mer, so the mean score holds the effect of its neighbours too.`,
  );
}

const rounded = (value: number): number => Number(value.toPrecision(5));
