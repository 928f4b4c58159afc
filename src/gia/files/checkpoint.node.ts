/**
 * The state of an unfinished analysis in a file beside its table, so that an analysis that was killed can
 * continue. A fingerprint tells files of other work, which are left alone. A checksum tells damaged files,
 * which are refused.
 */

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { ConflictError, FileError, FormatError, ResidualBindError } from '../../device/errors.js';
import { inWords } from '../../device/system-error.node.js';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { decodeSafetensors, encodeSafetensors, type TensorFile } from '../../nn/files/safetensors.js';
import { isSealed, sealed } from '../../nn/files/sealed.node.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import type { ImportanceOptions } from '../importance.js';
import type { Pattern } from '../patterns/patterns.js';
import type { Treated } from '../structure.js';
import { type Codec, type Saved, SWEEP_FORMAT } from './codecs.js';

const REMEDY = 'start again with --fresh';

/** What a saved state belongs to. */
export interface CheckpointOptions<State> {
  /** Everything that the result depends on: `workOf`, and what the analysis adds. */
  readonly work: object;
  /** Ignore what an earlier run left. Default false. */
  readonly fresh?: boolean;
  /** `partsCodec` or `roundsCodec`. */
  readonly codec: Codec<State>;
}

/**
 * A file from which an analysis continues.
 *
 * @example
 * const work = workOf(files, parts, backgrounds, { adapter: gpu.adapter.name });
 * const codec = partsCodec([4096], { models: 1, count: backgrounds.count, keepLocal: false });
 * const checkpoint = await SweepCheckpoint.open('6-mers.checkpoint', { work, codec });
 * const onCheckpoint = (states) => checkpoint.save(states);
 * await gia.importanceOfParts(model, parts, backgrounds, { resume: checkpoint.state, onCheckpoint });
 * await checkpoint.remove();
 */
export class SweepCheckpoint<State> {
  private constructor(
    /** The file. */
    readonly path: string,
    /** SHA-256 of the work that it belongs to. */
    readonly fingerprint: string,
    /** How states are written and read. */
    readonly codec: Codec<State>,
    /** What an earlier run left. */
    readonly state: State | undefined,
  ) {}

  /**
   * Reads what an earlier run of the same work left; writes nothing.
   *
   * @throws ConflictError for a checkpoint of other work; FormatError for a damaged one; FileError for one
   * that cannot be read
   */
  static async open<State>(
    path: string,
    { work, fresh = false, codec }: CheckpointOptions<State>,
  ): Promise<SweepCheckpoint<State>> {
    const fingerprint = createHash('sha256').update(JSON.stringify(work)).digest('hex');
    const bytes = fresh ? undefined : await readIfThere(path);
    const state = bytes && remedied(path, () => codec.load(savedIn(bytes, path, fingerprint)));
    return new SweepCheckpoint(path, fingerprint, codec, state);
  }

  /** Replaces what was saved before, in one step: a file that cannot be written leaves the old one. */
  async save(state: State): Promise<void> {
    const { facts, arrays } = this.codec.save(state);
    const tensors = Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [name, { shape: [data.length], data }]),
    );
    const metadata = { format: SWEEP_FORMAT, fingerprint: this.fingerprint, facts: JSON.stringify(facts) };
    await writeAtomically(this.path, encodeSafetensors(sealed({ tensors, metadata })));
  }

  /** Removes the file, once the analysis is done. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileError(`${path}: cannot be read (${inWords(error)}); ${REMEDY}`, { cause: error });
  }
}

/** What a checkpoint says without the work that it belongs to. */
export interface CheckpointFacts {
  /** sha256 of the work. */
  readonly fingerprint: string;
  /** Of a sweep: backgrounds done of each part that has begun. */
  readonly parts?: readonly number[];
  /** Of a search for the top patterns: rounds done. */
  readonly rounds?: number;
}

/** Describes the file of an unfinished analysis. @throws FormatError for a damaged file, or another one */
export async function describeCheckpoint(path: string): Promise<CheckpointFacts> {
  const bytes = await readIfThere(path);
  if (!bytes) throw new FileError(`${path}: cannot be read (there is no such file or directory)`);
  const { tensors, metadata } = opened(bytes, path);
  const facts: unknown = JSON.parse(metadata.facts ?? 'null');
  const list: readonly unknown[] = Array.isArray(facts) ? facts : [];
  const isSearch = tensors.survivors !== undefined;
  return {
    fingerprint: metadata.fingerprint ?? '',
    ...(isSearch ? { rounds: list.length } : { parts: list.map(Number) }),
  };
}

function opened(bytes: Uint8Array, path: string): TensorFile {
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  if (metadata.format !== SWEEP_FORMAT || !isSealed({ tensors, metadata }))
    throw new FormatError(`${path}: a damaged checkpoint, or one of another version`);
  return { tensors, metadata };
}

function savedIn(bytes: Uint8Array, path: string, fingerprint: string): Saved {
  const { tensors, metadata } = opened(bytes, path);
  if (metadata.fingerprint !== fingerprint) {
    throw new ConflictError(
      `${path}: an unfinished sweep of another model, other patterns or backgrounds, or computed otherwise (--precision, --structure); finish it, name another --out, or ${REMEDY}`,
    );
  }
  const arrays = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  return { facts: JSON.parse(metadata.facts ?? 'null'), arrays };
}

/** Adds to an error which file cannot be used, and what to do. */
function remedied<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConflictError || !(error instanceof ResidualBindError)) throw error;
    const reason = error.message.startsWith(path) ? error.message : `${path}: ${error.message}`;
    throw new FormatError(`${reason}; ${REMEDY}`, { cause: error });
  }
}

/** How an analysis computes, as far as its numbers depend on it. */
export interface ComputedBy extends Pick<ImportanceOptions, 'method' | 'precision'>, Treated {
  /** Name of the adapter. */
  readonly adapter: string;
  /** Whether local importances are kept. Default false. */
  readonly local?: boolean;
}

/** Everything that the importances of patterns depend on. */
export const workOf = (
  models: readonly { readonly sha256: string }[],
  parts: readonly (readonly Pattern[])[],
  backgrounds: Backgrounds,
  { adapter, method, precision, structure, local = false }: ComputedBy,
): object => ({
  models: models.map(({ sha256 }) => sha256),
  patterns: digest(JSON.stringify(parts)),
  backgrounds: digest(backgrounds.codes),
  profile: backgrounds.profile && digest(bytesOf(backgrounds.profile)),
  adapter,
  method,
  precision,
  // Absent for models without structure channels, so that their checkpoints stay valid.
  structure,
  local,
});

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
