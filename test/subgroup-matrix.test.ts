/**
 * Subgroup matrices without an adapter that has them: which ones are chosen, what the shader becomes, and
 * what Dawn's compiler says to it. What the shader computes is subgroup-matrix-arithmetic.test.ts.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create, globals } from 'webgpu';
import {
  type AdapterDescription,
  describeAdapter,
  type SubgroupMatrixConfig,
} from '../src/device/adapter/adapter-info.js';
import { type ExperimentalFeature, Gpu } from '../src/device/gpu.js';
import { requestGpu } from '../src/device/request-gpu.js';
import { programOf } from '../src/kernels/launch.js';
import * as conv from '../src/kernels/matrix/conv.js';
import {
  chooseConfig,
  isListed,
  type SubgroupMatrixVariant,
  subgroupMatrixLaunch,
  subgroupMatrixVariant,
} from '../src/kernels/matrix/subgroup-matrix.js';
import {
  describeVariant,
  subgroupMatrixVariants,
  useVariants,
  variantOf,
} from '../src/kernels/matrix/variants.js';
import { Tensor } from '../src/tensor/tensor.js';

const FEATURE = 'chromium-experimental-subgroup-matrix';

/** `16x16x16 f16 f32`: M, N, K, type of the operands and of the sums. */
function config(words: string): SubgroupMatrixConfig {
  const [shape, componentType, resultComponentType] = words.split(' ') as [string, string, string];
  const [M, N, K] = shape.split('x').map(Number) as [number, number, number];
  return { M, N, K, componentType, resultComponentType };
}

const lists = {
  'an RDNA 3 GPU': ['16x16x16 f16 f16', '16x16x16 f16 f32', '16x16x16 u8 u32', '16x16x16 i8 i32'],
  'an Apple GPU': ['8x8x8 f32 f32', '8x8x8 f16 f16', '8x8x8 f16 f32'],
  'several sizes': ['8x8x4 f16 f32', '8x16x16 f16 f32', '8x8x16 f16 f32'],
};

const adapterWith = (words: readonly string[], lanes: number | undefined = 32): AdapterDescription => ({
  class: 'hardware',
  name: 'a GPU',
  vendor: '',
  architecture: '',
  subgroupSize: undefined,
  subgroupMaxSize: lanes,
  subgroupMatrix: words.map(config),
});

describe('the choice', () => {
  it.each([
    ['an RDNA 3 GPU', '16x16x16 f16 f32'],
    ['an Apple GPU', '8x8x8 f32 f32'],
    ['several sizes', '8x16x16 f16 f32'],
  ] as const)('on %s is %s', (list, chosen) => {
    expect(chooseConfig(lists[list].map(config))).toEqual(config(chosen));
  });

  it('is none where sums would be halves or integers, or nothing is listed', () => {
    expect(chooseConfig([])).toBeUndefined();
    expect(chooseConfig(['8x8x8 f16 f16', '8x8x8 i8 i32'].map(config))).toBeUndefined();
    expect(subgroupMatrixVariants(adapterWith([]))).toEqual({});
  });

  it('covers whole matrices and all kernels but the kernel gradients', () => {
    const variants = subgroupMatrixVariants(adapterWith(lists['several sizes']));
    expect(Object.keys(variants)).toEqual(['conv1d', 'conv1d_dx', 'dense', 'dense_dx', 'product']);
    expect(variants.dense).toMatchObject({ rows: 32, cols: 48, subgroups: 4, slice: 32 });
    expect(describeVariant(variants.dense!)).toBe(
      '32 x 48 results a subgroup by matrices of 8 x 16 x 16 in f16, 4 subgroups, slices of 32',
    );
  });
});

describe('a variant', () => {
  const adapter = adapterWith(lists['an RDNA 3 GPU']);
  const variant = subgroupMatrixVariant(adapter)!;

  it('fits where its matrices are listed and fill it', () => {
    expect(isListed(variant, adapter)).toBe(true);
    const unfit: readonly [Partial<SubgroupMatrixVariant>, AdapterDescription][] = [
      [{}, adapterWith([])],
      [{}, adapterWith(lists['an Apple GPU'])],
      [{}, { ...adapter, subgroupMaxSize: undefined }],
      [{ config: config('16x16x16 f16 f16') }, adapter],
      [{ rows: 24 }, adapter],
      [{ cols: 0 }, adapter],
      [{ slice: 8 }, adapter],
      [{ subgroups: 1.5 }, adapter],
    ];
    for (const [change, on] of unfit) expect(isListed({ ...variant, ...change }, on)).toBe(false);
  });

  it('is used only where asked for, and never for a kernel gradient', () => {
    const gpu = { adapter } as Gpu;
    expect(variantOf(gpu, 'conv1d').path).toBe('workgroup');
    useVariants(gpu, subgroupMatrixVariants(adapter));
    expect(variantOf(gpu, 'conv1d')).toEqual(variant);
    expect(variantOf(gpu, 'conv1d_dw').path).toBe('workgroup');
    expect(() => useVariants(gpu, { dense_dw: variant })).toThrow(/dense_dw: a GPU cannot run/);
    const without = { adapter: adapterWith([]) } as Gpu;
    expect(() => useVariants(without, { dense: variant })).toThrow(/dense: a GPU cannot run/);
  });
});

describe('the adapter description', () => {
  const info = { vendor: '', architecture: '', device: '', description: 'a GPU', subgroupMaxSize: 64 };
  /** As Dawn gives them: getters that neither spreading nor JSON sees. */
  class Getters {
    get M() {
      return 16;
    }
    get N() {
      return 16;
    }
    get K() {
      return 8;
    }
    get componentType() {
      return 'f16';
    }
    get resultComponentType() {
      return 'f32';
    }
  }
  const listing = { ...info, subgroupMatrixConfigs: [new Getters()] } as unknown as GPUAdapterInfo;

  it('carries the list as data where the feature is enabled', () => {
    const { subgroupMatrix, subgroupMaxSize } = describeAdapter(listing, new Set([FEATURE, 'subgroups']));
    expect(subgroupMatrix).toEqual([config('16x16x8 f16 f32')]);
    expect(subgroupMaxSize).toBe(64);
  });

  it('has none without the feature or a list', () => {
    expect(describeAdapter(listing, new Set(['subgroups'])).subgroupMatrix).toEqual([]);
    const bare = info as unknown as GPUAdapterInfo;
    expect(describeAdapter(bare, new Set([FEATURE])).subgroupMatrix).toEqual([]);
  });
});

/** A variant's shader as an adapter gets it. */
function shaderOf(words: string, lanes: number, tile: Record<string, number> = {}, halves: string[] = []) {
  const variant = subgroupMatrixVariant(adapterWith([words], lanes))!;
  const launch = subgroupMatrixLaunch(variant, { models: 3, rows: 300, outputs: 96 }, lanes);
  const program = programOf('conv1d_subgroup_matrix', { ...launch.tile, ...tile }, [
    ...halves,
    ...launch.halves,
  ]);
  return { ...launch, program };
}

describe('the shader', () => {
  it.each([
    { words: '16x16x16 f16 f32', lanes: 64, down: 2, across: 3, steps: 2 },
    { words: '8x8x8 f32 f32', lanes: 32, down: 4, across: 6, steps: 2 },
    { words: '8x16x16 f16 f32', lanes: 32, down: 4, across: 3, steps: 2 },
  ])('for $words in subgroups of $lanes', ({ words, lanes, down, across, steps }) => {
    const { tile, workgroups, program } = shaderOf(words, lanes);
    const { M, N, K, componentType } = config(words);
    expect(tile).toEqual({
      ...{ M, N, K, LANES: lanes, SUBGROUPS: 4 },
      ...{ DOWN: down, ACROSS: across, STEPS: steps },
    });
    expect(workgroups).toEqual([3, 2, 3]);
    const { code } = program;
    const count = (text: string) => code.split(text).length - 1;
    expect(count('subgroupMatrixLoad<Left')).toBe(down);
    expect(count('subgroupMatrixLoad<Right')).toBe(across);
    expect(count('subgroupMatrixMultiplyAccumulate(')).toBe(down * across);
    expect(count('subgroupMatrixStore<')).toBe(down * across);
    expect(code).toContain(
      `acc_${down - 1}_${across - 1} = subgroupMatrixMultiplyAccumulate(left_${down - 1}, `,
    );
    expect(code).toContain(`alias Component = ${componentType};`);
    expect(code).toContain('alias Sums = subgroup_matrix_result<f32, N, M>;');
    expect(code.startsWith('enable f16;')).toBe(componentType === 'f16');
  });
});

describe("Dawn's compiler", () => {
  // Its null backend owns no hardware and runs nothing, but validates everything.
  let instance: GPU;
  let gpu: Gpu | undefined;
  beforeAll(async () => {
    Object.assign(globalThis, globals);
    instance = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
    gpu = await open(['subgroup-matrix']);
  });
  afterAll(() => gpu?.dispose());

  /** A device with the experiments; undefined where Dawn has no subgroup matrices. */
  async function open(experimental: readonly ExperimentalFeature[]): Promise<Gpu | undefined> {
    const adapter = await instance.requestAdapter();
    if (!adapter?.features.has(FEATURE)) return undefined;
    return Gpu.fromAdapter(adapter, { keepAlive: instance, experimental });
  }
  const NONE = "Dawn's null adapter offers no subgroup matrices";

  it('enables the feature only where asked for', async ({ skip }) => {
    const opened = gpu ?? skip(NONE);
    expect(opened.device.features.has(FEATURE)).toBe(true);
    using plain = await open([]);
    expect(plain?.device.features.has(FEATURE)).toBe(false);
  });

  it.for([
    ['16x16x16 f16 f32', {}, []],
    ['16x16x16 f16 f32', { BIAS: 1, SKIP: 1, RELU: 1 }, ['x', 'w', 'y', 'skip']],
    ['8x8x8 f32 f32', { BIAS: 1, SKIP: 1, RELU: 1 }, []],
    ['8x16x16 f16 f32', {}, []],
    ['8x8x4 f32 f32', { RELU: 1 }, ['y']],
  ] as const)('accepts %s with %o and f16 in %o', async ([words, tile, halves], { skip }) => {
    const { device, pipelines, adapter: on } = gpu ?? skip(NONE);
    const { program } = shaderOf(words, on.subgroupMaxSize!, tile, [...halves]);
    await pipelines.get(program);
    const { messages } = await device.createShaderModule(program).getCompilationInfo();
    expect(messages.map(({ message }) => message)).toEqual([]);
  });

  it('would refuse operands that do not match', async ({ skip }) => {
    const { pipelines, adapter: on } = gpu ?? skip(NONE);
    const { program } = shaderOf('8x16x16 f16 f32', on.subgroupMaxSize!);
    const code = program.code.replace(
      'subgroup_matrix_left<Component, K, M>',
      'subgroup_matrix_left<Component, M, K>',
    );
    await expect(pipelines.get({ ...program, code })).rejects.toThrow('no matching call to');
  });

  it('takes dispatches of the layer and its input gradient', async ({ skip }) => {
    const on = gpu ?? skip(NONE);
    const variant = subgroupMatrixVariant(adapterWith(['16x16x16 f16 f32'], on.adapter.subgroupMaxSize))!;
    const down = Math.ceil(82 / (32 * variant.subgroups));
    const shape = { models: 2, rows: 82, length: 41, inputs: 37, outputs: 67, taps: 3, dilation: 4 };
    using x = Tensor.empty(on, [2, 82, 37]);
    using w = Tensor.empty(on, [2, 3, 37, 67]);
    using y = Tensor.empty(on, [2, 82, 67]);
    using bias = Tensor.empty(on, [2, 67]);
    using skipped = Tensor.empty(on, [2, 82, 67]);
    conv.conv1d(on, x, w, y, shape, { bias, skip: skipped, relu: true }, variant);
    conv.conv1dInputGradient(on, y, w, x, shape, variant);
    expect(on.recording.dispatches.map(({ program, workgroups }) => [program.label, workgroups])).toEqual([
      ['conv1d_subgroup_matrix', [down, 2, 2]],
      ['conv1d_subgroup_matrix', [down, 1, 2]],
    ]);
    await on.sync();
    const partial = Tensor.empty(on, [1]);
    expect(() => conv.conv1dKernelGradient(on, x, y, partial, shape, variant)).toThrow(/conv1d_dw/);
    partial.dispose();
  });
});

describe('requestGpu', () => {
  it('opens the adapter with the experiment where it has it, and without where it has not', async () => {
    using gpu = await requestGpu({ experimental: ['subgroup-matrix'] });
    const enabled = gpu.device.features.has(FEATURE);
    if (!enabled) expect(gpu.adapter.subgroupMatrix).toEqual([]);
    useVariants(gpu, subgroupMatrixVariants(gpu.adapter));
    const usable = chooseConfig(gpu.adapter.subgroupMatrix) !== undefined;
    expect(variantOf(gpu, 'conv1d').path === 'subgroup-matrix').toBe(usable);
  });
});
