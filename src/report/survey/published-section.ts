/** Surveyed models beside published methods: correlations as in the paper's figure 1a, and paired tests. */

import { violinPlot } from '../charts/index.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { html, paragraph, type Section, sortable } from '../page/page.js';
import { count, listed, probability } from '../wording.js';
import {
  compareWithPublished,
  isPrinted,
  type Join,
  joinPublished,
  type keyedByExperiments,
  type MethodComparison,
  momentsOf,
  PRINTED_MEANS,
  type Published,
} from './published.js';
import { experimentOf, fileOf, groupsOf, type Surveyed, unitsOf } from './surveyed.js';

/** What a comparison found, beside its section. */
export interface PublishedComparison {
  /** Names that are in only one place, each in a sentence. */
  readonly notes: readonly string[];
  /** For the manifest. Numbers that do not exist are null. */
  readonly record: {
    readonly experiments: number;
    readonly unpublished: readonly string[];
    readonly untrained: number;
    readonly unmeasured: readonly string[];
    readonly methods: readonly object[];
  };
}

/** Names in a sentence, at most. */
const NAMED = 10;

const named = (names: readonly string[]): string =>
  listed(names.length > NAMED ? [...names.slice(0, NAMED), `${names.length - NAMED} more`] : names);

/** The surveyed models in figures and tables. */
const OWN = 'these models';

const number = (value: number): string => (Number.isNaN(value) ? '' : fixed(value, 3));

/**
 * The section, sentences for the findings, and what is said elsewhere.
 *
 * @param published with the names of experiments
 * @param units what is surveyed: `model` or `task`
 * @throws FormatError if no model has a row
 */
export async function publishedSection(
  files: Files,
  models: readonly Surveyed[],
  { published, renamed, unclear }: ReturnType<typeof keyedByExperiments>,
  units: string,
): Promise<{
  readonly section: Section;
  readonly findings: readonly string[];
  readonly comparison: PublishedComparison;
}> {
  const join = joinPublished(
    models.map((model) => ({ experiment: experimentOf(model), pearson: model.pearson })),
    published,
  );
  const comparisons = compareWithPublished(join, published);
  const notes = [
    ...missingNames(join, published, units),
    ...(renamed.length > 0
      ? [
          `${count(renamed.length, 'row was', 'rows were')} joined by the name of a protein: ${named(renamed)}.`,
        ]
      : []),
    ...(unclear.length > 0
      ? [
          `${count(unclear.length, 'row', 'rows')} could be of several experiments and ${unclear.length === 1 ? 'was' : 'were'} left out: ${named(unclear)}.`,
        ]
      : []),
  ];
  const body = [
    paragraph(
      `${count(join.experiments.length, 'experiment')} of ${fileOf(published.source)} ${join.experiments.length === 1 ? 'has' : 'have'} a report here. ${notes.join(' ')}`.trim(),
    ),
    ...(comparisons.length > 0
      ? [await figureOf(files, join, published, comparisons), testsTable(files, comparisons)]
      : []),
    ...printedMeans(files, models),
  ];
  const [best] = comparisons;
  return {
    section: { id: 'methods', title: 'Other methods', body: body.join('\n') },
    findings: best ? [findingOf(best, fileOf(published.source))] : [],
    comparison: {
      notes,
      record: {
        experiments: join.experiments.length,
        unpublished: join.unpublished,
        untrained: join.untrained.length,
        unmeasured: join.unmeasured,
        methods: comparisons.map(({ deviation, p, ...rest }) => ({
          ...rest,
          deviation: Number.isNaN(deviation) ? null : deviation,
          p: Number.isNaN(p) ? null : p,
        })),
      },
    },
  };
}

/** Names that are in only one place are left out of the comparison; this says which. */
function missingNames(
  { experiments, unpublished, untrained, unmeasured }: Join,
  { source: path, methods }: Published,
  units: string,
): string[] {
  const source = fileOf(path);
  const several = experiments.filter(({ models }) => models > 1).map(({ experiment }) => experiment);
  const incomplete = methods.flatMap((method, i) => {
    const missing = experiments.filter(({ published }) => published[i] === undefined).length;
    return missing > 0 ? [`${method} in ${count(missing, 'experiment')}`] : [];
  });
  return [
    ...(unpublished.length > 0
      ? [
          `${count(unpublished.length, 'experiment is', 'experiments are')} not in ${source}: ${named(unpublished)}.`,
        ]
      : []),
    ...(unmeasured.length > 0
      ? [
          `${count(unmeasured.length, 'report has', 'reports have')} no test correlation (make them with --data): ${named(unmeasured)}.`,
        ]
      : []),
    ...(untrained.length > 0
      ? [
          `${count(untrained.length, 'row', 'rows')} of ${source} ${untrained.length === 1 ? 'has' : 'have'} no report here.`,
        ]
      : []),
    ...(incomplete.length > 0 ? [`Missing correlations: ${listed(incomplete)}.`] : []),
    ...(several.length > 0
      ? [`Experiments with several ${units}s count once, with their mean r: ${named(several)}.`]
      : []),
  ];
}

function findingOf({ method, n, ownMean, mean, wins, p }: MethodComparison, source: string): string {
  const test = Number.isNaN(p) ? '' : `; ${probability(p)}, Wilcoxon signed-rank test`;
  return `Over ${count(n, 'experiment')}, these models have a mean r of ${number(ownMean)}, and ${method}, the method with the highest mean in ${source}, has ${number(mean)}. These models have the higher r in ${wins} of ${n}${test}.`;
}

async function figureOf(
  files: Files,
  { experiments }: Join,
  { methods, source }: Published,
  comparisons: readonly MethodComparison[],
): Promise<string> {
  const named = comparisons.map(({ method }) => method);
  const own = named.includes(OWN) ? `${OWN} (surveyed)` : OWN;
  const valuesOf = (method: string) =>
    experiments.flatMap(({ published }) => published[methods.indexOf(method)] ?? []);
  const samples = Object.fromEntries([
    [own, experiments.map((each) => each.own)],
    ...named.map((method) => [method, valuesOf(method)] as const),
  ]);
  const chart = await violinPlot(samples, {
    title: 'Test correlations of methods',
    xLabel: 'method',
    yLabel: 'Pearson’s r',
  });
  files.table(
    'methods-experiments',
    experiments.flatMap(({ experiment, own: r, published }) => [
      { experiment, method: own, r },
      ...methods.map((method, i) => ({ experiment, method, r: published[i] })),
    ]),
  );
  return files.figure(
    'methods',
    chart.svg,
    chart.rows,
    `Correlation of predicted and measured scores of test sequences, for each method over the joined experiments. Outlines are densities, drawn equally wide; thick bars hold half of the experiments, red lines are medians, triangles means. Whiskers end at the last values within 1.5 interquartile ranges of the bar. Fewer than ten experiments are dots. The other methods’ correlations are those of ${fileOf(source)}, not computed here.`,
  );
}

function testsTable(files: Files, comparisons: readonly MethodComparison[]): string {
  const path = files.table(
    'methods-tests',
    comparisons.map(({ p, deviation, ...rest }) => ({
      ...rest,
      deviation: Number.isNaN(deviation) ? undefined : deviation,
      p: Number.isNaN(p) ? undefined : p,
    })),
  );
  const table = sortable(comparisons, [
    { heading: 'published method', cell: ({ method }) => method },
    { heading: 'experiments', value: ({ n }) => n, cell: ({ n }) => n.toLocaleString('en') },
    { heading: 'mean r', value: ({ mean }) => mean, cell: ({ mean }) => number(mean) },
    { heading: 's.d.', value: ({ deviation }) => deviation || 0, cell: ({ deviation }) => number(deviation) },
    {
      heading: 'mean of these models',
      value: ({ ownMean }) => ownMean,
      cell: ({ ownMean }) => number(ownMean),
    },
    {
      heading: 'difference',
      hint: 'mean r of these models less that of the method',
      value: ({ difference }) => difference,
      cell: ({ difference }) => number(difference),
    },
    {
      heading: 'these greater in',
      value: ({ wins, n }) => wins / n,
      cell: ({ wins, n }) => `${wins} of ${n}`,
    },
    {
      heading: 'Wilcoxon p',
      hint: 'two-sided signed-rank test over experiments; not corrected for the number of methods',
      value: ({ p }) => (Number.isNaN(p) ? 2 : p),
      cell: ({ p }) => (Number.isNaN(p) ? '' : probability(p, '')),
    },
  ]);
  return `${table}${paragraph('Each method is compared with these models over the experiments in which both have a correlation. p is of Wilcoxon’s signed-rank test, two-sided and exact; it is not corrected for the number of methods. Five experiments or fewer never reach p < 0.05.')}<p><a href="${html(path)}">All numbers</a>, <a href="figures/methods-experiments.tsv">by experiment</a></p>`;
}

/** The means that the paper prints, where nothing else was published for the experiments. */
export function printedSection(files: Files, models: readonly Surveyed[]): Section | undefined {
  const body = printedMeans(files, models).join('\n');
  return body === '' ? undefined : { id: 'methods', title: 'Other methods', body };
}

/**
 * The paper's own numbers, which nothing here was computed from; none for other experiments than the paper's.
 */
function printedMeans(files: Files, models: readonly Surveyed[]): string[] {
  const own = models.filter((model) => isPrinted(experimentOf(model)) && model.pearson !== undefined);
  if (own.length === 0) return [];
  const rows = [...PRINTED_MEANS];
  files.table('methods-printed', rows);
  const table = sortable(rows, [
    { heading: 'method', cell: ({ method }) => method },
    { heading: 'mean r', value: ({ mean }) => mean, cell: ({ mean }) => number(mean) },
    { heading: 's.d.', value: ({ deviation }) => deviation, cell: ({ deviation }) => number(deviation) },
  ]);
  const means = [...groupsOf(own, ({ variant }) => variant ?? '')].map(([variant, group]) => {
    const { mean, deviation } = momentsOf(group.map(({ pearson }) => pearson!));
    const spread = Number.isNaN(deviation) ? '' : ` ± ${number(deviation)}`;
    return `${number(mean)}${spread} over ${count(group.length, unitsOf(models))}${variant === '' ? '' : ` (${variant})`}`;
  });
  const ours = `Here, the mean r of this data set is ${listed(means)}.`;
  return [
    `<h3>Given numbers: means printed in the paper</h3>${paragraph(
      `Koo et al., Global importance analysis, PLoS Computational Biology 2021, print these means and standard deviations over all 244 experiments of the 2013-RNAcompete data set. They are given as printed, not computed here; without correlations of single experiments they cannot be paired or tested. ${ours}`,
    )}${table}`,
  ];
}
