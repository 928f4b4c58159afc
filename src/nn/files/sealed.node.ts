/**
 * Safetensors files that tell whether they are damaged: their metadata hold a sha256 over everything else in
 * the file. Models and checkpoints are written so.
 */

import { createHash } from 'node:crypto';
import type { TensorFile } from './safetensors.js';

/** The file with a sha256 over its contents in its metadata. */
export const sealed = (file: TensorFile): TensorFile => ({
  ...file,
  metadata: { ...file.metadata, sha256: digest(file) },
});

/** Whether the contents have the sha256 that the metadata state. */
export function isSealed({ tensors, metadata: { sha256, ...facts } }: TensorFile): boolean {
  return sha256 === digest({ tensors, metadata: facts });
}

/** sha256 over all tensors and metadata, in hexadecimal, whatever the order of their names. */
function digest({ tensors, metadata }: TensorFile): string {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(metadata).toSorted()));
  for (const name of Object.keys(tensors).toSorted()) {
    const { shape, data } = tensors[name]!;
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
