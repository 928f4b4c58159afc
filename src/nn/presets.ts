/**
 * The networks of the paper and of its released code, and two small ones of other kinds, as lists of layers.
 * ResidualBind is a family: `residualBind` makes a member from its sizes, and `residualSizes` reads the sizes
 * off a list, for the kernels that hold this whole network on chip.
 */

import * as check from '../device/check.js';
import { ArgumentError, ShapeError } from '../device/errors.js';
import {
  type Alphabet,
  type Architecture,
  type Head,
  head,
  INPUT,
  type Layer,
  odd,
  rate,
  size,
} from './layers.js';

/** Sizes of the ResidualBind family, and of the presets in general. */
export interface Sizes {
  /** Input positions, nt. */
  readonly length: number;
  /** 4 (sequence), 6 (+ paired, unpaired) or 9 (+ paired, hairpin, interior, multi, exterior). */
  readonly channels: number;
  readonly alphabet: Alphabet;
  readonly filters: number;
  /** Taps of the first convolution; those of the residual block have 3. */
  readonly taps: number;
  /** One convolution of the residual block each. */
  readonly dilations: readonly number[];
  /** Window and stride of the mean pool. */
  readonly pool: number;
  /** Units of the dense layer. */
  readonly hidden: number;
  /** Classification ends in a sigmoid and trains on binary cross-entropy. */
  readonly head: Head;
  /** Tasks: scores of a sequence. */
  readonly outputs: number;
  readonly dropout: {
    readonly first: number;
    readonly block: number;
    readonly pool: number;
    readonly hidden: number;
  };
}

/** Windows of the mean pool. */
export const windowsOf = ({ length, pool }: Pick<Sizes, 'length' | 'pool'>): number =>
  Math.floor(length / pool);

/** Taps of the residual block. */
export const BLOCK_TAPS = 3;
const MOST_DILATIONS = 64;

const PAPER: Sizes = {
  length: 41,
  channels: 4,
  alphabet: 'rna',
  filters: 96,
  taps: 11,
  dilations: [1, 2, 4],
  pool: 10,
  hidden: 256,
  head: 'regression',
  outputs: 1,
  dropout: { first: 0.1, block: 0, pool: 0.2, hidden: 0.5 },
};

const DEEPBIND: Sizes = {
  ...PAPER,
  filters: 16,
  dilations: [],
  hidden: 32,
  dropout: { first: 0, block: 0, pool: 0.5, hidden: 0 },
};

const PWM: Sizes = {
  ...PAPER,
  filters: 1,
  taps: 9,
  dilations: [],
  hidden: 0,
  dropout: { first: 0, block: 0, pool: 0, hidden: 0 },
};

const SIZES: { readonly [Name in keyof Sizes]: check.Check<Sizes[Name]> } = {
  ...INPUT,
  alphabet: (value, place) => INPUT.alphabet(value ?? PAPER.alphabet, place),
  filters: size,
  taps: odd,
  dilations: check.list(size, 1, MOST_DILATIONS),
  pool: size,
  hidden: size,
  head,
  outputs: (value, place) => size(value ?? PAPER.outputs, place),
  dropout: check.record<Sizes['dropout']>({ first: rate, block: rate, pool: rate, hidden: rate }),
};

const residualFields = check.record<Sizes>(SIZES);
const deepbindFields = check.record<Sizes>({ ...SIZES, dilations: check.list(size, 0, 0) });
const pwmFields = check.record<Sizes>({
  ...SIZES,
  dilations: check.list(size, 0, 0),
  filters: onlyFor(1, 'has one motif'),
  hidden: onlyFor(0, 'has no dense layer'),
});

/** A size that the PWM model fixes. */
function onlyFor(fixed: number, why: string): check.Check<number> {
  return (value, place) => {
    if (value === fixed) return fixed;
    throw place.error(`${place.name} must be left out, since the PWM model ${why}`);
  };
}

const layer = {
  convolution: (filters: number, taps: number, dilation = 1): Layer => ({
    kind: 'convolution',
    filters,
    taps,
    dilation,
  }),
  norm: { kind: 'batch-norm' } as Layer,
  relu: { kind: 'relu' } as Layer,
  dropout: (rate: number): Layer => ({ kind: 'dropout', rate }),
  pool: (by: 'mean' | 'max', size: number): Layer => ({ kind: 'pool', by, size, stride: size }),
};

/** The end of every preset: dropout, the dense layer and the head. */
const ending = ({ hidden, outputs, head: loss, dropout }: Sizes): Layer[] => [
  layer.dropout(dropout.pool),
  { kind: 'dense', units: hidden },
  layer.norm,
  layer.relu,
  layer.dropout(dropout.hidden),
  { kind: 'head', outputs, loss },
];

/** ResidualBind of checked sizes (paper, "ResidualBind architecture"). */
function residualLayers(sizes: Sizes): Layer[] {
  const { filters, taps, dilations, pool, dropout } = sizes;
  const before = dilations.slice(0, -1);
  const last = dilations.at(-1)!;
  const entry = [layer.convolution(filters, taps), layer.norm, layer.relu, layer.dropout(dropout.first)];
  return [
    ...entry,
    ...before.flatMap((dilation) => [
      layer.convolution(filters, BLOCK_TAPS, dilation),
      layer.norm,
      layer.relu,
      layer.dropout(dropout.block),
    ]),
    layer.convolution(filters, BLOCK_TAPS, last),
    layer.norm,
    { kind: 'skip', from: entry.length - 1 },
    layer.relu,
    layer.pool('mean', pool),
    ...ending(sizes),
  ];
}

/** One convolution and the greatest response of each filter, after DeepBind (Alipanahi et al., 2015). */
const deepbindLayers = (sizes: Sizes): Layer[] => [
  layer.convolution(sizes.filters, sizes.taps),
  layer.relu,
  layer.pool('max', sizes.length),
  ...ending(sizes),
];

/**
 * One position weight matrix: the head is a line through the mean over positions of exp(score), the score
 * being a sum of one weight per letter of the window (MATRIXReduce: Foat, Morozov and Bussemaker,
 * Bioinformatics 22:e141, 2006).
 */
const pwmLayers = ({ filters, taps, length, outputs, head: loss }: Sizes): Layer[] => [
  layer.convolution(filters, taps),
  { kind: 'exponential' },
  layer.pool('mean', length),
  { kind: 'head', outputs, loss },
];

const built = ({ length, channels, alphabet }: Sizes, layers: readonly Layer[]): Architecture => ({
  length,
  channels,
  alphabet,
  layers,
});

/** A ResidualBind network of some sizes, which are checked. */
export function residualBind(value: unknown, place: check.Place): Architecture {
  const sizes = residualFields(value, place);
  if (sizes.pool > sizes.length)
    throw place.error(`the pool (${sizes.pool}) must be no longer than the input (${sizes.length})`);
  return built(sizes, residualLayers(sizes));
}

/** Whether an object lists sizes of ResidualBind, as model files of version 0.1 do, in place of layers. */
export const isSizes = (value: Readonly<Record<string, unknown>>): boolean =>
  !('layers' in value) && ('filters' in value || 'dilations' in value);

/** The presets: their sizes, and the layers of given sizes. */
export const PRESETS = {
  /** The paper's network. */
  paper: { sizes: PAPER, make: residualBind },
  /** That of the paper's released Keras code. */
  keras: {
    sizes: { ...PAPER, dilations: [1, 2, 4, 8], dropout: { ...PAPER.dropout, block: 0.1 } },
    make: residualBind,
  },
  /** A small network of one convolution, after DeepBind. */
  deepbind: {
    sizes: DEEPBIND,
    make: (value: unknown, place: check.Place): Architecture => {
      const sizes = deepbindFields(value, place);
      return built(sizes, deepbindLayers(sizes));
    },
  },
  /** A single motif, which the weights of its filter are. */
  pwm: {
    sizes: PWM,
    make: (value: unknown, place: check.Place): Architecture => {
      const sizes = pwmFields(value, place);
      return built(sizes, pwmLayers(sizes));
    },
  },
} as const satisfies Record<
  string,
  { sizes: Sizes; make: (value: unknown, place: check.Place) => Architecture }
>;

/** A name in `PRESETS`. */
export type Preset = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly Preset[];

const OPTIONS: check.Place = { name: '', error: (message) => new ShapeError(message) };

/** Sizes that differ from a preset's. */
type Changes = { readonly [Name in keyof Sizes]?: Sizes[Name] | undefined };

/**
 * A preset with some sizes changed.
 *
 * @throws ArgumentError for an unknown preset; ShapeError for sizes that make no network
 */
export function architecture(preset: Preset = 'paper', changes: Changes = {}): Architecture {
  const named = check.oneOf(...PRESET_NAMES)(preset, check.argument('preset'));
  const { sizes, make } = PRESETS[named];
  const changed = Object.entries(check.object(changes, check.argument('changes')));
  const stray = changed.find(([name]) => !(name in SIZES));
  if (stray)
    throw new ArgumentError(
      stray[0],
      `there is no size "${stray[0]}"; there are ${Object.keys(SIZES).join(', ')}`,
    );
  return make(
    { ...sizes, ...Object.fromEntries(changed.filter(([, value]) => value !== undefined)) },
    OPTIONS,
  );
}

/** A network in a few words. */
export function summaryOf(network: Architecture): string {
  const sizes = residualSizes(network);
  if (sizes)
    return `${sizes.filters} filters, dilations ${sizes.dilations.join(', ')}, ${sizes.hidden} hidden units`;
  const kinds = new Map<string, number>();
  for (const { kind } of network.layers) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds].map(([kind, n]) => (n === 1 ? kind : `${n} × ${kind}`)).join(', ');
}

/** Sizes of a network of the ResidualBind family; undefined for any other list of layers. */
export function residualSizes(network: Architecture): Sizes | undefined {
  const { layers, length, channels, alphabet } = network;
  const of = <Kind extends Layer['kind']>(kind: Kind) =>
    layers.filter((each): each is Layer<Kind> & Layer => each.kind === kind);
  const [first, ...block] = of('convolution');
  const [drops, pool, dense, last] = [of('dropout'), of('pool')[0], of('dense')[0], of('head')[0]];
  if (!first || block.length === 0 || !pool || !dense || !last || drops.length !== block.length + 2)
    return undefined;
  const rates = drops.map(({ rate }) => rate);
  const sizes: Sizes = {
    length,
    channels,
    alphabet,
    filters: first.filters,
    taps: first.taps,
    dilations: block.map(({ dilation }) => dilation),
    pool: pool.size,
    hidden: dense.units,
    head: last.loss,
    outputs: last.outputs,
    dropout: {
      first: rates[0]!,
      block: block.length > 1 ? rates[1]! : 0,
      pool: rates.at(-2)!,
      hidden: rates.at(-1)!,
    },
  };
  return JSON.stringify(residualLayers(sizes)) === JSON.stringify(layers) ? sizes : undefined;
}
