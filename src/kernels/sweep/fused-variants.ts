/**
 * Which variant of the fused sweep an adapter takes: tables like those of `variants.ts`, found by `tune` on
 * an H100.
 */

import { type AdapterClass, kindOf } from '../../device/adapter/adapter-info.js';
import type { WorkgroupLimits } from '../matrix/variants.js';
import { type FusedShape, type FusedVariant, fusedFits } from './fused-sweep.js';

/**
 * The best first; one with less workgroup memory where it does not suffice. On an H200 all that keep one pair
 * a thread are within a few percent of each other; two pairs a thread, which halve the loads of weights, are
 * a quarter slower.
 */
const HARDWARE: readonly FusedVariant[] = [
  { pairs: 4, lanes: 8, across: 4, down: 1 },
  { pairs: 2, lanes: 8, across: 2, down: 1 },
];

/** What a fused sweep would run on. */
export interface FusedHost {
  readonly adapter: { readonly class: AdapterClass };
  readonly limits: WorkgroupLimits;
}

const chosen = new WeakMap<FusedHost, FusedVariant>();

/** Makes a device take a variant wherever it fits, whatever its table says. */
export function useFusedVariant(host: FusedHost, variant: FusedVariant): void {
  chosen.set(host, variant);
}

/**
 * The variant for a shape; undefined where none fits, and on software adapters, which have no memory on chip
 * to keep to and are faster stage by stage.
 */
export function fusedVariantOf(host: FusedHost, shape: FusedShape): FusedVariant | undefined {
  const own = chosen.get(host);
  const table = kindOf(host.adapter) === 'hardware' ? HARDWARE : [];
  return [...(own ? [own] : []), ...table].find((variant) => fusedFits(variant, shape, host.limits));
}
