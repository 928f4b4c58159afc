/** `residualbind survey`: what many models have learned as one page, from the folders of their reports. */

import { join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { count } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import type { Theme } from '../../report/page/page-style.js';
import { METHOD } from '../../report/report-facts.js';
import { taskId } from '../../report/sections/tasks-section.js';
import type { SurveyedModel } from '../../report/stored-report.js';
import { findReports, readMotif, readReports, type StoredModel } from '../../report/stored-report.node.js';
import type { MadeSurvey } from '../../report/survey.js';
import { knownRecord } from '../known-motifs.js';
import { type CommonOptions, examples, outputPath, themeOption, withCommon } from '../options.js';
import { checkFolder, writeResult } from '../output/files.js';
import { jsonText, lockFolder, refuseOtherRun } from '../output/output.js';
import { Session } from '../session.js';
import {
  readSurveyFiles,
  type SurveyFileOptions,
  type SurveyFiles,
  surveyFileFacts,
  withSurveyFiles,
} from '../survey-files.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { PAGE as REPORT_PAGE } from './report.js';

interface SurveyOptions extends CommonOptions, SurveyFileOptions {
  readonly out: string;
  readonly theme: Theme;
}

const PAGE = 'survey.html';

export function addSurvey(program: Command, io: Io): void {
  const command = program
    .command('survey')
    .description('what many models have learned, as one page made from their reports')
    .argument('<reports...>', 'folders that report wrote, one for each model, or that study wrote')
    .requiredOption('--out <dir>', `folder for ${PAGE}, its figures and their numbers`, outputPath);
  withCommon(withSurveyFiles(command).addOption(themeOption()))
    .addHelpText(
      'after',
      `
Nothing is computed again, so no GPU is needed. Agreement with measurements is
shown for reports made with --data. --names, --published and --compare join files
with the reports by the names of experiments: names of reports (report --name), or
of tasks. With --names, rows and known motifs are also joined by the names of
proteins. Names that are missing on one side are counted and listed.
Where experiments have several models that differ in transform, preset, network or
seed, or that are from several studies, these variants are compared in pairs.
${examples(
  'survey vts1/report u1a/report hur/report --out survey',
  'survey reports/* --out survey --json',
  'survey study-log study-clip --out survey',
  'survey reports/* --names info_all.tab --published pearson.tsv --out survey',
  'survey reports/* --names info_all.tab --compare known.meme --out survey',
)}`,
    )
    .action((folders: string[], options: SurveyOptions) => makeSurvey(io, folders, options));
}

/** Makes the page, its figures and its manifest. @param read the files, where they were read before */
export async function makeSurvey(
  io: Io,
  given: readonly string[],
  options: SurveyOptions,
  read?: SurveyFiles,
): Promise<void> {
  const { out, json } = options;
  using _lock = await lockFolder(out, [PAGE, MANIFEST_FILE]);
  await refuseOtherRun(out, 'survey');
  using session = await Session.start(io, {
    command: 'survey',
    given: { reports: given, out, ...namedFiles(options) },
    options: {},
  });
  const files = read ?? (await readSurveyFiles(io, options));
  const { folders, notes } = await findReports(given);
  for (const line of notes) note(io, line);
  const stored = await readReports(folders);
  for (const line of twinsIn(stored)) note(io, line);
  const models = stored.map(
    ({ folder, source: _, experiment: __, motifFile: ___, isOfStudy: ____, ...model }) => ({
      ...model,
      page: `${linkTo(resolve(out), resolve(folder, REPORT_PAGE))}${anchorOf(stored, folder, model)}`,
    }),
  );
  const { extentOf, survey } = await import('../../report/survey.js');
  const made = await survey({
    models: await Promise.all(
      models.map(async (model, i) => ({ ...model, ...(await joinedWith(stored[i]!, files)) })),
    ),
    ...files,
    theme: options.theme,
    facts: [
      ['reports', given.join(', ')],
      ...surveyFileFacts(files),
      ['made', session.watch.started.toISOString()],
      ['method', METHOD],
    ],
  });
  await writeSurvey(out, made);
  for (const line of [...(made.named ? [made.named.note] : []), ...(made.comparison?.notes ?? [])])
    note(io, line);
  const about = await session.finish({ models, ...filesRecord(files, made) });
  await writeResult(join(out, MANIFEST_FILE), jsonText(about));
  const paths = made.files.map(({ path }) => path);
  printResult(
    io,
    json,
    { ...about, survey: join(out, PAGE), files: paths },
    `${join(out, PAGE)}: ${extentOf(stored)}, ${count(paths.length, 'figure or table', 'figures and tables')}`,
  );
}

/** The files that were given, for the manifest. */
const namedFiles = ({ names, published, compare }: SurveyFileOptions) => ({
  ...(names !== undefined && { names }),
  ...(published !== undefined && { published }),
  ...(compare !== undefined && { compare }),
});

async function writeSurvey(out: string, { page, files }: MadeSurvey): Promise<void> {
  for (const { path, contents } of files) {
    await checkFolder(join(out, path, '..'));
    await writeResult(join(out, path), contents);
  }
  await writeResult(join(out, PAGE), page);
}

/** What was joined, for the manifest. */
const filesRecord = ({ names, published, known }: SurveyFiles, { named, comparison }: MadeSurvey) => ({
  ...(names && { names: { path: names.source, sha256: names.sha256, ...named?.record } }),
  ...(known && { known: knownRecord(known) }),
  ...(published && {
    published: { path: published.source, sha256: published.sha256, ...comparison?.record },
  }),
});

/** What joins a report with files. */
const joinedWith = async (stored: StoredModel, { known }: SurveyFiles) => ({
  experiment: stored.experiment,
  folder: stored.folder,
  source: stored.source,
  matrix: known && (await readMotif(stored)),
});

/**
 * Experiments of a study that have the same model, each pair in a sentence: their scores are the same.
 *
 * @throws UsageError for two reports of one model otherwise, which would count twice
 */
function twinsIn(models: readonly StoredModel[]): readonly string[] {
  const first = new Map<string, StoredModel>();
  return models.flatMap((model) => {
    const { sha256, task, folder, experiment, isOfStudy } = model;
    const key = JSON.stringify([sha256, task]);
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, model);
      return [];
    }
    if (!isOfStudy || !other.isOfStudy || other.experiment === experiment)
      throw new UsageError(`${other.folder} and ${folder} are reports of the same model`);
    return [
      `${echo(other.experiment)} and ${echo(experiment)} have the same model, so their scores are the same; each counts`,
    ];
  });
}

/** Where a task stands on the page of its model. */
function anchorOf(models: readonly StoredModel[], from: string, { task }: SurveyedModel): string {
  if (task === undefined) return '';
  const own = models.filter(({ folder }) => folder === from);
  return `#${taskId(own.findIndex((each) => each.task === task))}`;
}

const linkTo = (from: string, to: string): string =>
  relative(from, to).split(sep).map(encodeURIComponent).join('/');
