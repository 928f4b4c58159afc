/**
 * The page over many models: how well each predicts, and what their experiments have in common (paper,
 * figures 1, 2g, 4d, 4e).
 */

import { ShapeError } from '../device/errors.js';
import { LEAST_SHARE } from '../gia/experiments/index.js';
import { rowsToTsv, scatterPlot } from './charts/index.js';
import { Files, type ReportFile } from './figures/figure-files.js';
import { fixed } from './figures/svg.js';
import { facts, html, page, type Section } from './page/page.js';
import type { Theme } from './page/page-style.js';
import type { Measure } from './stored-report.js';
import { distributionByVariant, FEW } from './survey/distribution.js';
import { effectFindings, namesOf } from './survey/effects.js';
import { modelRows, modelsTable } from './survey/models-table.js';
import { type KnownMotifs, matchMotifs, motifsSection } from './survey/motifs-section.js';
import { type NamedProteins, type NamesTable, nameProteins } from './survey/names.js';
import { keyedByExperiments, type Published } from './survey/published.js';
import { type PublishedComparison, printedSection, publishedSection } from './survey/published-section.js';
import {
  distinctlyNamed,
  experimentOf,
  hasNetworks,
  inTasks,
  type Surveyed as Model,
  networksText,
  trainedIn,
  unitsOf,
} from './survey/surveyed.js';
import { median, variantsOf } from './survey/variants.js';
import { variantsSection } from './survey/variants-section.js';
import { count } from './wording.js';

export { extentOf } from './survey/surveyed.js';

/** What the page of many models shows. */
export interface Survey {
  readonly models: readonly Model[];
  /** Names of proteins, by experiment. */
  readonly names?: NamesTable | undefined;
  /** Known motifs, to compare those of the models with. */
  readonly known?: KnownMotifs | undefined;
  /** Test correlations of other methods, to compare the models with. */
  readonly published?: Published | undefined;
  /** Facts for the last section, by name. */
  readonly facts: readonly (readonly [string, string])[];
  /** Colours of the page; default the reader's preference. Files are dark on white. */
  readonly theme?: Theme | undefined;
}

/** What a survey made. */
export interface MadeSurvey {
  /** HTML. */
  readonly page: string;
  readonly files: readonly ReportFile[];
  /** With `published`. */
  readonly comparison?: PublishedComparison;
  /** With `names`. */
  readonly named?: NamedProteins;
}

/**
 * The page and its files: one SVG and one table of numbers a figure, and `survey.tsv` with all models.
 *
 * @throws ShapeError for no models; FormatError for names or published correlations of other experiments; and
 * as the charts
 */
export async function survey({
  models: given,
  facts: about,
  theme,
  published,
  known,
  names,
}: Survey): Promise<MadeSurvey> {
  if (given.length === 0) throw new ShapeError('a survey needs at least one model');
  const named = names && nameProteins(names, given.map(experimentOf));
  const labels = variantsOf(given);
  const models = distinctlyNamed(
    given.map((model, i) => ({
      ...model,
      protein: named?.proteins.get(experimentOf(model)) ?? model.protein,
      variant: labels?.[i],
    })),
  );
  const files = new Files();
  const units = unitsOf(models);
  const keyed = published && keyedByExperiments(published, models.map(aliased));
  const compared = keyed && (await publishedSection(files, models, keyed, units));
  const variants = labels && (await variantsSection(files, models, labels));
  const learned = models.filter(({ hasLearned }) => hasLearned !== false);
  const matches = known && matchMotifs(learned, known);
  const beside = { published: keyed?.published, matches };
  files.all.push({ path: 'survey.tsv', contents: rowsToTsv(modelRows(models, beside)) });
  const drawn: (Section | undefined)[] = [
    await performance(files, models),
    variants?.section,
    compared?.section ?? printedSection(files, models),
    known && matches && motifsSection(files, learned, matches, known, units),
    await copies(files, learned),
    await gcBias(files, learned),
  ];
  const sections = [
    summary(models, learned, [...(variants?.findings ?? []), ...(compared?.findings ?? [])]),
    ...drawn.filter((section) => section !== undefined),
    modelsTable(models, beside),
    { id: 'about', title: 'How this was made', body: facts(about) },
  ];
  const trained = trainedIn(models);
  const title = hasNetworks(models)
    ? `What networks of ${count(new Set(models.map(experimentOf)).size, units)} have learned`
    : `What ${count(trained, 'model')} ${trained === 1 ? 'has' : 'have'} learned${inTasks(models)}`;
  return {
    page: page({ title, subtitle: 'Global importance analysis of ResidualBind models', sections, theme }),
    files: files.all,
    ...(compared && { comparison: compared.comparison }),
    ...(named && { named }),
  };
}

const aliased = (model: Model) => ({ experiment: experimentOf(model), aliases: model.protein?.aliases });

/** What is known of a measure, in the order of the models. */
const known = (models: readonly Model[], measure: Measure): number[] =>
  models.flatMap((model) => model[measure] ?? []);

const number = (value: number): string => fixed(value, 3);

/** @param learned the models that predict better than chance, as far as is known */
function summary(
  models: readonly Model[],
  learned: readonly Model[],
  compared: readonly string[] = [],
): Section {
  const pearson = known(models, 'pearson');
  const units = unitsOf(models);
  const [r2, ends] = [known(learned, 'r2'), known(learned, 'gcDifference')];
  const more5 = ends.filter((difference) => difference >= LEAST_SHARE).length;
  const less5 = ends.filter((difference) => difference <= -LEAST_SHARE).length;
  const findings = [
    ...(pearson.length > 0
      ? [
          `Predictions of ${count(pearson.length, units)} correlate with measurements that were not trained on at a median r of ${number(median(pearson))} (${number(Math.min(...pearson))} to ${number(Math.max(...pearson))}).${spreadOf(models)}`,
        ]
      : [
          'No report says how well its model predicts: none was made with --data, or the correlation is undefined.',
        ]),
    ...compared,
    ...noBetter(models),
    ...(r2.length > 0
      ? [
          `Lines of importance over the number of copies have a median R² of ${number(median(r2))}; it is above 0.95 in ${r2.filter((value) => value > 0.95).length} of ${r2.length}. Each line has only a few points, one for each number of copies.`,
        ]
      : []),
    ...(ends.length > 0
      ? [
          `With GC at the 5′ end the motif keeps at least ${100 * LEAST_SHARE} % more of its importance than with GC at the 3′ end in ${more5} of ${count(ends.length, units)}, and at least ${100 * LEAST_SHARE} % less in ${less5}; the median difference of the effect sizes is ${number(median(ends))}.`,
        ]
      : []),
    ...effectFindings(learned, units),
  ];
  return {
    id: 'findings',
    title: 'Findings',
    body: `<ul class="findings">${findings.map((text) => `<li>${html(text)}</li>`).join('')}</ul><p class="note">${html(
      `Every ${units} counts once (n = ${models.length})${hasNetworks(models) ? `, with the means over its ${networksText(models)}` : ''}. Global importance is how much a pattern changes a model’s prediction on average over many background sequences; the report of each ${units === 'task' ? 'model' : units}, in the last table, says how it was measured.`,
    )}</p>`,
  };
}

/** How much r differs between the networks of one experiment; empty for single models. */
function spreadOf(models: readonly Model[]): string {
  const spreads = models.flatMap(({ ranges }) =>
    ranges?.pearson ? [ranges.pearson[1] - ranges.pearson[0]] : [],
  );
  if (spreads.length === 0) return '';
  return ` Between the networks of one experiment, r differs by ${number(median(spreads))} (median; at most ${number(Math.max(...spreads))}).`;
}

/** Which models predict no better than chance, where there are any. */
function noBetter(models: readonly Model[]): readonly string[] {
  const found = models.filter(({ hasLearned }) => hasLearned === false);
  if (found.length === 0) return [];
  const [verb, they] = found.length === 1 ? ['predicts', 'it has'] : ['predict', 'they have'];
  return [
    `${found.length} of ${count(models.length, unitsOf(models))} ${verb} no better than chance (r is below 0.1, or its 95 % interval includes 0): ${namesOf(found)}. What ${they} learned is not counted below.`,
  ];
}

/** What a figure of models is about, with their number in its caption. */
const counted = (models: readonly Model[], caption: string) => ({
  units: unitsOf(models),
  caption: `${caption}; ${count(models.length, unitsOf(models))}.`,
});

async function performance(files: Files, models: readonly Model[]): Promise<Section | undefined> {
  const some = models.filter(({ pearson }) => pearson !== undefined);
  if (some.length === 0) return undefined;
  const hasRange =
    hasNetworks(some) && some.length <= FEW && some.every(({ variant }) => variant === undefined);
  const over = `: the mean over ${networksText(some)}${hasRange ? ', the lowest and the highest of them' : ''}`;
  const figure = await distributionByVariant(
    files,
    'performance',
    some,
    !hasRange
      ? { 'Pearson r': ({ pearson }) => pearson }
      : {
          mean: ({ pearson }) => pearson,
          lowest: ({ pearson, ranges }) => ranges?.pearson?.[0] ?? pearson,
          highest: ({ pearson, ranges }) => ranges?.pearson?.[1] ?? pearson,
        },
    {
      title: 'Agreement with measurements',
      axis: 'Pearson’s r',
      ...counted(
        some,
        `Correlation of predicted and measured scores of sequences that were not trained on${hasNetworks(some) ? over : ''}`,
      ),
    },
  );
  return { id: 'performance', title: 'How well they predict', body: figure };
}

async function copies(files: Files, models: readonly Model[]): Promise<Section | undefined> {
  const some = models.filter(({ r2 }) => r2 !== undefined);
  if (some.length === 0) return undefined;
  const figure = await distributionByVariant(
    files,
    'multiplicity',
    some,
    { 'R²': ({ r2 }) => r2 },
    {
      title: 'Lines of importance over copies',
      axis: 'R²',
      ...counted(
        some,
        'R² of the line of importance over the number of copies of each top k-mer; the line goes through few points, as each report says',
      ),
    },
  );
  return { id: 'multiplicity', title: 'Number of copies', body: figure };
}

async function gcBias(files: Files, models: readonly Model[]): Promise<Section | undefined> {
  const whole = models.filter(
    ({ effect5, effect3, gcDifference }) =>
      effect5 !== undefined && effect3 !== undefined && gcDifference !== undefined,
  );
  if (whole.length === 0) return undefined;
  const points = whole.map(({ name, effect5, effect3 }) => ({ name, x: effect5!, y: effect3! }));
  const scatter = await scatterPlot(points, {
    title: 'Effect sizes at both ends',
    xLabel: 'effect size at 5′',
    yLabel: 'effect size at 3′',
    guide: 'identity',
  });
  const figures = [
    await distributionByVariant(
      files,
      'gc-effects',
      whole,
      { '5′': ({ effect5 }) => effect5, '3′': ({ effect3 }) => effect3 },
      {
        title: 'Effect sizes of GC',
        axis: 'effect size',
        ...counted(
          whole,
          'Importance of the top k-mer with G and C at an end over its importance alone: below 1, GC lowers the importance',
        ),
      },
    ),
    await distributionByVariant(
      files,
      'gc-difference',
      whole,
      { '5′ − 3′': ({ gcDifference }) => gcDifference },
      {
        title: 'Difference of the ends',
        axis: 'effect size at 5′ − at 3′',
        ...counted(
          whole,
          'Effect size at the 5′ end minus effect size at the 3′ end: above 0, the motif keeps more of its importance with GC at the 5′ end',
        ),
      },
    ),
    files.figure(
      'gc-ends',
      scatter.svg,
      whole.map(({ name, effect5, effect3 }) => ({ name, effect5, effect3 })),
      `The effect sizes of every ${unitsOf(whole)}; on the dashed line both are the same; r is Pearson’s; ${count(whole.length, unitsOf(whole))}.`,
    ),
  ];
  return { id: 'gc', title: 'GC bias', body: figures.join('\n') };
}
