/** Messages of protocol buffers as they stand in bytes: numbers of fields, and their values. */

import type { Fail } from '../foreign-model.js';

/** A whole number, or the bytes of a text, a message, packed numbers or a number with a fraction. */
export type WireValue = bigint | Uint8Array;

/** Values of the fields of a message, in their order. */
export type Fields = ReadonlyMap<number, readonly WireValue[]>;

/** Kinds of values: varint, 64 bits, bytes with their length, 32 bits. */
const [VARINT, EIGHT, BYTES, FOUR] = [0, 1, 2, 5] as const;

/** Bytes of a list of whole numbers, such as a shape. */
const MOST_PACKED = 4096;

/** More bytes than a varint of 64 bits has. */
const LONGEST_VARINT = 10;

/** @throws what `fail` throws, for a message that ends too early or is none */
export function fieldsOf(bytes: Uint8Array, fail: Fail): Fields {
  const fields = new Map<number, WireValue[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = bytes[at++];
      if (byte === undefined) fail('it ends within a number');
      value |= BigInt(byte! & 0x7f) << BigInt(7 * i);
      if (byte! < 0x80) return BigInt.asUintN(64, value);
    }
    return fail('it has a number of more than 64 bits');
  };
  const taken = (length: number): Uint8Array => {
    if (length > bytes.length - at) fail('it ends within a field');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const [number, kind] = [Math.floor(key / 8), key % 8];
    const value =
      kind === VARINT
        ? varint()
        : kind === EIGHT
          ? taken(8)
          : kind === FOUR
            ? taken(4)
            : kind === BYTES
              ? taken(Number(varint()))
              : fail(`it has a field of the unknown kind ${kind}`);
    const values = fields.get(number);
    if (values) values.push(value);
    else fields.set(number, [value]);
  }
  return fields;
}

/** Messages of a repeated field. */
export const messages = (fields: Fields, number: number, fail: Fail): Uint8Array[] =>
  (fields.get(number) ?? []).map((value) =>
    typeof value === 'bigint' ? fail(`field ${number} is a number`) : value,
  );

/** The last message of a field; fields that are not there are empty. */
export const bytesIn = (fields: Fields, number: number, fail: Fail): Uint8Array =>
  messages(fields, number, fail).at(-1) ?? new Uint8Array();

const utf8 = new TextDecoder();

export const textIn = (fields: Fields, number: number, fail: Fail): string =>
  utf8.decode(bytesIn(fields, number, fail));

export const textsIn = (fields: Fields, number: number, fail: Fail): string[] =>
  messages(fields, number, fail).map((bytes) => utf8.decode(bytes));

/** Whole numbers of a field with a sign, one by one or packed. */
export function wholesIn(fields: Fields, number: number, fail: Fail): number[] {
  const wholes: number[] = [];
  for (const value of fields.get(number) ?? []) {
    if (typeof value === 'bigint') wholes.push(Number(BigInt.asIntN(64, value)));
    else {
      // Packed numbers are a message of numbers without their fields.
      let at = 0;
      if (value.length > MOST_PACKED) fail(`field ${number} has more whole numbers than any network`);
      while (at < value.length) {
        let end = at;
        while (end < value.length && value[end]! >= 0x80) end++;
        const one = fieldsOf(Uint8Array.of(8, ...value.subarray(at, end + 1)), fail).get(1)!;
        wholes.push(Number(BigInt.asIntN(64, one[0] as bigint)));
        at = end + 1;
      }
    }
  }
  return wholes;
}

/** Numbers with a fraction, one by one or packed. */
export function floatsIn(fields: Fields, number: number, fail: Fail): Float32Array {
  const pieces = messages(fields, number, fail);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length % 4 !== 0) fail(`field ${number} does not hold numbers of 32 bits`);
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return new Float32Array(all.buffer);
}
