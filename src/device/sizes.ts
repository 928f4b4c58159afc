/**
 * The table of sizes that depend on whether an adapter is hardware or software. A GPU needs much work at a
 * time and has the memory for it. A software adapter pays for every thread, and its user waits for a sign of
 * progress. Results do not depend on these sizes, unless a row says so.
 *
 * Two tables stand with their kernels, because `residualbind tune` replaces their rows: the tiles of each
 * class of adapter (`kernels/matrix/variants.ts`, `kernels/sweep/fused-variants.ts`).
 */

import { type AdapterClass, kindOf } from './adapter/adapter-info.js';

/** The two columns of the table. */
export type AdapterKind = ReturnType<typeof kindOf>;

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const UNBOUNDED = Number.POSITIVE_INFINITY;

export const SIZES = {
  /**
   * Most bytes of GPU memory that are kept idle for reuse. On hardware, where allocating takes 30 ms per GiB,
   * enough for a sweep, whose buffers outlive it.
   */
  idleBytes: { software: 512 * MIB, hardware: 4 * GIB },
  /**
   * Milliseconds after a call during which Dawn polls in every iteration of the event loop. A poll by a timer
   * may come a millisecond late: on hardware that is too much for a short wait, and a core to spare is the
   * rule. A software adapter needs the core itself.
   */
  eagerMilliseconds: { software: 1, hardware: 16 },

  /**
   * Rows that one thread of a kernel per channel takes, even: on hardware few, for many threads; on software
   * adapters enough to share the cost of what a channel loads once.
   */
  rowsPerThread: { software: 64, hardware: 8 },
  /**
   * Threads that share a channel's chunks of statistics: a serial loop takes hardware the longer, the more
   * chunks there are. Merging in parts changes the order of a sum.
   */
  statisticsParts: { software: 1, hardware: 8 },
  /**
   * Workgroups over the vectors that patterns of a sweep share: each takes several of them, as starting one
   * costs on software adapters.
   */
  sharedGroups: { software: 64, hardware: 65_535 },
  /**
   * Fewer models than this are trained by the fused step; more fill a large GPU with one kernel after
   * another.
   */
  fusedStepModels: { software: 0, hardware: 8 },
  /**
   * Models that are trained side by side, where memory allows: more gain little. Software adapters compute as
   * many operations a second for one model as for several.
   */
  modelsAtOnce: { software: 8, hardware: 32 },
  /** Bytes of GPU memory of models that are trained side by side. WebGPU does not tell how much there is. */
  trainingBytes: { software: GIB, hardware: 6 * GIB },

  /** Sequences predicted at a time: they keep the adapter busy, with about 16 kB a sequence and tensor. */
  predicted: { software: 512, hardware: 4096 },
  /**
   * The same, of all models together, where one kernel holds the network and no activation is in memory:
   * folding the weights anew each time does not show. No such kernel runs on software adapters.
   */
  predictedFused: { software: 512, hardware: 32_768 },
  /**
   * Batches of predictions under way: on a large GPU one may take 3 ms, which is about when the host hears
   * that another is done.
   */
  predictedInFlight: { software: 2, hardware: 4 },
  /**
   * Bytes of the inside of sequences that are folded side by side: on software adapters few leave the caches.
   */
  foldedBytes: { software: 32 * MIB, hardware: 512 * MIB },
  /** Inputs differentiated in one submit; each takes some 300 kB for all its layers. */
  differentiated: { software: 256, hardware: 2048 },

  /** Bytes of GPU memory that a sweep takes where nothing is said. */
  sweepBytes: { software: 256 * MIB, hardware: 2 * GIB },
  /** Pairs of a sweep's chunk: enough to keep an adapter busy, few enough that progress shows. */
  pairsStaged: { software: 1024, hardware: 2 ** 15 },
  pairsFused: { software: 1024, hardware: 2 ** 18 },
  /**
   * Backgrounds of a sweep's block that share their dispatches, where memory allows; a fused sweep leaves it
   * to the memory. Blocks of matrices have at least a row of them (`sweepSize`).
   */
  blockStaged: { software: 4, hardware: 32 },
  blockFused: { software: 4, hardware: UNBOUNDED },

  /** What `tune` measures: results a thread may own, and rows of a product, a sweep's pairs by 4 residues. */
  tunedResults: { software: 192, hardware: 128 },
  tunedProduct: { software: 4096, hardware: 65_536 },
  /**
   * Ceilings of a device: loop iterations of a thread, vectors that a thread copies, and bytes of each of
   * three buffers, more than caches hold.
   */
  ceilingTurns: { software: 16, hardware: 2048 },
  ceilingVectors: { software: 128, hardware: 8 },
  ceilingBytes: { software: 64 * MIB, hardware: 128 * MIB },
} as const satisfies Readonly<Record<string, Readonly<Record<AdapterKind, number>>>>;

/** The size in the adapter's column of the table. */
export const sizeFor = (adapter: { readonly class: AdapterClass }, name: keyof typeof SIZES): number =>
  SIZES[name][kindOf(adapter)];
