/**
 * Which network of ours has the weights of a foreign model: read from the file, given by the user, or
 * inferred from shapes. What was inferred is said; what cannot be is refused.
 */

import { count } from '../../device/count.js';
import { FormatError, ResidualBindError } from '../../device/errors.js';
import { type Architecture, type Head, headOf } from '../architecture.js';
import { architecture, BLOCK_TAPS, PRESETS, type Preset, type Sizes } from '../presets.js';
import type { ForeignLayer, ForeignModel } from './foreign-model.js';
import { countsOf } from './weights-of.js';

/** What a user may say of the network; everything else is inferred. */
export interface NetworkChoice {
  readonly preset?: Preset | undefined;
  /** Input positions, nt. */
  readonly length?: number | undefined;
  readonly head?: Head | undefined;
  /** A network of one's own for an input, as `readNetwork` gives it. */
  readonly network?: ((input: { readonly length: number }) => Architecture) | undefined;
}

/** A network, and what was inferred of it. */
export interface FoundNetwork {
  readonly architecture: Architecture;
  readonly preset?: Preset | undefined;
  /** In sentences for people. */
  readonly notes: readonly string[];
}

/** The paper's input, nt. */
const USUAL_LENGTH = 41;
const CHANNELS: readonly number[] = [4, 6, 9];

/** Convolutions of each preset. */
const CONVOLUTIONS: Readonly<Record<Preset, number>> = { paper: 4, keras: 5, deepbind: 1, pwm: 1 };

/** @throws FormatError naming the file and what is missing or does not fit */
export function networkOf(model: ForeignModel, choice: NetworkChoice = {}): FoundNetwork {
  const { network, preset, length, head } = choice;
  if (network) return { architecture: network({ length: length ?? USUAL_LENGTH }), notes: [] };
  if (model.architecture && preset === undefined) return stored(model, model.architecture, choice);
  const products = productsOf(model);
  const chosen = presetOf(model, products, preset);
  const { first, denses } = products;
  const [taps, channels, filters] = first.parts.w!.shape as [number, number, number];
  const input = lengthOf(model, products, chosen, length);
  const loss = head ?? model.loss ?? 'regression';
  const notes = [
    ...(preset === undefined
      ? [
          `preset ${chosen}: the file has ${count(CONVOLUTIONS[chosen], 'convolution')} and ${count(denses.length, 'dense layer')}`,
        ]
      : []),
    ...(length === undefined ? [`input of ${input} positions${whyLength(products, chosen)}`] : []),
    ...(head === undefined ? [`head ${loss}: ${whyHead(model)}`] : []),
  ];
  const made = fitting(model, {
    preset: chosen,
    length: input,
    channels,
    filters,
    taps,
    ...(chosen === 'pwm' ? {} : { hidden: denses[0]!.parts.w!.shape[1]! }),
    head: loss,
    outputs: denses.at(-1)!.parts.w!.shape[1]!,
  });
  return { architecture: made, preset: chosen, notes };
}

/** A preset of sizes that were read. @throws FormatError naming the file where they make no network */
function fitting({ path }: ForeignModel, { preset, ...sizes }: Partial<Sizes> & { readonly preset: Preset }) {
  try {
    return architecture(preset, sizes);
  } catch (cause) {
    if (cause instanceof ResidualBindError) throw new FormatError(`${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** The network that the file has, unless the user says otherwise. */
function stored(model: ForeignModel, found: Architecture, { length, head }: NetworkChoice): FoundNetwork {
  if (length !== undefined && length !== found.length)
    throw new FormatError(
      `${model.path}: its input has ${count(found.length, 'position')}, not ${length}; leave out the length`,
    );
  const last = headOf(found);
  if (head === undefined || head === last.loss) return { architecture: found, notes: [] };
  const layers = [...found.layers.slice(0, -1), { ...last, loss: head }];
  return { architecture: { ...found, layers }, notes: [] };
}

/** Layers with products. */
interface Products {
  readonly first: ForeignLayer;
  readonly block: readonly ForeignLayer[];
  readonly denses: readonly ForeignLayer[];
  /** Rows of the first dense layer. */
  readonly rows: number;
  readonly filters: number;
}

function productsOf(model: ForeignModel): Products {
  const { path, layers } = model;
  const [first, ...block] = layers.filter(({ kind }) => kind === 'convolution');
  const denses = layers.filter(({ kind }) => kind === 'dense');
  if (!first || denses.length === 0)
    throw new FormatError(
      `${path}: a network here has a convolution and a dense layer at least; ${countsOf(model)}`,
    );
  const { name, shape } = first.parts.w!;
  const [, channels, filters] = shape as [number, number, number];
  if (!CHANNELS.includes(channels))
    throw new FormatError(
      `${path}: ${name} has ${count(channels, 'input channel')}; the first convolution takes 4 (sequence), 6 or 9 (sequence and structure)`,
    );
  return { first, block, denses, rows: denses[0]!.parts.w!.shape[0]!, filters };
}

const OWN = 'describe the network in a file (--network, docs/networks.md)';

function presetOf(model: ForeignModel, products: Products, asked: Preset | undefined): Preset {
  const { block, denses, filters } = products;
  const convolutions = block.length + 1;
  const dense = (preset: Preset): number => (preset === 'pwm' ? 1 : 2);
  const fits = (preset: Preset): boolean =>
    CONVOLUTIONS[preset] === convolutions && denses.length === dense(preset);
  const chosen = asked ?? (Object.keys(PRESETS) as Preset[]).find(fits);
  if (chosen === undefined)
    throw new FormatError(
      `${model.path}: no preset has ${count(convolutions, 'convolution')} and ${count(denses.length, 'dense layer')} (paper has 4 and 2, keras 5 and 2, deepbind 1 and 2); ${OWN}`,
    );
  if (!fits(chosen))
    throw new FormatError(
      `${model.path}: the preset ${chosen} has ${count(CONVOLUTIONS[chosen], 'convolution')} and ${count(dense(chosen), 'dense layer')}, but ${countsOf(model)}`,
    );
  const other = block.find(({ parts }) => parts.w!.shape.join() !== [BLOCK_TAPS, filters, filters].join());
  if (other)
    throw new FormatError(
      `${model.path}: ${other.parts.w!.name} has the shape [${other.parts.w!.shape.join(', ')}], but the residual block of the preset ${chosen} has [${BLOCK_TAPS}, ${filters}, ${filters}]; ${OWN}`,
    );
  return chosen;
}

/** The input positions that the rows of the first dense layer allow. */
function lengthOf(
  { path }: ForeignModel,
  { denses, rows, filters }: Products,
  preset: Preset,
  asked: number | undefined,
): number {
  const name = denses[0]!.parts.w!.name;
  const isWhole = preset === 'deepbind' || preset === 'pwm';
  const windows = rows / filters;
  if (!Number.isInteger(windows) || (isWhole && windows !== 1))
    throw new FormatError(
      `${path}: ${name} has ${count(rows, 'row')}, which the ${count(filters, 'filter')} of the preset ${preset} do not give; ${OWN}`,
    );
  if (isWhole) return asked ?? USUAL_LENGTH;
  const { pool } = PRESETS[preset].sizes;
  const [least, most] = [windows * pool, (windows + 1) * pool - 1];
  const range = `the ${count(rows, 'row')} of ${name} are ${count(windows, 'window')} of ${pool} positions, so the input has ${least} to ${most} positions`;
  if (asked !== undefined) {
    if (asked < least || asked > most) throw new FormatError(`${path}: ${range}, not ${asked}`);
    return asked;
  }
  if (USUAL_LENGTH >= least && USUAL_LENGTH <= most) return USUAL_LENGTH;
  throw new FormatError(`${path}: ${range}; say how many with --length`);
}

/** Why an input has the usual length. */
const whyLength = ({ rows, filters }: Products, preset: Preset): string =>
  preset === 'deepbind' || preset === 'pwm'
    ? ', as in the paper; the file does not say it (--length)'
    : `: the dense layer has ${rows} rows, ${count(rows / filters, 'window')} of 10 positions (40 to 49 fit; --length)`;

const whyHead = ({ loss }: ForeignModel): string =>
  loss === undefined ? 'the file does not say it (--head)' : 'from the layers of the file';
