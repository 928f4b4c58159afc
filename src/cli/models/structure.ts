/** Structure profiles of models with structure channels: options, reading, and what is said of them. */

import type { Command } from 'commander';
import {
  CONTEXT_LETTERS,
  type Contexts,
  contextsIn,
  type MatchedProfiles,
  matchProfiles,
  type Probes,
  type ProfiledRecords,
  placedProfiles,
  type ReadProfiles,
  readProfiles,
  withProfiles as withProfilesOf,
} from '../../data/index.node.js';
import { count } from '../../device/count.js';
import type { Architecture } from '../../nn/architecture.js';
import type { StoredStructure } from '../../nn/files/model-facts.js';
import type { ModelFile } from '../../nn/files/model-files.node.js';
import { choice } from '../options.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';

export interface ProfilesOptions {
  /** Files and folders of structure profiles. */
  readonly profiles?: readonly string[];
}

export interface StructureOptions extends ProfilesOptions {
  readonly structure?: Contexts;
}

/** --profiles */
export const withProfiles = (command: Command): Command =>
  command.option(
    '--profiles <files...>',
    'structure profiles from files instead of folding: _lunp files of RNAplfold -u 1 or a folder of them, P H I M E text of the modified RNAplfold, DLPRB annotations, tables of sequence, context and values, or HDF5 with structure channels (docs/structure.md)',
  );

/** --structure and --profiles. */
export const withStructure = (command: Command): Command =>
  withProfiles(
    command.addOption(
      choice(
        '--structure <contexts>',
        'also take the secondary structure of the probes: pu (paired, unpaired) or phime (paired, hairpin, internal, multi, external)',
        Object.keys(CONTEXT_LETTERS),
      ),
    ),
  );

/** The profiles that --profiles names. */
export async function givenProfiles(
  io: Io,
  { profiles }: ProfilesOptions,
): Promise<ReadProfiles | undefined> {
  return profiles && (await readProfiles(profiles, { signal: io.signal }));
}

/** Says how profiles were matched to records. */
export function noteMatched(io: Io, { profiles, by, at }: MatchedProfiles): void {
  const letters = Array.from(CONTEXT_LETTERS[profiles.contexts]).join(' ');
  note(
    io,
    `${profiles.source}: ${count(profiles.places.length, 'structure profile')} (${letters}), matched to ${count(at.length, 'record')} by ${by}`,
  );
}

/** What a manifest says of profiles that were read. */
export const aboutProfiles = (read: ReadProfiles | undefined) =>
  read && {
    profiles: { paths: read.paths, files: read.files, sha256: read.sha256, contexts: read.contexts },
  };

/** @throws UsageError for options of `train` that contradict each other */
export function checkStructure({ structure, profiles }: StructureOptions): void {
  if (profiles && !structure)
    throw new UsageError(
      '--profiles needs --structure pu or --structure phime: which contexts the model takes',
    );
  if (structure && !profiles) throw new UsageError(UNFOLDED);
}

const UNFOLDED = 'sequences are not folded here yet; name files of structure profiles with --profiles';

/** What the file of a model says of its structure channels. */
export const storedStructure = ({
  structure,
  profiles,
}: StructureOptions): { readonly structure?: StoredStructure } =>
  structure ? { structure: { contexts: structure, source: profiles ? 'file' : 'folded' } } : {};

/**
 * The profiles for a model that --profiles names; undefined where the model takes none, or they are folded.
 *
 * @throws UsageError for a model of sequences alone
 */
export async function profilesOf(
  io: Io,
  { path, architecture: { channels }, facts: { structure } }: ModelFile,
  options: ProfilesOptions,
): Promise<ReadProfiles | undefined> {
  const read = await givenProfiles(io, options);
  if (channels === 4) {
    if (read) throw new UsageError(`${path}: the model takes sequences alone, so leave out --profiles`);
    return undefined;
  }
  if (!read) throw new UsageError(`${path}: the model takes structure profiles, but ${UNFOLDED}`);
  if (structure?.source === 'folded')
    note(
      io,
      `structure: read from ${read.source}; the model was trained on profiles that this program folded, which may differ`,
    );
  return read;
}

/** Probes with the profiles that were read for them. */
export function profiled<T extends Probes>(io: Io, probes: T, profiles: ReadProfiles | undefined): T {
  if (!profiles) return probes;
  const matched = withProfilesOf(probes, profiles);
  noteMatched(io, matched.structure!);
  return matched;
}

/** Profiles of sequences for a model, where they were read. */
export function profileFor(
  io: Io,
  { length, channels }: Architecture,
  records: ProfiledRecords,
  read: ReadProfiles | undefined,
): { readonly profile?: Float32Array } {
  const contexts = contextsIn(channels);
  if (!read || !contexts) return {};
  const matched = matchProfiles(read, records);
  noteMatched(io, matched);
  return { profile: placedProfiles(matched.profiles, matched.at, { length, contexts }) };
}
