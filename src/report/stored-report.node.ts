/** Reports that `residualbind report` wrote, read from their folders for a survey. */

import { readdir, readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { MANIFEST_FILE } from '../nn/files/model-files.node.js';
import { foldersOf, type SurveyedModel, surveyedModels } from './stored-report.js';
import { EXPERIMENTS_FOLDER, FAILURE_FILE, REPORT_FOLDER } from './study/study-files.node.js';
import { parseMotif } from './survey/motifs-section.js';
import type { StoredMotif } from './survey/surveyed.js';
import { count, listed } from './wording.js';

/** What a report says of a model, or of a task of it, and where the report is. */
export interface StoredModel extends SurveyedModel {
  readonly folder: string;
  /** What its folder has in common with others: that of a study, or the one above those of experiments. */
  readonly source: string;
  /** The experiment that it learned from: its task, or its own name. */
  readonly experiment: string;
  /** Whether the folder is that of an experiment of a study. */
  readonly isOfStudy: boolean;
  /** The file of its motif. A report of gapped patterns has none. */
  readonly motifFile: string;
}

/** The reports in folders. */
export interface FoundReports {
  /** Of reports, in the order of what was given. */
  readonly folders: readonly string[];
  /** Experiments of studies that have no report, each in a sentence for its study. */
  readonly notes: readonly string[];
}

/**
 * The folders of reports, where folders of studies may be given too: these stand for the reports of their
 * experiments. An experiment that failed last has none.
 */
export async function findReports(given: readonly string[]): Promise<FoundReports> {
  const found = await Promise.all(given.map(reportsIn));
  return { folders: found.flatMap(({ folders }) => folders), notes: found.flatMap(({ notes }) => notes) };
}

async function reportsIn(folder: string): Promise<FoundReports> {
  const inside = join(folder, EXPERIMENTS_FOLDER);
  const names = await readdir(inside).catch(() => []);
  if (names.length === 0) return { folders: [folder], notes: [] };
  const places = await Promise.all(
    names.sort().map(async (name) => {
      const report = join(inside, name, REPORT_FOLDER);
      const isThere =
        (await textAt(join(report, MANIFEST_FILE))) !== undefined &&
        (await textAt(join(inside, name, FAILURE_FILE))) === undefined;
      return { name, report, isThere };
    }),
  );
  const without = places.filter(({ isThere }) => !isThere).map(({ name }) => name);
  const more = without.length > NAMED ? [`${without.length - NAMED} more`] : [];
  return {
    folders: places.filter(({ isThere }) => isThere).map(({ report }) => report),
    notes:
      without.length > 0
        ? [
            `${folder}: ${count(without.length, 'experiment')} of ${places.length} ${without.length === 1 ? 'has' : 'have'} no report: ${listed([...without.slice(0, NAMED), ...more])}`,
          ]
        : [],
  };
}

/** Names in a sentence, at most. */
const NAMED = 10;

/**
 * What a survey takes from the folders of reports, in their order; of a model with several tasks, task by
 * task. Several models may have the same name.
 *
 * @throws FormatError naming file and field
 */
export async function readReports(folders: readonly string[]): Promise<readonly StoredModel[]> {
  const reports: StoredModel[] = [];
  for (const folder of folders) {
    const models = await surveyedModels(folder, (path) => textAt(join(folder, path)));
    const figures = foldersOf(models);
    models.forEach((model, i) => {
      reports.push({
        ...model,
        folder,
        source: sourceOf(folder, model.name),
        experiment: model.task ?? model.name,
        isOfStudy: resolve(folder).split(sep).at(-3) === EXPERIMENTS_FOLDER,
        motifFile: join(folder, figures[i]!, 'motif.tsv'),
      });
    });
  }
  return reports;
}

/** `study` of `study/experiments/NAME/report` and of `study/NAME`. */
function sourceOf(folder: string, name: string): string {
  const parts = resolve(folder).split(sep);
  const last = () => parts.at(-1)?.toLowerCase();
  if (last() === REPORT_FOLDER) parts.pop();
  if (last() === name.toLowerCase() || parts.at(-2) === EXPERIMENTS_FOLDER) parts.pop();
  if (last() === EXPERIMENTS_FOLDER) parts.pop();
  return parts.join(sep);
}

/** The text of a file; undefined where there is none. */
const textAt = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });

/** The motif of a stored report; undefined where it has none. @throws FormatError naming file and line */
export async function readMotif({
  motifFile,
}: Pick<StoredModel, 'motifFile'>): Promise<StoredMotif | undefined> {
  const text = await textAt(motifFile);
  return text === undefined ? undefined : parseMotif(text, motifFile);
}
