/** Reports that `residualbind report` wrote, read from their folders for a survey. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersOf, type SurveyedModel, surveyedModels } from './stored-report.js';
import { parseMotif, type StoredMotif } from './survey/motifs-section.js';

/** What a report says of a model, or of a task of it, and where the report is. */
export interface StoredModel extends SurveyedModel {
  readonly folder: string;
  /** The experiment that it learned from: its task, or its own name. */
  readonly experiment: string;
  /** The file of its motif. A report of gapped patterns has none. */
  readonly motifFile: string;
}

/**
 * What a survey takes from the folders of reports, in their order; of a model with several tasks, task by task. Models
 * of one name are told apart by their folders.
 *
 * @throws FormatError naming file and field
 */
export async function readReports(folders: readonly string[]): Promise<readonly StoredModel[]> {
  const reports: (readonly Omit<StoredModel, 'experiment'>[])[] = [];
  for (const folder of folders) {
    const models = await surveyedModels(folder, (path) => textAt(join(folder, path)));
    const figures = foldersOf(models);
    reports.push(
      models.map((model, i) => ({ ...model, folder, motifFile: join(folder, figures[i]!, 'motif.tsv') })),
    );
  }
  const names = reports.map(([first]) => first!.name);
  return reports.flat().map((model) => {
    const isShared = names.filter((name) => name === model.name).length > 1;
    return {
      ...model,
      name: isShared ? `${model.name} (${model.folder})` : model.name,
      experiment: model.task ?? model.name,
    };
  });
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
