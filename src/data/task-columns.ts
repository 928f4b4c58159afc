/** Which columns of a table, or experiments of a data set, hold the scores of a model's tasks. */

import { count } from '../device/count.js';
import { FormatError } from '../device/errors.js';
import { chosenNames } from './chosen-names.js';
import { echo } from './echo.js';

/** What is chosen and what is there. */
export interface TaskColumns {
  /** Names or numbers, separated by commas, that the user chose. */
  readonly chosen: string | undefined;
  /** Names of the tasks that the model predicts; none where its scores have no names. */
  readonly tasks: readonly string[];
  /** Names that the file has; undefined where it has no header. */
  readonly names: readonly string[] | undefined;
  /** File, or file and line, for messages. */
  readonly where: string;
}

/**
 * The columns of a model's tasks, separated by commas. Where none is chosen, they are those that are named as
 * the tasks; a model of one task also takes a file without that name. Where columns are chosen and each
 * task's name is among them, these are taken, in the order of the tasks.
 *
 * @returns undefined where nothing is chosen and names do not tell
 * @throws FormatError where one of several tasks has no column, or a name is chosen twice
 */
export function taskColumns({ chosen, tasks, names, where }: TaskColumns): string | undefined {
  if (tasks.length === 0) return chosen;
  const found = chosen === undefined ? names : chosenNames(chosen, names);
  if (found === undefined || chosen === tasks[0]) return chosen;
  const missing = tasks.filter((task) => !found.includes(task));
  if (missing.length === 0) return tasks.join();
  if (chosen !== undefined || tasks.length === 1) return chosen;
  const has = found.length > 12 ? `${found.slice(0, 10).map(echo).join(', ')} …` : found.map(echo).join(', ');
  throw new FormatError(
    `${where}: the model predicts ${count(tasks.length, 'task')} (${tasks.join(', ')}), and no column is called ${missing.map(echo).join(' or ')}; the file has ${has}; give one with a column for each task, named so that --score-column ${tasks.join()} finds it`,
  );
}
