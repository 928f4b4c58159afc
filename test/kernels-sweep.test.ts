/** The kernels of the shared sweep, each against a plain float64 loop. */

import { afterEach, beforeEach, describe, it } from 'vitest';
import { type Control, createControl } from '../src/kernels/control.js';
import { conv1d } from '../src/kernels/matrix/conv.js';
import { codeTables, tablesShape } from '../src/kernels/matrix/conv-codes.js';
import { cache, variantOf } from '../src/kernels/matrix/variants.js';
import { sweepColumns, sweepGather } from '../src/kernels/sweep/sweep.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, take, useGpu } from './support/gpu.js';
import { expectClose, normals, randomCodes } from './support/numbers.js';

const gpu = useGpu();
let control: Control;
beforeEach(() => {
  control = createControl(gpu());
});
afterEach(() => control.dispose());

const NONE = 0xffffffff;
const words = (values: ArrayLike<number>) => Tensor.from(gpu(), Uint32Array.from(values), [values.length]);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const relu = (x: number): number => Math.max(x, 0);

describe('product', () => {
  it.each([
    { models: 1, rows: 1, inputs: 4, outputs: 1 },
    { models: 3, rows: 37, inputs: 8, outputs: 50 },
    { models: 2, rows: 300, inputs: 96, outputs: 96 },
    { models: 1, rows: 129, inputs: 20, outputs: 288 },
  ])(
    'is a matrix product: $models models, $rows x $inputs x $outputs',
    async ({ models, rows, inputs, outputs }) => {
      const [a, b] = [normals(models * rows * inputs, 1), normals(models * inputs * outputs, 2)];
      using x = floats(gpu(), a, [models, rows, inputs]);
      using w = floats(gpu(), b, [models, inputs, outputs]);
      const shape = { models, rows, length: 1, inputs, outputs, taps: 1, dilation: 1 };
      const expected = range(models * rows * outputs).map((i) => {
        const [e, r, o] = [Math.floor(i / (rows * outputs)), Math.floor(i / outputs) % rows, i % outputs];
        return range(inputs).reduce(
          (sum, k) => sum + a[(e * rows + r) * inputs + k]! * b[(e * inputs + k) * outputs + o]!,
          0,
        );
      });
      // The adapter's own variant, and those of hardware, with tiles that do not fill the result.
      for (const variant of [variantOf(gpu(), 'product'), cache(6, 12, 8, 4, 128), cache(2, 4, 4, 2, 16)]) {
        const y = Tensor.empty(gpu(), [models, rows, outputs]);
        conv1d(gpu(), x, w, y, shape, {}, variant);
        expectClose(await take(y), expected, 1e-5);
      }
    },
  );
});

/** Memory for edges with a row of zeros before and after a background's own. */
function amongOthers(models: number, block: number, rows: number, channels: number) {
  const place = { rows, first: 1, stride: rows + 2 };
  return {
    place,
    edges: Tensor.zeros(gpu(), [models, block, place.stride, channels]),
    around: (values: readonly number[]): number[] => {
      const [own, zeros] = [rows * channels, Array<number>(channels).fill(0)];
      return range(models * block).flatMap((i) => [
        ...zeros,
        ...values.slice(i * own, (i + 1) * own),
        ...zeros,
      ]);
    },
  };
}

describe('sweepColumns', () => {
  const KEEP = 4;
  it.each([
    { models: 1, taps: 11, length: 17, channels: 40, cut: 6, slotLast: 16 },
    { models: 2, taps: 3, length: 9, channels: 5, cut: 4, slotLast: 5 },
    { models: 2, taps: 51, length: 29, channels: 35, cut: 12, slotLast: 17 },
  ])(
    'adds the letters that a row names: $taps taps',
    async ({ models, taps, length, channels, cut, slotLast }) => {
      const [patterns, backgrounds, block, first] = [3, 5, 2, 3];
      const overlays = Uint8Array.from(randomCodes(patterns * length, 3));
      const sequences = Uint8Array.from(randomCodes(backgrounds * length, 4));
      const kernel = normals(models * taps * 4 * channels, 5);
      const bias = normals(models * channels, 6);
      // Position, pattern, kind (0 all, 1 left, 2 right): three shared vectors, then four edges.
      const rows = [
        [0, 1, 0],
        [length - 1, 2, 0],
        [Math.floor(length / 2), 0, 0],
        [cut, 1, 1],
        [cut, 2, 2],
        [0, 0, 2],
        [length - 1, 1, 1],
      ] as const;
      const shared = 3;
      const edgeRows = rows.length - shared;
      using list = words(rows.map(([p, pattern, kind]) => ((kind << 30) | (p << 20) | pattern) >>> 0));
      using overlaid = Tensor.from(gpu(), overlays, [patterns, length]);
      using given = Tensor.from(gpu(), sequences, [backgrounds, length]);
      using w = floats(gpu(), kernel, [models, taps, 4, channels]);
      using b = floats(gpu(), bias, [models, channels]);
      using tables = Tensor.empty(gpu(), tablesShape(models, taps, channels));
      codeTables(gpu(), { w, bias: b, tables }, { models, taps, outputs: channels });
      const columns = Tensor.empty(gpu(), [models, block, shared, channels]);
      const { place, edges, around } = amongOthers(models, block, edgeRows, channels);
      control.set({ background: first });
      sweepColumns(
        gpu(),
        control,
        { rows: list, overlays: overlaid, sequences: given, tables, bias: b, columns, edges },
        { models, block, backgrounds, shared, edges: place, cut, slotLast, length, taps, channels },
      );
      const value = (
        e: number,
        n: number,
        [position, pattern, kind]: readonly [number, number, number],
        c: number,
      ) =>
        range(taps).reduce(
          (sum, t) => {
            const p = position + t - (taps - 1) / 2;
            const isRight = p >= cut && p <= slotLast;
            if (p < 0 || p >= length || (kind === 1 && isRight) || (kind === 2 && !isRight)) return sum;
            const written = overlays[pattern * length + p]!;
            const code = written === KEEP ? sequences[n * length + p]! : written;
            return code === KEEP ? sum : sum + kernel[((e * taps + t) * 4 + code) * channels + c]!;
          },
          kind === 2 ? 0 : bias[e * channels + c]!,
        );
      const all = (of: (typeof rows)[number][], isShared: boolean) =>
        range(models).flatMap((e) =>
          range(block).flatMap((n) =>
            of.flatMap((row) =>
              range(channels).map((c) => {
                const sum = value(e, Math.min(first + n, backgrounds - 1), row, c);
                return isShared ? relu(sum) : sum;
              }),
            ),
          ),
        );
      expectClose(await take(columns), all(rows.slice(0, shared), true), 1e-5, 'columns');
      expectClose(await take(edges), around(all(rows.slice(shared), false)), 1e-5, 'edges');
    },
  );
});

describe('sweepGather', () => {
  it.each([
    { models: 1, block: 1, channels: 96, sources: 3, scale: 1 },
    { models: 2, block: 3, channels: 7, sources: 20, scale: 1 / 20 },
  ])('sums $sources vectors, a skip and a bias', async ({ models, block, channels, sources, scale }) => {
    const [shared, group, edgeRows, xRows, skipRows] = [6, 3, 2, 11, 4];
    const width = sources + 1;
    const list = range((shared + edgeRows) * width).map((i) => {
      const isSkip = i % width === sources;
      return i % 5 === 4 ? NONE : (i * 7) % (isSkip ? skipRows : xRows);
    });
    const data = {
      x: normals(models * block * xRows * channels, 1),
      skip: normals(models * block * skipRows * channels, 2),
      bias: normals(models * channels, 3),
    };
    using from = words(list);
    using x = floats(gpu(), data.x, [models, block * xRows, channels]);
    using skip = floats(gpu(), data.skip, [models, block * skipRows, channels]);
    using bias = floats(gpu(), data.bias, [models, channels]);
    const y = Tensor.empty(gpu(), [models, (shared / group) * block * group, channels]);
    const { place, edges, around } = amongOthers(models, block, edgeRows, channels);
    sweepGather(
      gpu(),
      { sources: from, x, skip, bias, y, edges },
      { models, block, channels, shared, group, edges: place, sources, xRows, skipRows, scale, relu: true },
    );
    const sum = (e: number, n: number, row: number, c: number): number => {
      const at = (rows: number, vector: number) => ((e * block + n) * rows + vector) * channels + c;
      const taken = list.slice(row * width, row * width + sources).filter((source) => source !== NONE);
      const skipped = list[row * width + sources]!;
      return (
        taken.reduce((total, source) => total + data.x[at(xRows, source)]!, 0) * scale +
        (skipped === NONE ? 0 : data.skip[at(skipRows, skipped)]!)
      );
    };
    const expected = new Float64Array(models * shared * block * channels);
    for (const e of range(models)) {
      for (const n of range(block)) {
        for (const row of range(shared)) {
          for (const c of range(channels)) {
            const to = (Math.floor(row / group) * block + n) * group + (row % group);
            expected[(e * shared * block + to) * channels + c] = relu(
              sum(e, n, row, c) + data.bias[e * channels + c]!,
            );
          }
        }
      }
    }
    expectClose(await take(y), expected, 1e-5, 'y');
    const expectedEdges = range(models).flatMap((e) =>
      range(block).flatMap((n) =>
        range(edgeRows).flatMap((row) => range(channels).map((c) => sum(e, n, shared + row, c))),
      ),
    );
    expectClose(await take(edges), around(expectedEdges), 1e-5, 'edges');
  });
});

/**
 * A run of columns through `sweepRun` twice, with the products between in float64: what comes out is the
 * convolution of what went in.
 */
