/** The models of a survey: what they are called, of which experiment they are, and how many there are. */

import type { PositionWeightMatrix } from '../../data/pwm.js';
import type { Alphabet } from '../../data/sequences/letters.js';
import type { SurveyedModel } from '../stored-report.js';
import { count } from '../wording.js';
import type { Protein } from './names.js';

/** A motif as a report stores it. */
export interface StoredMotif {
  readonly pwm: PositionWeightMatrix;
  readonly alphabet: Alphabet;
}

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
  /** The folder of its report, which tells models of one name apart. */
  readonly folder?: string | undefined;
  /** The folder that its report and others are from, such as that of a study. */
  readonly source?: string | undefined;
  /** What its training has that other models of the experiment do not. */
  readonly variant?: string | undefined;
  /** Its name without what tells it from others of the same name. */
  readonly plainName?: string | undefined;
}

/** The name of a model's experiment, which joins it with tables. */
export const experimentOf = ({
  experiment,
  task,
  name,
}: Pick<Surveyed, 'experiment' | 'task' | 'name'>): string => experiment ?? task ?? name;

/** Things by what they have in common, in the order in which it is first met. */
export function groupsOf<Thing>(
  things: readonly Thing[],
  key: (thing: Thing) => string,
): ReadonlyMap<string, readonly Thing[]> {
  const groups = new Map<string, Thing[]>();
  for (const thing of things) {
    const group = groups.get(key(thing));
    if (group) group.push(thing);
    else groups.set(key(thing), [thing]);
  }
  return groups;
}

/** Whether a report is about several networks of one experiment. */
export const hasNetworks = (models: readonly SurveyedModel[]): boolean =>
  models.some(({ networks = 1 }) => networks > 1);

/** `3 networks`, or `1 to 3 networks` where experiments have different numbers. */
export function networksText(models: readonly SurveyedModel[]): string {
  const numbers = models.map(({ networks = 1 }) => networks);
  const [fewest, most] = [Math.min(...numbers), Math.max(...numbers)];
  return fewest === most ? `${most} networks` : `${fewest} to ${most} networks`;
}

/** What is surveyed: models, tasks where a model has several, or experiments that have several networks. */
export const unitsOf = (models: readonly SurveyedModel[]): string =>
  hasNetworks(models) ? 'experiment' : models.some(({ task }) => task !== undefined) ? 'task' : 'model';

/** A model, and where its report is: experiments with the same scores have equal models. */
type Countable = SurveyedModel & Pick<Surveyed, 'folder'>;

/** Number of models that are surveyed, with one or several tasks each. */
export const trainedIn = (models: readonly Countable[]): number =>
  new Set(models.map(({ sha256, folder }) => JSON.stringify([sha256, folder]))).size;

/** ` in 5 tasks`; empty where every model has one. */
export const inTasks = (models: readonly SurveyedModel[]): string =>
  unitsOf(models) === 'task' ? ` in ${count(models.length, 'task')}` : '';

/** `2 models`, `2 models in 5 tasks` where a model has several, or `2 experiments of 3 networks`. */
export const extentOf = (models: readonly Countable[]): string =>
  hasNetworks(models)
    ? `${count(models.length, 'experiment')} of ${networksText(models)}`
    : `${count(trainedIn(models), 'model')}${inTasks(models)}`;

/**
 * The models as the page names them: with the proteins of their experiments, and tasks with their models.
 * Models that share a name are told apart by their variants, their folders or the beginning of their files'
 * digests.
 */
export function distinctlyNamed(models: readonly Surveyed[]): readonly Surveyed[] {
  const groups = groupsOf(models, ({ name, task }) => JSON.stringify([name, task]));
  return models.map((model) => {
    const { name, sha256, task } = model;
    const suffix = suffixIn(groups.get(JSON.stringify([name, task]))!);
    const experiment = experimentOf(model);
    const plainName = task === undefined ? withProtein(name, model) : `${withProtein(task, model)}, ${name}`;
    // Of a model with several tasks, another model's tasks may have the name too.
    const isShared = models.some((other) => other.sha256 !== sha256 && other.name === name);
    const own = isShared && suffix(model) === '' ? ` (${sha256.slice(0, 7)})` : suffix(model);
    return { ...model, experiment, plainName, name: `${plainName}${own}` };
  });
}

/** What tells models of one name apart; empty for a single one. */
function suffixIn(twins: readonly Surveyed[]): (model: Surveyed) => string {
  if (twins.length === 1) return () => '';
  const ways: readonly ((model: Surveyed) => string | undefined)[] = [
    ({ variant }) => variant && `, ${variant}`,
    ({ folder }) => folder && ` (${folder})`,
  ];
  const tells = (way: (model: Surveyed) => string | undefined) =>
    twins.every((model) => way(model) !== undefined) && new Set(twins.map(way)).size === twins.length;
  const way = ways.find(tells) ?? (({ sha256 }) => ` (${sha256.slice(0, 7)})`);
  return (model) => way(model)!;
}

/** `RBFOX1 (RNCMPT00168)`. A name that begins with that of its protein stays as it is. */
function withProtein(name: string, { protein }: Surveyed): string {
  if (protein === undefined) return name;
  const [given, own] = [name.toLowerCase(), protein.name.toLowerCase()];
  const hasIt = given.startsWith(own) && !/^[\p{L}\p{N}]/u.test(given.slice(own.length));
  return hasIt ? name : `${protein.name} (${name})`;
}

/** The name of a file in sentences; the last section of the page has its path. */
export const fileOf = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== '') ?? path;
