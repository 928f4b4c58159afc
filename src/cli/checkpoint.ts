/**
 * Where a sweep got to, in a file beside its table, so that one that was killed goes on where it stopped. A file of
 * other work, by its fingerprint, is not touched.
 */

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { FormatError, ResidualBindError } from '../device/errors.js';
import type { SweepState } from '../gia/runner.js';
import { writeAtomically } from '../nn/model-files.node.js';
import { decodeSafetensors, encodeSafetensors } from '../nn/safetensors.js';

export class Checkpoint {
  private constructor(
    readonly path: string,
    readonly fingerprint: string,
    /** What an earlier run left. */
    readonly state: SweepState | undefined,
  ) {}

  /**
   * @param work everything that the result depends on
   * @throws ResidualBindError for a checkpoint of other work; FormatError for one that cannot be read
   */
  static async open(path: string, work: object, fresh: boolean): Promise<Checkpoint> {
    const fingerprint = createHash('sha256').update(JSON.stringify(work)).digest('hex');
    const bytes = fresh ? undefined : await readFile(path).catch(() => undefined);
    if (!bytes) return new Checkpoint(path, fingerprint, undefined);
    const { tensors, metadata } = decodeSafetensors(bytes, path);
    if (metadata.fingerprint !== fingerprint) {
      throw new ResidualBindError(
        `${path}: an unfinished sweep of another model, other patterns or backgrounds; finish it, name another --out, or start anew with --fresh`,
      );
    }
    const statistics = tensors.statistics?.data;
    const backgrounds = Number(metadata.backgrounds);
    if (!statistics || !Number.isInteger(backgrounds) || backgrounds < 1)
      throw new FormatError(`${path}: not a checkpoint of a sweep; remove it or start anew with --fresh`);
    const local = tensors.local?.data;
    return new Checkpoint(path, fingerprint, {
      backgrounds,
      statistics: Float32Array.from(statistics),
      ...(local && { local: Float32Array.from(local) }),
    });
  }

  async save({ backgrounds, statistics, local }: SweepState): Promise<void> {
    if (backgrounds === 0) return;
    const tensors = {
      statistics: { shape: [statistics.length], data: statistics },
      ...(local && { local: { shape: [local.length], data: local } }),
    };
    const metadata = { fingerprint: this.fingerprint, backgrounds: String(backgrounds) };
    await writeAtomically(this.path, encodeSafetensors({ tensors, metadata }));
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
