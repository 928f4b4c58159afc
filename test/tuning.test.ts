/**
 * Tuning: candidates that adapters can run, the race on the real adapter, and the file that keeps what it
 * found.
 */

import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyTuned, checkTuningFile } from '../src/cli/tuned.js';
import { UntrustedFileError } from '../src/device/adapter/user-cache.node.js';
import { CancelledError } from '../src/device/errors.js';
import type { Gpu } from '../src/device/gpu.js';
import { candidatesOf, sameVariant } from '../src/kernels/matrix/candidates.js';
import {
  fits,
  MATRIX_KERNELS,
  type MatrixKernel,
  type MatrixVariant,
  useVariants,
  variantTable,
} from '../src/kernels/matrix/variants.js';
import { type Tuning, tune, variantsInForce } from '../src/kernels/tuning/tuning.js';
import { clearTuned, readTuned, tuningFile, writeTuned } from '../src/kernels/tuning/tuning-cache.node.js';
import { TuningStage } from '../src/kernels/tuning/tuning-stage.js';
import { Dataset } from '../src/nn/dataset.js';
import { ResidualBind } from '../src/nn/residualbind.js';
import { TrainingStep } from '../src/nn/training/training-step.js';
import { cli } from './support/cli.js';
import { simulated } from './support/examples.js';
import { useGpu } from './support/gpu.js';

const gpu = useGpu();

/** A sequence length that no tile divides, and dense layers. */
const SHAPE = { models: 2, rows: 26, length: 13, inputs: 11, outputs: 19, taps: 3, dilation: 2 };
const DENSE = { ...SHAPE, length: 1, taps: 1, dilation: 1 };
const shapeOf = (kernel: MatrixKernel) => (kernel.startsWith('dense') ? DENSE : SHAPE);
const shapes = Object.fromEntries(MATRIX_KERNELS.map((kernel) => [kernel, [shapeOf(kernel)]]));

/** New values of fields of a file. */
type Change = (contents: Record<string, unknown>) => Record<string, unknown>;

/** Another variant than the table's, which sums in the same order and is quick to compile. */
const other = ({ adapter }: Gpu, kernel: MatrixKernel): MatrixVariant => {
  const lanes = adapter.subgroupSize;
  if (lanes === undefined) return { path: 'workgroup', rows: 4, cols: 4, x: 16, y: 16, slice: 16 };
  return variantTable(adapter)[kernel].path === 'sequence'
    ? { path: 'sequence', rows: 48, cols: 1, threads: lanes }
    : { path: 'subgroup', rows: lanes, cols: 2, threads: 2 * lanes };
};

describe('candidatesOf', () => {
  const classes = ['hardware', 'lavapipe', 'swiftshader', 'software'] as const;
  const sizes = [4, 8, 16, 32, 64, undefined];
  it.each(classes.flatMap((kind) => sizes.map((subgroupSize) => ({ kind, subgroupSize }))))(
    '$kind with subgroups of $subgroupSize: the table first, all can run, none twice',
    ({ kind, subgroupSize }) => {
      const adapter = { ...gpu().adapter, class: kind, subgroupSize };
      for (const kernel of MATRIX_KERNELS) {
        const candidates = candidatesOf(kernel, adapter);
        expect(candidates[0]).toEqual(variantTable(adapter)[kernel]);
        expect(candidates.filter((variant) => !fits(variant, adapter))).toEqual([]);
        expect(new Set(candidates.map((it) => JSON.stringify(it))).size).toBe(candidates.length);
        const known = kind === 'hardware' ? [16, 32] : [4, 8];
        if (known.some((size) => size === subgroupSize)) expect(candidates.length).toBeGreaterThan(3);
      }
    },
  );
});

describe('tune', () => {
  it('measures every kernel, and its winners can be put in force', async () => {
    const before = variantsInForce(gpu());
    const seen: number[] = [];
    const tuning: Tuning = await tune(gpu(), {
      shapes,
      candidates: (kernel) => [variantTable(gpu().adapter)[kernel], other(gpu(), kernel)],
      sampleMs: 1,
      onProgress: ({ done, total }) => seen.push(done / total),
    });
    expect(tuning.kernels.map(({ kernel }) => kernel)).toEqual(MATRIX_KERNELS);
    for (const { kernel, candidates, chosen, table, speed } of tuning.kernels) {
      expect(candidates).toHaveLength(2);
      // Same order of summation, so the same bits.
      expect(candidates.map(({ agreement }) => agreement)).toEqual(['equal', 'equal']);
      expect(candidates.map(({ variant }) => variant)).toContain(chosen);
      for (const { ms, gflops } of candidates)
        for (const value of [...ms, ...gflops]) expect(value).toBeGreaterThan(0);
      expect(tuning.variants[kernel]).toBe(chosen === table ? undefined : chosen);
      if (chosen === table) expect(speed).toBe(1);
      else expect(speed).toBeGreaterThanOrEqual(1.03);
    }
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    expect(variantsInForce(gpu())).toEqual(before);
    useVariants(gpu(), tuning.variants);
    expect(variantsInForce(gpu())).toEqual({ ...before, ...tuning.variants });
    useVariants(gpu(), {});
  });

  it('excludes and names a candidate that does not compile, and goes on', async () => {
    const lanes = gpu().adapter.subgroupSize ?? 4;
    const tooLarge = { path: 'subgroup', rows: lanes, cols: 1, threads: lanes * 4096 } as const;
    const { kernels, variants } = await tune(gpu(), {
      kernels: ['dense'],
      shapes,
      candidates: (kernel) => [variantTable(gpu().adapter)[kernel], tooLarge],
      sampleMs: 1,
    });
    expect(variants).toEqual({});
    expect(kernels[0]?.candidates[1]).toMatchObject({ agreement: 'failed', rounds: 0, ms: [] });
    expect(kernels[0]?.candidates[1]?.reason).toContain('does not compile');
  });

  it('stops when it is told to, and lets go of its memory', async () => {
    const controller = new AbortController();
    const before = gpu().pool.usage.liveBuffers;
    const tuning = tune(gpu(), {
      kernels: ['conv1d'],
      shapes,
      candidates: (kernel) => [variantTable(gpu().adapter)[kernel], other(gpu(), kernel)],
      sampleMs: 1,
      signal: controller.signal,
      onProgress: ({ done }) => done === 3 && controller.abort(),
    });
    await expect(tuning).rejects.toThrow(CancelledError);
    expect(gpu().pool.usage.liveBuffers).toBe(before);
  });

  it('refuses to tune on nothing', async () => {
    await expect(tune(gpu(), { shapes: { dense: [] } })).rejects.toThrow(/dense: .*at least one shape/);
  });
});

describe('TuningStage', () => {
  it.each(MATRIX_KERNELS)('%s: results that are off, or were never written, are wrong', async (kernel) => {
    const first = variantTable(gpu().adapter)[kernel];
    using stage = await TuningStage.create(gpu(), kernel, shapeOf(kernel), first, 1);
    expect(await stage.compare(other(gpu(), kernel))).toEqual({ agreement: 'equal' });
    const { right } = stage;
    const read = async () =>
      new Float32Array(await gpu().download(right.range.allocation.buffer, 0, right.range.bytes));
    const operand = await read();
    gpu().upload(
      right.range.allocation.buffer,
      0,
      operand.map((value) => value * (1 + 1e-6)),
    );
    expect(await stage.compare(first)).toEqual({ agreement: 'close' });
    gpu().upload(
      right.range.allocation.buffer,
      0,
      operand.map((value) => value * 1.01),
    );
    expect(await stage.compare(first)).toMatchObject({
      agreement: 'wrong',
      reason: expect.stringContaining('of the largest'),
    });
    gpu().upload(right.range.allocation.buffer, 0, operand.fill(Number.NaN, 0, 1));
    expect(await stage.compare(first)).toMatchObject({ agreement: 'wrong' });
  });
});

describe('a training step', () => {
  it('gives the same bits with other variants as with the table', async () => {
    const examples = simulated(12);
    const parametersWith = async (pick: (kernel: MatrixKernel) => MatrixVariant) => {
      useVariants(gpu(), Object.fromEntries(MATRIX_KERNELS.map((kernel) => [kernel, pick(kernel)])));
      using model = await ResidualBind.create(gpu(), { seed: 3 });
      using data = Dataset.upload(gpu(), model.architecture, { codes: examples.codes }, examples.scores);
      using step = await TrainingStep.record(model, data, { batch: 12, seed: 3 });
      step.run(0, 1, 1e-3);
      step.run(0, 2, 1e-3);
      return await model.parameters.flat.readFloats();
    };
    try {
      const table = await parametersWith((kernel) => variantTable(gpu().adapter)[kernel]);
      // A small tile, since large ones take minutes to compile; `tune` itself compares every candidate's
      // bits.
      expect(await parametersWith((kernel) => other(gpu(), kernel))).toEqual(table);
    } finally {
      useVariants(gpu(), {});
    }
  });
});

describe('the file of tuned variants', () => {
  let cache: string;
  const before = {
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
    RESIDUALBIND_TUNED: process.env.RESIDUALBIND_TUNED,
  };
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'residualbind-tuning-'));
    process.env.XDG_CACHE_HOME = cache;
    delete process.env.RESIDUALBIND_TUNED;
  });
  afterEach(async () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    useVariants(gpu(), {});
    await rm(cache, { recursive: true });
  });

  const apply = async (options: { tuned?: boolean } = {}) => {
    const lines: string[] = [];
    const stream = { write: (text: string) => lines.push(text) };
    const io = { stdout: stream, stderr: stream, signal: new AbortController().signal };
    return { tuned: await applyTuned(io, gpu(), options), said: lines.join('') };
  };
  /** The last candidate differs from the table's wherever there are several. */
  const last = (kernel: MatrixKernel) => candidatesOf(kernel, gpu().adapter).at(-1)!;
  const edit = async (change: Change) => {
    const path = await writeTuned(gpu(), { conv1d: last('conv1d') });
    const contents = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...contents, ...change(contents) }));
    return path;
  };

  it('comes back as it was written, kernel by kernel, and is put in force in one line', async () => {
    expect(await readTuned(gpu())).toBeUndefined();
    expect(await apply()).toEqual({ tuned: undefined, said: '' });
    const path = await writeTuned(gpu(), { conv1d: last('conv1d'), dense: last('dense') });
    await writeTuned(gpu(), { dense: variantTable(gpu().adapter).dense });
    const variants = { conv1d: last('conv1d'), dense: variantTable(gpu().adapter).dense };
    expect(await readTuned(gpu())).toMatchObject({ path, variants });
    const { tuned, said } = await apply();
    expect(tuned?.variants).toEqual(variants);
    expect(said).toMatch(/^tuned kernels \(\d{4}-\d\d-\d\d\): .+\n$/);
    expect(variantsInForce(gpu())).toEqual({ ...variantTable(gpu().adapter), ...variants });
    expect(await clearTuned(gpu())).toBe(true);
    expect(await clearTuned(gpu())).toBe(false);
  });

  it('is named after the adapter with its driver', () => {
    const { adapter } = gpu();
    const path = tuningFile(gpu());
    expect(dirname(path)).toBe(join(cache, 'residualbind-webgpu', 'tuning'));
    const newer = { adapter: { ...adapter, name: `${adapter.name} next` } } as Gpu;
    expect(tuningFile(newer)).not.toBe(path);
  });

  it('is left alone on request', async () => {
    await writeTuned(gpu(), { conv1d: last('conv1d') });
    expect(await apply({ tuned: false })).toEqual({ tuned: undefined, said: '' });
    process.env.RESIDUALBIND_TUNED = '0';
    expect(await apply()).toEqual({ tuned: undefined, said: '' });
    expect(variantsInForce(gpu())).toEqual(variantTable(gpu().adapter));
  });

  it.each<[string, Change, RegExp]>([
    ['another format', () => ({ format: 'other' }), /not of the format/],
    [
      'changed kernels',
      ({ origin }) => ({ origin: { ...(origin as object), kernels: '0' } }),
      /other versions/,
    ],
    ['no origin', () => ({ origin: undefined }), /other versions/],
    ['no date', () => ({ measured: 'soon' }), /not a date/],
    ['no variants', () => ({ variants: undefined }), /"variants" is missing/],
    ['an unknown kernel', () => ({ variants: { conv9d: {} } }), /no kernel "conv9d"/],
    [
      'a variant that nobody measured',
      () => ({ variants: { dense: { path: 'subgroup', rows: 7, cols: 1, threads: 63 } } }),
      /dense has no variant/,
    ],
    ['a variant of null', () => ({ variants: { dense: null } }), /dense has no variant null/],
  ])('is reported and ignored with %s', async (_, change, reason) => {
    const path = await edit(change);
    const { tuned, said } = await apply();
    expect(tuned).toBeUndefined();
    expect(said).toMatch(reason);
    expect(said).toContain(path);
    expect(said).toContain('residualbind tune');
    expect(variantsInForce(gpu())).toEqual(variantTable(gpu().adapter));
    // What is damaged does not keep anybody from writing it anew.
    await writeTuned(gpu(), { conv1d: last('conv1d') });
    expect((await apply()).tuned?.variants).toEqual({ conv1d: last('conv1d') });
  });

  it.each(['', '{"format": "residualbind tun', '[1]', 'null', '"text"'])(
    'is reported and ignored when it holds %j',
    async (text) => {
      const path = await writeTuned(gpu(), {});
      await writeFile(path, text);
      const { tuned, said } = await apply();
      expect(tuned).toBeUndefined();
      expect(said).toMatch(/^tuned kernels ignored: .*\n$/);
    },
  );

  it('is neither read nor written where other users could change it', async () => {
    const path = await writeTuned(gpu(), { conv1d: last('conv1d') });
    await chmod(dirname(path), 0o777);
    const { tuned, said } = await apply();
    expect(tuned).toBeUndefined();
    expect(said).toMatch(
      /tuned kernels ignored: .*can be changed by other users \(mode 777\).*XDG_CACHE_HOME/,
    );
    await expect(writeTuned(gpu(), {})).rejects.toThrow(UntrustedFileError);
    await expect(checkTuningFile(gpu())).rejects.toThrow(UntrustedFileError);
    await chmod(dirname(path), 0o700);
    await chmod(path, 0o666);
    expect((await apply()).said).toMatch(/can be changed by other users/);
  });

  it('is for this user only, and names XDG_CACHE_HOME where it cannot be written', async () => {
    const path = await writeTuned(gpu(), {});
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    process.env.XDG_CACHE_HOME = '/proc/nobody';
    await expect(checkTuningFile(gpu())).rejects.toThrow(/cannot be written .*XDG_CACHE_HOME/);
  });

  it('sameVariant does not mind the order of fields', () => {
    expect(
      sameVariant(
        { path: 'subgroup', rows: 8, cols: 2, threads: 64 },
        { threads: 64, cols: 2, rows: 8, path: 'subgroup' },
      ),
    ).toBe(true);
  });

  describe('in commands', () => {
    const file = () => tuningFile(gpu());

    it('doctor says what is in force', async () => {
      expect((await cli(['doctor', '--json'])).json).toMatchObject({ tuned: null });
      expect((await cli(['doctor'])).stdout).toContain('built-in tiles');
      await writeTuned(gpu(), { conv1d: last('conv1d') });
      const { json } = await cli(['doctor', '--json']);
      expect(json).toMatchObject({ tuned: { path: file() }, matrixKernels: { conv1d: last('conv1d') } });
      expect((await cli(['doctor'])).stdout).toContain(file());
      expect((await cli(['doctor', '--no-tuned', '--json'])).json).toMatchObject({ tuned: null });
    });

    it('tune --clear removes it, and says when there is none', async () => {
      await writeTuned(gpu(), {});
      expect((await cli(['tune', '--clear', '--json'])).json).toMatchObject({ cleared: true, path: file() });
      expect((await cli(['tune', '--clear'])).stdout).toContain('There is no');
    });

    it('--verbose prints what the adapter search tried; without it nothing is printed', async () => {
      expect((await cli(['tune', '--clear', '--verbose'])).stderr).toMatch(/^adapter search: \S.*: using /m);
      expect((await cli(['tune', '--clear'])).stderr).not.toContain('adapter search');
    });

    it('tune writes nothing when it is cancelled', async () => {
      const signal = AbortSignal.abort();
      const { code, stderr } = await cli(['tune', '--kernels', 'dense_dw'], { signal });
      expect(code).toBe(130);
      expect(stderr).toContain('cancelled: the work was cancelled');
      await expect(stat(file())).rejects.toThrow('ENOENT');
    });

    it('tune refuses kernels that it does not know', async () => {
      const { code, stderr } = await cli(['tune', '--kernels', 'conv1d,conv2d']);
      expect(code).toBe(2);
      expect(stderr).toContain('There is no kernel "conv2d"');
    });
  });
});
