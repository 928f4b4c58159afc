/**
 * PyTorch's state dicts in safetensors files: `conv0.weight` [out, in, taps], `bn0.weight`, `bn0.bias`,
 * `bn0.running_mean`, `bn0.running_var`, `dense.weight` [out, in], `out.weight`, `out.bias`. Networks with
 * other names need a map; the layers of an `nn.Sequential` are taken in their order.
 */

import { Float16Array } from '@petamoriken/float16';
import { echo, shortened } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { type Architecture, placedLayers } from '../architecture.js';
import type { ModelFacts } from '../files/model-facts.js';
import { encodeStored, readStored, type StoredTensor } from '../files/safetensors.js';
import type { Weights } from '../weights.js';
import {
  type ForeignLayer,
  type ForeignModel,
  type ForeignTensor,
  isNormalised,
  kindOf,
  MOST_NUMBERS,
  OUR_EPSILON,
  type Part,
} from './foreign-model.js';
import { channelMajor, reversed } from './layouts.js';
import { checkKind, inOurOrder, type NameMap, ourLayer } from './name-map.js';
import { OWN_KEY, ownNetwork, ownText } from './own-network.js';
import { withEpsilon } from './weights-of.js';

/** Default of `nn.BatchNorm1d`. */
export const PYTORCH_EPSILON = 1e-5;

/**
 * A state dict as a foreign model.
 *
 * @param path its file, for messages
 * @throws FormatError naming the file and the tensor
 */
export function readPytorch(bytes: Uint8Array, path: string, map?: NameMap): ForeignModel {
  const { tensors: stored, metadata } = readStored(bytes, path);
  const tensors = withoutWrapper(stored);
  const layers =
    map && map.layers.size + map.tensors.size > 0 ? byMap(tensors, map, path) : named(tensors, path);
  const own = metadata[OWN_KEY] === undefined ? {} : ownNetwork(metadata[OWN_KEY], path);
  const epsilon = map?.epsilon ?? PYTORCH_EPSILON;
  const flatten = map?.flatten ?? 'channel-major';
  const isOurs = 'architecture' in own;
  return {
    path,
    program: 'pytorch',
    layers,
    epsilon,
    flatten,
    ...own,
    notes: [
      ...(map?.epsilon === undefined && !isOurs && isNormalised(layers)
        ? [
            `batch normalisation with PyTorch's epsilon, ${epsilon}; the file does not say it ("epsilon" in --map)`,
          ]
        : []),
      ...(map?.flatten === undefined && !isOurs
        ? [
            'the input of the first dense layer is flattened channel by channel, as nn.Flatten does ("flatten" in --map)',
          ]
        : []),
    ],
  };
}

/** What wrappers put before all names of a state dict. */
const WRAPPERS = ['module.', '_orig_mod.', 'model.'];

function withoutWrapper(tensors: readonly StoredTensor[]): readonly StoredTensor[] {
  const prefix = WRAPPERS.find(
    (each) => tensors.length > 0 && tensors.every(({ name }) => name.startsWith(each)),
  );
  if (prefix === undefined) return tensors;
  return withoutWrapper(tensors.map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) })));
}

/** Names of tensors in layers; a counter of batches is not a weight. */
const SUFFIX = /^(?:(.+)\.)?(weight|bias|running_mean|running_var|num_batches_tracked)$/;

/** The tensors of each layer, by the last part of their names. */
type Groups = ReadonlyMap<string, ReadonlyMap<string, StoredTensor>>;

function groupsOf(tensors: readonly StoredTensor[]): { groups: Groups; others: readonly string[] } {
  const groups = new Map<string, Map<string, StoredTensor>>();
  const others: string[] = [];
  for (const tensor of tensors) {
    const [, layer, suffix] = SUFFIX.exec(tensor.name) ?? [];
    if (layer === undefined || suffix === undefined) others.push(tensor.name);
    else groups.set(layer, (groups.get(layer) ?? new Map()).set(suffix, tensor));
  }
  return { groups, others };
}

function layerOf(name: string, group: ReadonlyMap<string, StoredTensor>, path: string): ForeignLayer {
  const isNorm = group.has('running_mean') || group.has('running_var');
  const roles: readonly (readonly [string, Part])[] = isNorm
    ? [
        ['weight', 'gamma'],
        ['bias', 'beta'],
        ['running_mean', 'mean'],
        ['running_var', 'var'],
      ]
    : [
        ['weight', 'w'],
        ['bias', 'b'],
      ];
  const parts: { [P in Part]?: ForeignTensor } = {};
  for (const [suffix, part] of roles) {
    const tensor = group.get(suffix);
    if (tensor) parts[part] = tensorOf(tensor, path);
  }
  return { kind: kindOrFail(parts, name, path), name, parts };
}

function kindOrFail(parts: ForeignLayer['parts'], name: string, path: string) {
  const kind = kindOf(parts);
  if (kind) return kind;
  const shapes = Object.values(parts).map((tensor) => `${echo(tensor.name)} [${tensor.shape.join(', ')}]`);
  throw new FormatError(
    `${path}: the layer ${echo(name)} is neither a Conv1d, a BatchNorm1d nor a Linear layer (${shapes.join(', ') || 'it has no tensors'})`,
  );
}

/** Layers by our names, or those of a Sequential by their numbers. */
function named(tensors: readonly StoredTensor[], path: string): readonly ForeignLayer[] {
  const { groups, others } = groupsOf(tensors);
  const names = [...groups.keys()];
  const isOurs = names.length > 0 && names.every((name) => ourLayer(name));
  const isSequential = names.length > 0 && names.every((name) => /^\d{1,6}(\.\d{1,6})*$/.test(name));
  if (others.length > 0 || !(isOurs || isSequential)) {
    const unknown = [...others, ...names.filter((name) => !ourLayer(name))];
    throw new FormatError(
      `${path}: its names (${unknown.slice(0, 4).map(echo).join(', ')}${unknown.length > 4 ? ', …' : ''}) are not conv0, bn0, conv1, …, dense and out; name its layers in a map: --map FILE with {"conv0": ${JSON.stringify(names[0]?.slice(0, 40) ?? 'layer')}, …} (docs/weights.md)`,
    );
  }
  const layers = names.map((name) => layerOf(name, groups.get(name)!, path));
  return isOurs
    ? inOurOrder(layers, ({ name }) => name)
    : layers.toSorted((a, b) => byNumbers(a.name, b.name));
}

function byNumbers(a: string, b: string): number {
  const [mine, theirs] = [a, b].map((name) => name.split('.').map(Number)) as [number[], number[]];
  const at = mine.findIndex((number, i) => number !== theirs[i]);
  return at < 0 ? mine.length - theirs.length : mine[at]! - (theirs[at] ?? -1);
}

function byMap(tensors: readonly StoredTensor[], map: NameMap, path: string): readonly ForeignLayer[] {
  const { groups } = groupsOf(tensors);
  const made = new Map<string, { name: string; parts: { [P in Part]?: ForeignTensor } }>();
  for (const [ours, theirs] of map.layers) {
    const group = groups.get(theirs);
    if (!group) throw new FormatError(`${map.path}: ${ours}: there is no layer ${echo(theirs)} in ${path}`);
    made.set(ours, layerOf(theirs, group, path));
  }
  for (const [ours, theirs] of map.tensors) {
    const tensor = tensors.find(({ name }) => name === theirs);
    if (!tensor) throw new FormatError(`${map.path}: ${ours}: there is no tensor ${echo(theirs)} in ${path}`);
    const [layer, part] = ours.split('.') as [string, Part];
    const { name = layer, parts = {} } = made.get(layer) ?? {};
    made.set(layer, { name, parts: { ...parts, [part]: tensorOf(tensor, path) } });
  }
  const layers = [...made].map(([ours, { name, parts }]) => {
    const layer = { kind: kindOrFail(parts, name, path), name, parts };
    checkKind(map, ours, layer, path);
    return { ours, layer };
  });
  return inOurOrder(layers, ({ ours }) => ours).map(({ layer }) => layer);
}

/** A tensor in single precision and in our layout. */
function tensorOf({ name, dtype, shape, data }: StoredTensor, path: string): ForeignTensor {
  if (sizeOf(shape) > MOST_NUMBERS) throw new FormatError(`${path}: ${echo(name)} is too large`);
  const numbers = READ[dtype]?.(data);
  if (!numbers)
    throw new FormatError(`${path}: ${echo(name)} holds ${dtype}; weights are F32, F64, F16 or BF16`);
  return { name: shortened(name), ...reversed(shape, numbers) };
}

/** Numbers of each type in single precision. */
const READ: Readonly<Record<string, (data: Uint8Array<ArrayBuffer>) => Float32Array>> = {
  F32: (data) => new Float32Array(data.buffer),
  F64: (data) => Float32Array.from(new Float64Array(data.buffer)),
  F16: (data) => Float32Array.from(new Float16Array(data.buffer)),
  BF16: (data) => {
    const bits = Uint32Array.from(new Uint16Array(data.buffer), (half) => half << 16);
    return new Float32Array(bits.buffer);
  },
};

/** PyTorch's names of what our layers hold. */
const THEIR_NAME: Readonly<Record<Part, string>> = {
  w: 'weight',
  b: 'bias',
  gamma: 'weight',
  beta: 'bias',
  mean: 'running_mean',
  var: 'running_var',
};

/**
 * A model as the bytes of a safetensors file with a state dict. Batch normalisations have the epsilon of
 * `nn.BatchNorm1d`, and the first dense layer takes its input channel by channel, as `nn.Flatten` gives it.
 */
export function encodePytorch({
  architecture,
  weights,
  facts = {},
}: {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly facts?: ModelFacts;
}): Uint8Array {
  const tensors: Omit<StoredTensor, 'dtype'>[] = [];
  const counters: string[] = [];
  const put = (layer: string, part: Part, shape: readonly number[], data: Float32Array) =>
    tensors.push({ name: `${layer}.${THEIR_NAME[part]}`, shape, data: bytesOf(data) });
  for (const { name, layer, input } of placedLayers(architecture)) {
    const of = (part: Part) => weights[`${name}.${part}`];
    if (layer.kind === 'batch-norm') {
      const [gamma, variances] = [of('gamma')!.data, of('var')!.data];
      const folded = withEpsilon({ gamma, var: variances }, OUR_EPSILON, PYTORCH_EPSILON);
      put(name, 'gamma', [input.channels], folded.gamma);
      put(name, 'beta', [input.channels], of('beta')!.data);
      put(name, 'mean', [input.channels], of('mean')!.data);
      put(name, 'var', [input.channels], folded.var);
      counters.push(`${name}.num_batches_tracked`);
      continue;
    }
    const w = of('w');
    if (!w) continue;
    const isFlattened = layer.kind !== 'convolution' && input.positions > 1;
    const units = w.shape.at(-1)!;
    const rows = isFlattened ? channelMajor(w.data, input.positions, input.channels, units) : w.data;
    const turned = reversed(w.shape, rows);
    put(name, 'w', turned.shape, turned.data);
    const b = of('b');
    if (b) put(name, 'b', b.shape, b.data);
  }
  return encodeStored({
    tensors: [
      ...tensors.map((tensor) => ({ ...tensor, dtype: 'F32' })),
      ...counters.map((name) => ({ name, dtype: 'I64', shape: [], data: new Uint8Array(8) })),
    ],
    metadata: { format: 'pt', [OWN_KEY]: ownText(architecture, facts) },
  });
}

const bytesOf = (data: Float32Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
