/**
 * The report of one trained model: what it was asked and what it answered, figure by figure (paper, figures 2
 * to 4). Takes results, gives the page and the files beside it; computing and writing are the caller's.
 */

import { type Alphabet, isWord, spell, spellName } from '../data/sequences/letters.js';
import type { Precision } from '../device/precision.js';
import type { SequenceAttribution } from '../gia/attribution/attribution-files.js';
import type { ExperimentResult } from '../gia/experiments/index.js';
import { boxOf } from '../gia/statistics/box.js';
import { COLUMNS } from '../gia/tables/table.js';
import type { StoredRow } from '../gia/tables/table-reader.js';
import { histogram, rowsToTsv } from './charts/index.js';
import { experimentSections, findingOf } from './experiments/index.js';
import { attributionLogo } from './figures/attribution-logo.js';
import { Files, FOLDER, type ReportFile } from './figures/figure-files.js';
import { fixed } from './figures/svg.js';
import { facts, html, page, paragraph, type Section, sortable } from './page/page.js';
import type { Theme } from './page/page-style.js';
import { READING } from './reading.js';
import { type Agreement, agreementFinding, agreementSection } from './sections/agreement-section.js';
import { motifSection } from './sections/motif-section.js';
import { HINTS, intervalColumn } from './table-columns.js';
import { count, listed, probability } from './wording.js';

/** What the page of one model shows. */
export interface ModelReport {
  /** What the model is called. */
  readonly name: string;
  /** Of the model's output, beside axes: `s.d. of scores`. */
  readonly unit?: string;
  /**
   * In which the sweep was computed, and everything else; captions name those that are not f32, the default.
   */
  readonly precisions?: { readonly sweep: Precision; readonly others: Precision } | undefined;
  /** Facts for the last section, by name. */
  readonly facts: readonly (readonly [string, string])[];
  /** The sweep's table, in any order. */
  readonly sweep: readonly StoredRow[];
  /** Of the top k-mer; `mutagenesis` among them. */
  readonly experiments: readonly ExperimentResult[];
  readonly agreement?: Agreement | undefined;
  /** In-silico mutagenesis of sequences that matter, best first. */
  readonly attributions?: readonly SequenceAttribution[] | undefined;
  /** Which letters are printed and drawn. Default `rna`. */
  readonly alphabet?: Alphabet | undefined;
  /** Colours of the page; default the reader's preference. Files are dark on white. */
  readonly theme?: Theme | undefined;
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
  const { name, experiments, attributions = [], unit = 'output units', alphabet } = report;
  const [sweep, agreement] = [spelledRows(report.sweep, alphabet), spelledAgreement(report)];
  const { precisions = { sweep: 'f32', others: 'f32' } } = report;
  const all = new Files();
  const [swept, files] = [precisions.sweep, precisions.others].map((precision) =>
    all.remarking(precision === 'f32' ? undefined : `Computed in ${precision}.`),
  ) as [Files, Files];
  const ranked = [...sweep].sort((a, b) => b.importance - a.importance);
  const sections: Section[] = [summary(ranked, experiments, unit, agreement), READING];
  if (agreement) sections.push(await agreementSection(files, agreement, wordOf(ranked[0]!), unit));
  sections.push(
    await sweepSection(swept, ranked, unit),
    motifSection(
      swept,
      files,
      ranked,
      unit,
      experiments.find((result) => result.experiment === 'mutagenesis'),
      alphabet,
    ),
    ...(await experimentSections(files, experiments, unit)),
  );
  if (attributions.length > 0) sections.push(attributionSection(files, attributions, unit, alphabet));
  sections.push({ id: 'about', title: 'How this was made', body: facts(report.facts) });
  const title = `What ${name} has learned`;
  return {
    page: page({
      title,
      subtitle: 'Global importance analysis of a ResidualBind model',
      sections,
      theme: report.theme,
    }),
    files: all.all,
  };
}

const spelledRows = (rows: readonly StoredRow[], alphabet: Alphabet | undefined): readonly StoredRow[] =>
  rows.map((row) => ({ ...row, pattern: spellName(row.pattern, alphabet) }));

const spelledAgreement = ({ agreement, alphabet }: ModelReport): Agreement | undefined =>
  agreement && {
    ...agreement,
    ...(agreement.sequences && { sequences: agreement.sequences.map((one) => spell(one, alphabet)) }),
  };

/** The letters of a pattern where that is a word, at whatever place. */
function wordOf({ pattern }: StoredRow): string | undefined {
  const letters = pattern.replace(/@\d+$/, '');
  return isWord(letters) ? letters : undefined;
}

/** `6-mer`, or `pattern` where they are other than all of one length. */
function kindOf(rows: readonly StoredRow[]): string {
  const k = rows[0]!.pattern.length;
  return rows.every(({ pattern }) => pattern.length === k && isWord(pattern)) ? `${k}-mer` : 'pattern';
}

/** Powers of ten that lines do not break. */
const unbroken = (text: string): string => text.replace(/(?<=\de)-(?=\d)/g, '\u2011');

function summary(
  ranked: readonly StoredRow[],
  experiments: readonly ExperimentResult[],
  unit: string,
  agreement?: Agreement,
): Section {
  const best = ranked[0]!;
  const interval =
    best.ciLow === undefined || best.ciHigh === undefined
      ? ''
      : ` (95 % interval ${fixed(best.ciLow, 2)} to ${fixed(best.ciHigh, 2)})`;
  const over = best.n === undefined ? '' : ` on average over ${count(best.n, 'background')}`;
  const after = ranked.slice(1, 5).map(({ pattern }) => pattern);
  const findings = [
    `The most important of ${count(ranked.length, kindOf(ranked))} is ${best.pattern}: embedded in a background it ${best.importance < 0 ? 'changes' : 'raises'} the prediction by ${fixed(best.importance, 2)}${interval}${over}, in ${unit}.${after.length > 0 ? ` Next ${after.length === 1 ? 'is' : 'are'} ${listed(after)}.` : ''}`,
    ...(agreement ? [agreementFinding(agreement)] : []),
    ...experiments.flatMap((result) => findingOf(result) ?? []),
  ];
  const backgrounds = experiments[0]?.backgrounds ?? best.n;
  return {
    id: 'findings',
    title: 'Findings',
    body: `<ul class="findings">${findings.map((text) => `<li>${html(unbroken(text))}</li>`).join('')}</ul><p class="note">${html(
      `This is one trained network (n = 1). Intervals and q are over ${backgrounds === undefined ? 'its backgrounds' : count(backgrounds, 'background')}: they say how well this network’s averages are known, not whether another network, trained anew, would agree. To ask several networks, run residualbind gia all with all of their models.`,
    )}</p>`,
  };
}

async function sweepSection(files: Files, ranked: readonly StoredRow[], unit: string): Promise<Section> {
  const one = kindOf(ranked);
  const kind = `${one}s`;
  const values = ranked.map(({ importance }) => importance);
  const chart = await histogram(
    { importance: values },
    {
      title: `Importances of all ${kind}`,
      xLabel: `global importance, ${unit}`,
      yLabel: `${kind}, logarithmic`,
      height: 220,
      bins: 40,
      logarithmic: true,
    },
  );
  const { q1, q3 } = boxOf(values, 'importances');
  const n = ranked[0]?.n;
  const number = (heading: string, field: 'importance' | 'sd' | 'q', hint?: string) => ({
    heading,
    ...(hint !== undefined && { hint }),
    value: (row: StoredRow) => row[field] ?? Number.NaN,
    cell: (row: StoredRow) => {
      const value = row[field];
      return value === undefined ? '' : field === 'q' ? probability(value, '') : fixed(value, 3);
    },
  });
  const places = new Map(ranked.map((row, i) => [row, i + 1]));
  const table = sortable(ranked.slice(0, SHOWN), [
    { heading: one, cell: ({ pattern }) => pattern, letters: true },
    { heading: 'rank', cell: (row) => String(places.get(row)), value: (row) => places.get(row)! },
    number('importance', 'importance'),
    ...(ranked[0]?.ciLow === undefined ? [] : [intervalColumn<StoredRow>()]),
    ...(ranked[0]?.sd === undefined ? [] : [number('s.d.', 'sd', HINTS.sd)]),
    ...(ranked[0]?.q === undefined ? [] : [number('q', 'q', HINTS.q)]),
  ]);
  files.all.push({ path: `${FOLDER}/sweep.tsv`, contents: sweepTsv(ranked) });
  const over = n === undefined ? '' : ` over ${count(n, 'background')}`;
  return {
    id: 'sweep',
    title: `All ${kind}`,
    body:
      files.figure(
        'importances',
        chart.svg,
        chart.rows,
        `Global importance of all ${count(ranked.length, one)}${over}. The middle half of them has ${fixed(q1, 2)} to ${fixed(q3, 2)}; the largest is that of ${ranked[0]!.pattern}, ${fixed(values[0]!, 2)}.`,
      ) +
      paragraph(
        `The most important ${ranked.length === 1 ? one : kind} by global importance${over}${ranked.length > SHOWN ? ` (the first ${SHOWN})` : ''}.`,
      ) +
      `${table}<p><a href="${FOLDER}/sweep.tsv">All ${count(ranked.length, one)}</a></p>`,
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

function attributionSection(
  files: Files,
  attributions: readonly SequenceAttribution[],
  unit: string,
  alphabet: Alphabet | undefined,
): Section {
  // One scale, so that sequences can be compared.
  const yMax = Math.max(0, ...attributions.flatMap(({ heights }) => heights));
  const figures = attributions.map((each, i) => {
    const { name, sequence, prediction, heights, structure } = each;
    const rows = Array.from(sequence, (letter, p) => ({
      position: p + 1,
      letter,
      ...(structure !== undefined && { structure: structure[p]! }),
      height: heights[p]!,
      ...Object.fromEntries(Object.entries(each.scores).map(([to, scores]) => [to, scores[p]!])),
    }));
    const caption = `${name}, predicted ${fixed(prediction, 2)}${structure === undefined ? '' : '; below, the structure given with it'}.`;
    return files.figure(
      `sequence-${i + 1}`,
      attributionLogo(each, { ...(yMax > 0 && { yMax }), alphabet }),
      rows,
      caption,
    );
  });
  const structured = attributions.some(({ structure }) => structure !== undefined);
  const intro = `Every letter of single sequences replaced by the three others, one at a time (in-silico mutagenesis). The height is the sensitivity, the L2 norm of the three changes of the prediction, in ${unit}; its axis is the same for all.${structured ? ' Brackets and arcs join letters that pair.' : ''}`;
  return {
    id: 'sequences',
    title: 'Sequences, letter by letter',
    body: paragraph(intro) + figures.join('\n'),
  };
}
