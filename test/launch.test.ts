/** What a launch must name is checked by the compiler (also `launch-types.ts`); what it fills in, here. */

import { describe, expect, it } from 'vitest';
import type { Gpu } from '../src/device/gpu.js';
import type { Dispatch } from '../src/device/recording.js';
import { launch, type Operand } from '../src/kernels/launch.js';
import type { Learners } from '../src/kernels/training/learners.js';

const operand = (pitch: number): Operand => ({ range: { bytes: 4 } as Operand['range'], pitch });
const [x, y, moments, affine] = [operand(7), operand(8), operand(3), operand(2)];
const learners = {} as Learners;
const workgroups = [1, 1, 1] as const;

const params = {
  ...{ rows: 4, channels: 5, rows_per_chunk: 6, epsilon: 0, layer: 0 },
  ...{ drop_below: 0, scale: 1 },
};
const tile = { BATCH: 0, SKIP: 0, RELU: 1, DROPOUT: 0 };

/** A GPU that only notes what is recorded. */
function noting(): { readonly gpu: Gpu; readonly noted: Dispatch[] } {
  const noted: Dispatch[] = [];
  const recording = { dispatch: (dispatch: Dispatch) => noted.push(dispatch) };
  return { gpu: { recording, limits: { maxComputeWorkgroupsPerDimension: 7 } } as unknown as Gpu, noted };
}

describe('launch', () => {
  it('fills in the pitch of every operand, and 0 for those that the variant leaves out', () => {
    const { gpu, noted } = noting();
    launch(gpu, 'batch_norm', { operands: { x, y, moments, affine }, params, tile, workgroups });
    const [{ params: values, buffers, program }] = noted as [Dispatch];
    expect(values).toMatchObject({
      x_pitch: 7,
      y_pitch: 8,
      moments_pitch: 3,
      affine_pitch: 2,
      skip_pitch: 0,
    });
    expect(Object.keys(buffers).sort()).toEqual(['affine', 'moments', 'x', 'y']);
    const bound = program.bindings.map(({ name }) => name);
    expect(bound).not.toContain('skip');
    expect(bound).not.toContain('learners');
  });

  it('refuses more workgroups than the adapter starts', () => {
    const { gpu } = noting();
    const many = { operands: { x, y }, params: { count: 3 }, workgroups: [1, 8, 1] } as const;
    expect(() => launch(gpu, 'relu', many)).toThrow('relu needs 8 workgroups in a row, and the adapter');
  });

  it('binds what the variant asks for', () => {
    const { gpu, noted } = noting();
    const operands = { x, y, moments, affine, skip: operand(9), learners };
    launch(gpu, 'batch_norm', { operands, params, tile: { ...tile, SKIP: 1, DROPOUT: 1 }, workgroups });
    expect(noted[0]?.params).toMatchObject({ skip_pitch: 9 });
    expect(noted[0]?.program.bindings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['skip', 'learners']),
    );
  });

  it('takes neither parameters nor a tile where the shader has none', () => {
    const { gpu, noted } = noting();
    launch(gpu, 'relu', { operands: { x, y }, params: { count: 3 }, workgroups });
    expect(noted[0]?.params).toEqual({ count: 3, x_pitch: 7, y_pitch: 8 });
  });

  // Each directive is an error for the type checker if the line below it compiles.
  it.each<[string, (gpu: Gpu) => void]>([
    [
      'an unknown tile constant',
      (gpu) =>
        launch(gpu, 'batch_norm', {
          operands: { x, y, moments, affine },
          params,
          // @ts-expect-error: RELUU
          tile: { ...tile, RELUU: 1 },
          workgroups,
        }),
    ],
    [
      'an unknown tile constant that is spread',
      (gpu) => {
        const misspelt = { ...tile, BACH: 1 };
        const operands = { x, y, moments, affine };
        // @ts-expect-error: BACH
        launch(gpu, 'batch_norm', { operands, params, tile: misspelt, workgroups });
      },
    ],
    [
      'a fixed constant',
      (gpu) =>
        launch(gpu, 'batch_norm', {
          operands: { x, y, moments, affine },
          params,
          // @ts-expect-error: PAIR is the same in every variant
          tile: { ...tile, PAIR: 4 },
          workgroups,
        }),
    ],
    [
      'f16 in memory that cannot hold it',
      (gpu) =>
        launch(gpu, 'relu', {
          operands: { x, y },
          params: { count: 1 },
          workgroups,
          // @ts-expect-error: relu has no workgroup memory
          halves: ['slices'],
        }),
    ],
  ])('refuses %s', (_, misspelt) => {
    expect(() => misspelt(noting().gpu)).toThrow(RangeError);
  });
});
