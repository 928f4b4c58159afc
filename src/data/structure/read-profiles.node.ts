/**
 * Files → structure profiles, for Node: texts of `parse-profiles.ts`, plain or gzipped, folders of `_lunp`
 * files, files of one context each (`E_profile.txt` …), and HDF5 files whose sequences have structure
 * channels.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Breath } from '../../device/breathe.js';
import * as check from '../../device/check.js';
import { FormatError } from '../../device/errors.js';
import { unreadable } from '../../device/system-error.node.js';
import { binaryKind } from '../experiments/read-experiments.node.js';
import { digestOfFile } from '../files/file-digest.node.js';
import type { FileDigest, ReadOptions } from '../files/text-file.node.js';
import { TextStream } from '../files/text-stream.node.js';
import { CONTEXT_LETTERS } from './contexts.js';
import { readHdf5Profiles } from './hdf5-profiles.node.js';
import { ONE_CONTEXT, ProfileParser } from './parse-profiles.js';
import { ProfileBuilder, type ProfileRecord, type StructureProfiles } from './profiles.js';

/** Profiles from files, with what a manifest says of these. */
export type ReadProfiles = StructureProfiles &
  FileDigest & {
    /** As they were given: files and folders. */
    readonly paths: readonly string[];
    /** How many files were read. */
    readonly files: number;
  };

/**
 * Reads structure profiles.
 *
 * @param paths files, and folders of `_lunp` files; several are read as one. Files of one context each have
 * its letter in their names, and those of E, H, I and M belong together.
 * @returns with the sha256 of a single file, or of the list of all their sha256
 * @throws FormatError naming file and line
 */
export async function readProfiles(
  paths: readonly string[],
  { signal }: ReadOptions = {},
): Promise<ReadProfiles> {
  check.list(check.text, 1)(paths, check.argument('paths'));
  const files = (await Promise.all(paths.map(filesIn))).flat();
  const builder = new ProfileBuilder();
  const single = new SingleContexts();
  const digests: string[] = [];
  const breath = new Breath(signal);
  for (const file of files) {
    const context = single.next(file);
    const take = (record: ProfileRecord): void => {
      if (record.rows.has(ONE_CONTEXT)) context.add(record);
      else builder.add(record);
    };
    digests.push(await readOne(file, take, { signal }));
    await breath.take();
  }
  for (const record of single.joined()) builder.add(record);
  const source = paths.length === 1 ? paths[0]! : `${paths[0]} and ${paths.length - 1} more`;
  const sha256 =
    digests.length === 1 ? digests[0]! : createHash('sha256').update(digests.join('\n')).digest('hex');
  return { ...builder.finish(source), sha256, paths, files: files.length };
}

/** What a file of profiles holds. */
export interface ProfileSummary {
  readonly records: number;
  /** Letters of the contexts; `?` for a single one that the file's name does not tell. */
  readonly contexts: string;
  /** How records would be found. */
  readonly by: 'sequence' | 'id' | 'order';
  /** Fewest and most nucleotides of a sequence. */
  readonly shortest: number;
  readonly longest: number;
}

/**
 * Reads and checks a file. One of a single context, which is of no use by itself, is described too.
 *
 * @throws as `readProfiles`
 */
export async function describeProfiles(path: string, { signal }: ReadOptions = {}): Promise<ProfileSummary> {
  const builder = new ProfileBuilder();
  const single = new SingleContext(path);
  const take = (record: ProfileRecord): void => {
    if (record.rows.has(ONE_CONTEXT)) single.add(record);
    else builder.add(record);
  };
  await readOne(path, take, { signal });
  if (single.records.length > 0) {
    const lengths = single.records.map(({ rows }) => rows.get(ONE_CONTEXT)!.length);
    return { ...rangeOf(lengths), contexts: single.letters()[0] ?? ONE_CONTEXT, by: 'id' };
  }
  const { contexts, starts, sequences, names } = builder.finish(path);
  const lengths = Array.from(starts.subarray(1), (end, i) => end - starts[i]!);
  const by = sequences ? 'sequence' : names ? 'id' : 'order';
  return { ...rangeOf(lengths), contexts: CONTEXT_LETTERS[contexts], by };
}

const rangeOf = (lengths: readonly number[]) => ({
  records: lengths.length,
  shortest: lengths.reduce((least, length) => Math.min(least, length), Number.POSITIVE_INFINITY),
  longest: lengths.reduce((most, length) => Math.max(most, length), 0),
});

/** The files that a path stands for: itself, or those of a folder in the order of their names. */
async function filesIn(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /_lunp(?:\.gz)?$/.test(entry.name))
    .map(({ name }) => name);
  if (names.length === 0)
    throw new FormatError(
      `${path}: a folder without _lunp files, which RNAplfold -u 1 writes; name the files of profiles themselves`,
    );
  const { compare } = new Intl.Collator('en', { numeric: true });
  return names.sort(compare).map((name) => join(path, name));
}

/** @returns the file's sha256 */
async function readOne(
  path: string,
  take: (record: ProfileRecord) => void,
  { signal }: ReadOptions,
): Promise<string> {
  const kind = await binaryKind(path);
  if (kind === 'hdf5') {
    await readHdf5Profiles(path, take, { signal });
    return await digestOfFile(path, { signal });
  }
  if (kind === 'parquet') throw new FormatError(`${path}: a data set holds no structure profiles`);
  const name = basename(path)
    .replace(/\.gz$/, '')
    .replace(/_lunp$/, '');
  const parser = new ProfileParser(path, name, take);
  const stream = new TextStream(path, { signal });
  for await (const lines of stream.lines()) for (const line of lines) parser.line(line);
  parser.finish();
  return stream.sha256;
}

/** Records of files that have one context each. */
class SingleContexts {
  readonly #files: SingleContext[] = [];

  next(path: string): SingleContext {
    const file = new SingleContext(path);
    this.#files.push(file);
    return file;
  }

  /** Records of all contexts. @throws FormatError unless files have the same sequences, and a letter each */
  *joined(): Generator<ProfileRecord> {
    const files = this.#files.filter(({ records }) => records.length > 0);
    const [first, ...others] = files;
    if (!first) return;
    const letters = files.map((file) => file.letter());
    const twice = letters.findIndex((letter, i) => letters.indexOf(letter) < i);
    if (twice >= 0)
      throw new FormatError(
        `${files[twice]!.path}: a second file of the context ${letters[twice]}; read files of other sequences one after the other`,
      );
    for (const [i, record] of first.records.entries()) {
      const rows = new Map([[letters[0]!, record.rows.get(ONE_CONTEXT)!]]);
      for (const [f, { path, records }] of others.entries()) {
        const other = records[i];
        if (!other || records.length !== first.records.length)
          throw new FormatError(
            `${path}: has ${records.length} sequences, but ${first.path} has ${first.records.length}`,
          );
        if (other.label !== record.label)
          throw new FormatError(
            `${other.place}: expected the same sequence as in ${record.place}; files of one context each must have the same sequences in the same order`,
          );
        rows.set(letters[f + 1]!, other.rows.get(ONE_CONTEXT)!);
      }
      yield { place: record.place, label: record.label, rows };
    }
  }
}

/** One such file. */
class SingleContext {
  readonly records: ProfileRecord[] = [];

  constructor(readonly path: string) {}

  add(record: ProfileRecord): void {
    this.records.push(record);
  }

  /** Letters of contexts that stand alone in its name, such as `E` in `E_profile.txt`. */
  letters(): string[] {
    const words = basename(this.path).split(/[^A-Za-z]+/);
    return words.filter((word) => /^[PHIMEU]$/.test(word));
  }

  /** The only such letter. @throws FormatError where there is none, or several */
  letter(): string {
    const found = this.letters();
    if (found.length !== 1)
      throw new FormatError(
        `${this.path}: has one line of probabilities for each sequence, but its name does not tell their context; call it for example E_profile.txt, and read the files of E, H, I and M together`,
      );
    return found[0]!;
  }
}
