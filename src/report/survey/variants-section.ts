/** Variants of a survey: figures as the paper's 1d to 1f, and paired tests. */

import { scatterPlot, violinPlot } from '../charts/index.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { paragraph, type Section, sortable } from '../page/page.js';
import { count, listed, probability } from '../wording.js';
import { distribution } from './distribution.js';
import type { Surveyed } from './surveyed.js';
import { comparePairs, type VariantPair, type VariantTable, variantTable } from './variants.js';

/** Pairs that have figures, at most; the table has all. */
const MOST_DRAWN = 6;
/** Pairs that have a sentence in the findings, at most. */
const MOST_SAID = 3;

const number = (value: number): string => fixed(value, 3);

/**
 * The section, and sentences for the findings; undefined where no experiment has correlations of two
 * variants.
 *
 * @param labels the variant of each model
 */
export async function variantsSection(
  files: Files,
  models: readonly Surveyed[],
  labels: readonly string[],
): Promise<{ readonly section: Section; readonly findings: readonly string[] } | undefined> {
  const table = variantTable(models, labels);
  const pairs = comparePairs(table);
  if (pairs.length === 0) return undefined;
  const drawn = pairs.slice(0, MOST_DRAWN);
  const figures: string[] = [];
  for (const [i, pair] of drawn.entries())
    figures.push(...(await pairFigures(files, `variants-${i + 1}`, pair)));
  const body = [
    paragraph(about(models, table)),
    await violins(files, table),
    ...figures,
    ...(pairs.length > drawn.length
      ? [paragraph(`Figures show the first ${drawn.length} of ${pairs.length} pairs; the table has all.`)]
      : []),
    testsTable(files, pairs, table),
  ];
  return {
    section: { id: 'variants', title: 'Variants of training', body: body.join('\n') },
    findings: pairs.slice(0, MOST_SAID).map(findingOf),
  };
}

function about(models: readonly Surveyed[], { variants, experiments, averaged }: VariantTable): string {
  const sizes = variants.map(
    (variant, i) =>
      `${variant} (${experiments.filter(({ correlations }) => correlations[i] !== undefined).length})`,
  );
  const transforms = new Set(models.map(({ trained }) => trained?.transform));
  return [
    `${count(experiments.length, 'experiment')} ${experiments.length === 1 ? 'has' : 'have'} models of several variants: ${listed(sizes)}.`,
    ...(transforms.size > 1
      ? ['Each r is computed with the transform that the model was trained with.']
      : []),
    ...(averaged > 0
      ? [`In ${count(averaged, 'experiment')}, a variant has several models; their mean r counts.`]
      : []),
  ].join(' ');
}

/** All variants beside each other, over the experiments that have all; empty where none has. */
async function violins(files: Files, { variants, experiments }: VariantTable): Promise<string> {
  const whole = experiments.filter(({ correlations }) => correlations.every((r) => r !== undefined));
  files.table(
    'variants-experiments',
    experiments.flatMap(({ experiment, correlations }) =>
      variants.flatMap((variant, i) => {
        const r = correlations[i];
        return r === undefined ? [] : [{ experiment, variant, r }];
      }),
    ),
  );
  if (whole.length === 0) return '';
  const chart = await violinPlot(
    Object.fromEntries(variants.map((variant, i) => [variant, whole.map((row) => row.correlations[i]!)])),
    { title: 'Test correlations of variants', xLabel: 'variant', yLabel: 'Pearson’s r' },
  );
  return files.figure(
    'variants',
    chart.svg,
    chart.rows,
    `Correlation of predicted and measured scores of test sequences, over the ${count(whole.length, 'experiment')} that ${whole.length === 1 ? 'has' : 'have'} every variant. Outlines are densities, drawn equally wide; thick bars hold half of the experiments, red lines are medians, triangles means. Fewer than ten experiments are dots.`,
  );
}

/** One variant against the other, and their differences. */
async function pairFigures(files: Files, name: string, pair: VariantPair): Promise<readonly string[]> {
  const { first, second, pairs } = pair;
  const scatter = await scatterPlot(
    pairs.map((each) => ({ name: each.name, x: each.first, y: each.second })),
    {
      title: `${second} against ${first}`,
      xLabel: `r, ${first}`,
      yLabel: `r, ${second}`,
      guide: 'identity',
    },
  );
  return [
    files.figure(
      name,
      scatter.svg,
      pairs,
      `Test r of every experiment: ${second} against ${first}. On the dashed line both are the same. ${numbersOf(pair)} The r above the figure is the correlation between the variants.`,
    ),
    await distribution(
      files,
      `${name}-difference`,
      pairs,
      { difference: (each) => each.second - each.first },
      {
        title: `Differences of r: ${second} and ${first}`,
        axis: `difference of r`,
        units: 'experiment',
        caption: `Test r of ${second} less that of ${first}, for ${count(pairs.length, 'experiment')}.`,
      },
    ),
  ];
}

const testOf = ({ p }: VariantPair): string =>
  Number.isNaN(p) ? '' : `; ${probability(p)}, paired Wilcoxon signed-rank test`;

const numbersOf = (pair: VariantPair): string =>
  `The medians are ${number(pair.secondMedian)} (${pair.second}) and ${number(pair.firstMedian)} (${pair.first}); n = ${pair.pairs.length.toLocaleString('en')}${testOf(pair)}.`;

const findingOf = (pair: VariantPair): string =>
  `Over ${count(pair.pairs.length, 'experiment')}, the median r is ${number(pair.secondMedian)} with ${pair.second} and ${number(pair.firstMedian)} with ${pair.first}. The r with ${pair.second} is higher in ${pair.wins} of ${pair.pairs.length}${testOf(pair)}.`;

function testsTable(files: Files, pairs: readonly VariantPair[], { variants }: VariantTable): string {
  const path = files.table(
    'variants-tests',
    pairs.map(({ pairs: { length: n }, p, ...rest }) => ({
      ...rest,
      n,
      p: Number.isNaN(p) ? undefined : p,
    })),
  );
  const table = sortable(pairs, [
    { heading: 'variant', cell: ({ second }) => second },
    { heading: 'beside', cell: ({ first }) => first },
    {
      heading: 'experiments',
      value: (pair) => pair.pairs.length,
      cell: (pair) => pair.pairs.length.toLocaleString('en'),
    },
    { heading: 'median r', value: (pair) => pair.secondMedian, cell: (pair) => number(pair.secondMedian) },
    { heading: 'median beside', value: (pair) => pair.firstMedian, cell: (pair) => number(pair.firstMedian) },
    {
      heading: 'median difference',
      hint: 'median of the differences, experiment by experiment',
      value: ({ difference }) => difference,
      cell: ({ difference }) => number(difference),
    },
    {
      heading: 'higher in',
      hint: 'experiments in which the variant has the higher r',
      value: ({ wins, pairs: { length } }) => wins / length,
      cell: ({ wins, pairs: { length } }) => `${wins} of ${length}`,
    },
    {
      heading: 'Wilcoxon p',
      hint: 'two-sided signed-rank test over experiments',
      value: ({ p }) => (Number.isNaN(p) ? 2 : p),
      cell: ({ p }) => (Number.isNaN(p) ? '' : probability(p, '')),
    },
  ]);
  const note = `p is of Wilcoxon’s paired signed-rank test, two-sided and exact${variants.length > 2 ? '; it is not corrected for the number of pairs' : ''}. Five experiments or fewer never reach p < 0.05.`;
  return `${table}${paragraph(note)}<p><a href="${path}">All numbers</a>, <a href="${files.folder}/variants-experiments.tsv">by experiment</a></p>`;
}
