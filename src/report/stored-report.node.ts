/** Reports that `residualbind report` wrote, read from their folders for a survey. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STORED, type SurveyedModel, surveyedModel } from './stored-report.js';

/**
 * What a survey takes from the folders of reports, in their order. Models of one name are told apart by their
 * folders.
 *
 * @throws FormatError naming file and field
 */
export async function readReports(folders: readonly string[]): Promise<readonly SurveyedModel[]> {
  const models: SurveyedModel[] = [];
  for (const folder of folders) models.push(await readReport(folder));
  const names = models.map(({ name }) => name);
  return models.map((model, i) => {
    const isShared = names.filter((name) => name === model.name).length > 1;
    return isShared ? { ...model, name: `${model.name} (${folders[i]})` } : model;
  });
}

async function readReport(folder: string): Promise<SurveyedModel> {
  const texts = await Promise.all(
    Object.entries(STORED).map(async ([which, path]) => {
      const text = await readFile(join(folder, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
        throw error;
      });
      return [which, text] as const;
    }),
  );
  return surveyedModel(folder, Object.fromEntries(texts) as Record<keyof typeof STORED, string | undefined>);
}
