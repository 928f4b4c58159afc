/** Names of tasks as parts of the names of files and folders. */

/** The names themselves; their numbers, `task-1`, where one holds what file names cannot or two would be one file. */
export function fileNamesOf(tasks: readonly string[]): readonly string[] {
  const isPlain = tasks.every((task) => /^[\w+-][\w.+-]{0,79}$/.test(task));
  const isUnique = new Set(tasks.map((task) => task.toLowerCase())).size === tasks.length;
  return isPlain && isUnique ? tasks : tasks.map((_, i) => `task-${i + 1}`);
}
