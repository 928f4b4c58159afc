/**
 * The report of one trained model: what it was asked and what it answered, figure by figure (paper, figures 2 to 4). Takes
 * results, gives the page and the files beside it; computing and writing are the caller's.
 */

import { ALPHABET } from '../data/sequence.js';
import type { SequenceAttribution } from '../gia/attribution/attribution-files.js';
import type { ExperimentResult } from '../gia/experiments/index.js';
import { informationHeights, kmerMotif, mutagenesisHeights } from '../gia/motif/index.js';
import { COLUMNS } from '../gia/table.js';
import type { StoredRow } from '../gia/table-reader.js';
import { heatMap, histogram, rowsToTsv, scatterPlot } from './charts/index.js';
import { EXPERIMENT_SECTIONS, flat } from './experiment-sections.js';
import { Files, FOLDER, type ReportFile } from './figure-files.js';
import { findingOf, probability } from './findings.js';
import { BITS, sequenceLogo } from './logo.js';
import { facts, html, page, paragraph, type Section, sortable } from './page.js';

/** Measured and predicted scores of sequences that the model was not trained on. */
export interface Agreement {
  readonly measured: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  readonly pearson: number;
}

export interface ModelReport {
  /** What the model is called. */
  readonly name: string;
  /** Facts for the last section, by name. */
  readonly facts: readonly (readonly [string, string])[];
  /** The sweep's table, in any order. */
  readonly sweep: readonly StoredRow[];
  /** Of the top k-mer; `mutagenesis` among them. */
  readonly experiments: readonly ExperimentResult[];
  readonly agreement?: Agreement | undefined;
  /** In-silico mutagenesis of sequences that matter, best first. */
  readonly attributions?: readonly SequenceAttribution[] | undefined;
}

/** Rows of the table that the page shows; the file has all. */
const SHOWN = 20;

/**
 * The page and its files: one SVG and one table of numbers a figure.
 *
 * @throws ShapeError where there is no sweep; and as the charts
 */
export async function modelReport(
  report: ModelReport,
): Promise<{ page: string; files: readonly ReportFile[] }> {
  const { name, sweep, experiments, agreement, attributions = [] } = report;
  const files = new Files();
  const ranked = [...sweep].sort((a, b) => b.importance - a.importance);
  const of = (experiment: string) => experiments.find((result) => result.experiment === experiment);
  const sections: Section[] = [summary(ranked, experiments, agreement)];
  if (agreement) sections.push(await agreementSection(files, agreement));
  sections.push(await sweepSection(files, ranked), await motifSection(files, ranked, of('mutagenesis')));
  for (const [experiment, draw] of Object.entries(EXPERIMENT_SECTIONS)) {
    const result = of(experiment);
    if (result) sections.push(await draw(files, result));
  }
  if (attributions.length > 0) sections.push(attributionSection(files, attributions));
  sections.push({ id: 'about', title: 'How this was made', body: METHOD + facts(report.facts) });
  const title = `What ${name} has learned`;
  return {
    page: page({ title, subtitle: 'Global importance analysis of a ResidualBind model', sections }),
    files: files.all,
  };
}

const METHOD = [
  'Global importance is how much embedding a pattern changes the prediction on average: mean over backgrounds of the prediction with the pattern less the prediction without it. Its unit is that of the model’s output, standard deviations of the (transformed) training scores for a regression model.',
  'Intervals are 95 % confidence intervals of the mean by Student’s t. Comparisons are paired by background: the same backgrounds with and without. q values are Benjamini and Hochberg’s, over the comparisons of an experiment or over all patterns of the sweep.',
  'Boxes show quartiles of the local importances, whiskers the last values within 1.5 interquartile ranges, triangles the mean.',
]
  .map(paragraph)
  .join('');

function summary(
  ranked: readonly StoredRow[],
  experiments: readonly ExperimentResult[],
  agreement?: Agreement,
): Section {
  const best = ranked[0]!;
  const interval =
    best.ciLow === undefined || best.ciHigh === undefined
      ? ''
      : ` (95 % interval ${best.ciLow.toFixed(2)} to ${best.ciHigh.toFixed(2)})`;
  const findings = [
    `The most important of ${ranked.length.toLocaleString('en')} patterns is ${best.pattern}: embedded in a background it raises the prediction by ${best.importance.toFixed(2)}${interval}. After it come ${ranked
      .slice(1, 5)
      .map(({ pattern }) => pattern)
      .join(', ')}.`,
    ...(agreement
      ? [
          `On ${agreement.measured.length.toLocaleString('en')} sequences that it was not trained on, predictions correlate with measurements at r = ${agreement.pearson.toFixed(3)}.`,
        ]
      : []),
    ...experiments.flatMap((result) => findingOf(result) ?? []),
  ];
  return {
    id: 'findings',
    title: 'Findings',
    body: `<ul class="findings">${findings.map((text) => `<li>${html(text)}</li>`).join('')}</ul>`,
  };
}

async function agreementSection(files: Files, { measured, predicted }: Agreement): Promise<Section> {
  const points = Array.from(measured, (x, i) => ({ x: rounded(x, 5), y: rounded(predicted[i]!, 5) }));
  const chart = await scatterPlot(points, {
    title: 'Measured and predicted scores',
    xLabel: 'measured',
    yLabel: 'predicted',
    width: 300,
    height: 300,
    most: 1500,
  });
  const caption = `Measured and predicted scores of ${points.length.toLocaleString('en')} sequences that were not trained on, with the least-squares line.`;
  return {
    id: 'agreement',
    title: 'Agreement with measurements',
    body: files.figure('agreement', chart.svg, points, caption),
  };
}

async function sweepSection(files: Files, ranked: readonly StoredRow[]): Promise<Section> {
  const values = ranked.map(({ importance }) => importance);
  const chart = await histogram(
    { importance: values },
    {
      title: 'Importances of all patterns',
      xLabel: 'global importance',
      yLabel: 'patterns',
      width: 380,
      height: 200,
      bins: 40,
    },
  );
  const n = ranked[0]?.n;
  const number = (heading: string, field: 'importance' | 'sd' | 'ciLow' | 'ciHigh' | 'q') => ({
    heading,
    value: (row: StoredRow) => row[field] ?? Number.NaN,
    cell: (row: StoredRow) => {
      const value = row[field];
      return value === undefined
        ? ''
        : field === 'q'
          ? probability(value, '').replace(/^ = /, '')
          : value.toFixed(3);
    },
  });
  const places = new Map(ranked.map((row, i) => [row, i + 1]));
  const table = sortable(ranked.slice(0, SHOWN), [
    { heading: 'pattern', cell: ({ pattern }) => pattern },
    { heading: 'rank', cell: (row) => String(places.get(row)), value: (row) => places.get(row)! },
    number('importance', 'importance'),
    number('from', 'ciLow'),
    number('to', 'ciHigh'),
    number('sd', 'sd'),
    ...(ranked[0]?.q === undefined ? [] : [number('q', 'q')]),
  ]);
  files.all.push({ path: `${FOLDER}/sweep.tsv`, contents: sweepTsv(ranked) });
  const over = n === undefined ? '' : ` over ${n.toLocaleString('en')} backgrounds`;
  return {
    id: 'sweep',
    title: 'All patterns',
    body:
      files.figure(
        'importances',
        chart.svg,
        chart.rows,
        `Global importance of all ${ranked.length.toLocaleString('en')} patterns${over}.`,
      ) +
      paragraph(
        `The ${Math.min(SHOWN, ranked.length)} most important; from and to are the 95 % confidence interval.`,
      ) +
      `${table}<p><a href="${FOLDER}/sweep.tsv">All patterns</a></p>`,
  };
}

/** The sweep in the format of `gia sweep`, with the columns that it came with. */
function sweepTsv(ranked: readonly StoredRow[]): string {
  const columns = COLUMNS.filter(([, field]) => field === 'rank' || ranked[0]?.[field] !== undefined);
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? rounded(value, 9) : value;
  return rowsToTsv(
    ranked.map((row, i) =>
      Object.fromEntries(
        columns.map(([column, field]) => [column, field === 'rank' ? i + 1 : cell(row[field])]),
      ),
    ),
  );
}

const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

async function motifSection(
  files: Files,
  ranked: readonly StoredRow[],
  mutagenesis?: ExperimentResult,
): Promise<Section> {
  const { pwm, alignment } = kmerMotif(ranked.filter(({ pattern }) => /^[ACGU]+$/.test(pattern)));
  const aligned = sequenceLogo(informationHeights(pwm), {
    title: 'Motif of the top k-mers, aligned',
    ...BITS,
  });
  const rows = pwm.map((column, i) => ({
    position: i + 1,
    A: column[0],
    C: column[1],
    G: column[2],
    U: column[3],
  }));
  const parts = [
    files.figure(
      'motif',
      aligned,
      rows,
      `The ${alignment.length} most important k-mers aligned to the first (${alignment.map(({ kmer }) => kmer).join(', ')}), letters weighted by global importance; height is information.`,
    ),
  ];
  if (mutagenesis) parts.push(...(await mutagenesisFigures(files, mutagenesis)));
  return { id: 'motif', title: 'The motif', body: parts.join('\n') };
}

async function mutagenesisFigures(files: Files, result: ExperimentResult): Promise<string[]> {
  const own = result.comparisons.filter(({ model }) => model === 0);
  const motif = String(result.rows[0]!.labels.pattern);
  const scores = new Float64Array(4 * motif.length);
  for (const { labels, difference } of own)
    scores[ALPHABET.indexOf(String(labels.to)) * motif.length + Number(labels.position)] = difference;
  const logo = sequenceLogo(mutagenesisHeights(motif, scores), {
    title: `${motif}, by mutagenesis`,
    yLabel: 'sensitivity',
  });
  const cells = Array.from(ALPHABET).flatMap((letter, base) =>
    Array.from(motif, (own, i) => ({
      x: `${own}${i + 1}`,
      y: letter,
      value: scores[base * motif.length + i]!,
    })),
  );
  const map = await heatMap(cells, {
    title: `Single-letter variants of ${motif}`,
    xLabel: 'letter of the motif',
    yLabel: 'replaced by',
    valueLabel: 'difference',
  });
  return [
    files.figure(
      'mutagenesis-logo',
      logo,
      own.map(flat),
      `${motif} with each letter as high as the L2 norm of what its three replacements do to the importance.`,
    ),
    files.figure(
      'mutagenesis',
      map.svg,
      map.rows,
      `What replacing one letter does to the importance of ${motif}, paired by background.`,
    ),
  ];
}

function attributionSection(files: Files, attributions: readonly SequenceAttribution[]): Section {
  const figures = attributions.map((each, i) => {
    const { name, sequence, prediction, heights } = each;
    const letters = Array.from(sequence, (letter, p) =>
      Array.from(ALPHABET, (base) => (base === letter ? heights[p]! : 0)),
    );
    const logo = sequenceLogo(letters as unknown as Parameters<typeof sequenceLogo>[0], {
      title: `In-silico mutagenesis of ${name}`,
      yLabel: 'sensitivity',
      plotHeight: 90,
    });
    const rows = Array.from(sequence, (letter, p) => ({
      position: p + 1,
      letter,
      height: heights[p]!,
      ...Object.fromEntries(Object.entries(each.scores).map(([to, scores]) => [to, scores[p]!])),
    }));
    return files.figure(
      `sequence-${i + 1}`,
      logo,
      rows,
      `${name}, predicted ${prediction.toFixed(2)}: each letter as high as the L2 norm of what its three replacements do to the prediction.`,
    );
  });
  return { id: 'sequences', title: 'Sequences, letter by letter', body: figures.join('\n') };
}
