/**
 * Where an analysis got to, in a file beside its table, so that one that was killed goes on where it stopped. A file of
 * other work, by its fingerprint, is not touched.
 */

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { ConflictError, FormatError } from '../device/errors.js';
import { writeAtomically } from '../device/write-atomically.node.js';
import { decodeSafetensors, encodeSafetensors } from '../nn/safetensors.js';

/** A state as what such a file holds. */
export interface Saved {
  /** Of JSON. */
  readonly facts: unknown;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

/** How a state is saved; `load` returns undefined for what it cannot have saved. */
export interface Codec<State> {
  save(state: State): Saved;
  load(saved: Saved): State | undefined;
}

export class Checkpoint<State> {
  private constructor(
    readonly path: string,
    readonly fingerprint: string,
    readonly codec: Codec<State>,
    /** What an earlier run left. */
    readonly state: State | undefined,
  ) {}

  /**
   * @param work everything that the result depends on
   * @throws ConflictError for a checkpoint of other work; FormatError for one that cannot be read
   */
  static async open<State>(
    path: string,
    { work, fresh, codec }: { readonly work: object; readonly fresh: boolean; readonly codec: Codec<State> },
  ): Promise<Checkpoint<State>> {
    const fingerprint = createHash('sha256').update(JSON.stringify(work)).digest('hex');
    const bytes = fresh ? undefined : await readFile(path).catch(() => undefined);
    if (!bytes) return new Checkpoint(path, fingerprint, codec, undefined);
    const { tensors, metadata } = decodeSafetensors(bytes, path);
    if (metadata.fingerprint !== fingerprint) {
      throw new ConflictError(
        `${path}: an unfinished sweep of another model, other patterns or backgrounds; finish it, name another --out, or start anew with --fresh`,
      );
    }
    const arrays = Object.fromEntries(
      Object.entries(tensors).map(([name, { data }]) => [name, Float32Array.from(data)]),
    );
    const state = codec.load({ facts: parsed(metadata.facts), arrays });
    if (state === undefined)
      throw new FormatError(`${path}: not a checkpoint of a sweep; remove it or start anew with --fresh`);
    return new Checkpoint(path, fingerprint, codec, state);
  }

  async save(state: State): Promise<void> {
    const { facts, arrays } = this.codec.save(state);
    const tensors = Object.fromEntries(
      Object.entries(arrays).map(([name, data]) => [name, { shape: [data.length], data }]),
    );
    const metadata = { fingerprint: this.fingerprint, facts: JSON.stringify(facts) };
    await writeAtomically(this.path, encodeSafetensors({ tensors, metadata }));
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
