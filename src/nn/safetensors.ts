/**
 * The safetensors format, f32 tensors only: an 8-byte length, a JSON header of names, shapes and offsets, then the
 * data, little-endian. Everything is checked before use; nothing in a file is trusted.
 */

import { FormatError } from '../device/errors.js';
import { sizeOf } from '../tensor/tensor.js';

export interface TensorFile {
  readonly tensors: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  >;
  /** Free text by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const MAX_HEADER = 100_000_000;

export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces so that the data are aligned.
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws FormatError naming `source` and what is wrong */
export function decodeSafetensors(bytes: Uint8Array, source: string): TensorFile {
  const fail = (reason: string): never => {
    throw new FormatError(`${source}: not a safetensors file: ${reason}`);
  };
  if (bytes.length < 8) fail('it is shorter than 8 bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) fail(`a header of ${length} bytes does not fit`);
  let header: Record<string, unknown> = {};
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    fail('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    fail('its header is not an object');
  const data = bytes.subarray(8 + length);
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry as object)) metadata[key] = String(value);
      continue;
    }
    const { dtype, shape, data_offsets: range } = (entry ?? {}) as HeaderEntry;
    if (dtype !== 'F32') fail(`tensor "${name}" is ${dtype}, only F32 is read`);
    if (!isCounts(shape) || !isCounts(range) || range.length !== 2)
      fail(`tensor "${name}" has no valid shape and offsets`);
    const [start, end] = range;
    if (end > data.length || end - start !== 4 * sizeOf(shape))
      fail(`tensor "${name}" does not lie within the file`);
    // Copied, since a file's bytes need not be aligned. (A Node Buffer's own `slice` would not copy.)
    const copy = Uint8Array.from(data.subarray(start, end));
    tensors[name] = { shape: [...shape], data: new Float32Array(copy.buffer) };
  }
  return { tensors, metadata };
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
