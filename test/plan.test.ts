/** Recorded work: eager flushes, plans that replay, and the tensors they read and write. */

import { describe, expect, it } from 'vitest';
import { DisposedError, GpuError, ShapeError } from '../src/device/errors.js';
import * as ops from '../src/tensor/operations.js';
import { Tape } from '../src/tensor/tape.js';
import { Tensor } from '../src/tensor/tensor.js';
import { floats, useGpu } from './support/gpu.js';
import { normals } from './support/numbers.js';
import { dispatch, program } from './support/programs.js';

const gpu = useGpu();

describe('flush', () => {
  it('keeps the order of reads at the same time', async () => {
    using x = floats(gpu(), [1, 2, 3], [1, 3]);
    using y = ops.add(x, x);
    using z = ops.add(y, y);
    const [first, second] = await Promise.all([y.readFloats(), z.readFloats()]);
    expect([...first, ...second]).toEqual([2, 4, 6, 4, 8, 12]);
  });

  it('submits everything pending at once, and nothing when nothing is', async () => {
    using x = floats(gpu(), [1], [1, 1]);
    await gpu().sync();
    const { submits, dispatches } = gpu().counters;
    using a = ops.relu(x);
    using _ = ops.relu(a);
    await gpu().sync();
    await gpu().sync();
    expect(gpu().counters).toMatchObject({ submits: submits + 1, dispatches: dispatches + 2 });
  });

  it('gives back memory that was asked for and never used', async () => {
    await gpu().flush();
    const { liveBuffers } = gpu().pool.usage;
    Tensor.empty(gpu(), [3]).dispose();
    using kept = Tensor.empty(gpu(), [3]);
    await gpu().flush();
    expect(gpu().pool.usage.liveBuffers).toBe(liveBuffers + 1);
    expect(kept.size).toBe(3);
  });
});

describe('a plan', () => {
  /** Loss and gradient of a small layer, for one input. */
  const layer = (x: Tensor, w: Tensor, goals: Tensor) => {
    using tape = new Tape();
    using y = tape.watch(() => ops.dense(x, w));
    using flat = tape.watch(() => ops.reshape(y, [1, y.size]));
    const value = tape.watch(() => ops.loss('mean_squared_error', flat, goals));
    const [gradient] = tape.gradients(value, [w]);
    return { value, gradient: gradient! };
  };

  it('replays to the bits of the eager run, in one submit without new bind groups', async () => {
    using x = floats(gpu(), normals(35), [1, 5, 7]);
    using w = floats(gpu(), normals(21, 1), [1, 7, 3]);
    using goals = floats(gpu(), normals(15, 2), [1, 15]);
    const { plan, result } = await gpu().record(() => layer(x, w, goals));
    for (const seed of [3, 4]) {
      await x.write(normals(35, seed));
      const eager = layer(x, w, goals);
      const expected = [await eager.value.read(), await eager.gradient.read()];
      const before = { ...gpu().counters };
      plan.run();
      expect(gpu().counters).toEqual({
        ...before,
        submits: before.submits + 1,
        dispatches: before.dispatches + plan.dispatches,
      });
      expect([await result.value.read(), await result.gradient.read()]).toEqual(expected);
      eager.value.dispose();
      eager.gradient.dispose();
    }
    expect(plan.dispatches).toBeGreaterThanOrEqual(4);
    result.value.dispose();
    result.gradient.dispose();
    plan.dispose();
  });

  it('holds what it reads, and gives everything back when disposed', async () => {
    await gpu().sync();
    const before = gpu().pool.usage.liveBuffers;
    const x = floats(gpu(), [-1, 2], [1, 2]);
    const { plan, result } = await gpu().record(() => ops.relu(x));
    x.dispose();
    plan.run();
    expect([...(await result.read())]).toEqual([0, 2]);
    plan.dispose();
    plan.dispose();
    expect(gpu().pool.usage.liveBuffers).toBe(before + 1);
    result.dispose();
    expect(gpu().pool.usage.liveBuffers).toBe(before);
    expect(() => plan.run()).toThrow(DisposedError);
  });

  it('does not mix with eager work, and an error while recording leaves no trace', async () => {
    using x = floats(gpu(), [-1, 2], [1, 2]);
    const outer = gpu().recording;
    const recorded = gpu().record(() => {
      using _ = ops.relu(x);
      throw new RangeError('stop');
    });
    await expect(recorded).rejects.toThrow('stop');
    expect(gpu().recording).toBe(outer);
    expect(gpu().recording.dispatches).toEqual([]);
  });

  it('does not overtake eager work', async () => {
    using x = floats(gpu(), [1, -2], [1, 2]);
    const { plan, result } = await gpu().record(() => ops.relu(x));
    using kept = plan;
    using positive = result;
    using doubled = ops.add(x, x);
    expect(() => kept.run()).toThrow('eager work is pending');
    await gpu().flush();
    kept.run();
    expect([...(await positive.readFloats()), ...(await doubled.readFloats())]).toEqual([1, 0, 2, -4]);
  });

  it('with a grid that is out of range is refused', async () => {
    using y = Tensor.zeros(gpu(), [1]);
    const most = gpu().limits.maxComputeWorkgroupsPerDimension;
    const wide = gpu().record(() => dispatch(gpu(), program('wide', 'y[0] = 1.0;'), y, [most + 1, 1, 1]));
    await expect(wide).rejects.toThrow(GpuError);
    await expect(
      gpu().record(() => dispatch(gpu(), program('wide', 'y[0] = 1.0;'), y, [0, 1, 1])),
    ).rejects.toThrow('kernel "wide": a grid of 0 x 1 x 1 workgroups is out of range');
  });

  it('with nothing bound where a kernel reads is refused', async () => {
    const unbound = gpu().record(() => {
      const it = program('unbound', 'y[0] = 1.0;');
      gpu().recording.dispatch({ program: it, buffers: {}, params: {}, workgroups: [1, 1, 1], flops: 0 });
    });
    await expect(unbound).rejects.toThrow('kernel "unbound": nothing is bound to "y"');
  });
});

describe('a tensor', () => {
  it('reads back what was uploaded, in every type and odd sizes', async () => {
    for (const data of [
      Float32Array.of(1.5),
      Uint8Array.of(1, 2, 3, 4, 255),
      Uint32Array.of(7, 0xffffffff, 9),
    ]) {
      using tensor = Tensor.from(gpu(), data, [1, data.length]);
      expect(await tensor.read()).toEqual(data);
    }
  });

  it('after dispose() throws; other handles of the value live on', async () => {
    const x = floats(gpu(), [1, 2], [1, 2]);
    using other = x.retain();
    x.dispose();
    x.dispose();
    expect(() => x.range).toThrow(DisposedError);
    expect(() => x.retain()).toThrow('a tensor [1, 2] was used after dispose()');
    await expect(x.read()).rejects.toThrow(DisposedError);
    // Operations refuse it before they allocate: the file's leak test counts what they would leave.
    const operations = [
      ops.relu,
      ops.sigmoid,
      (y: Tensor) => ops.add(y, other),
      (y: Tensor) => ops.add(other, y),
    ];
    const shaped = [(y: Tensor) => ops.dense(y, other), (y: Tensor) => ops.bias(y, other)];
    for (const operation of [...operations, ...shaped]) expect(() => operation(x)).toThrow(DisposedError);
    expect([...(await other.read())]).toEqual([1, 2]);
  });

  it.each([
    [[], 'positive whole numbers'],
    [[2, 0], 'positive whole numbers'],
    [[1.5, 2], 'positive whole numbers'],
    [[2, 2], 'needs 4 elements, not 3 of f32'],
  ])('refuses the shape [%s]', (shape, message) => {
    expect(() => floats(gpu(), [1, 2, 3], shape)).toThrow(ShapeError);
    expect(() => floats(gpu(), [1, 2, 3], shape)).toThrow(message);
  });

  it('inside another one keeps the pitch of its models', async () => {
    using whole = floats(
      gpu(),
      Float32Array.from({ length: 256 }, (_, i) => i),
      [2, 128],
    );
    using part = whole.slice(64, [2, 2], 128);
    expect([...(await part.read())]).toEqual([64, 65, 192, 193]);
    await part.write(Float32Array.of(-1, -2, -3, -4));
    using doubled = ops.add(part, part);
    expect([...(await doubled.read())]).toEqual([-2, -4, -6, -8]);
    expect(() => whole.slice(3, [2, 2], 128)).toThrow('multiple of 256 bytes');
    expect(() => whole.slice(64, [2, 65], 128)).toThrow('inside its tensor');
    expect(() => part.reshape([4])).toThrow(ShapeError);
  });
});
