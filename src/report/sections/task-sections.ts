/** The sections of one network's page, or of one of its tasks: what it was asked, figure by figure. */

import { type Alphabet, isWord } from '../../data/sequences/letters.js';
import type { SequenceAttribution } from '../../gia/attribution/attribution-files.js';
import { atReadout, type ExperimentResult } from '../../gia/experiments/index.js';
import type { Measured } from '../../gia/measurement/measurements.js';
import { boxOf } from '../../gia/statistics/box.js';
import type { Treated } from '../../gia/structure.js';
import { COLUMNS } from '../../gia/tables/table.js';
import type { StoredRow } from '../../gia/tables/table-reader.js';
import { histogram, rowsToTsv } from '../charts/index.js';
import { experimentSections, findingOf, readoutOf } from '../experiments/index.js';
import { attributionLogo } from '../figures/attribution-logo.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { html, paragraph, type Section, sortable } from '../page/page.js';
import { mutantsNote, structureNote } from '../structure-words.js';
import { HINTS, intervalColumn } from '../table-columns.js';
import { count, listed, probability } from '../wording.js';
import {
  agreementFinding,
  agreementSection,
  chanceFindings,
  type TaskAgreement,
} from './agreement-section.js';
import { measuredFindings, measuredSection, ridgeFinding } from './measured-section.js';
import { motifSection } from './motif-section.js';

/** What a page shows of a model, or of one of its tasks. */
export interface TaskReport extends Treated {
  /** The sweep's table, in any order. */
  readonly sweep: readonly StoredRow[];
  /**
   * Of the top k-mer; `mutagenesis` among them. With several tasks, of the task's own top k-mer, in all tasks
   * or in this one.
   */
  readonly experiments: readonly ExperimentResult[];
  readonly agreement?: TaskAgreement | undefined;
  /** The sweep beside measurements. */
  readonly measured?: Measured | undefined;
  /** In-silico mutagenesis of sequences that matter, best first. */
  readonly attributions?: readonly SequenceAttribution[] | undefined;
}

/** Rows of the table that the page shows; the file has all. */
const SHOWN = 20;

/** How results are shown. */
export interface Shown {
  /** Files of figures: those of the sweep, which may have another precision, and all others. */
  readonly swept: Files;
  readonly others: Files;
  readonly unit: string;
  readonly alphabet: Alphabet | undefined;
}

/** Everything that a page shows of a task, without its findings. */
export async function taskSections(
  { swept, others, unit, alphabet }: Shown,
  report: TaskReport & { readonly task?: string },
): Promise<Section[]> {
  const { task, experiments, agreement, measured, structure, attributions = [] } = report;
  const ranked = inOrder(report.sweep);
  const mutagenesis = experiments.find((result) => result.experiment === 'mutagenesis');
  return [
    ...(agreement ? [await agreementSection(others, agreement, wordOf(ranked[0]!), unit)] : []),
    await sweepSection(swept, ranked, unit, { structure }),
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
    ...(attributions.length > 0
      ? [attributionSection(others, attributions, unit, alphabet, { structure })]
      : []),
  ];
}

/** By descending importance. */
export const inOrder = (rows: readonly StoredRow[]): readonly StoredRow[] =>
  [...rows].sort((a, b) => b.importance - a.importance);

/** The letters of a pattern where that is a word, at whatever place. */
function wordOf({ pattern }: StoredRow): string | undefined {
  const letters = pattern.replace(/@\d+$/, '');
  return isWord(letters) ? letters : undefined;
}

/** `6-mer`, or `pattern` where they are other than all of one length. */
export function kindOf(rows: readonly Pick<StoredRow, 'pattern'>[]): string {
  const k = rows[0]!.pattern.length;
  return rows.every(({ pattern }) => pattern.length === k && isWord(pattern)) ? `${k}-mer` : 'pattern';
}

/** Powers of ten that lines do not break. */
const unbroken = (text: string): string => text.replace(/(?<=\de)-(?=\d)/g, '\u2011');

/** What was found, in sentences. */
export function findingsOf(
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
export const list = (findings: readonly string[]): string =>
  `<ul class="findings">${findings.map((text) => `<li>${html(unbroken(text))}</li>`).join('')}</ul>`;

async function sweepSection(
  files: Files,
  ranked: readonly StoredRow[],
  unit: string,
  treated: Treated,
): Promise<Section> {
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
        `Global importance of all ${count(ranked.length, one)}${over}${structureNote(treated)}. The middle half of them has ${fixed(q1, 2)} to ${fixed(q3, 2)}; the largest is that of ${ranked[0]!.pattern}, ${fixed(values[0]!, 2)}.`,
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
  treated: Treated,
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
  const intro = `Every letter of single sequences replaced by the three others, one at a time (in-silico mutagenesis). The height is the sensitivity, the L2 norm of the three changes of the prediction, in ${unit}; its axis is the same for all.${mutantsNote(treated)}${structured ? ' Brackets and arcs join letters that pair.' : ''}`;
  return {
    id: 'sequences',
    title: 'Sequences, letter by letter',
    body: paragraph(intro) + figures.join('\n'),
  };
}
