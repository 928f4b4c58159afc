/** Kernels of the pairs of a sweep against plain loops: runs, the head, and running statistics. */

import { afterEach, beforeEach, describe, it } from 'vitest';
import { type Control, createControl } from '../src/kernels/control.js';
import { blocksOf, evaluatedOf, evaluateTaps, pointsOf, TAPS } from '../src/kernels/sweep/filtering.js';
import { sweepHead, sweepRun, sweepStatistics } from '../src/kernels/sweep/sweep.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals } from './support/numbers.js';

const gpu = useGpu();
let control: Control;
beforeEach(() => {
  control = createControl(gpu());
});
afterEach(() => control.dispose());

const words = (values: ArrayLike<number>) => Tensor.from(gpu(), Uint32Array.from(values), [values.length]);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const relu = (x: number): number => Math.max(x, 0);

describe('sweepRun', () => {
  const [models, block, patterns, channels] = [2, 2, 5, 9];
  const chunk = { models, block, patterns, chunkPatterns: patterns, rows: block * patterns, channels };
  const { rows } = chunk;
  const at = (e: number, row: number, c: number, column: number, count: number) =>
    ((e * rows + row) * count + column) * channels + c;

  /**
   * Edges that hold one value per (background, pattern) and column: [E, block, columns * patterns, channels].
   */
  function edgesOf(values: Float32Array, columns: number) {
    const edges = new Float32Array(values.length);
    for (const e of range(models)) {
      for (const n of range(block)) {
        for (const p of range(patterns)) {
          for (const i of range(columns)) {
            for (const c of range(channels)) {
              const to = ((e * block + n) * columns * patterns + i * patterns + p) * channels + c;
              edges[to] = values[at(e, n * patterns + p, c, i, columns)]!;
            }
          }
        }
      }
    }
    return {
      edges: floats(gpu(), edges, [models, block, columns * patterns, channels]),
      index: words(range(columns * patterns)),
      rows: columns * patterns,
    };
  }

  it.each([
    { columns: 1, dilation: 1, method: 'filtered' },
    { columns: 6, dilation: 1, method: 'filtered' },
    { columns: 16, dilation: 1, method: 'filtered' },
    { columns: 18, dilation: 2, method: 'filtered' },
    { columns: 22, dilation: 4, method: 'filtered' },
    { columns: 7, dilation: 3, method: 'shared' },
    { columns: 3, dilation: 8, method: 'filtered' },
  ] as const)(
    'convolves $columns columns with dilation $dilation, $method',
    async ({ columns, dilation, method }) => {
      const blocks = blocksOf(columns, dilation, method);
      const evaluated = evaluatedOf(blocks);
      const points = pointsOf(blocks.size);
      const values = normals(models * rows * columns * channels, 1);
      const given = edgesOf(values, columns);
      using edges = given.edges;
      using index = given.index;
      const x = Tensor.empty(gpu(), [models, evaluated, blocks.count, rows, channels]);
      sweepRun(
        gpu(),
        control,
        { edges, edge_index: index, y: x },
        { ...chunk, columns, left: columns, right: 0, edgeRows: given.rows, next: { blocks, dilation } },
      );
      const from = await take(x);

      // The products, [E, points, blocks, rows, channels], or [E, blocks, rows, taps, channels] of single
      // columns.
      const taps = normals(TAPS * channels * channels, 2);
      const matrices = blocks.size === 1 ? taps : evaluateTaps(taps, blocks.size);
      const products = new Float32Array(models * points * blocks.count * rows * channels);
      const all = blocks.count * rows;
      for (const e of range(models)) {
        for (const q of range(points)) {
          for (const r of range(all)) {
            for (const o of range(channels)) {
              const source = (e * evaluated + (blocks.size === 1 ? 0 : q)) * all + r;
              const sum = range(channels).reduce(
                (total, i) =>
                  total + from[source * channels + i]! * matrices[(q * channels + i) * channels + o]!,
                0,
              );
              const to = blocks.size === 1 ? (e * all + r) * points + q : (e * points + q) * all + r;
              products[to * channels + o] = sum;
            }
          }
        }
      }
      using multiplied = floats(gpu(), products, [models, products.length / models]);
      const bias = normals(models * channels, 3);
      using biases = floats(gpu(), bias, [models, channels]);
      const reach = columns + 2 * dilation;
      const window = 5;
      const offset = 2;
      const windows = Math.ceil((reach + offset) / window);
      const y = Tensor.empty(gpu(), [models, rows, windows, channels]);
      // The first run again as a skip, from the column where it begins.
      sweepRun(
        gpu(),
        control,
        { products: multiplied, bias: biases, skip_edges: edges, skip_index: index, y },
        {
          ...chunk,
          columns: reach,
          left: 0,
          right: 0,
          edgeRows: 0,
          before: { blocks, dilation, offset: dilation },
          pool: { size: window, stride: window, windows, offset },
          skip: { first: dilation, columns, from: 0, run: columns, sides: 1, edgeRows: given.rows },
        },
      );
      const entered = (e: number, row: number, c: number, column: number): number =>
        column < 0 || column >= columns ? 0 : relu(values[at(e, row, c, column, columns)]!);
      const expected = new Float64Array(models * rows * windows * channels);
      for (const e of range(models)) {
        for (const row of range(rows)) {
          for (const column of range(reach)) {
            for (const o of range(channels)) {
              let sum = bias[e * channels + o]! + entered(e, row, o, column - dilation);
              for (const t of range(TAPS)) {
                for (const i of range(channels)) {
                  const input = entered(e, row, i, column - dilation + (t - 1) * dilation);
                  sum += input * taps[(t * channels + i) * channels + o]!;
                }
              }
              const to = (e * rows + row) * windows + Math.floor((column + offset) / window);
              expected[to * channels + o]! += relu(sum) / window;
            }
          }
        }
      }
      expectClose(await take(y), expected, 2e-5);
    },
  );

  it('adds a skip of two sides: both halves of the slot, each by its own vector of the pattern, rectified together', async () => {
    // The last run ends before the first one does, so a column of the skip's run is left over.
    const [columns, first, run, added] = [6, 2, 5, 4];
    const edgeRows = 7;
    const data = normals(models * block * edgeRows * channels, 4);
    const index = range(2 * run * patterns).map((i) => (i * 5 + Math.floor(i / patterns)) % edgeRows);
    const bias = normals(models * channels, 5);
    using skip_edges = floats(gpu(), data, [models, block, edgeRows, channels]);
    using skip_index = words(index);
    using biases = floats(gpu(), bias, [models, channels]);
    const y = Tensor.empty(gpu(), [models, rows, columns, channels]);
    sweepRun(
      gpu(),
      control,
      { bias: biases, skip_edges, skip_index, y },
      {
        ...chunk,
        columns,
        left: 0,
        right: 0,
        edgeRows: 0,
        pool: { size: 1, stride: 1, windows: columns, offset: 0 },
        skip: { first, columns: added, from: 0, run, sides: 2, edgeRows },
      },
    );
    const expected = new Float64Array(models * rows * columns * channels);
    for (const e of range(models)) {
      for (const row of range(rows)) {
        const [n, p] = [Math.floor(row / patterns), row % patterns];
        const vector = (edge: number, c: number) =>
          data[((e * block + n) * edgeRows + index[edge * patterns + p]!) * channels + c]!;
        for (const column of range(columns)) {
          for (const c of range(channels)) {
            const i = column - first;
            const entry = i >= 0 && i < added ? relu(vector(i, c) + vector(run + i, c)) : 0;
            expected[((e * rows + row) * columns + column) * channels + c] = relu(
              bias[e * channels + c]! + entry,
            );
          }
        }
      }
    }
    expectClose(await take(y), expected, 1e-6);
  });
});

describe('sweepHead', () => {
  it.each([
    { models: 1, hidden: 256, edges: 2, outputs: 1, sigmoid: false },
    { models: 3, hidden: 20, edges: 1, outputs: 2, sigmoid: true },
    { models: 2, hidden: 33, edges: 0, outputs: 5, sigmoid: false },
  ])('predicts $outputs outputs from dense sums and $edges edges', async (shape) => {
    const { models, hidden, edges, outputs, sigmoid } = shape;
    const [patterns, block, chunkPatterns, held, pattern, background] = [7, 3, 4, 2, 4, 1];
    const rows = chunkPatterns * held;
    const edgeRows = 5;
    const data = {
      x: normals(models * rows * hidden, 1),
      edges: normals(models * block * edgeRows * hidden, 2),
      bias: normals(models * hidden, 3),
      w: normals(models * hidden * outputs, 4),
      b: normals(models * outputs, 5),
    };
    const index = range(edges * patterns).map((i) => (i * 3) % edgeRows);
    using x = floats(gpu(), data.x, [models, rows, hidden]);
    using edge = floats(gpu(), data.edges, [models, block, edgeRows, hidden]);
    using list = words(edges > 0 ? index : [0]);
    using bias = floats(gpu(), data.bias, [models, hidden]);
    using out_w = floats(gpu(), data.w, [models, hidden, outputs]);
    using out_bias = floats(gpu(), data.b, [models, outputs]);
    const untouched = 123;
    const predictions = Tensor.from(
      gpu(),
      new Float32Array(models * outputs * block * patterns).fill(untouched),
      [models * outputs, block, patterns],
    );
    control.set({ pattern, block_background: background });
    sweepHead(
      gpu(),
      control,
      { x, ...(edges > 0 && { edges: edge, edge_index: list }), bias, out_w, out_bias, predictions },
      { models, rows, patterns, chunkPatterns, block, hidden, edges, edgeRows, outputs, sigmoid },
    );
    const expected = new Float64Array(models * outputs * block * patterns).fill(untouched);
    for (const e of range(models)) {
      for (const row of range(rows)) {
        const [p, n] = [pattern + (row % chunkPatterns), background + Math.floor(row / chunkPatterns)];
        if (p >= patterns || n >= block) continue;
        const sums = range(outputs).map((o) => data.b[e * outputs + o]!);
        for (const h of range(hidden)) {
          const unit = range(edges).reduce(
            (total, i) =>
              total + data.edges[((e * block + n) * edgeRows + index[i * patterns + p]!) * hidden + h]!,
            data.bias[e * hidden + h]! + data.x[(e * rows + row) * hidden + h]!,
          );
          for (const o of range(outputs)) sums[o]! += relu(unit) * data.w[(e * hidden + h) * outputs + o]!;
        }
        sums.forEach((sum, o) => {
          expected[((e * outputs + o) * block + n) * patterns + p] = sigmoid ? 1 / (1 + Math.exp(-sum)) : sum;
        });
      }
    }
    expectClose(await take(predictions), expected, 1e-5);
  });
});

describe('sweepStatistics', () => {
  it('takes block after block into mean, squared deviations and range', async () => {
    const [models, patterns, block, count] = [2, 70, 4, 11];
    const base = normals(models * count, 1);
    // A mean far from 0 beside the spread: sums of squares would lose it.
    const predicted = normals(models * count * patterns, 2).map((value) => 100 + value);
    using state = floats(gpu(), normals(models * 4 * patterns, 3), [models, 4, patterns]);
    using bases = floats(gpu(), base, [models, count]);
    for (let first = 0; first < count; first += block) {
      const held = Math.min(block, count - first);
      const part = range(models).flatMap((e) =>
        range(block * patterns).map((i) => predicted[(e * count + first) * patterns + i] ?? 0),
      );
      using predictions = floats(gpu(), part, [models, block, patterns]);
      control.set({ background: first, backgrounds: held });
      sweepStatistics(gpu(), control, { predictions, base: bases, state }, { models, patterns });
      await gpu().flush();
    }
    const expected = range(models).flatMap((e) => {
      const local = range(patterns).map((p) =>
        range(count).map((n) =>
          Math.fround(predicted[(e * count + n) * patterns + p]! - base[e * count + n]!),
        ),
      );
      const means = local.map((values) => values.reduce((a, b) => a + b) / count);
      const squares = local.map((values, p) => values.reduce((sum, v) => sum + (v - means[p]!) ** 2, 0));
      return [
        means,
        squares,
        local.map((values) => Math.min(...values)),
        local.map((values) => Math.max(...values)),
      ].flat();
    });
    const actual = await state.readFloats();
    expectClose(actual, expected, 1e-6);
    const at = (part: number, values: ArrayLike<number>) =>
      Array.from(values).slice(part * patterns, (part + 1) * patterns);
    expectClose(at(1, actual), at(1, expected), 1e-4, 'squared deviations');
  });
});
