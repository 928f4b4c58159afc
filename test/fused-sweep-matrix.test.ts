/**
 * The fused sweep by matrices without an adapter that has them: the order of its columns, where it fits, what
 * Dawn's compiler says to it. What it computes is fused-sweep-matrix-arithmetic.test.ts.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { create, globals } from 'webgpu';
import { Gpu } from '../src/device/gpu.js';
import { kmerPatterns } from '../src/gia/importance.js';
import { chooseMethod } from '../src/gia/method.js';
import { chunkChoice, matrixChoice } from '../src/gia/sweep/chunk-choice.js';
import { sweepShapeOf } from '../src/gia/sweep/fused-shape.js';
import { patternSet } from '../src/gia/sweep/partition.js';
import { planSweep } from '../src/gia/sweep/plan.js';
import { sweepSize } from '../src/gia/sweep/size.js';
import { programOf } from '../src/kernels/launch.js';
import { adds, scheduleOf } from '../src/kernels/sweep/fused-schedule.js';
import type { FusedShape } from '../src/kernels/sweep/fused-sweep.js';
import {
  asMatrices,
  type FusedMatrixVariant,
  matrixFits,
  matrixTile,
  matrixVariantOf,
  SIDE,
} from '../src/kernels/sweep/fused-sweep-matrix.js';
import { architecture, type Preset } from '../src/nn/presets.js';

/** Of a data-centre GPU. */
const LIMITS = { maxComputeWorkgroupStorageSize: 49_152, maxComputeInvocationsPerWorkgroup: 1024 };
const HOST = { adapter: { subgroupMaxSize: 32 }, limits: LIMITS };
const LENGTH = 41;

const planOf = (preset: Preset, k: number, position: number) =>
  planSweep(architecture(preset), patternSet(kmerPatterns(k, position, LENGTH), LENGTH), 'shared');

function shapeOf(preset: Preset, k: number, position: number, models = 1): FusedShape {
  const plan = planOf(preset, k, position);
  const size = { block: SIDE, patterns: 4 ** k, backgrounds: SIDE };
  return sweepShapeOf({ architecture: architecture(preset), models }, plan, size)!;
}

describe('what a chunk fuses', () => {
  it('is nothing where no stage multiplies what is computed per pattern', () => {
    // One letter each, all over the sequence: only the last stage sees enough of them to tell most patterns
    // apart.
    const patterns = Array.from({ length: LENGTH }, (_, position) => position).flatMap((position) =>
      Array.from('ACG', (letters) => ({ name: `${letters}@${position}`, sites: [{ position, letters }] })),
    );
    const set = patternSet(patterns, LENGTH);
    const plan = planSweep(architecture('paper'), set, 'filtered');
    expect(plan.convolutions.at(-1)!.run.count).toBeGreaterThan(0);
    expect(plan.convolutions.every(({ blocks }) => blocks === undefined)).toBe(true);
    const size = { block: 1, patterns: patterns.length, backgrounds: 1 };
    expect(sweepShapeOf({ architecture: architecture('paper'), models: 3 }, plan, size)).toBeUndefined();
  });
});

const CASES = (['paper', 'keras'] as const).flatMap((preset) =>
  [1, 2, 3, 4, 5, 6, 7].flatMap((k) =>
    [0, Math.floor((LENGTH - k) / 2), LENGTH - k].map((position) => ({ preset, k, position })),
  ),
);

describe.each(CASES)('$k-mers at $position, $preset', ({ preset, k, position }) => {
  const shape = shapeOf(preset, k, position);

  it('computes every column once, after its inputs and before their places are taken', () => {
    const { entry, steps, slots } = scheduleOf(shape);
    const last = shape.stages.length - 1;
    /** What is in every place: stage and column. */
    const places = new Array<string>(slots).fill('');
    for (const { column, slot } of entry) places[slot] = `0 ${column}`;
    const done = new Set<string>();
    for (const { stage, inputs, outputs } of steps) {
      const here = shape.stages[stage]!;
      for (const { column, slot } of inputs) expect(places[slot]).toBe(`${stage - 1} ${column}`);
      for (const { column } of outputs) {
        const needed = Array.from({ length: here.before!.columns }, (_, input) => input).filter((input) =>
          [0, 1, 2].some((tap) => adds(here, input, tap, column)),
        );
        expect(inputs.map((it) => it.column)).toEqual(expect.arrayContaining(needed));
      }
      for (const { column, slot } of outputs) {
        expect(done.has(`${stage} ${column}`)).toBe(false);
        done.add(`${stage} ${column}`);
        if (stage < last) places[slot!] = `${stage} ${column}`;
      }
    }
    expect(done.size).toBe(shape.stages.slice(1).reduce((sum, { columns }) => sum + columns, 0));
  });
});

describe('the kernel', () => {
  it('takes the usual sweeps, in both presets, and leaves those that keep too many columns', () => {
    expect(matrixVariantOf(HOST, shapeOf('paper', 6, 17))).toEqual({ parts: 2, lanes: 32 });
    expect(matrixVariantOf(HOST, shapeOf('keras', 6, 17))).toMatchObject({ parts: 1 });
    expect(matrixVariantOf(HOST, shapeOf('paper', 1, 20))).toBeUndefined();
    const small = { ...LIMITS, maxComputeWorkgroupStorageSize: 32_768 };
    expect(matrixVariantOf({ ...HOST, limits: small }, shapeOf('paper', 6, 17))).toBeUndefined();
    expect(matrixVariantOf({ ...HOST, adapter: {} as never }, shapeOf('paper', 6, 17))).toBeUndefined();
  });

  it('wants whole matrices, and products as they stand', () => {
    const variant: FusedMatrixVariant = { parts: 1, lanes: 32 };
    const shape = shapeOf('paper', 6, 17);
    expect(matrixFits(variant, shape, LIMITS)).toBe(true);
    expect(matrixFits(variant, { ...shape, channels: 90 }, LIMITS)).toBe(false);
    expect(matrixFits(variant, { ...shape, hidden: 250 }, LIMITS)).toBe(false);
    expect(matrixFits(variant, { ...shape, stages: shape.stages.slice(0, 1) }, LIMITS)).toBe(false);
    const filtered = shape.stages.map((stage) => ({
      ...stage,
      ...(stage.before && { before: { ...stage.before, size: 3 } }),
    }));
    expect(matrixFits(variant, { ...shape, stages: filtered }, LIMITS)).toBe(false);
    expect(matrixFits({ ...variant, parts: 6 }, shape, LIMITS)).toBe(false);
  });

  it('has weights matrix by matrix, [outputs][inputs]', () => {
    const [taps, inputs, outputs] = [3, 2 * SIDE, 3 * SIDE];
    const values = Float32Array.from({ length: 2 * taps * inputs * outputs }, (_, i) => i % 2039);
    const matrices = asMatrices(values, taps, inputs, outputs);
    const [kernel, tap, input, output] = [1, 2, SIDE + 5, 2 * SIDE + 3];
    const matrix = ((kernel * 2 + 1) * taps + tap) * 3 + 2;
    expect(matrices[matrix * SIDE * SIDE + 3 * SIDE + 5]).toBe(
      values[((kernel * taps + tap) * inputs + input) * outputs + output],
    );
  });
});

describe('a sweep', () => {
  const model = { architecture: architecture('paper'), models: 1 };
  const plan = planOf('paper', 6, 17);

  it('takes backgrounds by the matrix, however many there are', () => {
    expect(matrixChoice(HOST, model, plan)?.kind).toBe('matrices');
    const limits = { kind: 'hardware', bindable: 2 ** 31 - 4 } as const;
    for (const [count, options] of [
      [1000, {}],
      [3, {}],
      [1000, { memory: 2 ** 28 }],
      [1000, { chunk: 100 }],
    ] as const) {
      const { block, backgrounds } = sweepSize(plan, model, count, 'matrices', limits, options);
      expect(block % SIDE).toBe(0);
      expect(backgrounds % SIDE).toBe(0);
      expect(block).toBeGreaterThanOrEqual(backgrounds);
      expect(block).toBeLessThan(count + SIDE);
    }
  });

  it('in f16 is naive where nothing is known of matrices, and never filtered', () => {
    const { set } = plan;
    expect(chooseMethod(model, set, 1000, { precision: 'f16' })).toEqual({ reason: 'precision' });
    expect(() => chooseMethod(model, set, 1000, { precision: 'f16', method: 'shared' })).toThrow(/naive/);
    expect(() => chooseMethod(model, set, 1000, { precision: 'f16', method: 'filtered' })).toThrow(
      /filtered/,
    );
    expect(chunkChoice({ adapter: { class: 'hardware' }, limits: LIMITS }, model, plan).kind).toBe('fused');
  });
});

describe("Dawn's compiler", () => {
  // Its null backend owns no hardware and runs nothing, but validates everything.
  let instance: GPU;
  let gpu: Gpu | undefined;
  beforeAll(async () => {
    Object.assign(globalThis, globals);
    instance = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis']);
    const adapter = await instance.requestAdapter();
    if (adapter?.features.has('chromium-experimental-subgroup-matrix')) {
      gpu = await Gpu.fromAdapter(adapter, { keepAlive: instance, precision: 'f16' });
    }
  });
  afterAll(() => gpu?.dispose());

  it.for(
    CASES.flatMap(({ preset, k, position }) =>
      k === 3 || k === 6 ? [1, 2].map((parts) => ({ preset, k, position, parts })) : [],
    ),
  )('accepts $k-mers at $position, $preset, in parts: $parts', async (of, { skip }) => {
    const { device } = gpu ?? skip("Dawn's null adapter offers no subgroup matrices");
    const shape = shapeOf(of.preset, of.k, of.position, 3);
    const tile = matrixTile({ parts: of.parts, lanes: 32 }, shape);
    const module = device.createShaderModule(programOf('sweep_fused_matrix', tile));
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ message }) => message)).toEqual([]);
  });

  it('accepts the product of what patterns share', async ({ skip }) => {
    const { device } = gpu ?? skip("Dawn's null adapter offers no subgroup matrices");
    const module = device.createShaderModule(programOf('product_matrix'));
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ message }) => message)).toEqual([]);
  });
});
