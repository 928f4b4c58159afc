/**
 * Where an analysis got to, in a file beside its table, so that one that was killed goes on where it stopped.
 * A file of other work, by its fingerprint, is not touched, and a damaged one, by its checksum, is never gone
 * on from.
 */

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { ConflictError, FileError, FormatError, ResidualBindError } from '../../device/errors.js';
import { inWords } from '../../device/system-error.node.js';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { decodeSafetensors, encodeSafetensors } from '../../nn/files/safetensors.js';
import { isSealed, sealed } from '../../nn/files/sealed.node.js';
import { saveIfPossible } from '../output/files.js';
import type { Io } from '../terminal/io.js';

/** A state as what such a file holds. */
export interface Saved {
  /** Of JSON. */
  readonly facts: unknown;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

/** How a state is saved. */
export interface Codec<State> {
  save(state: State): Saved;
  /** @throws ResidualBindError for what it cannot have saved of this work */
  load(saved: Saved): State;
}

const FORMAT = 'residualbind sweep 1';
const REMEDY = 'start again with --fresh';

export class Checkpoint<State> {
  private constructor(
    readonly io: Io,
    readonly path: string,
    readonly fingerprint: string,
    readonly codec: Codec<State>,
    /** What an earlier run left. */
    readonly state: State | undefined,
  ) {}

  /**
   * @param work everything that the result depends on
   * @throws ConflictError for a checkpoint of other work; FormatError for a damaged one; FileError for one
   * that cannot be read
   */
  static async open<State>(
    io: Io,
    path: string,
    { work, fresh, codec }: { readonly work: object; readonly fresh: boolean; readonly codec: Codec<State> },
  ): Promise<Checkpoint<State>> {
    const fingerprint = createHash('sha256').update(JSON.stringify(work)).digest('hex');
    const bytes = fresh ? undefined : await readIfThere(path);
    const state = bytes && remedied(path, () => codec.load(savedIn(bytes, path, fingerprint)));
    return new Checkpoint(io, path, fingerprint, codec, state);
  }

  /** Replaces what was saved before. Where the disk is full the old one stays, and that is said. */
  async save(state: State): Promise<void> {
    const { facts, arrays } = this.codec.save(state);
    const tensors = Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [name, { shape: [data.length], data }]),
    );
    const metadata = { format: FORMAT, fingerprint: this.fingerprint, facts: JSON.stringify(facts) };
    const contents = encodeSafetensors(sealed({ tensors, metadata }));
    await saveIfPossible(this.io, this.path, () => writeAtomically(this.path, contents));
  }

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

function savedIn(bytes: Uint8Array, path: string, fingerprint: string): Saved {
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  if (metadata.format !== FORMAT || !isSealed({ tensors, metadata }))
    throw new FormatError(`${path}: a damaged checkpoint, or one of another version`);
  if (metadata.fingerprint !== fingerprint) {
    throw new ConflictError(
      `${path}: an unfinished sweep of another model, other patterns or backgrounds, or in another precision; finish it, name another --out, or ${REMEDY}`,
    );
  }
  const arrays = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  return { facts: JSON.parse(metadata.facts ?? 'null'), arrays };
}

/** Says which file cannot be gone on from, and what to do. */
function remedied<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConflictError || !(error instanceof ResidualBindError)) throw error;
    const reason = error.message.startsWith(path) ? error.message : `${path}: ${error.message}`;
    throw new FormatError(`${reason}; ${REMEDY}`, { cause: error });
  }
}
