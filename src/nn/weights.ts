/**
 * Weights as plain arrays, under the names that weight files use: `conv0.w`, `bn0.gamma`, `bn0.beta`,
 * `bn0.mean`, `bn0.var`, …, `dense.w`, `out.w`, `out.b`. Layouts: conv [taps, in, out], dense [in, out].
 */

import * as check from '../device/check.js';
import { ArgumentError, NotFiniteError, ShapeError } from '../device/errors.js';
import { sizeOf } from '../tensor/tensor.js';
import {
  type Architecture,
  type Head,
  type ParameterSpec,
  parameterSpecs,
  statisticSpecs,
} from './architecture.js';
import type { ParameterSet } from './parameters.js';
import { architecture, PRESETS } from './presets.js';

/** A tensor as a plain array, row-major. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Parameters and statistics by name, such as `conv0.w`. */
export type Weights = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>;

/** The two halves of a batch normalisation's tensors have names of their own in files. */
const HALVES: Readonly<Record<string, readonly [string, string]>> = {
  affine: ['gamma', 'beta'],
  moments: ['mean', 'var'],
};

/** Names and shapes in files of what one tensor holds. */
export function fileParts({ name, shape }: ParameterSpec): ParameterSpec[] {
  const [layer, kind] = name.split('.') as [string, string];
  return (
    HALVES[kind]?.map((half) => ({ name: `${layer}.${half}`, shape: shape.slice(1) })) ?? [{ name, shape }]
  );
}

/** Model `e`'s part of every tensor of a set, as plain arrays under file names. */
export async function readSet(set: ParameterSet, e = 0): Promise<Weights> {
  const all = await set.flat.readFloats();
  const stride = set.flat.size / set.models;
  const weights: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const spec of set.specs) {
    let at = e * stride + set.get(spec.name).layout.offset;
    for (const { name, shape } of fileParts(spec)) {
      weights[name] = { shape, data: all.slice(at, at + sizeOf(shape)) };
      at += sizeOf(shape);
    }
  }
  return weights;
}

/**
 * Fills a set from plain arrays, one record of arrays per model.
 *
 * @throws ShapeError when a tensor is missing or has another shape; NotFiniteError when a number is not
 * finite; ArgumentError when a variance is negative
 */
export async function writeSet(
  set: ParameterSet,
  models: readonly Readonly<Record<string, NamedArray>>[],
): Promise<void> {
  const stride = set.flat.size / set.models;
  const all = new Float32Array(set.flat.size);
  models.forEach((weights, e) => {
    for (const spec of set.specs) {
      let at = e * stride + set.get(spec.name).layout.offset;
      for (const part of fileParts(spec)) {
        all.set(checked(part, weights[part.name]), at);
        at += sizeOf(part.shape);
      }
    }
  });
  await set.flat.write(all);
}

/**
 * Weights of an architecture, every tensor checked; others are left out.
 *
 * @throws as `writeSet`
 */
export const checkWeights = (model: Architecture, weights: Readonly<Record<string, NamedArray>>): Weights =>
  Object.fromEntries(
    [...parameterSpecs(model), ...statisticSpecs(model)]
      .flatMap(fileParts)
      .map((part) => [part.name, { shape: part.shape, data: checked(part, weights[part.name]) }]),
  );

function checked({ name, shape }: ParameterSpec, given: NamedArray | undefined): Float32Array {
  if (!given) throw new ShapeError(`weights: "${name}" is missing`);
  check.list(check.whole(0))(given.shape, check.argument(`weights["${name}"].shape`));
  check.numbers(given.data, check.argument(`weights["${name}"].data`));
  if (sizeOf(given.shape) !== given.data.length || given.shape.join() !== shape.join()) {
    throw new ShapeError(
      `weights: "${name}" must be [${shape.join(', ')}], not [${given.shape.join(', ')}] of ${given.data.length} numbers`,
    );
  }
  const data = Float32Array.from(given.data);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new NotFiniteError(`weights: "${name}" holds ${data[bad]} at element ${bad}`);
  const negative = name.endsWith('.var') ? data.findIndex((value) => value < 0) : -1;
  if (negative >= 0)
    throw new ArgumentError(
      'weights',
      `weights: "${name}" holds the negative variance ${data[negative]} at element ${negative}`,
    );
  return data;
}

/**
 * The architecture whose weights these are, read off their shapes. Three convolutions in the block make the
 * `paper` preset, four the `keras` preset.
 *
 * @throws ShapeError when no preset fits
 */
export function architectureOf(
  weights: Readonly<Record<string, NamedArray>>,
  head: Head = 'regression',
  length = 41,
): Architecture {
  const first = weights['conv0.w']?.shape;
  const dense = weights['dense.w']?.shape;
  if (first?.length !== 3 || dense?.length !== 2)
    throw new ShapeError('weights: "conv0.w" [taps, in, out] and "dense.w" [in, out] are needed');
  const convolutions = Object.keys(weights).filter((name) => /^conv\d+\.w$/.test(name)).length;
  const preset = (['paper', 'keras'] as const).find(
    (name) => PRESETS[name].sizes.dilations.length === convolutions - 1,
  );
  if (!preset)
    throw new ShapeError(`weights: ${convolutions} convolutions fit no preset; paper has 4, keras 5`);
  const [taps, channels, filters] = first as [number, number, number];
  const outputs = weights['out.w']?.shape[1] ?? 1;
  return architecture(preset, { length, channels, filters, taps, hidden: dense[1]!, head, outputs });
}

/** Every name a weight file of this architecture holds, in order. */
export function weightNames(model: Architecture): string[] {
  return [...parameterSpecs(model), ...statisticSpecs(model)].flatMap(fileParts).map(({ name }) => name);
}
