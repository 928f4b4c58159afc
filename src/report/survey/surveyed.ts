/** The models of a survey: what they are called, of which experiment they are, and how many there are. */

import type { SurveyedModel } from '../stored-report.js';
import { count } from '../wording.js';
import type { StoredMotif } from './motifs-section.js';
import type { Protein } from './names.js';

/** A model of a survey, or one task of it, and where its own page is. */
export interface Surveyed extends SurveyedModel {
  /** Its own page, relative to the survey. */
  readonly page?: string | undefined;
  /** The experiment that it learned from, as tables name it. Default: the task, or the name. */
  readonly experiment?: string | undefined;
  /** Its motif, to compare with known ones. */
  readonly matrix?: StoredMotif | undefined;
  /** The protein of its experiment. */
  readonly protein?: Protein | undefined;
}

/** The name of a model's experiment, which joins it with tables. */
export const experimentOf = ({
  experiment,
  task,
  name,
}: Pick<Surveyed, 'experiment' | 'task' | 'name'>): string => experiment ?? task ?? name;

/** What is surveyed: models, or tasks where a model has several. */
export const unitsOf = (models: readonly SurveyedModel[]): string =>
  models.some(({ task }) => task !== undefined) ? 'task' : 'model';

/** Number of models that are surveyed, with one or several tasks each. */
export const trainedIn = (models: readonly SurveyedModel[]): number =>
  new Set(models.map(({ sha256 }) => sha256)).size;

/** ` in 5 tasks`; empty where every model has one. */
export const inTasks = (models: readonly SurveyedModel[]): string =>
  unitsOf(models) === 'task' ? ` in ${count(models.length, 'task')}` : '';

/** `2 models`, or `2 models in 5 tasks` where a model has several. */
export const extentOf = (models: readonly SurveyedModel[]): string =>
  `${count(trainedIn(models), 'model')}${inTasks(models)}`;

/**
 * The models as the page names them: with the proteins of their experiments, and tasks with their models. Models that
 * share a name get the beginning of their files' digests.
 */
export const distinctlyNamed = (models: readonly Surveyed[]): readonly Surveyed[] =>
  models.map((model) => {
    const { name, sha256, task } = model;
    const isShared = models.some((other) => other.sha256 !== sha256 && other.name === name);
    const own = isShared ? `${name} (${sha256.slice(0, 7)})` : name;
    return {
      ...model,
      experiment: experimentOf(model),
      name: task === undefined ? withProtein(own, model) : `${withProtein(task, model)}, ${own}`,
    };
  });

/** `RBFOX1 (RNCMPT00168)`. A name that begins with that of its protein stays as it is. */
const withProtein = (name: string, { protein }: Surveyed): string =>
  protein === undefined || name.toLowerCase().startsWith(protein.name.toLowerCase())
    ? name
    : `${protein.name} (${name})`;

/** The name of a file in sentences; the last section of the page has its path. */
export const fileOf = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== '') ?? path;
