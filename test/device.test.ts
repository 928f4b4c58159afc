/** Pipelines, uniforms, latched GPU errors, and the end of a device. */

import { afterEach, describe, expect, it } from 'vitest';
import {
  DeviceLostError,
  DisposedError,
  GpuError,
  NotFiniteError,
  OutOfMemoryError,
  ResidualBindError,
  ShaderError,
  ShapeError,
} from '../src/device/errors.js';
import type { Gpu } from '../src/device/gpu.js';
import { packUniform, type UniformLayout } from '../src/device/program.js';
import { requestGpu } from '../src/index.js';
import { createControl } from '../src/kernels/control.js';
import * as ops from '../src/tensor/operations.js';
import { Tensor } from '../src/tensor/tensor.js';
import { useGpu } from './support/gpu.js';
import { dispatch, program } from './support/programs.js';

const gpu = useGpu();

describe('errors', () => {
  it('carry their own names and one base', () => {
    const error = new NotFiniteError('x');
    expect(error.name).toBe('NotFiniteError');
    expect(error).toBeInstanceOf(ResidualBindError);
    expect(error).not.toBeInstanceOf(ShapeError);
  });
});

describe('packUniform', () => {
  const layout: UniformLayout = {
    size: 16,
    fields: [
      { name: 'count', offset: 0, type: 'u32' },
      { name: 'shift', offset: 4, type: 'i32' },
      { name: 'rate', offset: 8, type: 'f32' },
    ],
  };
  const pack = (values: Record<string, number>) => {
    const view = new DataView(new ArrayBuffer(32));
    packUniform(layout, values, view, 16, 'kernel');
    return view;
  };

  it('writes each field at its offset, little-endian', () => {
    const view = pack({ count: 0xffffffff, shift: -2, rate: 0.5 });
    expect(view.getUint32(0, true)).toBe(0);
    expect(view.getUint32(16, true)).toBe(0xffffffff);
    expect(view.getInt32(20, true)).toBe(-2);
    expect(view.getFloat32(24, true)).toBe(0.5);
  });

  it.each([
    [{ count: 1, shift: 0 }, 'kernel: parameter "rate" is missing'],
    [{ count: 1, shift: 0, rate: 0, other: 1 }, 'kernel: unknown parameter "other"'],
    [{ count: -1, shift: 0, rate: 0 }, 'parameter "count" must be a u32, not -1'],
    [{ count: 1.5, shift: 0, rate: 0 }, 'parameter "count" must be a u32, not 1.5'],
    [{ count: 2 ** 32, shift: 0, rate: 0 }, 'parameter "count" must be a u32'],
    [{ count: 1, shift: 2 ** 31, rate: 0 }, 'parameter "shift" must be a i32'],
    [{ count: Number.NaN, shift: 0, rate: 0 }, 'parameter "count" must be a u32, not NaN'],
  ])('refuses %o', (values, message) => {
    expect(() => pack(values)).toThrow(RangeError);
    expect(() => pack(values)).toThrow(message);
  });
});

describe('pipelines', () => {
  it('are compiled once per program, also when asked for at the same time', async () => {
    const before = gpu().pipelines.size;
    const [a, b] = await Promise.all([
      gpu().pipelines.get(program('one', 'y[0] = 11.5;')),
      gpu().pipelines.get(program('same text', 'y[0] = 11.5;')),
    ]);
    expect(a.pipeline).toBe(b.pipeline);
    expect(gpu().pipelines.size).toBe(before + 1);
    await gpu().pipelines.get(program('other', 'y[0] = 12.5;'));
    expect(gpu().pipelines.size).toBe(before + 2);
  });

  it('that do not compile name the kernel, the line and its text', async () => {
    const broken = gpu().pipelines.get(program('broken', 'y[0] = nothing;'));
    await expect(broken).rejects.toThrow(ShaderError);
    await expect(broken).rejects.toThrow(/kernel "broken" does not compile\nbroken\.wgsl:4: .*nothing/);
    await expect(broken).rejects.toThrow('\n    y[0] = nothing;');
    await gpu().sync();
  });

  it('whose bindings do not fit name the kernel', async () => {
    const misfit = { ...program('misfit', 'y[0] = 13.5;'), bindings: [] };
    await expect(gpu().pipelines.get(misfit)).rejects.toThrow(/kernel "misfit" does not compile\n./);
    await gpu().sync();
  });

  it('that do not compile make the flush fail, and nothing leaks', async () => {
    const before = gpu().pool.usage.liveBuffers;
    {
      using y = Tensor.empty(gpu(), [1]);
      dispatch(gpu(), program('broken twice', 'y[0] = nonsense;'), y);
      await expect(y.read()).rejects.toThrow(ShaderError);
    }
    await gpu().sync();
    expect(gpu().pool.usage.liveBuffers).toBe(before);
  });
});

/** Devices that these tests break or end are their own. */
describe('the device', () => {
  let own: Gpu | undefined;
  afterEach(() => {
    own?.dispose();
    own = undefined;
  });

  it('latches an uncaptured error and throws it at every synchronisation from then on', async () => {
    own = await requestGpu();
    const buffer = own.device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST });
    const encoder = own.device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, buffer, 0, 64);
    own.device.queue.submit([encoder.finish()]);
    await expect(own.sync()).rejects.toThrow(GpuError);
    await expect(own.flush()).rejects.toThrow(GpuError);
    expect(() => own?.check()).toThrow(GpuError);
    buffer.destroy();
  });

  it('that is lost says so at the next synchronisation', async () => {
    own = await requestGpu();
    using x = Tensor.zeros(own, [1]);
    own.device.destroy();
    await own.device.lost;
    await expect(own.sync()).rejects.toThrow(DeviceLostError);
    await expect(x.read()).rejects.toThrow('the GPU device was lost (destroyed)');
  });

  it('after dispose() refuses all work', async () => {
    own = await requestGpu();
    const x = Tensor.zeros(own, [1, 1]);
    const { plan, result } = await own.record(() => ops.relu(x));
    own.dispose();
    own.dispose();
    expect(own.disposed).toBe(true);
    await expect(own.sync()).rejects.toThrow(DisposedError);
    await expect(x.read()).rejects.toThrow('the GPU was used after dispose()');
    expect(() => plan.run()).toThrow(DisposedError);
    result.dispose();
    plan.dispose();
    x.dispose();
  });

  it('keeps to a memory limit', async () => {
    own = await requestGpu({ memoryLimit: 2 ** 20 });
    using x = Tensor.zeros(own, [1, 2 ** 17]);
    expect(() => ops.conv1d(x, x)).toThrow(ShapeError);
    expect(() => Tensor.zeros(own!, [1, 2 ** 18])).toThrow(OutOfMemoryError);
    using y = ops.relu(x);
    expect((await y.readFloats()).length).toBe(2 ** 17);
  });

  it('counts what its blocks of changing values upload', async () => {
    const { uploads, uploadedBytes } = gpu().counters;
    const control = createControl(gpu());
    control.set({ record: 3 });
    control.set({ slot: 4 });
    expect(gpu().counters).toMatchObject({
      uploads: uploads + 2,
      uploadedBytes: uploadedBytes + 2 * control.layout.size,
    });
    // @ts-expect-error: other
    expect(() => control.set({ other: 1 })).toThrow(RangeError);
    control.dispose();
  });
});
