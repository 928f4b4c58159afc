/**
 * ResidualBind as data: presets, sizes, and the names and shapes of its parameters (paper, "ResidualBind
 * architecture"; the `keras` preset is the released code's).
 */

import * as check from '../device/check.js';
import { ShapeError } from '../device/errors.js';

/** A name in `PRESETS`. */
export type Preset = 'paper' | 'keras';
/** What the output is: an affinity, or the logit of a probability. */
export type Head = 'regression' | 'classification';

/** The network's sizes. `architecture('paper', { filters: 32 })` completes a part of it. */
export interface Architecture {
  /** Input positions, nt. */
  readonly length: number;
  /** 4 (sequence), 6 (+ paired, unpaired) or 9 (+ paired, hairpin, internal, multi, external). */
  readonly channels: number;
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
  readonly dropout: {
    readonly first: number;
    readonly block: number;
    readonly pool: number;
    readonly hidden: number;
  };
}

const PAPER: Architecture = {
  length: 41,
  channels: 4,
  filters: 96,
  taps: 11,
  dilations: [1, 2, 4],
  pool: 10,
  hidden: 256,
  head: 'regression',
  dropout: { first: 0.1, block: 0, pool: 0.2, hidden: 0.5 },
};

/** The architectures of the paper and of its Keras code. */
export const PRESETS: Readonly<Record<Preset, Architecture>> = {
  paper: PAPER,
  keras: { ...PAPER, dilations: [1, 2, 4, 8], dropout: { ...PAPER.dropout, block: 0.1 } },
};

/** No size is larger: what a damaged file asks for is refused before any memory is. */
const LARGEST = 2 ** 20;
const MOST_DILATIONS = 64;

const size = check.whole(1, LARGEST);
const rate = check.number({ least: 0, below: 1 });

const fields = check.record<Architecture>({
  length: size,
  channels: (value, place) => {
    if (value === 4 || value === 6 || value === 9) return value;
    throw place.error(`${place.name} must be 4, 6 or 9, not ${value}`);
  },
  filters: size,
  taps: size,
  dilations: check.list(size, 1, MOST_DILATIONS),
  pool: size,
  hidden: size,
  head: check.oneOf('regression', 'classification'),
  dropout: check.record<Architecture['dropout']>({ first: rate, block: rate, pool: rate, hidden: rate }),
});

/** A whole architecture, every field checked. */
export const checkArchitecture: check.Check<Architecture> = (value, place) => {
  const made = fields(value, place);
  if (made.taps % 2 === 0 || made.pool > made.length) {
    throw place.error(
      `taps must be odd (${made.taps}) and the pool (${made.pool}) no longer than the input (${made.length})`,
    );
  }
  return made;
};

const OPTIONS: check.Place = { name: '', error: (message) => new ShapeError(message) };

/**
 * A preset with some sizes changed.
 *
 * @throws ArgumentError for an unknown preset; ShapeError for sizes that make no network
 */
export function architecture(preset: Preset = 'paper', changes: Partial<Architecture> = {}): Architecture {
  const base = PRESETS[check.oneOf('paper', 'keras')(preset, check.argument('preset'))];
  const changed = Object.entries(check.object(changes, check.argument('changes')));
  return checkArchitecture(
    { ...base, ...Object.fromEntries(changed.filter(([, value]) => value !== undefined)) },
    OPTIONS,
  );
}

export const windowsOf = ({ length, pool }: Architecture): number => Math.floor(length / pool);

export interface ParameterSpec {
  readonly name: string;
  /** Without the model axis. */
  readonly shape: readonly number[];
  /** Units feeding one output, and outputs fed by one unit: Glorot's fans. Absent for what is not initialised so. */
  readonly fans?: readonly [number, number];
}

/** Trainable parameters in order; `bn*.affine` holds gamma and beta. */
export function parameterSpecs(model: Architecture): ParameterSpec[] {
  const { channels, filters, taps, dilations, hidden } = model;
  const conv = (i: number, k: number, inputs: number): ParameterSpec[] => [
    { name: `conv${i}.w`, shape: [k, inputs, filters], fans: [k * inputs, k * filters] },
    { name: `bn${i}.affine`, shape: [2, filters] },
  ];
  const flat = windowsOf(model) * filters;
  return [
    ...conv(0, taps, channels),
    ...dilations.flatMap((_, i) => conv(i + 1, 3, filters)),
    { name: 'dense.w', shape: [flat, hidden], fans: [flat, hidden] },
    { name: `bn${dilations.length + 1}.affine`, shape: [2, hidden] },
    { name: 'out.w', shape: [hidden, 1], fans: [hidden, 1] },
    { name: 'out.b', shape: [1] },
  ];
}

/** Running statistics in order: mean and biased variance of each batch normalisation. */
export function statisticSpecs(model: Architecture): ParameterSpec[] {
  return parameterSpecs(model)
    .filter(({ name }) => name.endsWith('.affine'))
    .map(({ name, shape }) => ({ name: name.replace('affine', 'moments'), shape }));
}

const count = (specs: readonly ParameterSpec[]): number =>
  specs.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);

/** Numbers that training moves, and all numbers of the model (with running statistics). */
export function parameterCounts(model: Architecture): { trainable: number; total: number } {
  const trainable = count(parameterSpecs(model));
  return { trainable, total: trainable + count(statisticSpecs(model)) };
}
