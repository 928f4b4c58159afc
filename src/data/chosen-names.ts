/** Names of columns, experiments, tasks and the like that a user chose in one text. */

import { FormatError } from '../device/errors.js';
import { echo } from './echo.js';

/**
 * The names in a text, separated by commas.
 *
 * @param known names that there are; one of these may have commas of its own
 * @throws FormatError for a name that comes twice
 */
export function chosenNames(text: string, known: readonly string[] = []): readonly string[] {
  if (known.includes(text)) return [text];
  const names = text.split(',').map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new FormatError(`${echo(twice)} is chosen twice in ${echo(text)}; name it once`);
  return names;
}
