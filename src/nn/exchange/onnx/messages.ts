/**
 * The few messages of `onnx.proto` that a file of a network needs, written by hand: models, graphs, nodes,
 * attributes and tensors.
 */

const utf8 = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

/** A field of a message: a whole number as a varint, a text or bytes with their length before them. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Uint8Array.from([...varint(number * 8), ...varint(value)]);
  const bytes = typeof value === 'string' ? utf8.encode(value) : value;
  return message(Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes);
}

function float(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(Float32Array.of(value).buffer);
  return message(Uint8Array.from(varint(number * 8 + 5)), bytes);
}

/** A message of its fields. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of fields) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A repeated field. */
export const repeated = (number: number, values: readonly (number | string | Uint8Array)[]): Uint8Array =>
  message(...values.map((value) => field(number, value)));

/** Numbers of `AttributeProto.AttributeType`, and of `TensorProto.DataType`. */
const [FLOAT, INT, INTS] = [1, 2, 7] as const;

/** Attributes of a node: whole numbers, one of them, or one with a fraction. */
export type Attributes = Readonly<Record<string, readonly number[] | number>>;

function attribute(name: string, value: readonly number[] | number): Uint8Array {
  if (typeof value !== 'number') return message(field(1, name), repeated(8, value), field(20, INTS));
  if (Number.isInteger(value)) return message(field(1, name), field(3, value), field(20, INT));
  return message(field(1, name), float(2, value), field(20, FLOAT));
}

/** A node of one output. */
export const node = (
  kind: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes,
): Uint8Array =>
  message(
    repeated(1, inputs),
    field(2, output),
    field(3, output),
    field(4, kind),
    repeated(
      5,
      Object.entries(attributes).map(([name, each]) => attribute(name, each)),
    ),
  );

/** A constant of the graph. */
export const tensor = (name: string, shape: readonly number[], data: Float32Array): Uint8Array =>
  message(
    repeated(1, shape),
    field(2, FLOAT),
    field(8, name),
    field(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

/** An input or output of the graph; a size that is a text is free. */
export function value(name: string, shape: readonly (number | string)[]): Uint8Array {
  const sizes = shape.map((size) => field(typeof size === 'number' ? 1 : 2, size));
  const type = message(field(1, FLOAT), field(2, repeated(1, sizes)));
  return message(field(1, name), field(2, message(field(1, type))));
}

/** A text of the model's metadata. */
export const metadata = (key: string, text: string): Uint8Array => message(field(1, key), field(2, text));
