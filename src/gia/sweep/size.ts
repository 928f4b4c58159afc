/** The memory that a sweep takes, and the sizes of blocks and chunks that follow from it. */

import { OutOfMemoryError } from '../../device/errors.js';
import { type AdapterKind, SIZES } from '../../device/sizes.js';
import { evaluatedOf } from '../../kernels/sweep/filtering.js';
import { SIDE } from '../../kernels/sweep/fused-sweep-matrix.js';
import type { LayeredModel } from '../model.js';
import type { SweepPlan } from './plan.js';
import { lastOf } from './shareable.js';
import { type SweepSize, sharedMemory } from './shared-recorder.js';

/**
 * How a chunk is computed: stage by stage, in one dispatch, or in one dispatch with matrices of f16
 * (staged-chunk.ts, fused-chunk.ts, matrix-chunk.ts).
 */
export type ChunkKind = 'staged' | 'fused' | 'matrices';

/** Pairs of a chunk, and backgrounds of a block that share their dispatches, where memory allows. */
const pairsOf = (chunk: ChunkKind) => (chunk === 'staged' ? SIZES.pairsStaged : SIZES.pairsFused);
const blockOf = (chunk: ChunkKind) => (chunk === 'staged' ? SIZES.blockStaged : SIZES.blockFused);

/** Blocks and chunks hold multiples of so many backgrounds, because matrices have one row per background. */
const UNIT: Readonly<Record<ChunkKind, number>> = { staged: 1, fused: 1, matrices: SIDE };

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Bytes of GPU memory that a sweep takes. */
export interface SweepBytes {
  /** Independent of block and chunk size. */
  readonly fixed: number;
  /** Per background of a block and per pair of a chunk. */
  readonly perBackground: number;
  readonly perPair: number;
  /** Of the largest buffer, per background and per pair. */
  readonly largest: { readonly perBackground: number; readonly perPair: number };
}

export function sweepBytes(
  plan: SweepPlan,
  { models }: Pick<LayeredModel, 'models'>,
  kind: ChunkKind,
): SweepBytes {
  const { network, first, convolutions, pool, dense, set } = plan;
  const { units } = network.dense;
  const stages = [first, ...convolutions];
  const edges = stages.map((stage) => stage.edges);
  const indices = [...edges, dense.edges].map(({ index }) => index.length);
  const sources = [...convolutions, pool, dense].map(({ gathered }) => gathered.sources.length);
  const { early, late, products } = sharedMemory(plan);
  /** Bytes per number of columns and edges. Products are f32. */
  const bytes = kind === 'matrices' ? 2 : 4;
  const ofStages = stages.map(({ channels, edges: { rows } }) => channels * rows);
  const edgeFloats = kind !== 'staged' ? [sum(ofStages)] : ofStages;
  const denseFloats = units * dense.edges.rows;
  const patterns = set.names.length * network.head.outputs;
  const evaluated = convolutions.map(({ blocks, inputs }) =>
    blocks ? inputs * blocks.count * evaluatedOf(blocks) : 0,
  );
  const runProducts = convolutions.map(({ blocks, channels }) => channels * (blocks?.products ?? 0));
  const windows = lastOf(network).outputs * pool.windows.count;
  // The memory of one stage is reused for the next if it fits.
  const pair = kind !== 'staged' ? [] : [...evaluated, ...runProducts, windows, units];
  return {
    fixed: 4 * (sum(indices) + sum(sources) + first.columns.length) + set.overlays.length,
    perBackground:
      models * (bytes * (early + late + sum(edgeFloats)) + 4 * (products + denseFloats + patterns)),
    perPair: 4 * models * sum(pair),
    largest: {
      perBackground:
        models *
        Math.max(bytes * Math.max(early, late, ...edgeFloats), 4 * Math.max(products, denseFloats, patterns)),
      perPair: 4 * models * Math.max(0, ...pair),
    },
  };
}

/** Limits for the size of a sweep. */
export interface SizeOptions {
  /**
   * Most bytes of GPU memory for the work. Default 256 MiB on software adapters, 2 GiB on hardware, more
   * where a single background takes more (all 8-mers: 0.4 GB).
   */
  readonly memory?: number | undefined;
  /**
   * Pairs worked on in one submit, or in one call of a plain function; chosen from the adapter and the memory
   * by default. Results do not depend on it.
   */
  readonly chunk?: number | undefined;
}

/** Limits of a device. */
export interface SizeLimits {
  readonly kind: AdapterKind;
  /** Bytes of the largest binding. */
  readonly bindable: number;
}

/**
 * The largest chunk and block that memory and bindings allow.
 *
 * @throws OutOfMemoryError where one pair does not fit
 */
export function sweepSize(
  plan: SweepPlan,
  model: Pick<LayeredModel, 'models'>,
  count: number,
  chunkKind: ChunkKind,
  { kind, bindable }: SizeLimits,
  { memory: most, chunk = pairsOf(chunkKind)[kind] }: SizeOptions = {},
): SweepSize {
  const total = plan.set.names.length;
  const { fixed, perBackground, perPair, largest } = sweepBytes(plan, model, chunkKind);
  const unit = UNIT[chunkKind];
  const memory = most ?? Math.max(SIZES.sweepBytes[kind], fixed + unit * perBackground + chunk * perPair);
  const room = memory - fixed;
  const fitting = (share: number, each: number): number =>
    each === 0 ? Number.POSITIVE_INFINITY : Math.floor(share / each);
  const pairs = Math.min(
    chunk,
    fitting(room - unit * perBackground, perPair),
    fitting(bindable, largest.perPair),
  );
  if (pairs < 1 || room < unit * perBackground) {
    const least = Math.ceil((fixed + unit * perBackground + perPair) / 2 ** 20);
    throw new OutOfMemoryError(`this sweep needs at least ${least} MiB of GPU memory`);
  }
  const patterns = evenly(total, Math.min(pairs, total));
  const fits = Math.min(
    Math.floor((room - pairs * perPair) / perBackground),
    Math.floor(bindable / largest.perBackground),
  );
  const together = Math.floor(pairs / patterns);
  const wanted = Math.max(blockOf(chunkKind)[kind], together);
  const block = unit * evenly(Math.ceil(count / unit), atLeastOne(Math.min(wanted, fits, count) / unit));
  const backgrounds = unit * evenly(block / unit, atLeastOne(Math.min(block, together) / unit));
  return { block, patterns, backgrounds };
}

const atLeastOne = (value: number): number => Math.max(1, Math.floor(value));

/** Divides a whole into parts of about equal size, at most `most` each. @returns their size */
const evenly = (whole: number, most: number): number => Math.ceil(whole / Math.ceil(whole / most));

/** About the memory that a sweep takes by default, and the least with which it can run. */
export function memoryOf(
  plan: SweepPlan,
  model: Pick<LayeredModel, 'models'>,
  kind: AdapterKind,
  chunkKind: ChunkKind,
): { readonly least: number; readonly usual: number } {
  const { fixed, perBackground, perPair } = sweepBytes(plan, model, chunkKind);
  const least = UNIT[chunkKind] * perBackground;
  const start = fixed + least + pairsOf(chunkKind)[kind] * perPair;
  const block = blockOf(chunkKind)[kind];
  const all = block === Number.POSITIVE_INFINITY ? block : start + block * perBackground - least;
  return { least: fixed + least + perPair, usual: Math.min(Math.max(SIZES.sweepBytes[kind], start), all) };
}
