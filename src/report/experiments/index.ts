/**
 * Experiments in words and figures: one module for each, chosen by the result's `experiment`. The page shows
 * the sections and findings; the terminal shows descriptions, tables and facts.
 */

import {
  atReadout,
  type ExperimentResult,
  type RowReadout,
  readoutsOfResult,
} from '../../gia/experiments/index.js';
import { spelledResult } from '../../gia/tables/spelling.js';
import type { Files } from '../figures/figure-files.js';
import { html, paragraph, type Section } from '../page/page.js';
import { structureNote } from '../structure-words.js';
import { affinityReport } from './affinity.js';
import type { ExperimentReport } from './experiment-report.js';
import { gcReport } from './gc.js';
import { hairpinReport } from './hairpin.js';
import { multiplicityReport } from './multiplicity.js';
import { mutagenesisReport } from './mutagenesis.js';
import { positionsReport } from './positions.js';
import { paddingNote } from './shared.js';
import { spacingReport } from './spacing.js';

const { section: _, ...spacingMapReport } = spacingReport;

/** In the order of the page. */
const REPORTS: { readonly [Result in ExperimentResult as Result['experiment']]: ExperimentReport<Result> } = {
  mutagenesis: mutagenesisReport,
  multiplicity: multiplicityReport,
  spacing: spacingReport,
  'spacing-map': spacingMapReport,
  positions: positionsReport,
  affinity: affinityReport,
  hairpin: hairpinReport,
  gc: gcReport,
};

/** How a result is put into words: one that `spelledResult` has spelled. */
export const reportOf = <Result extends ExperimentResult>({ experiment }: Result): ExperimentReport<Result> =>
  // The compiler checks the table above, but cannot follow a union through it.
  REPORTS[experiment] as unknown as ExperimentReport<Result>;

/** What an experiment did, in a sentence without a capital at the start or a full stop. */
export const descriptionOf = (result: ExperimentResult): string =>
  `${reportOf(result).description(worded(result))}${paddingNote(result.padding)}${structureNote(result)}`;

/** One output of a result, in the letters of its alphabet. */
const worded = (result: ExperimentResult, readout?: RowReadout): ExperimentResult =>
  spelledResult(atReadout(result, readout));

/**
 * What an experiment found, in one or a few sentences; undefined for no finding.
 *
 * @param readout one of `readoutsOfResult`. Default the first output of the first model
 */
export const findingOf = (result: ExperimentResult, readout?: RowReadout): string | undefined =>
  reportOf(result).finding(worded(result, readout));

/** The readout of a task in a result, of the first model. Without a task, the first. */
export function readoutOf(result: ExperimentResult, task: string | undefined): RowReadout | undefined {
  const all = readoutsOfResult(result);
  return all.find((readout) => readout.task === task) ?? all[0];
}

/**
 * The sections of a page, for those results that have one, in the order of the page; of the first model.
 *
 * @param task that is reported, where models have several; what was found in the others stands below. Default
 * the first
 */
export async function experimentSections(
  files: Files,
  results: readonly ExperimentResult[],
  unit: string,
  task?: string,
): Promise<Section[]> {
  const sections: Section[] = [];
  for (const experiment of Object.keys(REPORTS)) {
    const found = results.find((one) => one.experiment === experiment);
    const result = found && worded(found, readoutOf(found, task));
    const section = result && reportOf(result).section;
    if (!result || !section) continue;
    const body =
      paragraph(section.question) + (await section.body(files, result, unit)) + inOthers(found, task);
    sections.push({ id: experiment, title: section.title, body });
  }
  return sections;
}

/** What an experiment found in the other tasks, folded. @returns HTML, empty where it asked no others */
function inOthers(result: ExperimentResult, task: string | undefined): string {
  const own = readoutOf(result, task);
  const others = readoutsOfResult(result).flatMap((readout) => {
    const finding = readout.model === own?.model && readout.task !== own.task && findingOf(result, readout);
    return finding ? [`<li>${html(`${readout.task}: ${finding}`)}</li>`] : [];
  });
  return others.length === 0
    ? ''
    : `<details><summary>The same in the other tasks</summary><ul class="findings">${others.join('')}</ul></details>`;
}
