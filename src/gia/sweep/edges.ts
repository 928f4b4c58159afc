/**
 * Where edges lie in GPU memory (plan.ts): vectors [E, block, rows, channels], and the index of each
 * pattern's vector. A kernel that computes one stage reads the buffer of this stage. A kernel that computes
 * all stages reads one common buffer, because adapters can bind only few.
 */

import type { EdgeRows } from '../../kernels/sweep/sweep.js';
import type { StorageFormat } from '../../tensor/fused.js';
import { Tensor } from '../../tensor/tensor.js';
import type { LayeredModel } from '../model.js';
import type { SweepPlan } from './plan.js';
import type { Edges } from './stages.js';

/** Edge vectors of a stage: some rows of a tensor [E, block, stride, channels]. */
export interface StageEdges {
  readonly vectors: Tensor;
  readonly rows: EdgeRows;
}

export interface SweepEdges {
  /** Edges of the first stage and of each convolution. */
  readonly stages: readonly (StageEdges | undefined)[];
  readonly dense: StageEdges | undefined;
}

/** Edges of one stage, and the vector that each pattern adds, [left + right, patterns]. */
export type OwnEdges = StageEdges & { readonly index: Tensor };

/** A buffer per stage. */
export interface SeparateEdges extends SweepEdges {
  readonly stages: readonly (OwnEdges | undefined)[];
  readonly dense: OwnEdges | undefined;
}

/** One buffer for all stages. */
export interface JoinedEdges extends SweepEdges {
  /** [E, block, edgeRows, channels] */
  readonly vectors: Tensor;
  /** [edges of all stages, then of the dense layer, patterns] */
  readonly index: Tensor;
  /** First row of each stage's edges in the index, and of the dense layer's as the last entry. */
  readonly first: readonly number[];
}

const edgesOf = ({ left, right }: Edges): number => left + right;

/** Allocates memory for edges, a buffer per stage. `keep` collects what must be disposed of later. */
export function separateEdges(
  { gpu, models }: LayeredModel,
  { network, first, convolutions, dense }: SweepPlan,
  block: number,
  keep: (tensor: Tensor) => Tensor,
): SeparateEdges {
  const own = (edges: Edges, channels: number): OwnEdges | undefined => {
    if (edgesOf(edges) === 0) return undefined;
    const { rows, index } = edges;
    return {
      vectors: keep(Tensor.zeros(gpu, [models, block * rows, channels])),
      rows: { rows, first: 0, stride: rows },
      index: keep(Tensor.from(gpu, index, [index.length])),
    };
  };
  return {
    stages: [first, ...convolutions].map(({ edges, channels }) => own(edges, channels)),
    dense: own(dense.edges, network.dense.units),
  };
}

/**
 * Allocates one buffer for the edges of all stages, which have the same number of channels. Edges of the
 * dense layer are f32. `keep` collects what must be disposed of later.
 */
export function joinedEdges(
  { gpu, models }: LayeredModel,
  { network, first, convolutions, dense, set }: SweepPlan,
  block: number,
  keep: (tensor: Tensor) => Tensor,
  storage: StorageFormat = 'f32',
): JoinedEdges {
  const all = [first, ...convolutions].map(({ edges }) => edges);
  const stride = all.reduce((sum, { rows }) => sum + rows, 0);
  const listed = [...all, dense.edges];
  const index = new Uint32Array(listed.reduce((sum, edges) => sum + edgesOf(edges), 0) * set.names.length);
  const starts: number[] = [];
  let [row, edge] = [0, 0];
  const stages: (StageEdges | undefined)[] = [];
  const vectors = keep(Tensor.zeros(gpu, [models, block * Math.max(1, stride), first.channels], storage));
  for (const edges of all) {
    starts.push(edge);
    const base = row;
    index.set(
      edges.index.map((of) => base + of),
      edge * set.names.length,
    );
    stages.push(
      edgesOf(edges) > 0 ? { vectors, rows: { rows: edges.rows, first: base, stride } } : undefined,
    );
    row += edges.rows;
    edge += edgesOf(edges);
  }
  starts.push(edge);
  index.set(dense.edges.index, edge * set.names.length);
  const { rows } = dense.edges;
  return {
    vectors,
    index: keep(Tensor.from(gpu, index, [index.length])),
    first: starts,
    stages,
    dense:
      edgesOf(dense.edges) > 0
        ? {
            vectors: keep(Tensor.zeros(gpu, [models, block * rows, network.dense.units])),
            rows: { rows, first: 0, stride: rows },
          }
        : undefined,
  };
}
