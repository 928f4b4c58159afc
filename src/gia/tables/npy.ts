/** NumPy's array files: what `.npz` tables and attributions are made of. */

/** A NumPy array file, version 1.0: a header of literal Python, padded to 64 bytes, then the values. */
export function npy(descr: string, shape: readonly number[], values: ArrayBufferView): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const file = new Uint8Array(length + values.byteLength);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, (length - 10) & 0xff, (length - 10) >> 8]);
  file.set(new TextEncoder().encode(`${text.padEnd(length - 11)}\n`), 10);
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), length);
  return file;
}

/** Text as NumPy has it: fixed width, four bytes a character. */
export function npyText(values: readonly string[]): Uint8Array {
  const points = values.map((value) => Array.from(value, (character) => character.codePointAt(0)!));
  const width = Math.max(1, ...points.map(({ length }) => length));
  const codes = new Uint32Array(values.length * width);
  points.forEach((of, i) => {
    codes.set(of, i * width);
  });
  return npy(`<U${width}`, [values.length], codes);
}
