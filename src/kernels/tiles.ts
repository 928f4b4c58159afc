/**
 * Which variant of the matrix-like kernels an adapter gets, and its tile. Subgroup shuffles win on software
 * adapters, where a load costs as much as a dozen multiply-adds; hardware gets workgroup-memory tiles.
 */

import type { AdapterDescription } from '../device/adapter-info.js';
import type { Tile } from './unroll.js';

/** How operands reach the threads that share them. */
export type MatrixVariant =
  | {
      readonly path: 'subgroup';
      readonly tile: Tile & {
        readonly LANES: number;
        readonly LOADS: number;
        readonly COLS: number;
        readonly SUBGROUPS: number;
      };
    }
  | { readonly path: 'workgroup'; readonly tile: Tile };

/** 256 threads, 64 x 64 results, 4 x 4 a thread: 16 KiB-safe workgroup memory on every adapter. */
const WORKGROUP: MatrixVariant = { path: 'workgroup', tile: { SIDE: 4 } };

/** The variant for an adapter. Keyed by what the adapter is, never by its name. */
export function matrixVariant({ class: kind, subgroupSize }: AdapterDescription): MatrixVariant {
  if (subgroupSize === undefined || kind === 'hardware' || subgroupSize > 32) return WORKGROUP;
  // Rows by columns a thread: 48 x 4 on lavapipe (8 lanes), 24 x 4 on SwiftShader (4 lanes). Six loads of 8 lanes are
  // half of 96 channels; beyond about 192 accumulators registers run out.
  const LOADS = Math.max(1, Math.min(6, Math.floor(48 / subgroupSize)));
  return {
    path: 'subgroup',
    tile: { LANES: subgroupSize, SUBGROUPS: Math.max(1, 64 / subgroupSize), LOADS, COLS: 4 },
  };
}
