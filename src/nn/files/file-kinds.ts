/** Kinds of files of models, by their first bytes. */

const begins = (bytes: Uint8Array, ...magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

export const isHdf5 = (bytes: Uint8Array): boolean => begins(bytes, 0x89, 0x48, 0x44, 0x46);

export const isZip = (bytes: Uint8Array): boolean => begins(bytes, 0x50, 0x4b, 3, 4);

/** A length, then an object of JSON. */
export const isSafetensors = (bytes: Uint8Array): boolean =>
  bytes.length > 9 && bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0);

/** The first field of an ONNX model is the version of its format; a safetensors file may begin alike. */
export const isOnnx = (bytes: Uint8Array): boolean =>
  bytes[0] === 8 && bytes[1]! > 0 && bytes[1]! < 64 && !isSafetensors(bytes);
