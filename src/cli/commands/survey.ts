/** `residualbind survey`: what many models have learned as one page, from the folders of their reports. */

import { join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { type FileDigest, readText } from '../../data/files/text-file.node.js';
import { count } from '../../device/count.js';
import { parseMeme } from '../../gia/motif/index.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import type { Theme } from '../../report/page/page-style.js';
import { type Fact, METHOD } from '../../report/report-facts.js';
import { taskId } from '../../report/sections/tasks-section.js';
import type { SurveyedModel } from '../../report/stored-report.js';
import { readMotif, readReports, type StoredModel } from '../../report/stored-report.node.js';
import type { KnownMotifs } from '../../report/survey/motifs-section.js';
import { type Published, parsePublished } from '../../report/survey/published.js';
import { type CommonOptions, examples, outputPath, themeOption, withCommon } from '../options.js';
import { checkFolder, writeResult } from '../output/files.js';
import { jsonText, lockFolder, refuseOtherRun } from '../output/output.js';
import { Session } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { PAGE as REPORT_PAGE } from './report.js';

interface SurveyOptions extends CommonOptions {
  readonly out: string;
  readonly theme: Theme;
  readonly published?: string;
  readonly compare?: string;
}

const PAGE = 'survey.html';

export function addSurvey(program: Command, io: Io): void {
  const command = program
    .command('survey')
    .description('what many models have learned, as one page made from their reports')
    .argument('<reports...>', 'folders that report wrote, one for each model')
    .requiredOption('--out <dir>', `folder for ${PAGE}, its figures and their numbers`, outputPath)
    .option(
      '--published <file>',
      'table of published test correlations to compare with: experiments in the first column, then a column for each method',
    )
    .option(
      '--compare <file>',
      'MEME file of known motifs: shows the motif of each model above the most similar one',
    )
    .addOption(themeOption());
  withCommon(command)
    .addHelpText(
      'after',
      `
Nothing is computed again, so no GPU is needed. Agreement with measurements is
shown for reports made with --data. --published joins a table with the reports by
the names of experiments: names of reports (report --name), or of tasks.
${examples(
  'survey vts1/report u1a/report hur/report --out survey',
  'survey reports/* --out survey --json',
  'survey reports/* --published pearson.tsv --compare known.meme --out survey',
)}`,
    )
    .action((folders: string[], options: SurveyOptions) => makeSurvey(io, folders, options));
}

/** Makes the page, its figures and its manifest. */
export async function makeSurvey(io: Io, folders: readonly string[], options: SurveyOptions): Promise<void> {
  const { out, json, published: table, compare } = options;
  using _lock = await lockFolder(out, [PAGE, MANIFEST_FILE]);
  await refuseOtherRun(out, 'survey');
  using session = await Session.start(io, {
    command: 'survey',
    given: {
      reports: folders,
      out,
      ...(table !== undefined && { published: table }),
      ...(compare !== undefined && { compare }),
    },
    options: {},
  });
  const published = table === undefined ? undefined : await readPublished(table);
  const known = compare === undefined ? undefined : await readKnown(io, compare);
  const read = await readReports(folders);
  refuseTwins(read);
  const models = read.map(({ folder, experiment: _, motifFile: __, ...model }) => ({
    ...model,
    page: `${linkTo(resolve(out), resolve(folder, REPORT_PAGE))}${anchorOf(read, folder, model)}`,
  }));
  const { extentOf, survey } = await import('../../report/survey.js');
  const made = await survey({
    models: await Promise.all(
      models.map(async (model, i) => ({ ...model, ...(await joinedWith(read[i]!, known)) })),
    ),
    published,
    known,
    theme: options.theme,
    facts: [
      ['reports', folders.join(', ')],
      ...(published ? [fileFact('published correlations', published)] : []),
      ...(known ? [fileFact('known motifs', known)] : []),
      ['made', session.watch.started.toISOString()],
      ['method', METHOD],
    ],
  });
  for (const { path: file, contents } of made.files) {
    await checkFolder(join(out, file, '..'));
    await writeResult(join(out, file), contents);
  }
  await writeResult(join(out, PAGE), made.page);
  for (const line of made.comparison?.notes ?? []) note(io, line);
  const about = await session.finish({
    models,
    ...(known && { known: { path: compare, sha256: known.sha256, motifs: known.motifs.length } }),
    ...(published && {
      published: { path: table, sha256: published.sha256, ...made.comparison?.record },
    }),
  });
  await writeResult(join(out, MANIFEST_FILE), jsonText(about));
  const files = made.files.map(({ path }) => path);
  printResult(
    io,
    json,
    { ...about, survey: join(out, PAGE), files },
    `${join(out, PAGE)}: ${extentOf(models)}, ${count(files.length, 'figure or table', 'figures and tables')}`,
  );
}

/** What joins a report with published correlations and known motifs. */
const joinedWith = async (stored: StoredModel, known: KnownMotifs | undefined) => ({
  experiment: stored.experiment,
  matrix: known && (await readMotif(stored)),
});

const fileFact = (name: string, { source, sha256 }: FileDigest & { readonly source: string }): Fact => [
  name,
  `${source} (${sha256.slice(0, 12)}…)`,
];

async function readPublished(path: string): Promise<Published & FileDigest> {
  const { text, sha256 } = await readText(path);
  return { ...parsePublished(text, path), sha256 };
}

async function readKnown(io: Io, path: string): Promise<KnownMotifs & FileDigest> {
  const { text, sha256 } = await readText(path);
  const { motifs, notes } = parseMeme(text, path);
  for (const line of notes) note(io, line);
  return { source: path, motifs, sha256 };
}

/** @throws UsageError for two reports of one model, which would count twice */
function refuseTwins(models: readonly StoredModel[]): void {
  const first = new Map<string, string>();
  for (const { sha256, task, folder } of models) {
    const key = JSON.stringify([sha256, task]);
    const other = first.get(key);
    if (other !== undefined) throw new UsageError(`${other} and ${folder} are reports of the same model`);
    first.set(key, folder);
  }
}

/** Where a task stands on the page of its model. */
function anchorOf(models: readonly StoredModel[], from: string, { task }: SurveyedModel): string {
  if (task === undefined) return '';
  const own = models.filter(({ folder }) => folder === from);
  return `#${taskId(own.findIndex((each) => each.task === task))}`;
}

const linkTo = (from: string, to: string): string =>
  relative(from, to).split(sep).map(encodeURIComponent).join('/');
