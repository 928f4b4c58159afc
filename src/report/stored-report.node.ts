/** Reports that `residualbind report` wrote, read from their folders for a survey. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SurveyedModel, surveyedModels } from './stored-report.js';

/** What a report says of a model, or of a task of it, and where the report is. */
export interface StoredModel extends SurveyedModel {
  readonly folder: string;
  /** The experiment that it learned from: its task, or its own name. */
  readonly experiment: string;
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
    reports.push(models.map((model) => ({ ...model, folder })));
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
