/** All models of a survey as one table that sorts, and the same columns as `survey.tsv`. */

import { LEAST_SHARE, type Verdict } from '../../gia/experiments/index.js';
import type { MemeMotif } from '../../gia/motif/index.js';
import { fixed } from '../figures/svg.js';
import { html, type Section, sortable, type TableColumn } from '../page/page.js';
import type { Measure } from '../stored-report.js';
import { knownColumns, type Match } from './motifs-section.js';
import type { Published } from './published.js';
import { experimentOf, fileOf, hasNetworks, networksText, type Surveyed, unitsOf } from './surveyed.js';

/** What stands beside the models' own numbers. */
export interface Beside {
  readonly published?: Published | undefined;
  /** The known motifs that are most similar to the models'. */
  readonly matches?: readonly Match[] | undefined;
}

const number = (value: number | undefined): string => (value === undefined ? '' : fixed(value, 3));

/** What is not known sorts below everything. */
const below = (value: number | undefined): number => value ?? Number.NEGATIVE_INFINITY;

/** Fields that are no columns, or further ones. */
const LEFT_OUT = new Set<string>([
  ...([
    'page',
    'experiment',
    'matrix',
    'protein',
    'folder',
    'source',
    'variant',
    'plainName',
    'trained',
    'ranges',
  ] satisfies (keyof Surveyed)[]),
]);

/** Rows of `survey.tsv`: every field has its column, empty where it is not known. */
export function modelRows(models: readonly Surveyed[], { published, matches }: Beside): object[] {
  const hasProteins = models.some(({ protein }) => protein !== undefined);
  const hasVariants = models.some(({ variant }) => variant !== undefined);
  const columns = published ? columnsOf(published.methods) : [];
  return models.map((model) => {
    const { variant, protein, ranges = {} } = model;
    const row = {
      ...Object.fromEntries(Object.entries(model).filter(([field]) => !LEFT_OUT.has(field))),
      ...Object.fromEntries(
        Object.entries(ranges).flatMap(([name, [low, high]]) => [
          [`${name}Low`, low],
          [`${name}High`, high],
        ]),
      ),
      experiment: experimentOf(model),
      ...(hasVariants && { variant }),
      ...(hasProteins && { protein: protein?.name, species: protein?.species }),
      ...Object.fromEntries(
        columns.flatMap((column, i) => {
          const r = published && publishedOf(model, published, i);
          return [
            [`published_${column}`, r],
            [`difference_${column}`, differenceOf(model, r)],
          ];
        }),
      ),
      ...(matches && knownOf(matches, model)),
    };
    return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? '']));
  });
}

const matchFor = (matches: readonly Match[], model: Surveyed): Match | undefined =>
  matches.find((match) => match.model === model);

/** The known motif as columns, which are empty where the model has none. */
function knownOf(matches: readonly Match[], model: Surveyed): object {
  const match = matchFor(matches, model);
  const { known, knownName, eValue, similarity, sameName, sameNameSimilarity, sameNameRank } = match
    ? knownColumns(match)
    : ({} as Partial<ReturnType<typeof knownColumns>>);
  return { known, knownName, eValue, similarity, sameName, sameNameSimilarity, sameNameRank };
}

/** Methods as parts of column names: `DLPRB-CNN` is `dlprb_cnn`. */
function columnsOf(methods: readonly string[]): readonly string[] {
  const names = methods.map((method, i) => {
    const name = method
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '_')
      .replace(/^_|_$/g, '');
    return name === '' ? `method_${i + 1}` : name;
  });
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}_${i + 1}`));
}

const publishedOf = (model: Surveyed, { experiments }: Published, method: number): number | undefined =>
  experiments.get(experimentOf(model))?.[method];

/** The model's r less the published one. */
const differenceOf = ({ pearson }: Surveyed, r: number | undefined): number | undefined =>
  pearson === undefined || r === undefined ? undefined : pearson - r;

/** The table of all models, highest r first. */
export function modelsTable(models: readonly Surveyed[], { published, matches }: Beside): Section {
  const measure = (heading: string, name: Measure): TableColumn<Surveyed> => {
    const shownOf = (model: Surveyed) => (isShown(model) || name === 'pearson' ? model[name] : undefined);
    return {
      heading,
      value: (model) => below(shownOf(model)),
      cell: (model) => number(shownOf(model)),
    };
  };
  const ordered = [...models].sort((a, b) => below(b.pearson) - below(a.pearson) || 0);
  const units = unitsOf(models);
  const body = sortable(ordered, [
    { heading: units, cell: ({ name }) => name, href: (model) => model.page },
    { heading: 'top k\u2011mer', cell: (model) => (isShown(model) ? model.motif : ''), letters: true },
    measure('importance', 'importance'),
    measure('r', 'pearson'),
    ...rangeColumn(models),
    ...chanceColumn(models),
    ...(published ? publishedColumns(published) : []),
    ...(matches ? knownMotifColumns(matches) : []),
    measure('per copy', 'slope'),
    measure('R²', 'r2'),
    measure('GC 5′', 'effect5'),
    measure('GC 3′', 'effect3'),
    measure('5′ − 3′', 'gcDifference'),
    measure('loop − stem', 'loopOverStem'),
    ...verdictColumns(models),
    ...speciesColumn(models),
  ]);
  const caption = [
    'Importance of the top k-mer; r with measurements; per copy and R² of the line over copies; GC effect sizes; loop − stem in hairpins, minus the same difference without hairpins. A name leads to the model’s own report.',
    ...(published
      ? [
          `Each method of ${fileOf(published.source)} has its r for the experiment and, after “r −”, how much higher the ${units}’s r is.`,
        ]
      : []),
    ...(matches ? ['Similarity is that of the most similar known motif.'] : []),
    ...(models.every(isShown) ? [] : ['Where predictions are no better than chance, only r is shown.']),
  ];
  return {
    id: 'models',
    title: `All ${units}s`,
    body: `<p>${html(caption.join(' '))}</p>${body}<p><a href="survey.tsv">All numbers</a></p>`,
  };
}

/** What a model has learned is shown unless it predicts no better than chance. */
const isShown = ({ hasLearned }: Surveyed): boolean => hasLearned !== false;

/** Whether the motif counts more or less, in a column for hairpins and one for GC. */
function verdictColumns(models: readonly Surveyed[]): TableColumn<Surveyed>[] {
  const said = (verdict: Verdict | undefined) => (verdict === undefined || verdict === 'none' ? '' : verdict);
  const rule = `at least ${100 * LEAST_SHARE} % of its importance`;
  const ends = ({ gc5, gc3 }: Surveyed) =>
    [
      ['5′', said(gc5)],
      ['3′', said(gc3)],
    ].flatMap(([end, verdict]) => (verdict === '' ? [] : [`${end}\u00a0${verdict}`]));
  return [
    ...(models.some(({ hairpins }) => hairpins !== undefined)
      ? [
          {
            heading: 'in loops',
            hint: `whether the motif counts more or less in loops of hairpins: ${rule}, by three comparisons`,
            cell: ({ hairpins }: Surveyed) => said(hairpins),
          },
        ]
      : []),
    ...(models.some(({ gc5, gc3 }) => (gc5 ?? gc3) !== undefined)
      ? [
          {
            heading: 'with GC',
            hint: `whether the motif counts more or less with GC at an end: ${rule}`,
            cell: (model: Surveyed) => ends(model).join(', '),
          },
        ]
      : []),
  ];
}

const speciesColumn = (models: readonly Surveyed[]): TableColumn<Surveyed>[] =>
  models.some(({ protein }) => protein?.species !== undefined)
    ? [{ heading: 'species', cell: ({ protein }) => protein?.species ?? '' }]
    : [];

/** The lowest and the highest r of an experiment's networks. */
const rangeColumn = (models: readonly Surveyed[]): TableColumn<Surveyed>[] =>
  hasNetworks(models)
    ? [
        {
          heading: 'r of each',
          hint: `lowest and highest of ${networksText(models)}; r is their mean`,
          value: ({ ranges }) => below(ranges?.pearson?.[0]),
          cell: ({ ranges }) => ranges?.pearson?.map(number).join(' to\u00a0') ?? '',
          wraps: true,
        },
      ]
    : [];

const chanceColumn = (models: readonly Surveyed[]): TableColumn<Surveyed>[] =>
  models.some(({ hasLearned }) => hasLearned === false)
    ? [
        {
          heading: 'better than chance',
          hint: 'no: r is below 0.1, or its 95 % interval includes 0',
          cell: ({ hasLearned }) => (hasLearned === undefined ? '' : hasLearned ? 'yes' : 'no'),
        },
      ]
    : [];

/** The published r of each method, and the difference of the model's r. */
const publishedColumns = (published: Published): TableColumn<Surveyed>[] =>
  published.methods.flatMap((method, i) => {
    const r = (model: Surveyed) => publishedOf(model, published, i);
    const difference = (model: Surveyed) => differenceOf(model, r(model));
    return [
      {
        heading: method,
        hint: `published r of ${method}`,
        value: (model: Surveyed) => below(r(model)),
        cell: (model: Surveyed) => number(r(model)),
      },
      {
        heading: `r − ${method}`,
        hint: `r of the model less that of ${method}`,
        value: (model: Surveyed) => below(difference(model)),
        cell: (model: Surveyed) => number(difference(model)),
      },
    ];
  });

/** `RBM4B, … (M109_0.6)`: a motif with many names would make its row high. */
function shortTitle({ name, alternateName = '' }: MemeMotif): string {
  const [first = '', ...others] = alternateName.split(/[,;\s]+/).filter((each) => each !== '');
  return first === '' ? name : `${first}${others.length > 0 ? ', …' : ''} (${name})`;
}

const knownMotifColumns = (matches: readonly Match[]): TableColumn<Surveyed>[] => {
  const similarity = (model: Surveyed) => {
    const r = matchFor(matches, model)?.similarity.r;
    return Number.isNaN(r) ? undefined : r;
  };
  return [
    {
      heading: 'known motif',
      hint: 'the most similar of the known motifs',
      cell: (model) => {
        const match = matchFor(matches, model);
        return match ? shortTitle(match.motif) : '';
      },
    },
    {
      heading: 'similarity',
      value: (model) => below(similarity(model)),
      cell: (model) => number(similarity(model)),
    },
  ];
};
