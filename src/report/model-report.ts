/**
 * The report of one trained model: what it was asked and what it answered, figure by figure (paper, figures 2
 * to 4). Takes results, gives the page and the files beside it; computing and writing are the caller's.
 */

import { type Alphabet, isWord, spell, spellName } from '../data/sequences/letters.js';
import type { Precision } from '../device/precision.js';
import type { SequenceAttribution } from '../gia/attribution/attribution-files.js';
import { atReadout, type ExperimentResult } from '../gia/experiments/index.js';
import type { Measured } from '../gia/measurement/measurements.js';
import { boxOf } from '../gia/statistics/box.js';
import { fileNamesOf } from '../gia/tables/file-names.js';
import { COLUMNS } from '../gia/tables/table.js';
import type { StoredRow } from '../gia/tables/table-reader.js';
import { histogram, rowsToTsv } from './charts/index.js';
import { experimentSections, findingOf, readoutOf } from './experiments/index.js';
import { attributionLogo } from './figures/attribution-logo.js';
import { Files, type ReportFile } from './figures/figure-files.js';
import { fixed } from './figures/svg.js';
import { facts, html, page, paragraph, type Section, sortable } from './page/page.js';
import type { Theme } from './page/page-style.js';
import { READING } from './reading.js';
import {
  agreementFinding,
  agreementSection,
  chanceFindings,
  type TaskAgreement,
} from './sections/agreement-section.js';
import { measuredFindings, measuredSection, ridgeFinding } from './sections/measured-section.js';
import { motifSection } from './sections/motif-section.js';
import { taskId, tasksSection } from './sections/tasks-section.js';
import { HINTS, intervalColumn } from './table-columns.js';
import { count, listed, probability } from './wording.js';

/** What a page shows of a model, or of one of its tasks. */
export interface TaskReport {
  /** The sweep's table, in any order. */
  readonly sweep: readonly StoredRow[];
  /**
   * Of the top k-mer; `mutagenesis` among them. With several tasks, of the task's own top k-mer, in all tasks or
   * in this one.
   */
  readonly experiments: readonly ExperimentResult[];
  readonly agreement?: TaskAgreement | undefined;
  /** The sweep beside measurements. */
  readonly measured?: Measured | undefined;
  /** In-silico mutagenesis of sequences that matter, best first. */
  readonly attributions?: readonly SequenceAttribution[] | undefined;
}

/** What a page says of a model as a whole. */
interface WholeReport {
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
  /** Which letters are printed and drawn. Default `rna`. */
  readonly alphabet?: Alphabet | undefined;
  /** Colours of the page; default the reader's preference. Files are dark on white. */
  readonly theme?: Theme | undefined;
}

/** What the page of one model with one output shows. */
export interface ModelReport extends WholeReport, TaskReport {}

/** A task by its name. */
export type NamedTask = TaskReport & { readonly task: string };

/** What the page of one model with several outputs shows: everything for each task. */
export interface TasksReport extends WholeReport {
  readonly tasks: readonly NamedTask[];
}

/** Rows of the table that the page shows; the file has all. */
const SHOWN = 20;

/** How results are shown. */
interface Shown {
  /** Files of figures: those of the sweep, which may have another precision, and all others. */
  readonly swept: Files;
  readonly others: Files;
  readonly unit: string;
  readonly alphabet: Alphabet | undefined;
}

/**
 * The page and its files: one SVG and one table of numbers a figure. With several tasks, the files of each are in a
 * folder of its name.
 *
 * @throws ShapeError where there is no sweep; and as the charts
 */
export async function modelReport(
  report: ModelReport | TasksReport,
): Promise<{ page: string; files: readonly ReportFile[] }> {
  const { name, unit = 'output units', alphabet, theme } = report;
  const { precisions = { sweep: 'f32', others: 'f32' } } = report;
  const all = new Files();
  const [swept, others] = [precisions.sweep, precisions.others].map((precision) =>
    all.remarking(precision === 'f32' ? undefined : `Computed in ${precision}.`),
  ) as [Files, Files];
  const shown = { swept, others, unit, alphabet };
  const own = await ('tasks' in report
    ? sectionsOfTasks(
        shown,
        report.tasks.map((task) => spelled(task, alphabet)),
      )
    : sectionsOfOne(shown, spelled(report, alphabet)));
  const sections = [...own, { id: 'about', title: 'How this was made', body: facts(report.facts) }];
  const title = `What ${name} has learned`;
  return {
    page: page({ title, subtitle: 'Global importance analysis of a ResidualBind model', sections, theme }),
    files: all.all,
  };
}

/** A report with the names of its patterns and its sequences in an alphabet. */
const spelled = <Report extends TaskReport>(report: Report, alphabet: Alphabet | undefined): Report => ({
  ...report,
  sweep: report.sweep.map((row) => ({ ...row, pattern: spellName(row.pattern, alphabet) })),
  ...(report.agreement?.sequences && {
    agreement: {
      ...report.agreement,
      sequences: report.agreement.sequences.map((one) => spell(one, alphabet)),
    },
  }),
  ...(report.measured && { measured: spelledMeasured(report.measured, alphabet) }),
});

const spelledMeasured = ({ beside, ridge }: Measured, alphabet: Alphabet | undefined): Measured => ({
  beside: {
    ...beside,
    rows: beside.rows.map((row) => ({ ...row, pattern: spell(row.pattern, alphabet) })),
    best: beside.best && { ...beside.best, pattern: spell(beside.best.pattern, alphabet) },
  },
  ridge,
});

async function sectionsOfOne(shown: Shown, report: TaskReport): Promise<Section[]> {
  const found = findingsOf(report, shown.unit);
  return [
    { id: 'findings', title: 'Findings', body: list(found) + noteOn([report]) },
    READING,
    ...(await taskSections(shown, report)),
  ];
}

/** Everything that a page shows of a task, without its findings. */
async function taskSections(
  { swept, others, unit, alphabet }: Shown,
  report: TaskReport & { readonly task?: string },
): Promise<Section[]> {
  const { task, experiments, agreement, measured, attributions = [] } = report;
  const ranked = inOrder(report.sweep);
  const mutagenesis = experiments.find((result) => result.experiment === 'mutagenesis');
  return [
    ...(agreement ? [await agreementSection(others, agreement, wordOf(ranked[0]!), unit)] : []),
    await sweepSection(swept, ranked, unit),
    ...(measured ? [await measuredSection(swept, measured, unit)] : []),
    motifSection(
      swept,
      others,
      ranked,
      unit,
      mutagenesis && atReadout(mutagenesis, readoutOf(mutagenesis, task)),
      alphabet,
    ),
    ...(await experimentSections(others, experiments, unit, task)),
    ...(attributions.length > 0 ? [attributionSection(others, attributions, unit, alphabet)] : []),
  ];
}

/** Tasks side by side, then everything of each. */
async function sectionsOfTasks(shown: Shown, tasks: readonly NamedTask[]): Promise<Section[]> {
  const { swept, others, unit } = shown;
  const names = tasks.map(({ task }) => task);
  const folders = fileNamesOf(names);
  const ids = names.map((_, i) => taskId(i));
  const sections: Section[] = [];
  for (const [i, report] of tasks.entries()) {
    const { task } = report;
    const [from, beside] = [swept, others].map((files) =>
      files.in(folders[i]!).remarking(`Task: ${task}.`),
    ) as [Files, Files];
    const parts = await taskSections({ ...shown, swept: from, others: beside }, report);
    const links = names.map((name, n) =>
      n === i ? `<b>${html(name)}</b>` : `<a href="#${ids[n]}">${html(name)}</a>`,
    );
    sections.push({
      id: ids[i]!,
      title: task,
      body: `<p class="note">Tasks: ${links.join(' · ')}</p>${list(findingsOf(report, unit))}`,
      parts: parts.map((part) => ({ ...part, id: `${ids[i]}-${part.id}` })),
    });
  }
  const compared = tasks.map(({ task, sweep, agreement }, i) => ({
    task,
    id: ids[i]!,
    ranked: inOrder(sweep),
    agreement,
  }));
  return [await tasksSection(swept, compared, unit, noteOn(tasks)), READING, ...sections];
}

const inOrder = (rows: readonly StoredRow[]): readonly StoredRow[] =>
  [...rows].sort((a, b) => b.importance - a.importance);

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

/** What was found, in sentences. */
function findingsOf(
  { sweep, experiments, agreement, measured, task }: TaskReport & { readonly task?: string },
  unit: string,
): readonly string[] {
  const chance = chanceFindings(agreement);
  if (chance) return [...chance, ...(measured ? ridgeFinding(measured, agreement?.pearson) : [])];
  const ranked = inOrder(sweep);
  const best = ranked[0]!;
  const interval =
    best.ciLow === undefined || best.ciHigh === undefined
      ? ''
      : ` (95 % interval ${fixed(best.ciLow, 2)} to ${fixed(best.ciHigh, 2)})`;
  const over = best.n === undefined ? '' : ` on average over ${count(best.n, 'background')}`;
  const after = ranked.slice(1, 5).map(({ pattern }) => pattern);
  return [
    `The most important of ${count(ranked.length, kindOf(ranked))} is ${best.pattern}: embedded in a background it ${best.importance < 0 ? 'changes' : 'raises'} the prediction by ${fixed(best.importance, 2)}${interval}${over}, in ${unit}.${after.length > 0 ? ` Next ${after.length === 1 ? 'is' : 'are'} ${listed(after)}.` : ''}`,
    ...(agreement ? [agreementFinding(agreement)] : []),
    ...(measured ? measuredFindings(measured, agreement?.pearson) : []),
    ...experiments.flatMap((result) => findingOf(result, readoutOf(result, task)) ?? []),
  ];
}

/** Findings as a list. */
const list = (findings: readonly string[]): string =>
  `<ul class="findings">${findings.map((text) => `<li>${html(unbroken(text))}</li>`).join('')}</ul>`;

/** What n is. */
function noteOn(reports: readonly TaskReport[]): string {
  const backgrounds = reports[0]!.experiments[0]?.backgrounds ?? inOrder(reports[0]!.sweep)[0]!.n;
  return `<p class="note">${html(
    `This is one trained network (n = 1). Intervals and q are over ${backgrounds === undefined ? 'its backgrounds' : count(backgrounds, 'background')}: they say how well this network’s averages are known, not whether another network, trained anew, would agree. To ask several networks, run residualbind gia all with all of their models.`,
  )}</p>`;
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
  const path = `${files.folder}/sweep.tsv`;
  files.all.push({ path, contents: sweepTsv(ranked) });
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
      `${table}<p><a href="${path}">All ${count(ranked.length, one)}</a></p>`,
  };
}

/** The sweep in the format of `gia sweep`, with the columns that it came with. */
function sweepTsv(ranked: readonly StoredRow[]): string {
  const named = [...(ranked[0]?.task === undefined ? [] : [['task', 'task'] as const]), ...COLUMNS];
  const columns = named.filter(([, field]) => field === 'rank' || ranked[0]?.[field] !== undefined);
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
