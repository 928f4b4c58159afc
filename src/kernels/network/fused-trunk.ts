/**
 * The network from base codes to pooled means in one dispatch (`network.wgsl`): how it is divided among
 * threads, for which networks it is there, and its launch.
 */

import { kindOf } from '../../device/adapter/adapter-info.js';
import type { Gpu } from '../../device/gpu.js';
import { ceilDivide, flatGrid, launch, type Operand, type TileOf } from '../launch.js';
import { groupsOf, TAPS_PER_GROUP } from '../matrix/conv-codes.js';

/** Sizes of the network up to its pool. */
export interface TrunkShape {
  readonly models: number;
  readonly sequences: number;
  readonly length: number;
  readonly filters: number;
  /** Of the first convolution; those of the residual block have 3. */
  readonly taps: number;
  readonly dilations: readonly number[];
  readonly pool: number;
}

/** How a workgroup divides its work; every variant gives the same bits. */
export interface TrunkVariant {
  /** Threads that share the positions of a sequence. */
  readonly spread: number;
  /** Sequences a workgroup. */
  readonly sequences: number;
}

/** Positions a thread may own, four sums each, and columns it may read. */
const MOST_POSITIONS = 24;
const MOST_COLUMNS = 40;
/**
 * What a thread is given where there are threads enough: more fill its registers, and too few subgroups are
 * left.
 */
const POSITIONS = 8;
/** Convolutions, and groups of taps of the first one, whose text is written out in one kernel. */
const MOST_STAGES = 8;
export const MOST_GROUPS = 16;
/** Lanes along the channels, four to a lane: as many as a memory transaction of 128 bytes serves. */
const ALONG = 8;
/** What a workgroup fills: a few subgroups, several workgroups to a multiprocessor. */
const THREADS = 96;

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** What follows from a dilation for threads that share a sequence. */
function stageOf(length: number, spread: number, dilation: number) {
  const classes = divisor(dilation, spread);
  const reach = dilation / classes;
  const shared = classes < spread;
  return { classes, reach, halo: shared ? reach : 0, ragged: Number(!shared && length % classes > 0) };
}

const columnsOf = (length: number, spread: number, dilation: number): number =>
  ceilDivide(length, spread) + 2 * stageOf(length, spread, dilation).halo;

/** Tile constants of the first convolution (`code_words.wgsl`). */
export function codeWords({ length, taps }: TrunkShape) {
  const GROUPS = groupsOf(taps);
  return { GROUPS, STARTS: length + TAPS_PER_GROUP * (GROUPS - 1) };
}

/** Floating-point operations of the residual block. */
export const trunkFlops = ({ models, sequences, length, filters, dilations }: TrunkShape): number =>
  2 * models * sequences * length * 3 * dilations.length * filters * filters;

/** Bytes of workgroup memory. */
function bytesOf(shape: TrunkShape, { sequences }: TrunkVariant): number {
  const { length, filters } = shape;
  return sequences * ((length + 1) * (4 * filters + 16) + 4 * (codeWords(shape).STARTS + 3));
}

/** Whether a device can run a variant. */
export function fitsTrunk({ limits }: Gpu, shape: TrunkShape, variant: TrunkVariant): boolean {
  const { length, filters, dilations } = shape;
  const { spread, sequences } = variant;
  return (
    filters % 4 === 0 &&
    codeWords(shape).GROUPS <= MOST_GROUPS &&
    dilations.length <= MOST_STAGES &&
    spread <= length &&
    ceilDivide(length, spread) <= MOST_POSITIONS &&
    dilations.every((dilation) => columnsOf(length, spread, dilation) <= MOST_COLUMNS) &&
    (filters / 4) * spread * sequences <= limits.maxComputeInvocationsPerWorkgroup &&
    bytesOf(shape, variant) <= limits.maxComputeWorkgroupStorageSize
  );
}

/**
 * The variant that a device takes for a network, undefined where it has none or layer by layer is faster:
 * software adapters read workgroup memory many times slower than registers.
 */
export function trunkVariant(gpu: Gpu, shape: TrunkShape): TrunkVariant | undefined {
  if (kindOf(gpu.adapter) === 'software') return undefined;
  const spreads = [1, 2, 4, 8, 16].filter((spread) => fitsTrunk(gpu, shape, { spread, sequences: 1 }));
  const spread = spreads.find((each) => ceilDivide(shape.length, each) <= POSITIONS) ?? spreads.at(-1);
  if (spread === undefined) return undefined;
  const wanted = Math.max(1, Math.floor(THREADS / ((shape.filters / 4) * spread)));
  for (let sequences = wanted; ; sequences--) {
    if (fitsTrunk(gpu, shape, { spread, sequences })) return { spread, sequences };
  }
}

export interface TrunkOperands {
  /** [E or 1, sequences, length] u32. */
  readonly codes: Operand;
  /** Of the first convolution and its bias, as `codeTables` makes them. */
  readonly tables: Operand;
  /** [E, stages, 3, filters, filters] and [E, stages, filters], of which a stage's lie `strides` apart. */
  readonly w: Operand;
  readonly bias: Operand;
  /** [E, sequences, windows, filters]. */
  readonly y: Operand;
}

/** Elements from a stage's part of w and of bias to the next one's. */
export interface TrunkStrides {
  readonly w: number;
  readonly bias: number;
}

/** Tile constants of a variant. */
export function trunkTile(shape: TrunkShape, { spread, sequences }: TrunkVariant): TileOf<'network'> {
  const { length, filters, dilations, pool } = shape;
  const stages = dilations.map((dilation) => stageOf(length, spread, dilation));
  const columns = dilations.map((dilation) => columnsOf(length, spread, dilation));
  const QUADS = filters / 4;
  return {
    ...codeWords(shape),
    LENGTH: length,
    QUADS,
    ALONG: divisor(QUADS, ALONG),
    SPREAD: spread,
    SEQUENCES: sequences,
    POSITIONS: ceilDivide(length, spread),
    POOL: pool,
    WINDOWS: Math.floor(length / pool),
    STAGES: stages.length,
    CLASSES: stages.map(({ classes }) => classes),
    REACH: stages.map(({ reach }) => reach),
    HALO: stages.map(({ halo }) => halo),
    RAGGED: stages.map(({ ragged }) => ragged),
    COLUMNS: columns,
    MOST_COLUMNS: Math.max(...columns),
  };
}

/** Pooled means y of the residual block from codes. */
export function fusedTrunk(
  gpu: Gpu,
  operands: TrunkOperands,
  shape: TrunkShape,
  strides: TrunkStrides,
  variant: TrunkVariant,
): void {
  const { models, sequences, taps } = shape;
  launch(gpu, 'network', {
    operands: { ...operands },
    params: { sequences, taps, w_stride: strides.w, bias_stride: strides.bias },
    tile: trunkTile(shape, variant),
    workgroups: flatGrid(gpu, ceilDivide(sequences, variant.sequences), models, 1),
    flops: trunkFlops(shape),
  });
}
