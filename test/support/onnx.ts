/**
 * Networks as ONNX files, to ask another runtime with the same weights. It has the few messages of
 * `onnx.proto` that such a file needs, and one or a few nodes for each layer; nothing is folded or fused.
 */

import type { Architecture } from '../../src/nn/architecture.js';

/** By file name, `conv0.w`, `bn0.gamma`, … */
type Weights = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;

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
function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Uint8Array.from([...varint(number * 8), ...varint(value)]);
  const bytes = typeof value === 'string' ? utf8.encode(value) : value;
  return joined([Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

function float(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(Float32Array.of(value).buffer);
  return joined([Uint8Array.from(varint(number * 8 + 5)), bytes]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const message = (...fields: readonly Uint8Array[]): Uint8Array => joined(fields);
const repeated = (number: number, values: readonly (number | string | Uint8Array)[]): Uint8Array =>
  joined(values.map((value) => field(number, value)));

/** Numbers of `AttributeProto.AttributeType`, and of `TensorProto.DataType`. */
const [FLOAT, INT, INTS] = [1, 2, 7] as const;

/** An attribute of a node: whole numbers, one of them, or one with a fraction. */
function attribute(name: string, value: readonly number[] | number): Uint8Array {
  if (typeof value !== 'number') return message(field(1, name), repeated(8, value), field(20, INTS));
  if (Number.isInteger(value)) return message(field(1, name), field(3, value), field(20, INT));
  return message(field(1, name), float(2, value), field(20, FLOAT));
}

const tensor = (name: string, shape: readonly number[], data: Float32Array): Uint8Array =>
  message(
    repeated(1, shape),
    field(2, FLOAT),
    field(8, name),
    field(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

/** An input or output of the graph; a size that is a text is free. */
function value(name: string, shape: readonly (number | string)[]): Uint8Array {
  const sizes = shape.map((size) => field(typeof size === 'number' ? 1 : 2, size));
  const type = message(field(1, FLOAT), field(2, repeated(1, sizes)));
  return message(field(1, name), field(2, message(field(1, type))));
}

/** A kernel [taps, inputs, outputs] as ONNX has it, [outputs, inputs, taps]. */
function outputsFirst({ shape, data }: Weights[string]): { shape: readonly number[]; data: Float32Array } {
  const [taps, inputs, outputs] = shape as [number, number, number];
  const turned = Float32Array.from({ length: data.length }, (_, i) => {
    const [tap, input, output] = [i % taps, Math.floor(i / taps) % inputs, Math.floor(i / (taps * inputs))];
    return data[(tap * inputs + input) * outputs + output]!;
  });
  return { shape: [outputs, inputs, taps], data: turned };
}

/** Nodes and constants of a graph while it is written; each node has one output. */
class Graph {
  readonly nodes: Uint8Array[] = [];
  readonly constants: Uint8Array[] = [];

  node(
    kind: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, readonly number[] | number>> = {},
    output = `${kind}${this.nodes.length}`,
  ): string {
    const written = Object.entries(attributes).map(([name, each]) => attribute(name, each));
    this.nodes.push(message(repeated(1, inputs), field(2, output), field(4, kind), repeated(5, written)));
    return output;
  }

  constant(name: string, { shape, data }: Weights[string]): string {
    this.constants.push(tensor(name, shape, data));
    return name;
  }
}

/**
 * The bytes of a model `x` → `y`: x is one-hot [n, length, channels], y are raw outputs [n, outputs]. Between
 * them values are [n, channels, positions], or [n, units] after a dense layer.
 */
export function onnxFile({ length, channels, layers }: Architecture, weights: Weights): Uint8Array {
  const graph = new Graph();
  const constant = (name: string) => graph.constant(name, weights[name]!);
  const counts: Record<string, number> = {};
  const after: string[] = [];
  let x = graph.node('Transpose', ['x'], { perm: [0, 2, 1] });
  let isFlat = false;
  let outputs = 0;
  for (const [index, layer] of layers.entries()) {
    const n = counts[layer.kind] ?? 0;
    counts[layer.kind] = n + 1;
    const biased = layers[index + 1]?.kind !== 'batch-norm';
    const dense = (name: string): string => {
      // Flat rows are position by position here, and so are the weights.
      const rows = isFlat
        ? x
        : graph.node('Flatten', [graph.node('Transpose', [x], { perm: [0, 2, 1] })], { axis: 1 });
      isFlat = true;
      return graph.node('Gemm', [rows, constant(`${name}.w`), ...(biased ? [constant(`${name}.b`)] : [])]);
    };
    switch (layer.kind) {
      case 'convolution': {
        const kernel = graph.constant(`conv${n}.w`, outputsFirst(weights[`conv${n}.w`]!));
        const pad = (layer.dilation * (layer.taps - 1)) / 2;
        x = graph.node('Conv', [x, kernel, ...(biased ? [constant(`conv${n}.b`)] : [])], {
          kernel_shape: [layer.taps],
          dilations: [layer.dilation],
          pads: [pad, pad],
        });
        break;
      }
      case 'batch-norm': {
        const parts = ['gamma', 'beta', 'mean', 'var'].map((part) => constant(`bn${n}.${part}`));
        x = graph.node('BatchNormalization', [x, ...parts], { epsilon: 1e-3 });
        break;
      }
      case 'relu':
        x = graph.node('Relu', [x]);
        break;
      case 'exponential':
        x = graph.node('Exp', [x]);
        break;
      case 'skip':
        x = graph.node('Add', [x, after[layer.from]!]);
        break;
      case 'pool':
        x = graph.node(layer.by === 'mean' ? 'AveragePool' : 'MaxPool', [x], {
          kernel_shape: [layer.size],
          strides: [layer.stride],
        });
        break;
      case 'dense':
        x = dense(n === 0 ? 'dense' : `dense${n}`);
        break;
      case 'head':
        x = dense('out');
        outputs = layer.outputs;
    }
    after.push(x);
  }
  graph.node('Identity', [x], {}, 'y');
  const written = message(
    repeated(1, graph.nodes),
    field(2, 'residualbind'),
    repeated(5, graph.constants),
    field(11, value('x', ['n', length, channels])),
    field(12, value('y', ['n', outputs])),
  );
  // IR version 8 and operator set 13.
  return message(field(1, 8), field(7, written), field(8, message(field(1, ''), field(2, 13))));
}
