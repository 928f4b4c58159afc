/**
 * The network that a whole Keras model describes (`model_config` of `model.save`) → a network of ours, layer
 * by layer. A layer that no layer of ours computes is refused by name.
 */

import * as check from '../../device/check.js';
import { echo, shortened } from '../../device/echo.js';
import { type Architecture, checkArchitecture, type Head } from '../architecture.js';
import type { Layer } from '../layers.js';
import type { Fail } from './foreign-model.js';

/** What a configuration says beside the network. */
export interface KerasNetwork {
  readonly architecture: Architecture;
  /** Epsilon of batch normalisations, by the names of their layers. */
  readonly epsilons: ReadonlyMap<string, number>;
}

type Config = Readonly<Record<string, unknown>>;

/** A layer of the configuration. */
interface Described {
  readonly kind: string;
  readonly name: string;
  readonly config: Config;
  /** Layers that it takes; undefined for the one before it. */
  readonly inputs: readonly string[] | undefined;
}

/** Layers that change nothing in evaluation. */
const IDENTITIES = new Set(['GaussianNoise', 'GaussianDropout', 'ActivityRegularization']);

/** Positions and channels; a flat value has one position. */
interface Value {
  /** Layers of ours that have computed it. */
  readonly after: number;
  readonly positions: number;
}

/** Follows a chain of layers. */
class Walk {
  readonly layers: Layer[] = [];
  readonly epsilons = new Map<string, number>();
  readonly values = new Map<string, Value>();
  length = 0;
  channels = 0;
  loss: Head = 'regression';

  constructor(readonly fail: Fail) {}

  refuse({ kind, name }: Described, why: string): never {
    return this.fail(`its layer ${echo(name)} (${shortened(kind)}) ${why}`);
  }

  /** The value that a layer continues. */
  current(layer: Described, before: string | undefined): Value {
    const names = layer.inputs ?? (before === undefined ? [] : [before]);
    const found = names.flatMap((name) => this.values.get(name) ?? []);
    const latest = found.toSorted((a, b) => b.after - a.after)[0];
    if (!latest || latest.after !== this.layers.length)
      return this.refuse(layer, 'begins a branch; networks here are a chain with sums of earlier values');
    return latest;
  }

  step(layer: Described, before: string | undefined): void {
    const { kind, name, config } = layer;
    const sizes = config.batch_input_shape ?? config.batch_shape;
    if (this.length === 0 && Array.isArray(sizes)) this.input(layer, sizes);
    if (kind === 'InputLayer') {
      this.values.set(name, { after: 0, positions: this.length });
      return;
    }
    const isFirst = layer.inputs === undefined && before === undefined;
    const value = isFirst ? { after: 0, positions: this.length } : this.current(layer, before);
    this.values.set(name, this.activated(layer, this.stepped(layer, value)));
  }

  input(layer: Described, sizes: readonly unknown[]): void {
    const [, length, channels] = sizes;
    if (sizes.length !== 3 || !Number.isInteger(length) || !Number.isInteger(channels))
      this.refuse(layer, 'does not take sequences of a fixed length, [positions, channels]');
    [this.length, this.channels] = [length as number, channels as number];
  }

  stepped(layer: Described, value: Value): Value {
    const { kind, name, config } = layer;
    if (IDENTITIES.has(kind)) return value;
    switch (kind) {
      case 'Conv1D':
        return this.convolution(layer, value);
      case 'BatchNormalization':
        if (typeof config.epsilon === 'number') this.epsilons.set(name, config.epsilon);
        return this.added({ kind: 'batch-norm' }, value);
      case 'Activation':
      case 'Flatten':
        return value;
      case 'ReLU':
        if (this.one(layer, 'max_value') ?? this.one(layer, 'negative_slope') ?? this.one(layer, 'threshold'))
          this.refuse(layer, 'is not a plain ReLU');
        return this.added({ kind: 'relu' }, value);
      case 'Dropout':
      case 'SpatialDropout1D':
        return this.added({ kind: 'dropout', rate: this.one(layer, 'rate') ?? 0 }, value);
      case 'Add':
        return this.sum(layer, value);
      case 'AveragePooling1D':
      case 'MaxPooling1D':
      case 'GlobalAveragePooling1D':
      case 'GlobalMaxPooling1D':
        return this.pool(layer, value);
      case 'Dense':
        return this.added({ kind: 'dense', units: this.one(layer, 'units') ?? 0 }, value, 1);
      default:
        return this.refuse(layer, 'is of a kind that no layer here computes');
    }
  }

  /** A number of the configuration, or the only one of a list. */
  one({ config }: Described, field: string): number | undefined {
    const given = config[field];
    const value = Array.isArray(given) && given.length === 1 ? given[0] : given;
    return typeof value === 'number' ? value : undefined;
  }

  added(layer: Layer, value: Value, positions = value.positions): Value {
    this.layers.push(layer);
    return { after: this.layers.length, positions };
  }

  convolution(layer: Described, value: Value): Value {
    const { padding, data_format: axes = 'channels_last' } = layer.config;
    const [filters = 0, taps = 0] = [this.one(layer, 'filters'), this.one(layer, 'kernel_size')];
    const isPlain = (this.one(layer, 'strides') ?? 1) === 1 && (this.one(layer, 'groups') ?? 1) === 1;
    if (padding !== 'same' || axes !== 'channels_last' || !isPlain)
      this.refuse(layer, 'does not keep the length: convolutions here have padding "same" and stride 1');
    return this.added(
      { kind: 'convolution', filters, taps, dilation: this.one(layer, 'dilation_rate') ?? 1 },
      value,
    );
  }

  pool(layer: Described, value: Value): Value {
    const { kind, config } = layer;
    const by = kind.includes('Max') ? 'max' : 'mean';
    if (kind.startsWith('Global'))
      return this.added({ kind: 'pool', by, size: value.positions, stride: value.positions }, value, 1);
    const size = this.one(layer, 'pool_size') ?? 0;
    const stride = this.one(layer, 'strides') ?? size;
    if (config.padding !== 'valid' || size < 1 || stride < 1)
      this.refuse(layer, 'pads: windows of pools here lie within the input (padding "valid")');
    return this.added(
      { kind: 'pool', by, size, stride },
      value,
      Math.floor((value.positions - size) / stride) + 1,
    );
  }

  sum(layer: Described, value: Value): Value {
    const [a, b, ...more] = (layer.inputs ?? []).map((name) => this.values.get(name));
    const earlier = a === value ? b : a;
    if (!earlier || earlier.after === 0 || more.length > 0)
      return this.refuse(layer, 'does not add one earlier layer');
    return this.added({ kind: 'skip', from: earlier.after - 1 }, value);
  }

  /** The activation of a layer of its own, or of any other. */
  activated(layer: Described, value: Value): Value {
    const { activation = 'linear' } = layer.config;
    if (this.loss === 'classification') this.refuse(layer, 'follows a sigmoid');
    switch (activation) {
      case 'linear':
        return value;
      case 'relu':
        return this.added({ kind: 'relu' }, value);
      case 'exponential':
        return this.added({ kind: 'exponential' }, value);
      case 'sigmoid':
        this.loss = 'classification';
        return value;
      default:
        return this.refuse(
          layer,
          `has the activation ${check.shown(activation)}, which no layer here computes`,
        );
    }
  }
}

/** Lists and objects around a name in `inbound_nodes`. */
const DEEPEST = 12;

/** Names in the `inbound_nodes` of a layer, in any version: lists that begin with a name and two numbers. */
function namesIn(value: unknown, found: string[] = [], depth = 0): string[] {
  if (depth > DEEPEST) return found;
  if (Array.isArray(value)) {
    if (typeof value[0] === 'string' && typeof value[1] === 'number' && typeof value[2] === 'number')
      found.push(value[0]);
    else for (const each of value) namesIn(each, found, depth + 1);
  } else if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) namesIn(each, found, depth + 1);
  return found;
}

/**
 * The network of a configuration.
 *
 * @param model the JSON of `model_config`
 * @param path its file, for messages
 * @throws what `fail` throws, naming the layer; FormatError naming the field
 */
export function kerasNetwork(model: unknown, path: string, fail: Fail): KerasNetwork {
  const place = check.fieldOf(path, 'model_config');
  const { class_name: kind, config } = check.object(model, place);
  const inner: Config = Array.isArray(config) ? { layers: config } : check.object(config, place);
  if (!Array.isArray(inner.layers)) return fail('its model_config has no layers');
  const isSequential = kind === 'Sequential';
  const walk = new Walk(fail);
  let before: string | undefined;
  for (const each of inner.layers as unknown[]) {
    const described = check.object(each, place);
    const own = check.object(described.config, place);
    const name = String(described.name ?? own.name);
    const inputs = isSequential ? undefined : namesIn(described.inbound_nodes);
    walk.step({ kind: String(described.class_name), name, config: own, inputs }, before);
    before = name;
  }
  const { layers, loss, length, channels, epsilons } = walk;
  const last = layers.at(-1);
  if (last?.kind !== 'dense') return fail('its last layer is not a dense layer');
  const head: Layer = { kind: 'head', outputs: last.units, loss };
  const network = { length, channels, alphabet: 'rna', layers: [...layers.slice(0, -1), head] };
  return { architecture: checkArchitecture(network, place), epsilons };
}
