/**
 * A map of names: which tensors or layers of another program are ours. Its file is JSON, such as
 * `{ "conv0": "features.0", "out.w": "readout.kernel", "flatten": "position-major", "epsilon": 0.001 }`.
 */

import * as check from '../../device/check.js';
import { echo } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import { type Flatten, type ForeignKind, type ForeignLayer, PARTS, type Part } from './foreign-model.js';

/** What a map file says. */
export interface NameMap {
  /** Where it is from, for messages. */
  readonly path: string;
  /** Their layers, by ours: `conv0` → `features.0`. */
  readonly layers: ReadonlyMap<string, string>;
  /** Their tensors, by ours: `conv0.w` → `features.0.weight`. */
  readonly tensors: ReadonlyMap<string, string>;
  readonly flatten?: Flatten;
  /** Of all their batch normalisations. */
  readonly epsilon?: number;
}

/** A layer of ours with weights, taken apart: `conv12`, `bn0`, `dense`, `dense1`, `out`. */
const LAYER = /^(conv|bn|dense|out)(\d*)$/;

const KIND_OF: Readonly<Record<string, ForeignKind>> = {
  conv: 'convolution',
  bn: 'batch-norm',
  dense: 'dense',
  out: 'dense',
};

/** The kind of a layer of ours, and its place among those of its kind; undefined for no such name. */
export function ourLayer(name: string): { readonly kind: ForeignKind; readonly order: number } | undefined {
  const [, prefix, digits] = LAYER.exec(name) ?? [];
  if (prefix === undefined || (digits === '') !== (prefix === 'out' || name === 'dense')) return undefined;
  // The head is the last dense layer.
  const order = prefix === 'out' ? Number.POSITIVE_INFINITY : Number(digits);
  return { kind: KIND_OF[prefix]!, order };
}

const flatten = check.oneOf('position-major', 'channel-major');
const epsilon = check.number({ above: 0, most: 1 });

/**
 * A map, checked.
 *
 * @throws FormatError naming the file and the key
 */
export function checkNameMap(value: unknown, path: string): NameMap {
  const { flatten: order, epsilon: small, ...names } = check.object(value, check.fieldOf(path, 'the map'));
  const place = (key: string) => check.fieldOf(path, key);
  const layers = new Map<string, string>();
  const tensors = new Map<string, string>();
  for (const [ours, given] of Object.entries(names)) {
    const theirs = check.text(given, place(ours));
    const [layer = '', part, ...more] = ours.split('.');
    if (!ourLayer(layer) || more.length > 0 || (part !== undefined && !PARTS.includes(part as Part)))
      throw new FormatError(
        `${path}: there is no layer or tensor ${check.shown(ours)} here; keys are conv0, bn0, dense, out and the like, a tensor such as conv0.w, out.b or bn0.mean, "flatten" and "epsilon"`,
      );
    (part === undefined ? layers : tensors).set(ours, theirs);
  }
  return {
    path,
    layers,
    tensors,
    ...(order !== undefined && { flatten: flatten(order, place('flatten')) }),
    ...(small !== undefined && { epsilon: epsilon(small, place('epsilon')) }),
  };
}

/** Layers in the order in which the network has them, kind by kind. */
export function inOurOrder<T>(layers: readonly T[], nameOf: (layer: T) => string): readonly T[] {
  const order = (layer: T): number => ourLayer(nameOf(layer))!.order;
  return layers.toSorted((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
}

/** @throws FormatError where a map names a layer of another kind */
export function checkKind(map: NameMap, ours: string, { kind, name }: ForeignLayer, path: string): void {
  if (kind !== ourLayer(ours)!.kind)
    throw new FormatError(
      `${map.path}: ${ours} cannot be ${echo(name)} of ${path}, which is a ${kind} layer`,
    );
}
