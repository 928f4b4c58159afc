/** An ONNX file as a graph: nodes, constants, the input. What the nodes mean is for `layers-of.ts`. */

import { echo, shortened } from '../../../device/echo.js';
import { sizeOf } from '../../../tensor/tensor.js';
import { type Fail, type ForeignTensor, MOST_NUMBERS } from '../foreign-model.js';
import { bytesIn, type Fields, fieldsOf, floatsIn, messages, textIn, textsIn, wholesIn } from './wire.js';

/** A node: an operation on named values. */
export interface OnnxNode {
  readonly kind: string;
  /** Names of values; an empty name stands for an input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** What an attribute holds; `constant` for a tensor. */
export interface OnnxAttribute {
  readonly float: number;
  readonly whole: number;
  readonly text: string;
  readonly wholes: readonly number[];
  readonly constant?: ForeignTensor | undefined;
  /** Numbers of a tensor of whole numbers. */
  readonly constantWholes?: readonly number[] | undefined;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  /** Tensors of single precision by name, as they are stored. */
  readonly constants: ReadonlyMap<string, ForeignTensor>;
  /** Tensors of whole numbers, such as pads, by name. */
  readonly wholes: ReadonlyMap<string, readonly number[]>;
  /** Names of all constants, whatever their type. */
  readonly fixed: ReadonlySet<string>;
  /** The only input that is not a constant, and its sizes; 0 where one is free. */
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  readonly outputs: readonly string[];
  readonly metadata: ReadonlyMap<string, string>;
}

const MOST_NODES = 100_000;
/** Numbers of `TensorProto.DataType`. */
const [FLOAT, INT64] = [1, 7] as const;

/** Whole numbers of a tensor that are read, such as the pads of all axes. */
const MOST_WHOLES = 64;

/** @throws what `fail` throws */
export function decodeOnnx(bytes: Uint8Array, fail: Fail): OnnxGraph {
  const model = fieldsOf(bytes, fail);
  const graph = fieldsOf(bytesIn(model, 7, fail), fail);
  const nodes = messages(graph, 1, fail);
  if (nodes.length === 0) fail('it has no graph');
  if (nodes.length > MOST_NODES) fail(`it has ${nodes.length} nodes, more than any network here`);
  const constants = new Map<string, ForeignTensor>();
  const wholes = new Map<string, readonly number[]>();
  const fixed = new Set<string>();
  for (const each of messages(graph, 5, fail)) {
    const fields = fieldsOf(each, fail);
    const name = textIn(fields, 8, fail);
    fixed.add(name);
    const constant = tensorOf(fields, name, fail);
    if (constant) constants.set(name, constant);
    const whole = wholesOf(fields, fail);
    if (whole) wholes.set(name, whole);
  }
  const inputs = messages(graph, 11, fail)
    .map((each) => inputOf(fieldsOf(each, fail), fail))
    .filter(({ name }) => !fixed.has(name));
  if (inputs.length !== 1) fail(`it has ${inputs.length} inputs; a network here has one`);
  return {
    nodes: nodes.map((each) => nodeOf(fieldsOf(each, fail), fail)),
    constants,
    wholes,
    fixed,
    input: inputs[0]!,
    outputs: messages(graph, 12, fail).map((each) => textIn(fieldsOf(each, fail), 1, fail)),
    metadata: new Map(
      messages(model, 14, fail).map((each) => {
        const entry = fieldsOf(each, fail);
        return [textIn(entry, 1, fail), textIn(entry, 2, fail)];
      }),
    ),
  };
}

function nodeOf(fields: Fields, fail: Fail): OnnxNode {
  const attributes = messages(fields, 5, fail).map((each) => {
    const own = fieldsOf(each, fail);
    const stored = bytesIn(own, 5, fail);
    const tensor = stored.length === 0 ? undefined : fieldsOf(stored, fail);
    return [
      textIn(own, 1, fail),
      {
        float: floatsIn(own, 2, fail).at(-1) ?? 0,
        whole: wholesIn(own, 3, fail).at(-1) ?? 0,
        text: textIn(own, 4, fail),
        wholes: wholesIn(own, 8, fail),
        constant: tensor && tensorOf(tensor, 'a constant', fail),
        constantWholes: tensor && wholesOf(tensor, fail),
      },
    ] as const;
  });
  return {
    kind: textIn(fields, 4, fail),
    inputs: textsIn(fields, 1, fail),
    outputs: textsIn(fields, 2, fail),
    attributes: new Map(attributes),
  };
}

/** A tensor of single precision; undefined for another type. */
function tensorOf(fields: Fields, name: string, fail: Fail): ForeignTensor | undefined {
  if (wholesIn(fields, 2, fail).at(-1) !== FLOAT) return undefined;
  const shape = wholesIn(fields, 1, fail);
  if (shape.some((size) => size < 0) || sizeOf(shape) > MOST_NUMBERS)
    fail(`the tensor ${echo(name)} has no valid shape`);
  if (fields.has(13)) fail(`the tensor ${echo(name)} is in another file; save the model as one file`);
  const raw = bytesIn(fields, 9, fail);
  // Copied, since bytes in a file need not be aligned.
  const data = raw.length > 0 ? aligned(raw, name, fail) : floatsIn(fields, 4, fail);
  if (data.length !== sizeOf(shape))
    fail(`the tensor ${echo(name)} has ${data.length} numbers, not the ${sizeOf(shape)} of its shape`);
  return { name: shortened(name), shape, data };
}

/** The numbers of a short tensor of whole numbers; undefined for any other. */
function wholesOf(fields: Fields, fail: Fail): readonly number[] | undefined {
  if (wholesIn(fields, 2, fail).at(-1) !== INT64) return undefined;
  const raw = bytesIn(fields, 9, fail);
  if (raw.length === 0) return wholesIn(fields, 7, fail);
  if (raw.length % 8 !== 0 || raw.length > 8 * MOST_WHOLES) return undefined;
  return Array.from(new BigInt64Array(Uint8Array.from(raw).buffer), Number);
}

function aligned(raw: Uint8Array, name: string, fail: Fail): Float32Array {
  if (raw.length % 4 !== 0) fail(`the tensor ${echo(name)} does not hold numbers of 32 bits`);
  return new Float32Array(Uint8Array.from(raw).buffer);
}

function inputOf(fields: Fields, fail: Fail): OnnxGraph['input'] {
  const tensor = fieldsOf(bytesIn(fieldsOf(bytesIn(fields, 2, fail), fail), 1, fail), fail);
  const dims = messages(fieldsOf(bytesIn(tensor, 2, fail), fail), 1, fail);
  return {
    name: textIn(fields, 1, fail),
    shape: dims.map((dim) => wholesIn(fieldsOf(dim, fail), 1, fail).at(-1) ?? 0),
  };
}
