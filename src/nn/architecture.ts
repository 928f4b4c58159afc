/**
 * What a network is made of, and what follows from that: parameters, arithmetic, and what an output position
 * sees. `presets.ts` has the networks of the paper.
 */

import * as check from '../device/check.js';
import { OutOfMemoryError, ShapeError } from '../device/errors.js';
import {
  type Architecture,
  checkLayer,
  type Head,
  INPUT,
  type Layer,
  type LayerKind,
  type ParameterSpec,
  type PlacedLayer,
  placeLayers,
  rowOf,
} from './layers.js';
import { isSizes, residualBind } from './presets.js';

export type { Alphabet, Architecture, Head, Layer, ParameterSpec } from './layers.js';

const MOST_LAYERS = 512;

const fields = check.strictRecord<Architecture>({
  ...INPUT,
  layers: check.list(checkLayer, 2, MOST_LAYERS),
});

/**
 * A whole architecture, every field and every place checked. What earlier versions wrote, the sizes of a
 * ResidualBind network, is read too.
 */
export const checkArchitecture: check.Check<Architecture> = (value, place) => {
  const given = check.object(value, place);
  if (isSizes(given)) return residualBind(given, place);
  const made = fields(given, place);
  placesIn(made, place);
  return made;
};

const placesIn = ({ length, channels, layers }: Architecture, place: check.Place): PlacedLayer[] =>
  placeLayers(layers, { positions: length, channels }, (message) =>
    place.error(place.name === '' ? message : `${place.name}.${message}`),
  );

const places = new WeakMap<Architecture, readonly PlacedLayer[]>();

/** The layers in their places. Architectures are data that nobody changes, so each is placed once. */
export function placedLayers(architecture: Architecture): readonly PlacedLayer[] {
  let placed = places.get(architecture);
  if (!placed) {
    placed = placesIn(architecture, { name: '', error: (message) => new ShapeError(message) });
    places.set(architecture, placed);
  }
  return placed;
}

/** The layers of one kind. */
export const layersOfKind = <Kind extends LayerKind>(
  architecture: Architecture,
  kind: Kind,
): readonly PlacedLayer<Kind>[] =>
  placedLayers(architecture).filter(
    (placed): placed is PlacedLayer<Kind> & PlacedLayer => placed.layer.kind === kind,
  );

/** The last layer. */
export const headOf = (architecture: Architecture): Layer<'head'> =>
  layersOfKind(architecture, 'head')[0]!.layer;

/** Numbers that the network gives for a sequence. */
export const outputsOf = (architecture: Architecture): number => headOf(architecture).outputs;

/** Whether outputs are affinities or classes. */
export const lossKindOf = (architecture: Architecture): Head => headOf(architecture).loss;

/** What data for the network must be like. */
export const inputOf = (architecture: Architecture) => {
  const { length, channels } = architecture;
  return { length, channels, head: lossKindOf(architecture), outputs: outputsOf(architecture) };
};

/** Trainable parameters in order; `bn*.affine` holds gamma and beta. */
export const parameterSpecs = (architecture: Architecture): ParameterSpec[] =>
  placedLayers(architecture).flatMap((placed) => rowOf(placed.layer).parameters?.(placed) ?? []);

/** Running statistics in order: mean and biased variance of each batch normalisation. */
export const statisticSpecs = (architecture: Architecture): ParameterSpec[] =>
  layersOfKind(architecture, 'batch-norm').map(({ name, input: { channels } }) => ({
    name: `${name}.moments`,
    shape: [2, channels],
  }));

const count = (specs: readonly ParameterSpec[]): number =>
  specs.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);

/** Numbers that training moves, and all numbers of the model (with running statistics). */
export function parameterCounts(architecture: Architecture): { trainable: number; total: number } {
  const trainable = count(parameterSpecs(architecture));
  return { trainable, total: trainable + count(statisticSpecs(architecture)) };
}

/** Multiply-adds of matrix products in one prediction; the first convolution of letters only adds. */
export const forwardMultiplyAdds = (architecture: Architecture): number =>
  placedLayers(architecture).reduce(
    (sum, placed) => sum + (rowOf(placed.layer).multiplyAdds?.(placed) ?? 0),
    0,
  );

/**
 * Refuses a network of which a device can hold no model, or not even one record between two layers.
 *
 * @param models side by side
 * @param most bytes of a buffer
 * @throws OutOfMemoryError naming the layer that is largest
 */
export function checkFits(architecture: Architecture, models: number, most: number): void {
  const refuse = ({ index, layer }: PlacedLayer, what: string, numbers: number) => {
    const needed = inMebibytes(4 * models * numbers);
    throw new OutOfMemoryError(
      `layers[${index}] (${layer.kind}): ${what} take ${needed} MiB of GPU memory, and a buffer has at most ${inMebibytes(most)} MiB; make the network smaller`,
    );
  };
  const placed = placedLayers(architecture);
  const parameters = placed.map((each) => count(rowOf(each.layer).parameters?.(each) ?? []));
  const all = parameters.reduce((sum, numbers) => sum + numbers, 0);
  if (4 * models * all > most) {
    const largest = Math.max(...parameters);
    const what = `its ${largest} parameters and the ${all - largest} of all other layers`;
    refuse(placed[parameters.indexOf(largest)]!, what, all);
  }
  for (const each of placed) {
    const { positions, channels } = each.output;
    const what = `its ${positions} positions of ${channels} channels`;
    if (4 * models * positions * channels > most) refuse(each, what, positions * channels);
  }
}

const inMebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

/** The most numbers that one record has between two layers. */
export const widestOf = (architecture: Architecture): number =>
  Math.max(...placedLayers(architecture).map(({ output }) => output.positions * output.channels));
