/**
 * What sweep_fused_matrix computes, on adapters that have no subgroup matrices: the same text with the
 * extension written out in plain WGSL, against float64 loops.
 */

import { Float16Array } from '@petamoriken/float16';
import { describe, expect, it, vi } from 'vitest';
import { makeBackgrounds } from '../src/gia/backgrounds/backgrounds.js';
import { importance, kmerPatterns } from '../src/gia/importance.js';
import type { Engine } from '../src/gia/sweep/engine.js';
import { matrixChunk } from '../src/gia/sweep/matrix-chunk.js';
import { patternSet } from '../src/gia/sweep/partition.js';
import { planSweep } from '../src/gia/sweep/plan.js';
import { runEngine } from '../src/gia/sweep/runner.js';
import { SharedSweep } from '../src/gia/sweep/shared-sweep.js';
import { importancesOf } from '../src/gia/sweep/state.js';
import { createControl } from '../src/kernels/control.js';
import type * as generated from '../src/kernels/shaders.generated.js';
import type { FusedShape } from '../src/kernels/sweep/fused-sweep.js';
import {
  asMatrices,
  fusedSweepByMatrices,
  matrixWeights,
  SIDE,
} from '../src/kernels/sweep/fused-sweep-matrix.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { Tensor } from '../src/tensor/tensor.js';
import { useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';

vi.mock('../src/kernels/shaders.generated.js', async (original) => {
  const { shaders } = await original<typeof generated>();
  const { inPlainWgsl } = await import('./support/plain-matrices.js');
  const memories = ['weights', 'dense_w', 'edges', 'kept'];
  const fused = shaders.sweep_fused_matrix;
  const product = shaders.product_matrix;
  return {
    shaders: {
      ...shaders,
      sweep_fused_matrix: { ...fused, code: inPlainWgsl(fused.code, memories, 'leaving', 'patterns') },
      product_matrix: { ...product, code: inPlainWgsl(product.code, ['x', 'w'], 'y', 'rows') },
    },
  };
});

const gpu = useGpu();

/** Two dilations, edges that meet in a column, a skip, two models, and backgrounds beyond the chunk's. */
const shape: FusedShape = {
  models: 2,
  patterns: 3,
  block: 2 * SIDE,
  chunk: { patterns: 2, backgrounds: SIDE },
  channels: SIDE,
  hidden: SIDE,
  stages: [
    { columns: 2, left: 2, right: 2, edge: 0 },
    {
      columns: 3,
      left: 2,
      right: 2,
      edge: 4,
      layer: 0,
      before: { columns: 2, dilation: 1, offset: 1, size: 1, matrix: 0 },
    },
  ],
  skip: { first: 1, columns: 2, run: 2, sides: 2 },
  pool: { size: 2, windows: 2, offset: 1 },
  layers: 1,
  edgeRows: 5,
  dense: { edge: 8, edges: 2, edgeRows: 3 },
  sigmoid: false,
};

const { models, patterns, block, channels, hidden, stages, edgeRows, pool, layers, dense } = shape;
const edgeCount = dense.edge + dense.edges;
const kernels = stages.filter(({ before }) => before).length;
const windows = pool.windows * channels;

/** Operands of all models, with the halves that the kernel multiplies. */
function operands() {
  const draws = (count: number, index: number, scale: number): Float32Array =>
    normals(count, index).map((value) => scale * value);
  const index = Uint32Array.from(
    { length: edgeCount * patterns },
    (_, i) => (i * 7 + (i % 3)) % (i < dense.edge * patterns ? edgeRows : dense.edgeRows),
  );
  return {
    edges: Float16Array.from(draws(models * block * edgeRows * channels, 1, 0.5)),
    index,
    weights: draws(models * kernels * 3 * channels * channels, 2, 0.15),
    constants: draws(models * (layers * channels + 2 * hidden + 4), 3, 0.5),
    denseEdges: draws(models * block * dense.edgeRows * hidden, 4, 0.5),
    dense: draws(models * windows * hidden, 5, 0.15),
  };
}
type Operands = ReturnType<typeof operands>;

const exact = (value: number): number => value;
const toHalf = (value: number): number => new Float16Array([value])[0]!;
const rectified = (value: number): number => Math.max(0, value);
const columnsOf = (count: number, value: (column: number, channel: number) => number): number[][] =>
  Array.from({ length: count }, (_, column) =>
    Array.from({ length: channels }, (_, channel) => value(column, channel)),
  );

/** The prediction of a pair by loops, operands of products rounded by `rounded`. */
function predicted(
  of: Operands,
  e: number,
  b: number,
  p: number,
  rounded: (value: number) => number,
): number {
  const place = e * block + b;
  const edge = (row: number, channel: number): number =>
    of.edges[(place * edgeRows + of.index[row * patterns + p]!) * channels + channel]!;
  const constant = (i: number): number => of.constants[e * (layers * channels + 2 * hidden + 4) + i]!;
  const weight = (matrix: number, input: number, output: number): number =>
    rounded(of.weights[((e * kernels * 3 + matrix) * channels + input) * channels + output]!);
  let run: number[][] = [];
  let entry: number[][] = [];
  for (const { columns, left, right, edge: row, layer, before } of stages) {
    run = columnsOf(columns, (column, channel) => {
      let sum = layer === undefined ? 0 : constant(layer * channels + channel);
      if (column < left) sum += edge(row + column, channel);
      if (column + right >= columns) sum += edge(row + left + column + right - columns, channel);
      for (let tap = 0; tap < 3 && before; tap++) {
        const from = run[column - before.offset - (1 - tap) * before.dilation];
        from?.forEach((x, i) => {
          sum += rounded(x) * weight(before.matrix + tap, i, channel);
        });
      }
      const skipped = layer === layers - 1 ? entry[column - shape.skip!.first] : undefined;
      return rectified(sum + (skipped?.[channel] ?? 0));
    });
    if (!before) entry = run;
  }
  const means = Array.from({ length: windows }, (_, i) => {
    const within = run.filter(
      (_, c) => Math.floor((c + pool.offset) / pool.size) === Math.floor(i / channels),
    );
    return rounded(within.reduce((sum, column) => sum + column[i % channels]!, 0) / pool.size);
  });
  const head = layers * channels;
  return Array.from({ length: hidden }, (_, h) => {
    let unit = constant(head + h);
    for (let d = 0; d < dense.edges; d++) {
      const row = place * dense.edgeRows + of.index[(dense.edge + d) * patterns + p]!;
      unit += of.denseEdges[row * hidden + h]!;
    }
    means.forEach((mean, i) => {
      unit += mean * rounded(of.dense[(e * windows + i) * hidden + h]!);
    });
    return rectified(unit) * constant(head + hidden + h);
  }).reduce((sum, part) => sum + part, constant(head + 2 * hidden));
}

describe('the fused sweep by matrices', () => {
  it('predicts what loops over operands in f16 do', async ({ skip }) => {
    if (!gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
    const of = operands();
    const upload = (values: Float32Array | Float16Array | Uint32Array): Tensor =>
      Tensor.from(gpu(), values, [models, values.length / models]);
    const control = createControl(gpu());
    using edges = upload(of.edges);
    using index = Tensor.from(gpu(), of.index, [of.index.length]);
    using weights = upload(Float16Array.from(matrixWeights(of.weights, models, channels)));
    using constants = upload(of.constants);
    using denseEdges = upload(of.denseEdges);
    using denseWeights = upload(Float16Array.from(asMatrices(of.dense, 1, windows, hidden)));
    using predictions = Tensor.zeros(gpu(), [models, block, patterns]);
    const matrices = { edges, edge_index: index, weights, constants };
    fusedSweepByMatrices(
      gpu(),
      control,
      { ...matrices, dense_edges: denseEdges, dense_w: denseWeights, predictions },
      shape,
      { parts: 2, lanes: 32 },
    );
    // The second chunk of patterns begins at 1, that of backgrounds at SIDE.
    control.set({ pattern: 1, block_background: SIDE });
    const found = await predictions.readFloats();
    control.dispose();
    const [same, close, computed]: [number[], number[], number[]] = [[], [], []];
    for (let e = 0; e < models; e++) {
      for (let b = 0; b < block; b++) {
        for (let p = 0; p < patterns; p++) {
          const value = found[(e * block + b) * patterns + p]!;
          if (b < SIDE || p < 1) {
            expect(value).toBe(0);
            continue;
          }
          computed.push(value);
          same.push(predicted(of, e, b, p, toHalf));
          close.push(predicted(of, e, b, p, exact));
        }
      }
    }
    // An activation between two halves may be rounded to either.
    expectClose(computed, same, 2e-4);
    expectClose(computed, close, 2e-3);
  });

  it('gives the importances of f32 but for rounding', async ({ skip }) => {
    if (!gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
    // Few columns: compiling every product written out takes most of the time.
    const sizes = { filters: SIDE, hidden: SIDE, dilations: [1], taps: 3 };
    using model = await ResidualBind.create(gpu(), { ...sizes, models: 2, seed: 5 });
    const patterns = kmerPatterns(2, 17, 41);
    const backgrounds = makeBackgrounds({ kind: 'uniform', count: 3, length: 41, seed: 7 });
    const exact = await importance(model, patterns, backgrounds, { method: 'shared' });
    const plan = planSweep(model.architecture, patternSet(patterns, 41), 'shared');
    const size = { block: SIDE, patterns: 10, backgrounds: SIDE };
    const choice = { kind: 'matrices', make: matrixChunk({ parts: 1, lanes: 32 }) } as const;
    using engine = await SharedSweep.create(model, plan, backgrounds, size, choice);
    using base = Tensor.from(gpu(), await model.predict({ codes: backgrounds.codes }), [2, 3]);
    const { state } = await runEngine(model, plan.set.names, engine as Engine, base, backgrounds, {});
    importancesOf(state, { models: 2 }).forEach(({ mean }, e) => {
      // Of a few backgrounds over a small network: rounding has hardly begun to average out.
      expectClose(mean, exact.models[e]!.mean, 5e-3);
    });
  });
});
