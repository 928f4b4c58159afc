/**
 * The page of a motif database: which of its motifs a model responds to, with logos, figures and a table of
 * all motifs. Takes results, gives the page and the files beside it.
 */

import { type Alphabet, lettersOf, spell } from '../../data/sequences/letters.js';
import type { MotifDatabaseResult, MotifImportance } from '../../gia/databases/index.js';
import { informationHeights } from '../../gia/motif/index.js';
import { fileNamesOf } from '../../gia/tables/file-names.js';
import type { StoredRow } from '../../gia/tables/table-reader.js';
import { barChart } from '../charts/bar-chart.js';
import { scatterPlot } from '../charts/scatter.js';
import { Files, type ReportFile } from '../figures/figure-files.js';
import { BITS, sequenceLogo } from '../figures/logo.js';
import { inPage, LETTER_SYMBOLS, smallLogo } from '../figures/small-logo.js';
import { COLOURS, fixed } from '../figures/svg.js';
import { facts, html, page, paragraph, type Section, sortable } from '../page/page.js';
import type { Theme } from '../page/page-style.js';
import { count, probability } from '../wording.js';

/** What the page of a motif database shows. */
export interface DatabaseReport {
  /** What the model is called. */
  readonly name: string;
  /** Names of the models, where there are several. */
  readonly models?: readonly string[] | undefined;
  /** Where the motifs are from. */
  readonly source: string;
  /** Unit of the model's output, beside axes: `s.d. of scores`. */
  readonly unit?: string | undefined;
  readonly result: Pick<MotifDatabaseResult, 'models' | 'backgrounds' | 'leftOut' | 'alphabet'>;
  /** Rows of a sweep of the same models, in order of rank: its top k-mers are shown beside the motifs. */
  readonly sweep?: readonly StoredRow[] | undefined;
  /** Facts for the last section, by name. */
  readonly facts: readonly (readonly [string, string])[];
  readonly theme?: Theme | undefined;
}

/** Motifs in the chart, with a logo of their own, and with a label in the scatter plot. */
const SHOWN = 15;
const LOGOS = 6;
const LABELS = 5;

/** Motifs of the table with a logo; further ones have their consensus, so that the page stays small. */
const TABLE_LOGOS = 500;

/** k-mers beside the motifs. */
const KMERS = 10;

/** False discovery rate up to which the page says that a motif has an effect. */
const FDR = 0.05;

/** Whether the order of a motif's letters matters, as series of the scatter plot. */
const [ORDERED, SAME] = [`q < ${FDR}`, `q ≥ ${FDR}`];

/** What one readout's section is made of. */
interface Part {
  readonly motifs: readonly MotifImportance[];
  readonly files: Files;
  readonly unit: string;
  readonly alphabet: Alphabet;
  /** The top k-mers; none where no sweep was given. */
  readonly kmers: readonly StoredRow[];
}

/** The page and its files: one SVG and one table of numbers a figure. */
export async function databaseReport(
  report: DatabaseReport,
): Promise<{ page: string; files: readonly ReportFile[] }> {
  const { name, source, unit = 'output units', result, theme } = report;
  const { models, alphabet = 'rna', leftOut } = result;
  const all = new Files();
  const names = models.map((_, r) => readoutName(report, r));
  const folders = fileNamesOf(names);
  const sections: Section[] = [];
  for (const [r, { motifs }] of models.entries()) {
    const files = models.length === 1 ? all : all.in(folders[r]!);
    const own = await sectionsOf({ motifs, files, unit, alphabet, kmers: kmersOf(report, r) });
    if (models.length === 1) sections.push(...own);
    else sections.push({ id: `readout-${r + 1}`, title: names[r]!, body: '', parts: prefixed(own, r) });
  }
  const missing = leftOut.map(({ name: motif, reason }) => `${motif}: ${reason}`);
  const out = missing.length > 0 ? [['left out', missing.join('; ')] as const] : [];
  sections.push({ id: 'about', title: 'How this was made', body: facts([...report.facts, ...out]) });
  const motifs = count(models[0]!.motifs.length, 'motif');
  return {
    page: page({
      title: `Which known motifs ${name} responds to`,
      subtitle: `${motifs} of ${source}, by global importance analysis`,
      sections,
      theme,
    }),
    files: all.all,
  };
}

/** The model and the task of a readout, as far as there are several. */
function readoutName({ name, models: paths = [], result: { models } }: DatabaseReport, r: number): string {
  const { model = r, task } = models[r]!;
  const isSeveral = new Set(models.map((each, i) => each.model ?? i)).size > 1;
  const parts = [
    ...(isSeveral ? [paths[model] ?? String(model + 1)] : []),
    ...(task === undefined ? [] : [task]),
  ];
  return parts.length > 0 ? parts.join(', ') : name;
}

/** The top k-mers of a readout, by the names of model and task where the sweep has several. */
function kmersOf(
  { sweep = [], models: paths = [], result: { models } }: DatabaseReport,
  r: number,
): StoredRow[] {
  const { model: index = r, task } = models[r]!;
  return sweep
    .filter((row) => row.model === undefined || row.model === paths[index])
    .filter((row) => row.task === undefined || row.task === task)
    .sort((a, b) => b.importance - a.importance)
    .slice(0, KMERS);
}

const prefixed = (sections: readonly Section[], r: number): Section[] =>
  sections.map((each) => ({ ...each, id: `readout-${r + 1}-${each.id}` }));

async function sectionsOf(part: Part): Promise<Section[]> {
  return [
    { id: 'findings', title: 'Findings', body: findings(part) },
    { id: 'first', title: 'The first motifs', body: await firstMotifs(part) },
    ...(part.kmers.length > 0 ? [{ id: 'kmers', title: 'Top k-mers', body: topKmers(part) }] : []),
    { id: 'composition', title: 'Composition', body: await composition(part) },
    { id: 'motifs', title: 'All motifs', body: LETTER_SYMBOLS + tableOf(part) },
  ];
}

function findings({ motifs, unit }: Part): string {
  const [first] = motifs;
  const tested = (isFound: (motif: MotifImportance) => boolean) => motifs.filter(isFound).length;
  const raising = tested(({ importance: { mean, q } }) => mean > 0 && q < FDR);
  const lowering = tested(({ importance: { mean, q } }) => mean < 0 && q < FDR);
  const specific = tested(
    ({ importance, specific: { mean, q } }) => importance.mean > 0 && mean > 0 && q < FDR,
  );
  const { importance, shuffled, specific: own } = first!;
  const items = [
    `The model responds most to ${titleOf(first!)}: a site changes the prediction by ${fixed(importance.mean, 3)} ${unit} on average (95 % interval ${fixed(importance.ciLow, 3)} to ${fixed(importance.ciHigh, 3)}, ${probability(importance.q, 'q')}).`,
    `The same letters in random order change it by ${fixed(shuffled.mean, 3)}; their order adds ${fixed(own.mean, 3)} (${fixed(own.ciLow, 3)} to ${fixed(own.ciHigh, 3)}, ${probability(own.q, 'q')}).`,
    `At a false discovery rate of ${FDR}, ${count(raising, 'motif raises', 'motifs raise')} and ${count(lowering, 'motif lowers', 'motifs lower')} the prediction (of ${motifs.length} motifs). ${count(specific, 'motif raises', 'motifs raise')} it more than the same letters in random order.`,
  ];
  return `<ul>${items.map((item) => `<li>${html(item)}</li>`).join('')}</ul>`;
}

async function firstMotifs({ motifs, files, unit, alphabet }: Part): Promise<string> {
  const shown = motifs.slice(0, SHOWN);
  const labels = labelsOf(shown);
  const bars = shown.flatMap(({ importance, shuffled }, i) => [
    bar(labels[i]!, 'sites', importance),
    bar(labels[i]!, 'shuffled sites', shuffled),
  ]);
  const chart = await barChart(bars, {
    title: `Importance of the first ${shown.length} motifs`,
    xLabel: 'motif',
    yLabel: `importance, ${unit}`,
    width: 480,
    height: 90 + 30 * shown.length,
  });
  const figure = files.figure(
    'motifs',
    chart.svg,
    chart.rows,
    `Global importance of the ${shown.length} motifs of highest rank (sites), and of the same letters in random order (shuffled sites), with 95 % intervals.`,
  );
  const logos = shown.slice(0, LOGOS).map((each) => {
    const { motif, rank } = each;
    const svg = sequenceLogo(informationHeights(motif.pwm), {
      title: `Sequence logo of ${titleOf(each)}`,
      ...BITS,
      alphabet,
    });
    const rows = motif.pwm.map((column, i) => ({
      position: i + 1,
      ...Object.fromEntries(Array.from(lettersOf(alphabet), (letter, base) => [letter, column[base]!])),
    }));
    return files.figure(`motif-${rank}`, svg, rows, `Rank ${rank}: ${titleOf(each)}.`);
  });
  return [figure, ...logos].join('\n');
}

/** The k-mers that a sweep found, on the scale of the motifs. */
const topKmers = ({ kmers, unit }: Part): string =>
  paragraph(
    `The most important k-mers of a sweep, each embedded as it is. Importances are in ${unit}, like those of motifs.`,
  ) +
  sortable(kmers, [
    { heading: 'k-mer', letters: true, cell: ({ pattern }) => pattern },
    {
      heading: 'importance',
      value: ({ importance }) => importance,
      cell: ({ importance }) => fixed(importance, 3),
    },
    {
      heading: '95 % interval',
      value: ({ ciLow = Number.NaN }) => ciLow,
      cell: ({ ciLow, ciHigh }) =>
        ciLow === undefined || ciHigh === undefined ? '' : `${fixed(ciLow, 3)} to ${fixed(ciHigh, 3)}`,
    },
  ]);

const bar = (name: string, series: string, { mean, ciLow, ciHigh }: MotifImportance['shuffled']) => ({
  name,
  series,
  value: mean,
  low: ciLow,
  high: ciHigh,
});

async function composition({ motifs, files, unit }: Part): Promise<string> {
  const points = motifs.map((each, i) => ({
    x: each.shuffled.mean,
    y: each.importance.mean,
    name: titleOf(each),
    series: each.specific.q < FDR ? ORDERED : SAME,
    ...(i < LABELS && { label: shortOf(each) }),
  }));
  const chart = await scatterPlot(points, {
    title: 'Importance of sites against that of the same letters in random order',
    xLabel: `shuffled sites, ${unit}`,
    yLabel: `sites, ${unit}`,
    guide: 'identity',
    colours: { [ORDERED]: COLOURS.blue, [SAME]: COLOURS.grey },
  });
  return files.figure(
    'composition',
    chart.svg,
    chart.rows,
    `Importance of every motif against that of the same letters in random order; dashed: equal. Blue: the paired difference has q < ${FDR}, so the order of the letters matters.`,
  );
}

function tableOf({ motifs, files, alphabet }: Part): string {
  files.table(
    'all-motifs',
    motifs.map(({ rank, motif, consensus, bits, importance, shuffled, specific, scoreR }) => ({
      rank,
      motif: motif.name,
      name: motif.alternateName,
      consensus: spell(consensus, alphabet),
      bits,
      importance: importance.mean,
      ciLow: importance.ciLow,
      ciHigh: importance.ciHigh,
      q: importance.q,
      shuffled: shuffled.mean,
      specific: specific.mean,
      specificQ: specific.q,
      scoreR: Number.isNaN(scoreR) ? undefined : scoreR,
    })),
  );
  const about =
    'Importance: mean change of the prediction when a site is embedded. Shuffled: the same for its letters in random order. Specific: the paired difference of the two. q is corrected for the number of motifs.';
  return (
    paragraph(about) +
    sortable(motifs, [
      { heading: 'rank', value: ({ rank }) => rank, cell: ({ rank }) => String(rank) },
      { heading: 'motif', cell: titleOf },
      {
        heading: 'logo',
        cell: ({ consensus }) => spell(consensus, alphabet),
        picture: (each) => {
          const consensus = spell(each.consensus, alphabet);
          if (each.rank > TABLE_LOGOS) return consensus;
          return inPage(smallLogo(each.motif.pwm, `${titleOf(each)}, ${consensus}`, alphabet));
        },
      },
      number('importance', ({ importance }) => importance.mean),
      {
        heading: '95 % interval',
        value: ({ importance }) => importance.ciLow,
        cell: ({ importance }) => `${fixed(importance.ciLow, 3)} to ${fixed(importance.ciHigh, 3)}`,
      },
      {
        heading: 'q',
        value: ({ importance }) => importance.q,
        cell: ({ importance }) => probability(importance.q, ''),
      },
      number('shuffled', ({ shuffled }) => shuffled.mean),
      number('specific', ({ specific }) => specific.mean),
      {
        heading: 'q of specific',
        value: ({ specific }) => specific.q,
        cell: ({ specific }) => probability(specific.q, ''),
      },
      number(
        'score r',
        ({ scoreR }) => scoreR,
        'correlation of a site’s log-odds under the matrix with its effect',
      ),
      { heading: 'bits', value: ({ bits }) => bits, cell: ({ bits }) => fixed(bits, 1) },
    ])
  );
}

const number = (heading: string, value: (motif: MotifImportance) => number, hint?: string) => ({
  heading,
  ...(hint !== undefined && { hint }),
  value: (motif: MotifImportance) => (Number.isNaN(value(motif)) ? -2 : value(motif)),
  cell: (motif: MotifImportance) => (Number.isNaN(value(motif)) ? 'undefined' : fixed(value(motif), 3)),
});

/** `M061_0.6 SAMD4A, SAMD4B`. */
const titleOf = ({ motif: { name, alternateName } }: Pick<MotifImportance, 'motif'>): string =>
  alternateName === undefined ? name : `${name} ${alternateName.replace(/,(?=\S)/g, ', ')}`;

/** The first name of the protein, or the motif's. */
const shortOf = ({ motif: { name, alternateName } }: MotifImportance): string =>
  alternateName?.split(/[,;\s]/)[0] || name;

/** Short names, each once. */
function labelsOf(motifs: readonly MotifImportance[]): readonly string[] {
  const seen = new Set<string>();
  return motifs.map((each) => {
    const { name, alternateName } = each.motif;
    const label = alternateName === undefined ? name : `${shortOf(each)} (${name})`;
    const own = seen.has(label) ? `${label}, rank ${each.rank}` : label;
    seen.add(own);
    return own;
  });
}
