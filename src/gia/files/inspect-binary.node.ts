/** Binary files → what they are, in Node: Parquet, HDF5, NumPy archives and safetensors. */
import { readFile } from 'node:fs/promises';
import { KEYS } from '../../data/experiments/data-set.js';
import { firstBytes } from '../../data/files/file-digest.node.js';
import { FormatError } from '../../device/errors.js';
import { withHdf5 } from '../../device/hdf5.node.js';
import { unreadable } from '../../device/system-error.node.js';
import { isKeras, layersIn } from '../../nn/exchange/keras-file.node.js';
import { decodeOnnx } from '../../nn/exchange/onnx/decode.js';
import { readStored } from '../../nn/files/safetensors.js';
import { strictJson } from '../../nn/files/strict-json.js';
import { subjectOf } from '../tables/columns.js';
import type { InspectedForeign, InspectedTable } from './inspection.js';

/** Largest file that is read as a whole. */
const LARGEST = 2 ** 29;

/** Largest header of a safetensors file that is looked at; its reader checks the rest. */
const LARGEST_HEADER = 2 ** 27;

async function whole(path: string): Promise<ArrayBuffer> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (bytes.length > LARGEST)
    throw new FormatError(
      `${path}: has more than ${LARGEST / 2 ** 20} MiB, more than this kind of file is read of`,
    );
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

/** Errors of a library as our own, naming the file. */
async function readable<T>(path: string, what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown';
    throw new FormatError(`${path}: not ${what} that can be read, or a damaged one (${reason})`, { cause });
  }
}

/** Random access to a Parquet file, and its metadata. */
async function parquetOf(path: string) {
  return await readable(path, 'a Parquet file', async () => {
    const { asyncBufferFromFile, parquetMetadataAsync } = await import('hyparquet');
    const file = await asyncBufferFromFile(path);
    return { file, metadata: await parquetMetadataAsync(file, { geoparquet: false }) };
  });
}

/** Whether a Parquet file says that it is a data set of `prepare`. @throws FormatError for a damaged file */
export async function isDataSet(path: string): Promise<boolean> {
  const { metadata } = await parquetOf(path);
  return metadata.key_value_metadata?.some(({ key }) => key === KEYS.about) ?? false;
}

/** An importance table as Parquet. @throws FormatError for another Parquet file */
export async function inspectParquetTable(path: string, first: number): Promise<InspectedTable> {
  const { file, metadata } = await parquetOf(path);
  const columns = metadata.schema.slice(1).map(({ name }) => name);
  const subject = subjectOf(columns);
  if (subject === undefined)
    throw new FormatError(
      `${path}: a Parquet file, but neither a data set that prepare wrote nor an importance table; export it as a tab-separated table`,
    );
  const rows = await readable(path, 'a Parquet file', async () => {
    const { parquetReadObjects } = await import('hyparquet');
    const read = { file, metadata, columns: [subject, 'importance'], rowEnd: first };
    return await parquetReadObjects(read);
  });
  return {
    kind: 'importance table',
    format: 'parquet',
    rows: Number(metadata.num_rows),
    columns,
    first: rows.map(({ [subject]: pattern, importance }) => ({
      pattern: String(pattern),
      importance: Number(importance),
    })),
  };
}

/** Weights of Keras; undefined for any other HDF5 file. */
export const inspectHdf5 = (path: string): Promise<InspectedForeign | undefined> =>
  withHdf5(path, async (root) => {
    if (!isKeras(root)) return undefined;
    const tensors = layersIn(root, path).flatMap(({ weights }) =>
      weights.map(({ name, shape }) => ({ name, shape })),
    );
    return { kind: 'foreign model', program: 'keras', tensors };
  });

/** A state dict of PyTorch. @throws FormatError for a damaged file */
export async function inspectStateDict(path: string): Promise<InspectedForeign> {
  const { tensors } = readStored(new Uint8Array(await whole(path)), path);
  if (tensors.length === 0)
    throw new FormatError(
      `${path}: a safetensors file, but neither a model nor a checkpoint: it has no tensors`,
    );
  return {
    kind: 'foreign model',
    program: 'pytorch',
    tensors: tensors.map(({ name, shape }) => ({ name, shape })),
  };
}

/** An ONNX model. @throws FormatError for another file, and for a damaged one */
export async function inspectOnnx(path: string): Promise<InspectedForeign> {
  const { constants } = decodeOnnx(new Uint8Array(await whole(path)), (reason) => {
    throw new FormatError(`${path}: not an ONNX file, or a damaged one: ${reason}`);
  });
  return {
    kind: 'foreign model',
    program: 'onnx',
    tensors: [...constants.values()].map(({ name, shape }) => ({ name, shape })),
  };
}

/** An importance table as a NumPy archive. @throws FormatError for another archive */
export async function inspectNpz(path: string): Promise<InspectedTable> {
  const bytes = new Uint8Array(await whole(path));
  return await readable(path, 'a NumPy archive (.npz)', async () => {
    const { unzipSync } = await import('fflate');
    const names: string[] = [];
    const read = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        names.push(name);
        return name === 'importance.npy' && originalSize < LARGEST;
      },
    });
    const columns = names.filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -4));
    const importance = read['importance.npy'];
    if (!importance || subjectOf(columns) === undefined)
      throw new FormatError(
        `${path}: a ZIP archive, but not an importance table (.npz); unpack it, or export a workbook as text`,
      );
    // A header in text: {'descr': '<f8', 'fortran_order': False, 'shape': (4096,), }
    const header = new TextDecoder('latin1').decode(importance.subarray(0, 256));
    const rows = /'shape': \((\d+),/.exec(header)?.[1];
    if (rows === undefined) throw new FormatError(`${path}: importance.npy is damaged`);
    return { kind: 'importance table', format: 'npz', rows: Number(rows), columns, first: [] };
  });
}

/** The free texts in the header of a safetensors file. @throws FormatError for a damaged header */
export async function metadataKeys(path: string): Promise<Readonly<Record<string, unknown>>> {
  const start = Buffer.from(await firstBytes(path, 8));
  const length = Number(start.readBigUInt64LE(0));
  if (length > LARGEST_HEADER)
    throw new FormatError(`${path}: not a safetensors file: its header is too long`);
  const header = (await firstBytes(path, 8 + length)).subarray(8);
  const value = strictJson(
    () => new TextDecoder('utf-8', { fatal: true }).decode(header),
    (reason) => {
      throw new FormatError(`${path}: not a safetensors file: its header ${reason}`);
    },
  );
  const { __metadata__: metadata } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return (metadata ?? {}) as Readonly<Record<string, unknown>>;
}
