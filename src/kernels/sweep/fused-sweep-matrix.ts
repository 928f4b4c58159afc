/**
 * The fused sweep kernel by subgroup matrices of f16 (docs/sweep.md): what `fused-sweep.ts` computes, with a
 * pattern in `SIDE` backgrounds a workgroup, operands in f16 and sums in f32.
 */

import type { AdapterDescription } from '../../device/adapter/adapter-info.js';
import type { Gpu } from '../../device/gpu.js';
import { HALF_MATRIX } from '../../device/precision.js';
import type { Control } from '../control.js';
import { asDeclared, ceilDivide, launch, type TileOf } from '../launch.js';
import type { WorkgroupLimits } from '../matrix/variants.js';
import { TAPS } from './filtering.js';
import { adds, type Schedule, scheduleOf } from './fused-schedule.js';
import type { FusedOperands, FusedShape, FusedStage } from './fused-sweep.js';

/** Rows, columns and inner length of every matrix. A block's backgrounds are a multiple of it. */
export const SIDE = HALF_MATRIX.M;

/** As `FusedOperands`, but edges, `weights` (`matrixWeights`) and `dense_w` (`asMatrices`) are f16. */
export type MatrixOperands = FusedOperands;

/**
 * How the kernel divides its work. Variants give about the same bits: sums of a window are added part by
 * part.
 */
export interface FusedMatrixVariant {
  /** Shares of a step's columns, each with subgroups of its own. */
  readonly parts: number;
  /** Threads of the device's largest subgroup. */
  readonly lanes: number;
}

const subgroupsOf = ({ parts }: FusedMatrixVariant, { channels }: FusedShape): number =>
  (parts * channels) / SIDE;

/** Bytes of workgroup memory, as the shader declares it. */
function workgroupBytes(variant: FusedMatrixVariant, shape: FusedShape): number {
  const { channels, pool, dense } = shape;
  const kept = SIDE * Math.max(scheduleOf(shape).slots * (channels + 8), pool.windows * channels + 8);
  const leaving = subgroupsOf(variant, shape) * SIDE * SIDE;
  return 2 * kept + 4 * leaving + 16 * ceilDivide(dense.edge + dense.edges, 4);
}

/** Whether a device with f16 matrices runs a variant for a shape. */
export function matrixFits(variant: FusedMatrixVariant, shape: FusedShape, limits: WorkgroupLimits): boolean {
  const { stages, channels, hidden } = shape;
  const [first, ...others] = stages;
  const isPlanned =
    first !== undefined &&
    first.layer === undefined &&
    others.length > 0 &&
    others.every(({ before }) => before?.size === 1);
  return (
    isPlanned &&
    channels % SIDE === 0 &&
    hidden % SIDE === 0 &&
    (SIDE * SIDE) % (4 * variant.lanes) === 0 &&
    variant.lanes * subgroupsOf(variant, shape) <= limits.maxComputeInvocationsPerWorkgroup &&
    workgroupBytes(variant, shape) <= limits.maxComputeWorkgroupStorageSize
  );
}

/** What the kernel would run on. */
export interface MatrixHost {
  readonly adapter: Pick<AdapterDescription, 'subgroupMaxSize'>;
  readonly limits: WorkgroupLimits;
}

/** The best first; with less workgroup memory where it does not suffice. */
const VARIANTS: readonly Omit<FusedMatrixVariant, 'lanes'>[] = [{ parts: 2 }, { parts: 1 }];

/** The variant for a shape; undefined where none fits. */
export function matrixVariantOf(
  { adapter, limits }: MatrixHost,
  shape: FusedShape,
): FusedMatrixVariant | undefined {
  const lanes = adapter.subgroupMaxSize;
  if (lanes === undefined) return undefined;
  return VARIANTS.map((it) => ({ ...it, lanes })).find((it) => matrixFits(it, shape, limits));
}

/**
 * Kernels [kernels, taps, inputs, outputs] as the shader multiplies with them: [kernels, inputs / SIDE, taps,
 * outputs / SIDE], matrices [SIDE outputs][SIDE inputs], each of which lies together.
 */
export function asMatrices(
  values: Float32Array,
  taps: number,
  inputs: number,
  outputs: number,
): Float32Array {
  const result = new Float32Array(values.length);
  let to = 0;
  for (let start = 0; start < values.length; start += taps * inputs * outputs) {
    for (let i = 0; i < inputs; i += SIDE) {
      for (let tap = 0; tap < taps; tap++) {
        for (let o = 0; o < outputs; o += SIDE) {
          for (let output = o; output < o + SIDE; output++) {
            for (let input = i; input < i + SIDE; input++) {
              result[to++] = values[start + (tap * inputs + input) * outputs + output]!;
            }
          }
        }
      }
    }
  }
  return result;
}

/**
 * What the shader multiplies with, [E, matrices]: the identity, which adds edges to sums, then the
 * convolutions' kernels.
 */
export function matrixWeights(values: Float32Array, models: number, channels: number): Float32Array {
  const identity = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Number(i % (SIDE + 1) === 0));
  const each = values.length / models;
  const result = new Float32Array(models * (identity.length + each));
  for (let e = 0; e < models; e++) {
    const at = e * (identity.length + each);
    result.set(identity, at);
    const own = values.subarray(e * each, (e + 1) * each);
    result.set(asMatrices(own, TAPS, channels, channels), at + identity.length);
  }
  return result;
}

/**
 * predictions [E, block, patterns] of a chunk. It begins at the control's `pattern` and
 * `block_background`.
 */
export function fusedSweepByMatrices(
  gpu: Gpu,
  control: Control,
  operands: MatrixOperands,
  shape: FusedShape,
  variant: FusedMatrixVariant,
): void {
  const { models, patterns, chunk, edgeRows, dense } = shape;
  launch(gpu, 'sweep_fused_matrix', {
    operands: { control, ...inHalves(operands) },
    params: { patterns, edge_rows: edgeRows, dense_rows: dense.edgeRows },
    tile: matrixTile(variant, shape),
    workgroups: [chunk.patterns, ceilDivide(chunk.backgrounds, SIDE), models],
  });
}

/** What the shader declares f16 whatever its variant. */
function inHalves({ edges, weights, dense_w, ...others }: MatrixOperands) {
  return {
    ...others,
    edges: asDeclared(edges),
    edge_quads: asDeclared(edges),
    weights: asDeclared(weights),
    dense_w: asDeclared(dense_w),
  };
}

/** Tile constants of a variant for a shape. */
export function matrixTile(variant: FusedMatrixVariant, shape: FusedShape): TileOf<'sweep_fused_matrix'> {
  const { stages, skip, pool, layers, dense, channels, hidden, sigmoid } = shape;
  const { lanes, parts } = variant;
  const subgroups = subgroupsOf(variant, shape);
  const list = (of: (stage: FusedStage) => number): number[] => stages.map(of);
  return {
    LANES: lanes,
    TILES: channels / SIDE,
    PARTS: parts,
    TAPS,
    HELD: (SIDE * SIDE) / (4 * lanes),
    STAGES: stages.length,
    DILATION: list(({ before }) => before?.dilation ?? 1),
    OFFSET: list(({ before }) => before?.offset ?? 0),
    COLUMNS: list(({ columns }) => columns),
    LEFT: list(({ left }) => left),
    RIGHT: list(({ right }) => right),
    EDGE: list(({ edge }) => edge),
    LAYER: list(({ layer }) => layer ?? 0),
    KERNEL: list(({ before }) => (before?.matrix ?? 0) / TAPS),
    EDGES: dense.edge,
    TURNS: ceilDivide((stages[0]!.columns * SIDE * channels) / 4, lanes * subgroups),
    ...scheduleTile(scheduleOf(shape), stages, parts),
    SKIPS: skip?.columns ?? 0,
    SKIP_FIRST: skip?.first ?? 0,
    SKIP_RUN: skip?.run ?? 0,
    SKIP_SIDES: skip?.sides ?? 0,
    POOL: pool.size,
    POOL_OFFSET: pool.offset,
    WINDOWS: pool.windows,
    LAYERS: layers,
    HIDDEN: hidden,
    DENSE_EDGES: dense.edges,
    ROUNDS: ceilDivide(hidden / SIDE, subgroups),
    SIGMOID: Number(sigmoid),
  };
}

/** Steps one after another, each with its columns divided into parts of about the same length. */
function scheduleTile({ steps, slots }: Schedule, stages: readonly FusedStage[], parts: number) {
  const shares = steps.flatMap(({ stage, inputs, outputs }) => {
    const most = ceilDivide(outputs.length, parts);
    return Array.from({ length: parts }, (_, part) => {
      const own = outputs.slice(part * most, (part + 1) * most);
      const needs = (input: number): boolean =>
        own.some(({ column }) => [0, 1, 2].some((tap) => adds(stages[stage]!, input, tap, column)));
      return { outputs: own, inputs: inputs.filter(({ column }) => needs(column)) };
    });
  });
  const [inputs, outputs] = [shares.map((share) => share.inputs), shares.map((share) => share.outputs)];
  const most = (lists: readonly (readonly unknown[])[]): number =>
    Math.max(1, ...lists.map(({ length }) => length));
  /** Of every share, what its columns are, filled up to the longest. */
  const filled = <T>(lists: readonly (readonly T[])[], value: (it: T) => number): number[] =>
    lists.flatMap((list) =>
      Array.from({ length: most(lists) }, (_, i) => (i < list.length ? value(list[i]!) : 0)),
    );
  return {
    STEPS: steps.length,
    STAGE: steps.map(({ stage }) => stage),
    INPUTS: inputs.map(({ length }) => length),
    MOST_INPUTS: most(inputs),
    INPUT: filled(inputs, ({ column }) => column),
    INPUT_SLOT: filled(inputs, ({ slot }) => slot),
    OUTPUTS: outputs.map(({ length }) => length),
    MOST_OUTPUTS: most(outputs),
    OUTPUT: filled(outputs, ({ column }) => column),
    OUTPUT_SLOT: filled(outputs, ({ slot }) => slot ?? 0),
    SLOTS: slots,
  };
}
