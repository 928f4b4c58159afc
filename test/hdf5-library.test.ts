/** The HDF5 library aborts on some damaged files, and is loaded anew. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FormatError } from '../src/device/errors.js';
import { encodeHdf5, withHdf5 } from '../src/device/hdf5.node.js';

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'residualbind-hdf5-'));
  path = join(folder, 'x.h5');
  const bytes = await encodeHdf5(path, (root) => {
    root.create_dataset({ name: 'a', data: Float32Array.of(1, 2) });
  });
  await writeFile(path, bytes);
});
afterAll(() => rm(folder, { recursive: true }));

it('a file is read again where the library aborts because of an earlier one', async () => {
  const roots = new Set<unknown>();
  const keys = await withHdf5(path, async (root) => {
    roots.add(Object.getPrototypeOf(root));
    if (roots.size === 1) throw new Error('Aborted(native code called abort())');
    return root.keys();
  });
  expect(keys).toEqual(['a']);
  // Two classes of two instances of the library.
  expect(roots.size).toBe(2);
  expect(await withHdf5(path, async (root) => root.keys())).toEqual(['a']);
});

it('a file on which it aborts each time is refused', async () => {
  const reading = withHdf5(path, async () => {
    throw new Error('Aborted(native code called abort())');
  });
  await expect(reading).rejects.toThrow(FormatError);
  await expect(reading).rejects.toThrow('x.h5: cannot be read as HDF5, or is damaged (Aborted(');
  expect(await withHdf5(path, async (root) => root.keys())).toEqual(['a']);
});
