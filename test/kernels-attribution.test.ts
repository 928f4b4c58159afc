/** The kernels around input gradients against float64 loops. */

import { describe, expect, it } from 'vitest';
import { inputPath, type PathShape, pathSum } from '../src/kernels/attribution.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, useGpu } from './support/gpu.js';
import { expectClose, normals, randomCodes } from './support/numbers.js';

const gpu = useGpu();

const cases: readonly PathShape[] = [
  { models: 1, records: 1, points: 1, length: 1, channels: 4 },
  { models: 3, records: 4, points: 1, length: 13, channels: 4 },
  { models: 1, records: 3, points: 5, length: 41, channels: 6 },
  { models: 3, records: 2, points: 7, length: 9, channels: 9 },
];

/** Each element's place: [row, position, channel] of an input. */
const place = (i: number, { length, channels }: PathShape) => ({
  row: Math.floor(i / (length * channels)),
  position: Math.floor(i / channels) % length,
  channel: i % channels,
});

describe.each(cases)('%o', (shape) => {
  const { models, records, points, length, channels } = shape;
  const codes = randomCodes(records * length);
  const t = Float32Array.from({ length: points }, (_, p) => (points === 1 ? 1 : p / (points - 1)));
  const baseline = normals(4 * length, 1).map(Math.abs);
  const profile = normals(records * length * (channels - 4), 2);
  const count = records * points * length * channels;

  it('inputs lie between baseline and one-hot', async () => {
    using codesOnGpu = Tensor.from(gpu(), codes, [1, records, length]);
    using tOnGpu = Tensor.from(gpu(), t, [points]);
    using start = Tensor.from(gpu(), baseline, [length, 4]);
    using rows = channels > 4 ? floats(gpu(), profile, [records, length, channels - 4]) : undefined;
    using x = Tensor.empty(gpu(), [models, records * points, length, channels]);
    inputPath(gpu(), { codes: codesOnGpu, t: tOnGpu, baseline: start, profile: rows, x }, shape);
    const expected = Float64Array.from({ length: count }, (_, i) => {
      const { row, position, channel } = place(i, shape);
      const [record, point] = [Math.floor(row / points), row % points];
      const at = record * length + position;
      if (channel >= 4) return profile[at * (channels - 4) + channel - 4]!;
      const from = codes[at] === 4 ? 0 : baseline[4 * position + channel]!;
      return from + t[point]! * (Number(codes[at] === channel) - from);
    });
    const actual = await x.readFloats();
    for (let e = 0; e < models; e++)
      expectClose(actual.subarray(e * count, (e + 1) * count), expected, 1e-6, `model ${e}`);
    // The path ends exactly where it should.
    for (let i = 0; i < count; i++) {
      const { row, channel } = place(i, shape);
      if (row % points === points - 1 && channel < 4) expect([0, 1]).toContain(actual[i]);
    }
  });

  it.each([false, true])('gradients add up to scores; integrated: %s', async (integrate) => {
    const weights = normals(points, 3);
    const gradients = normals(models * count, 4);
    using codesOnGpu = Tensor.from(gpu(), codes, [1, records, length]);
    using weightsOnGpu = Tensor.from(gpu(), weights, [points]);
    using start = integrate ? Tensor.from(gpu(), baseline, [length, 4]) : undefined;
    using given = floats(gpu(), gradients, [models, records * points, length, channels]);
    using scores = Tensor.empty(gpu(), [models, records, 4, length]);
    pathSum(
      gpu(),
      { codes: codesOnGpu, weights: weightsOnGpu, gradients: given, baseline: start, scores },
      shape,
    );
    const expected = new Float64Array(models * records * 4 * length);
    for (let i = 0; i < models * count; i++) {
      const { row, position, channel } = place(i % count, shape);
      const [record, e] = [Math.floor(row / points), Math.floor(i / count)];
      const code = codes[record * length + position];
      if (channel >= 4 || code === 4) continue;
      const way = integrate ? Number(code === channel) - baseline[4 * position + channel]! : 1;
      expected[((e * records + record) * 4 + channel) * length + position]! +=
        weights[row % points]! * gradients[i]! * way;
    }
    expectClose(await scores.readFloats(), expected, 1e-6);
  });
});
