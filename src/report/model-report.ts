/**
 * The report of one trained model: what it was asked and what it answered, figure by figure (paper, figures 2 to 4). Takes
 * results, gives the page and the files beside it; computing and writing are the caller's.
 */

import { ALPHABET } from '../data/sequence.js';
import type { SequenceAttribution } from '../gia/attribution/attribution-files.js';
import type { Comparison, ExperimentResult, ExperimentRow } from '../gia/experiments/index.js';
import { informationHeights, kmerMotif, mutagenesisHeights } from '../gia/motif/index.js';
import { COLUMNS } from '../gia/table.js';
import type { StoredRow } from '../gia/table-reader.js';
import { boxPlot, heatMap, histogram, lineChart, rowsToTsv, scatterPlot } from './charts/index.js';
import { findingOf, probability } from './findings.js';
import { BITS, sequenceLogo } from './logo.js';
import { facts, figure, html, page, paragraph, type Section, sortable } from './page.js';

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

/** A file beside the page. */
export interface ReportFile {
  /** Relative to the page. */
  readonly path: string;
  readonly contents: string;
}

const FOLDER = 'figures';
/** Rows of the table that the page shows; the file has all. */
const SHOWN = 20;

/** Collects files as figures are made. */
class Files {
  readonly all: ReportFile[] = [];

  /** Keeps a figure's SVG and its numbers, and gives the figure as HTML. */
  figure(name: string, svg: string, rows: readonly object[], caption: string): string {
    const paths = [`${FOLDER}/${name}.svg`, `${FOLDER}/${name}.tsv`] as const;
    this.all.push({ path: paths[0], contents: svg }, { path: paths[1], contents: rowsToTsv(rows) });
    return figure(svg, caption, paths);
  }
}

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
  const drawn: [string, (files: Files, result: ExperimentResult) => Promise<Section>][] = [
    ['multiplicity', multiplicitySection],
    ['spacing', spacingSection],
    ['positions', positionsSection],
    ['hairpin', hairpinSection],
    ['gc', gcSection],
  ];
  for (const [experiment, draw] of drawn) {
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

/** Labels as columns beside the numbers. */
const flat = ({ labels, ...rest }: ExperimentRow | Comparison): object => ({ ...labels, ...rest });

const boxOf = (row: ExperimentRow, name: string) => {
  const { low, q1, median, q3, high, n } = row;
  return { name, low, q1, median, q3, high, mean: row.importance, n };
};

const ofFirst = <Row extends { readonly model: number }>(rows: readonly Row[]): Row[] =>
  rows.filter(({ model }) => model === 0);

/** The comparisons of an experiment as a table. */
const comparisonTable = (comparisons: readonly Comparison[]): string =>
  sortable(comparisons, [
    { heading: 'comparison', cell: ({ labels }) => Object.values(labels).join(', ') },
    {
      heading: 'difference',
      cell: ({ difference }) => difference.toFixed(3),
      value: ({ difference }) => difference,
    },
    { heading: 'from', cell: ({ ciLow }) => ciLow.toFixed(3), value: ({ ciLow }) => ciLow },
    { heading: 'to', cell: ({ ciHigh }) => ciHigh.toFixed(3), value: ({ ciHigh }) => ciHigh },
    { heading: 'd', cell: ({ d }) => d.toFixed(2), value: ({ d }) => d },
    { heading: 'p', cell: ({ p }) => probability(p, '').replace(/^ = /, ''), value: ({ p }) => p },
    { heading: 'q', cell: ({ q }) => probability(q, '').replace(/^ = /, ''), value: ({ q }) => q },
  ]);

const captionOf = ({ what, backgrounds }: ExperimentResult): string =>
  `${what[0]!.toUpperCase()}${what.slice(1)}; ${backgrounds.toLocaleString('en')} backgrounds.`;

async function multiplicitySection(files: Files, result: ExperimentResult): Promise<Section> {
  const rows = ofFirst(result.rows);
  const { slope, intercept } = result.facts[0] as { slope: number; intercept: number };
  const chart = await boxPlot(
    rows.map((row) => boxOf(row, String(row.labels.copies))),
    {
      title: 'Importance by number of copies',
      xLabel: 'copies',
      yLabel: 'local importance',
      height: 220,
      fit: { slope, intercept },
    },
  );
  return {
    id: 'multiplicity',
    title: 'More copies',
    body:
      files.figure(
        'multiplicity',
        chart.svg,
        rows.map(flat),
        `${captionOf(result)} The dashed line is fitted to the means.`,
      ) + comparisonTable(ofFirst(result.comparisons)),
  };
}

async function spacingSection(files: Files, result: ExperimentResult): Promise<Section> {
  const rows = ofFirst(result.rows);
  const comparisons = ofFirst(result.comparisons);
  const together = rows.map(({ labels, importance: y, ciLow: low, ciHigh: high }) => ({
    x: Number(labels.gap),
    y,
    low,
    high,
    series: 'together',
  }));
  const alone = rows.map(({ labels, importance }, i) => {
    const { difference, ciLow, ciHigh } = comparisons[i]!;
    return {
      x: Number(labels.gap),
      y: importance - difference,
      low: importance - ciHigh,
      high: importance - ciLow,
      series: 'sum of each alone',
    };
  });
  const chart = await lineChart([...together, ...alone], {
    title: 'Importance by gap',
    xLabel: 'letters between the two',
    yLabel: 'global importance',
    width: 420,
  });
  return {
    id: 'spacing',
    title: 'Spacing',
    body: files.figure(
      'spacing',
      chart.svg,
      comparisons.map(flat),
      `${captionOf(result)} Bands are 95 % intervals; that of the sum is of the difference between the two.`,
    ),
  };
}

async function positionsSection(files: Files, result: ExperimentResult): Promise<Section> {
  const rows = ofFirst(result.rows);
  const points = rows.map(({ labels, importance: y, ciLow: low, ciHigh: high }) => ({
    x: Number(labels.position),
    y,
    low,
    high,
  }));
  const chart = await lineChart(points, {
    title: 'Importance by position',
    xLabel: 'position of the first letter, from 0',
    yLabel: 'global importance',
    width: 420,
  });
  return {
    id: 'positions',
    title: 'Position',
    body: files.figure('positions', chart.svg, rows.map(flat), captionOf(result)),
  };
}

async function hairpinSection(files: Files, result: ExperimentResult): Promise<Section> {
  const rows = ofFirst(result.rows);
  const chart = await boxPlot(
    rows.map((row) => boxOf(row, `${row.labels.place}, ${row.labels.arms}`)),
    {
      title: 'Importance in hairpins',
      xLabel: 'place of the motif, and how the arms stand',
      yLabel: 'local importance',
      height: 260,
    },
  );
  return {
    id: 'hairpin',
    title: 'Hairpins',
    body:
      files.figure('hairpin', chart.svg, rows.map(flat), captionOf(result)) +
      paragraph(
        'Paired: the arms pair by Watson and Crick. Broken: they do not. Compensated: other letters, which pair again. Unpaired: the background as it is.',
      ) +
      comparisonTable(ofFirst(result.comparisons)),
  };
}

async function gcSection(files: Files, result: ExperimentResult): Promise<Section> {
  const rows = ofFirst(result.rows);
  const chart = await boxPlot(
    rows.map((row) => boxOf(row, String(row.labels.condition).replaceAll("'", '′'))),
    { title: 'GC at either end', xLabel: 'what is embedded', yLabel: 'local importance', height: 220 },
  );
  const { effect5, effect3, difference } = result.facts[0] as Record<string, number>;
  return {
    id: 'gc',
    title: 'GC bias',
    body:
      files.figure('gc', chart.svg, rows.map(flat), captionOf(result)) +
      paragraph(
        `Effect size (importance with GC over importance of the motif alone): ${effect5!.toFixed(3)} at the 5′ end, ${effect3!.toFixed(3)} at the 3′ end, difference ${difference!.toFixed(3)}.`,
      ) +
      comparisonTable(ofFirst(result.comparisons)),
  };
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
