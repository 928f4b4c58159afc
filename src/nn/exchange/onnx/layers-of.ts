/**
 * The graph of an ONNX file → layers of ours with their weights. It follows a chain of operations from the
 * input to the output, with sums of an earlier value as the only branches.
 */

import { echo, shortened } from '../../../device/echo.js';
import type { Head } from '../../architecture.js';
import type { Layer } from '../../layers.js';
import type { Fail, Flatten, ForeignLayer, ForeignTensor } from '../foreign-model.js';
import { reversed } from '../layouts.js';
import type { OnnxGraph, OnnxNode } from './decode.js';

/** What a graph computes. */
export interface OnnxNetwork {
  readonly length: number;
  readonly channels: number;
  readonly layers: readonly Layer[];
  readonly weights: readonly ForeignLayer[];
  readonly flatten: Flatten;
  readonly loss: Head;
}

/** A value between nodes. */
interface Value {
  /** Layers that have computed it. */
  readonly after: number;
  /** Its axes after the records: channels and positions, the other way round, or units. */
  readonly axes: 'unknown' | 'channels first' | 'positions first' | 'flat';
  readonly positions: number;
}

/** Default epsilon of `BatchNormalization`. */
const EPSILON = 1e-5;

/** Nodes that change nothing in evaluation. */
const IDENTITIES = new Set(['Identity', 'Dropout', 'Cast']);

/** A node for messages. */
const whereIs = ({ kind, outputs }: OnnxNode): string =>
  `the node ${shortened(outputs[0] ?? '')} (${shortened(kind)})`;

/** Follows a graph node by node. */
class Walk {
  readonly layers: Layer[] = [];
  readonly weights: ForeignLayer[] = [];
  readonly values = new Map<string, Value>();
  /** Values that are computed from constants and shapes alone. */
  readonly fixed: Set<string>;
  readonly constants: Map<string, ForeignTensor>;
  readonly wholes: Map<string, readonly number[]>;
  flatten: Flatten = 'channel-major';
  loss: Head = 'regression';
  length = 0;
  channels = 0;

  constructor(
    readonly graph: OnnxGraph,
    readonly usualLength: number,
    readonly fail: Fail,
  ) {
    this.fixed = new Set(graph.fixed);
    this.constants = new Map(graph.constants);
    this.wholes = new Map(graph.wholes);
    this.values.set(graph.input.name, { after: 0, axes: 'unknown', positions: 0 });
  }

  walk(): void {
    for (const node of this.graph.nodes) this.step(node);
    const [output = ''] = this.graph.outputs;
    const last = this.values.get(output);
    if (!last || last.after !== this.layers.length)
      this.fail(`its output ${echo(output)} is not the last value of a chain of layers`);
  }

  step(node: OnnxNode): void {
    const { kind, inputs, outputs } = node;
    const [output = ''] = outputs;
    if (kind === 'Constant') {
      const { constant, constantWholes } = node.attributes.get('value') ?? {};
      this.fixed.add(output);
      if (constantWholes) this.wholes.set(output, constantWholes);
      if (constant) this.constants.set(output, { ...constant, name: output });
      return;
    }
    const isFixed = inputs.every((name) => name === '' || this.fixed.has(name));
    if (isFixed || kind === 'Shape') {
      this.fixed.add(output);
      const constant = this.computed(node);
      if (constant) this.constants.set(output, { ...constant, name: output });
      return;
    }
    this.values.set(output, this.stepped(node));
  }

  /** A constant as it is, or a matrix turned round, as PyTorch may write the weights of a dense layer. */
  computed({ kind, inputs, attributes }: OnnxNode): ForeignTensor | undefined {
    const given = this.constants.get(inputs[0] ?? '');
    if (!given || IDENTITIES.has(kind)) return given;
    const isTurned = kind === 'Transpose' && given.shape.length === 2;
    if (!isTurned || (attributes.get('perm')?.wholes ?? [1, 0]).join() !== '1,0') return undefined;
    return { ...given, ...reversed(given.shape, given.data) };
  }

  /** The value that a node gives. */
  stepped(node: OnnxNode): Value {
    const { kind } = node;
    const value = this.current(node);
    if (IDENTITIES.has(kind)) return value;
    switch (kind) {
      case 'Pad':
        return this.padded(node, value);
      case 'Transpose':
        return this.transposed(node, value);
      case 'Conv':
        return this.convolution(node, value);
      case 'BatchNormalization':
        return this.normalisation(node, value);
      case 'Relu':
        return this.added({ kind: 'relu' }, value);
      case 'Exp':
        return this.added({ kind: 'exponential' }, value);
      case 'Sigmoid':
        if (this.loss === 'classification') this.fail('a second sigmoid follows its sigmoid');
        this.loss = 'classification';
        return value;
      case 'Add':
        return this.sum(node, value);
      case 'MaxPool':
      case 'AveragePool':
      case 'GlobalMaxPool':
      case 'GlobalAveragePool':
        return this.pool(node, value);
      case 'Flatten':
      case 'Reshape':
      case 'Squeeze':
        return this.flattened(node, value);
      case 'Gemm':
      case 'MatMul':
        return this.dense(node, value);
      default:
        return this.fail(
          `the node ${shortened(node.outputs[0] ?? '')} is a ${shortened(kind)}, which no layer here does`,
        );
    }
  }

  /** The value that a node continues: the one of the most layers among its inputs. */
  current(node: OnnxNode): Value {
    const given = node.inputs.flatMap((name) => this.values.get(name) ?? []);
    const latest = given.toSorted((a, b) => b.after - a.after)[0];
    if (!latest) return this.fail(`the inputs of ${whereIs(node)} are not computed before`);
    if (latest.after !== this.layers.length)
      return this.fail(
        `${whereIs(node)} begins a branch; networks here are a chain with sums of earlier values`,
      );
    return latest;
  }

  added(layer: Layer, value: Value, change: Partial<Value> = {}): Value {
    if (this.loss === 'classification') this.fail('a layer follows its sigmoid');
    if (value.axes === 'unknown') this.fail('its first layer is not a convolution');
    this.layers.push(layer);
    return { ...value, ...change, after: this.layers.length };
  }

  constant(node: OnnxNode, at: number): ForeignTensor | undefined {
    const name = node.inputs[at] ?? '';
    if (name === '') return undefined;
    return (
      this.constants.get(name) ??
      this.fail(`the input ${echo(name)} of ${whereIs(node)} is not a constant in f32`)
    );
  }

  /** PyTorch writes a padding of nothing before a mean pool. */
  padded(node: OnnxNode, value: Value): Value {
    const pads = node.attributes.get('pads')?.wholes ?? this.wholes.get(node.inputs[1] ?? '');
    if (!pads?.every((pad) => pad === 0)) this.fail(`${whereIs(node)} pads`);
    return value;
  }

  transposed(node: OnnxNode, value: Value): Value {
    const permutation = node.attributes.get('perm')?.wholes ?? [];
    if (permutation.join() !== '0,2,1' || value.axes === 'flat')
      this.fail(`${whereIs(node)} does not swap channels and positions`);
    if (value.axes === 'unknown') {
      const [, length = 0] = this.graph.input.shape;
      return { ...value, axes: 'channels first', positions: length };
    }
    return { ...value, axes: value.axes === 'channels first' ? 'positions first' : 'channels first' };
  }

  convolution(node: OnnxNode, given: Value): Value {
    const [, , positions = 0] = this.graph.input.shape;
    let value: Value = given.axes === 'unknown' ? { ...given, axes: 'channels first', positions } : given;
    const w = this.constant(node, 1)!;
    const b = this.constant(node, 2);
    const { attributes: has } = node;
    const [filters = 0, channels = 0, taps = 0, ...more] = w.shape;
    const dilation = has.get('dilations')?.wholes[0] ?? 1;
    const isPlain =
      more.length === 0 &&
      w.shape.length === 3 &&
      (has.get('strides')?.wholes[0] ?? 1) === 1 &&
      (has.get('group')?.whole ?? 1) === 1 &&
      value.axes === 'channels first';
    if (!isPlain || !isSame(node, taps, dilation))
      this.fail(`${whereIs(node)} is not a convolution of one dimension, stride 1 and "same" padding`);
    if (this.layers.length === 0) {
      this.length = value.positions || this.usualLength;
      value = { ...value, positions: this.length };
      this.channels = channels;
    }
    this.weights.push({
      kind: 'convolution',
      name: w.name,
      parts: { w: { name: w.name, ...reversed(w.shape, w.data) }, ...(b && { b }) },
    });
    return this.added({ kind: 'convolution', filters, taps, dilation }, value);
  }

  normalisation(node: OnnxNode, value: Value): Value {
    if (value.axes === 'positions first') this.fail(`${whereIs(node)} normalises positions`);
    const [gamma, beta, mean, variances] = [1, 2, 3, 4].map((at) => this.constant(node, at)!);
    if (!gamma || !beta || !mean || !variances) return this.fail(`${whereIs(node)} has too few inputs`);
    const epsilon = node.attributes.get('epsilon')?.float ?? EPSILON;
    const parts = { gamma, beta, mean, var: variances };
    this.weights.push({ kind: 'batch-norm', name: mean.name, parts, epsilon });
    return this.added({ kind: 'batch-norm' }, value);
  }

  /** An earlier value is added, or the bias of a product. */
  sum(node: OnnxNode, value: Value): Value {
    const fixed = node.inputs.findIndex((name) => this.fixed.has(name));
    if (fixed >= 0) {
      const b = this.constant(node, fixed)!;
      const last = this.weights.at(-1);
      const isBias = this.layers.at(-1)?.kind === 'dense' && last?.kind === 'dense' && !last.parts.b;
      if (!isBias) this.fail(`${whereIs(node)} adds a constant that is no bias of a dense layer`);
      this.weights[this.weights.length - 1] = {
        ...last!,
        parts: { ...last!.parts, b: { ...b, shape: [b.data.length] } },
      };
      return value;
    }
    const earlier = node.inputs.map((name) => this.values.get(name)!).find((each) => each !== value) ?? value;
    if (node.inputs.length !== 2 || earlier.after === 0 || earlier.axes !== value.axes)
      return this.fail(`${whereIs(node)} does not add an earlier layer`);
    return this.added({ kind: 'skip', from: earlier.after - 1 }, value);
  }

  pool(node: OnnxNode, value: Value): Value {
    const { kind, attributes: has } = node;
    const size = kind.startsWith('Global') ? value.positions : (has.get('kernel_shape')?.wholes[0] ?? 0);
    const stride = kind.startsWith('Global') ? value.positions : (has.get('strides')?.wholes[0] ?? 1);
    const isPlain =
      (has.get('pads')?.wholes ?? []).every((pad) => pad === 0) &&
      ['', 'NOTSET', 'VALID'].includes(has.get('auto_pad')?.text ?? '') &&
      (has.get('ceil_mode')?.whole ?? 0) === 0 &&
      (has.get('dilations')?.wholes[0] ?? 1) === 1 &&
      value.axes === 'channels first';
    if (!isPlain || size < 1 || stride < 1)
      this.fail(`${whereIs(node)} pools padded or dilated windows, or channels`);
    const positions = Math.floor((value.positions - size) / stride) + 1;
    const by = kind.includes('Max') ? 'max' : 'mean';
    return this.added({ kind: 'pool', by, size, stride }, value, { positions });
  }

  flattened(node: OnnxNode, value: Value): Value {
    const { kind, attributes: has } = node;
    if (value.axes === 'unknown') this.fail(`${whereIs(node)} changes the input`);
    if (value.axes === 'flat') return value;
    if (
      (kind === 'Flatten' && (has.get('axis')?.whole ?? 1) !== 1) ||
      (kind === 'Squeeze' && value.positions > 1)
    )
      this.fail(`${whereIs(node)} does not flatten channels and positions`);
    this.flatten = value.axes === 'channels first' ? 'channel-major' : 'position-major';
    return { ...value, axes: 'flat' };
  }

  dense(node: OnnxNode, value: Value): Value {
    const { attributes: has } = node;
    const w = this.constant(node, 1);
    const b = this.constant(node, 2);
    const isScaled = ['alpha', 'beta'].some((name) => has.has(name) && has.get(name)!.float !== 1);
    if (w?.shape.length !== 2 || value.axes !== 'flat' || isScaled || (has.get('transA')?.whole ?? 0) !== 0)
      return this.fail(`${whereIs(node)} is not a dense layer on a flat input`);
    const stored = (has.get('transB')?.whole ?? 0) === 1 ? reversed(w.shape, w.data) : w;
    const { shape, data } = stored;
    this.weights.push({
      kind: 'dense',
      name: w.name,
      parts: { w: { name: w.name, shape, data }, ...(b && { b: { ...b, shape: [b.data.length] } }) },
    });
    return this.added({ kind: 'dense', units: shape[1]! }, value);
  }
}

/** Whether a convolution keeps the length. */
function isSame({ attributes: has }: OnnxNode, taps: number, dilation: number): boolean {
  const automatic = has.get('auto_pad')?.text ?? 'NOTSET';
  if (automatic !== '' && automatic !== 'NOTSET') return automatic.startsWith('SAME_') && taps % 2 === 1;
  const pad = (dilation * (taps - 1)) / 2;
  const pads = has.get('pads')?.wholes ?? [0, 0];
  return pads.length === 2 && pads.every((each) => each === pad);
}

/**
 * The layers of a graph.
 *
 * @param usualLength positions of an input whose length the file leaves free
 * @throws what `fail` throws, naming the node that no layer here does
 */
export function layersOf(graph: OnnxGraph, usualLength: number, fail: Fail): OnnxNetwork {
  const walk = new Walk(graph, usualLength, fail);
  walk.walk();
  const { layers, weights, flatten, loss, length, channels } = walk;
  const last = layers.at(-1);
  if (last?.kind !== 'dense') return fail('its last layer is not a dense layer');
  const head: Layer = { kind: 'head', outputs: last.units, loss };
  return { length, channels, layers: [...layers.slice(0, -1), head], weights, flatten, loss };
}
