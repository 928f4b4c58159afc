/**
 * The safetensors format: an 8-byte length, a JSON header of names, shapes and offsets, then the data,
 * little-endian. Everything is checked before use; nothing in a file is trusted. Our own files hold f32 only;
 * `readStored` also gives the bytes of other types.
 */

import { echo, shortened } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { strictJson } from './strict-json.js';

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
const METADATA = '__metadata__';

export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const stored = Object.entries(tensors).map(([name, { shape, data }]) => ({
    name,
    dtype: 'F32',
    shape,
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }));
  return encodeStored({ tensors: stored, metadata });
}

/** Tensors of any type; their data are little-endian. */
export function encodeStored({
  tensors,
  metadata,
}: {
  readonly tensors: readonly (Omit<StoredTensor, 'data'> & { readonly data: Uint8Array })[];
  readonly metadata: TensorFile['metadata'];
}): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, dtype, shape, data }) => {
    const start = offset;
    offset += data.byteLength;
    return [name, { dtype, shape, data_offsets: [start, offset] }] as const;
  });
  const header = { [METADATA]: metadata, ...Object.fromEntries(entries) };
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces so that the data are aligned.
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const { data } of tensors) {
    bytes.set(data, at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws FormatError naming `source` and what is wrong */
export function decodeSafetensors(bytes: Uint8Array, source: string): TensorFile {
  const { tensors, metadata } = readStored(bytes, source, ['F32']);
  return {
    tensors: Object.fromEntries(
      tensors.map(({ name, shape, data }) => [name, { shape, data: new Float32Array(data.buffer) }]),
    ),
    metadata,
  };
}

/** Bytes of one number, by the names of types in headers. */
const BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

/** A tensor as its file stores it. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** A copy, aligned for any type. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/**
 * The tensors of a file, in the order of its header.
 *
 * @param types names of types that are read
 * @throws FormatError naming `source` and what is wrong
 */
export function readStored(
  bytes: Uint8Array,
  source: string,
  types: readonly string[] = Object.keys(BYTES),
): { readonly tensors: readonly StoredTensor[]; readonly metadata: TensorFile['metadata'] } {
  const { header, data, fail } = headerOf(bytes, source);
  const entries = Object.entries(header).filter(([name]) => name !== METADATA);
  const placed = entries.map(([name, entry]) => ({
    name,
    ...checkedEntry(name, entry, { available: data.length, types }, fail),
  }));
  checkCover(placed, data.length, fail);
  const tensors = placed.map(({ name, dtype, shape, start, end }) => {
    // Copied, since a file's bytes need not be aligned. (A Node Buffer's own `slice` would not copy.)
    return { name, dtype, shape, data: Uint8Array.from(data.subarray(start, end)) };
  });
  return { tensors, metadata: checkedMetadata(header[METADATA], fail) };
}

type Fail = (reason: string) => never;

/** The free texts of a file alone. @throws FormatError naming `source` and what is wrong */
export function metadataOf(bytes: Uint8Array, source: string): TensorFile['metadata'] {
  const { header, fail } = headerOf(bytes, source);
  return checkedMetadata(header[METADATA], fail);
}

/** The header, and the data behind it. */
function headerOf(bytes: Uint8Array, source: string) {
  const fail = (reason: string): never => {
    throw new FormatError(`${source}: not a safetensors file: ${reason}`);
  };
  if (bytes.length < 8) fail('it is shorter than 8 bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) fail(`a header of ${length} bytes does not fit`);
  const header = parseHeader(bytes.subarray(8, 8 + length), fail);
  return { header, data: bytes.subarray(8 + length), fail };
}

function parseHeader(bytes: Uint8Array, fail: Fail): Readonly<Record<string, unknown>> {
  const header = strictJson(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    (reason) => fail(`its header ${reason}`),
  );
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    fail('its header is not an object');
  return header as Record<string, unknown>;
}

function checkedMetadata(given: unknown, fail: Fail): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return fail(`its ${METADATA} is not an object`);
  const wrong = Object.entries(given).find(([, value]) => typeof value !== 'string');
  if (wrong) fail(`${echo(wrong[0])} in its ${METADATA} is not a text`);
  return given as Record<string, string>;
}

function checkedEntry(
  name: string,
  entry: unknown,
  { available, types }: { readonly available: number; readonly types: readonly string[] },
  fail: Fail,
): Placed {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as HeaderEntry;
  if (!types.includes(dtype))
    fail(
      `tensor ${echo(name)} is ${shortened(JSON.stringify(dtype) ?? 'nothing')}, only ${types.join(', ')} ${types.length > 1 ? 'are' : 'is'} read`,
    );
  if (!isCounts(shape) || !isCounts(range) || range.length !== 2)
    fail(`tensor ${echo(name)} has no valid shape and offsets`);
  const [start, end] = range;
  if (start > end || end > available || end - start !== BYTES[dtype]! * sizeOf(shape))
    fail(`tensor ${echo(name)} does not lie within the file`);
  return { dtype, shape: [...shape], start, end };
}

interface Placed {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/**
 * The tensors must cover the data without holes, and none may lie on another, or a small file would become
 * large.
 */
function checkCover(placed: readonly (Placed & { readonly name: string })[], size: number, fail: Fail): void {
  let covered = 0;
  for (const { name, start, end } of placed.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== covered)
      fail(`tensor ${echo(name)} ${start < covered ? 'lies on another' : 'follows a hole'}`);
    covered = end;
  }
  if (covered !== size) fail(`${size - covered} bytes after its last tensor belong to none`);
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
