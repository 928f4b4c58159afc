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
import type { Gpu } from '../../device/gpu.js';
import type { Architecture } from '../../nn/architecture.js';
import { DEFAULT_ENERGIES, withStructure } from '../../nn/contexts.js';
import type { StoredStructure } from '../../nn/files/model-facts.js';
import type { ModelFile } from '../../nn/files/model-files.node.js';
import type { Sequences } from '../../nn/sequences.js';
import { choice } from '../options.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';
import { Progress } from '../terminal/progress.js';

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
export const withStructureOptions = (command: Command): Command =>
  withProfiles(
    command.addOption(
      choice(
        '--structure <contexts>',
        'also take the secondary structure of the probes, which is folded here: pu (paired, unpaired) or phime (paired, hairpin, internal, multi, external)',
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
}

/** What the file of a model says of its structure channels. */
export function storedStructure({ structure: contexts, profiles }: StructureOptions): {
  readonly structure?: StoredStructure;
} {
  if (!contexts) return {};
  return {
    structure: profiles
      ? { contexts, source: 'file' }
      : { contexts, source: 'folded', energies: DEFAULT_ENERGIES },
  };
}

/**
 * The profiles for a model that --profiles names; undefined where the model takes none, or they are folded.
 * Says once where they come from.
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
  const here = read ? `read from ${read.source}` : `folded here with ${DEFAULT_ENERGIES}`;
  note(io, `structure: ${here}${differsFrom(structure, read)}`);
  return read;
}

/** How that differs from the profiles that the model was trained on, if it is known to. */
function differsFrom(trained: StoredStructure | undefined, read: ReadProfiles | undefined): string {
  if (!trained)
    return `; the model's file does not say which profiles it was trained on, and they may differ${read ? '' : ' (--profiles reads files)'}`;
  if (read)
    return trained.source === 'file'
      ? ''
      : '; the model was trained on profiles that were folded here, which may differ';
  if (trained.source === 'file')
    return '; the model was trained on profiles from files, which may differ (--profiles reads such files)';
  return trained.energies === undefined || trained.energies === DEFAULT_ENERGIES
    ? ''
    : `; the model was trained on profiles that were folded with ${trained.energies}`;
}

/** Parts of a data set with the profiles that a network takes, folded with progress where they have none. */
export async function structured<Parts extends readonly (Sequences | undefined)[]>(
  io: Io,
  gpu: Gpu,
  architecture: Architecture,
  ...parts: Parts
): Promise<Parts> {
  const folded = parts.filter((part) => part && !part.profile);
  if (architecture.channels === 4 || folded.length === 0) return parts;
  const count = (part: Sequences | undefined): number => (part?.codes.length ?? 0) / architecture.length;
  const total = folded.reduce((sum, part) => sum + count(part), 0);
  using progress = new Progress(io, { label: 'folding', total, unit: 'sequences/s' });
  let before = 0;
  const result: (Sequences | undefined)[] = [];
  for (const part of parts) {
    result.push(
      part &&
        (await withStructure(gpu, architecture, part, {
          signal: io.signal,
          onProgress: (done) => progress.update(before + done),
        })),
    );
    if (folded.includes(part)) before += count(part);
  }
  progress.finish();
  return result as unknown as Parts;
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
