/** Fields of tables that are no numbers and no sequences: sets of probes, and flags of spots. */
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { isMissing } from './missing.js';
import { readNumber } from './numbers.js';
import type { ProbeSet } from './probes.js';

/** The set of a record, and whether its source keeps it for validation. */
export interface Part {
  readonly set: ProbeSet;
  readonly validates: boolean;
}

const PART = /^(?:(train|training)|(valid|validation|val)|test|testing)$/i;

/**
 * `A`, `SetA`, `set a`, `Set_A` …; `train` is A, `test` B, and `valid` is a part of A that validates.
 *
 * @throws FormatError for anything else that is not missing
 */
export function parsePart(field: string, where: string): Part {
  const part = PART.exec(field);
  if (part) {
    const [, trains, validates] = part;
    return { set: trains || validates ? 'A' : 'B', validates: validates !== undefined };
  }
  if (isMissing(field)) return { set: '', validates: false };
  const set = /^(?:set[ _-]?)?([ab])$/i.exec(field)?.[1]?.toUpperCase();
  if (set === 'A' || set === 'B') return { set, validates: false };
  throw new FormatError(
    `${where}: expected set A, B or blank, found ${echo(field)}; SetA and SetB, train, valid and test are understood too, and --set-column <name> chooses another column`,
  );
}

/** 1 for a spoilt spot. @param name of the column of scores that the flag belongs to */
export function flagIn(field: string, name: string, where: string): 0 | 1 {
  if (field === '0' || isMissing(field) || /^false$/i.test(field)) return 0;
  if (field === '1' || /^true$/i.test(field)) return 1;
  const value = readNumber(field);
  if (value !== undefined) return value === 0 ? 0 : 1;
  throw new FormatError(`${where}: expected a flag of ${echo(name)}, 0 or 1, found ${echo(field)}`);
}
