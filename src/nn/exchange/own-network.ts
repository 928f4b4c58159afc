/**
 * Network and facts of a model of ours, as text in the metadata of files for other programs: what such a file
 * would not say when it is read back.
 */

import * as check from '../../device/check.js';
import { FormatError } from '../../device/errors.js';
import { type Architecture, checkArchitecture, inputOf } from '../architecture.js';
import { checkFacts, type ModelFacts } from '../files/model-facts.js';
import { strictJson } from '../files/strict-json.js';

/** Key of the metadata. */
export const OWN_KEY = 'residualbind';

export const ownText = (architecture: Architecture, facts: ModelFacts): string =>
  JSON.stringify({ architecture, facts });

/** @throws FormatError naming the file and the field */
export function ownNetwork(
  text: string,
  path: string,
): { readonly architecture: Architecture; readonly facts: ModelFacts } {
  const value = strictJson(
    () => text,
    (reason) => {
      throw new FormatError(`${path}: ${OWN_KEY} in its metadata ${reason}`);
    },
  );
  const place = (name: string) => check.fieldOf(path, name);
  const { architecture, facts } = check.object(value, place(OWN_KEY));
  const made = checkArchitecture(architecture, place('architecture'));
  return { architecture: made, facts: checkFacts(check.object(facts, place('facts')), place, inputOf(made)) };
}
