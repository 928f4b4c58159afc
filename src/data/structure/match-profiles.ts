/**
 * Which structure profile each record has: by sequence if the profiles have sequences, by identifier if both
 * have one, else by order. A record without a profile is an error.
 */
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { DataError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { locate, type Origin } from '../sequences/sequence.js';
import { CONTEXT_LETTERS } from './contexts.js';
import { isMadeUp, ROUNDING, type StructureProfiles } from './profiles.js';

/** Profiles of records. */
export interface MatchedProfiles {
  readonly profiles: StructureProfiles;
  /** What they were matched by. */
  readonly by: 'sequence' | 'id' | 'order';
  /** Which profile each record has [N]. */
  readonly at: Uint32Array;
}

/** Records that profiles are matched to; `Probes` and `NamedSequences` are such. */
export interface ProfiledRecords extends Origin {
  /** Canonical letters. */
  readonly sequences: readonly string[];
  /** Number of each among all records of the source, from 0, where some of these were left out. */
  readonly rows?: Uint32Array;
  /** How many were left out. */
  readonly dropped?: number;
}

/**
 * Finds the profile of each record.
 *
 * @throws DataError naming the first record that has none, or one of another length; or where profiles in
 * order are not as many as records
 */
export function matchProfiles(profiles: StructureProfiles, records: ProfiledRecords): MatchedProfiles {
  check.object(profiles, check.argument('profiles'));
  check.object(records, check.argument('records'));
  if (profiles.sequences) return { profiles, by: 'sequence', at: bySequence(profiles, records) };
  const names = records.names?.map(idOf) ?? [];
  const byId = profiles.names !== undefined && names.length > 0 && !names.every(isMadeUp);
  const at = byId ? byName(profiles, names, records) : byOrder(profiles, records);
  at.forEach((profile, record) => {
    const [length, letters] = [lengthOf(profiles, profile), records.sequences[record]!.length];
    if (length !== letters)
      throw new DataError(
        `${profiles.places[profile]}: the profile has ${count(length, 'nucleotide')}, but the sequence of ${locate(records, record)} has ${letters} (matched by ${byId ? 'id' : 'order'})`,
      );
  });
  return { profiles, by: byId ? 'id' : 'order', at };
}

const lengthOf = ({ starts }: StructureProfiles, profile: number): number =>
  starts[profile + 1]! - starts[profile]!;

/** The first word of a name, which programs use as the identifier. */
const idOf = (name: string): string => name.trim().split(/\s/, 1)[0]!;

function bySequence(profiles: StructureProfiles, records: ProfiledRecords): Uint32Array {
  const { sequences: known = [] } = profiles;
  const { sequences } = records;
  // Sequences that repeat may have profiles of their own, which then stand in the order of the records.
  if (known.length === sequences.length && known.every((sequence, i) => sequence === sequences[i]))
    return Uint32Array.from(sequences, (_, i) => i);
  const found = indexed(profiles, known);
  return eachOf(profiles, records, (record) => found.get(sequences[record]!));
}

function byName(
  profiles: StructureProfiles,
  names: readonly string[],
  records: ProfiledRecords,
): Uint32Array {
  const found = indexed(profiles, profiles.names!.map(idOf));
  // RNAplfold replaces characters that a file's name cannot have by underscores.
  return eachOf(
    profiles,
    records,
    (record) => found.get(names[record]!) ?? found.get(names[record]!.replace(/[^\w.-]/g, '_')),
  );
}

/** The profile of each record. @throws DataError naming the first without one */
function eachOf(
  { source }: StructureProfiles,
  records: ProfiledRecords,
  find: (record: number) => number | undefined,
): Uint32Array {
  const { sequences } = records;
  const found = sequences.map((_, record) => find(record));
  const missing = found.indexOf(undefined);
  if (missing >= 0) {
    const all = found.filter((profile) => profile === undefined).length;
    throw new DataError(
      `${locate(records, missing)}: ${source} has no structure profile of ${echo(sequences[missing]!)}; ${all} of ${count(sequences.length, 'record')} ${all === 1 ? 'has' : 'have'} none, and each needs one`,
    );
  }
  return Uint32Array.from(found as number[]);
}

/** Profile by key. @throws DataError for two different profiles of one key */
function indexed(profiles: StructureProfiles, keys: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  keys.forEach((key, profile) => {
    const earlier = found.get(key);
    if (earlier === undefined) found.set(key, profile);
    else if (!isSame(profiles, earlier, profile))
      throw new DataError(
        `${profiles.places[profile]}: the profile of ${echo(key)} differs from that in ${profiles.places[earlier]}, so it is not clear which one to use`,
      );
  });
  return found;
}

function isSame({ contexts, starts, values }: StructureProfiles, a: number, b: number): boolean {
  const width = CONTEXT_LETTERS[contexts].length;
  const row = (profile: number): Float32Array =>
    values.subarray(starts[profile]! * width, starts[profile + 1]! * width);
  const [first, second] = [row(a), row(b)];
  return (
    first.length === second.length && first.every((value, i) => Math.abs(value - second[i]!) <= ROUNDING)
  );
}

function byOrder({ source, places }: StructureProfiles, records: ProfiledRecords): Uint32Array {
  const { sequences, rows, dropped = 0 } = records;
  const { length } = sequences;
  if (places.length === length) return Uint32Array.from(sequences, (_, i) => i);
  // The profiles were made before records were left out.
  if (rows && places.length === length + dropped) return rows.slice();
  const all = rows ? ` (${length + dropped} with those that were left out)` : '';
  throw new DataError(
    `${source} has ${count(places.length, 'profile')}, but ${records.source ?? 'sequences'} has ${count(length, 'record')}${all}; profiles without sequences and without the identifiers of the records are matched in order, so there must be as many profiles as records`,
  );
}
