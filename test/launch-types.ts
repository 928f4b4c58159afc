/**
 * Launches with mistakes that only the type checker sees before a GPU does: `npm run lint` fails where a line
 * below a directive compiles. Nothing runs this file.
 */

import type { Gpu } from '../src/device/gpu.js';
import type { Control } from '../src/kernels/control.js';
import { launch, type Operand } from '../src/kernels/launch.js';

declare const gpu: Gpu;
declare const control: Control;
declare const x: Operand;
declare const y: Operand;
declare const moments: Operand;
declare const affine: Operand;

const workgroups = [1, 1, 1] as const;
const params = {
  ...{ rows: 4, channels: 5, rows_per_chunk: 6, epsilon: 0, layer: 0 },
  ...{ drop_below: 0, scale: 1 },
};
const tile = { BATCH: 0, SKIP: 0, RELU: 1, DROPOUT: 0 };
const good = { operands: { x, y, moments, affine }, params, tile, workgroups };
launch(gpu, 'batch_norm', good);
control.set({ record: 1, slot: 2 });
// @ts-expect-error: recard
control.set({ recard: 1 });
// @ts-expect-error: no such shader
launch(gpu, 'batchnorm', good);
// @ts-expect-error: moments are missing
launch(gpu, 'batch_norm', { ...good, operands: { x, y, affine } });
// @ts-expect-error: momenta
launch(gpu, 'batch_norm', { ...good, operands: { x, y, momenta: moments, affine } });
// @ts-expect-error: skipp, which may be left out under its right name
launch(gpu, 'batch_norm', { ...good, operands: { x, y, moments, affine, skipp: x } });
// @ts-expect-error: a uniform block is no tensor
launch(gpu, 'batch_norm', { ...good, operands: { x: control, y, moments, affine } });
// @ts-expect-error: a tensor is no uniform block
launch(gpu, 'batch_norm', { ...good, operands: { x, y, moments, affine, learners: x } });
// @ts-expect-error: parameters come by `params`
launch(gpu, 'batch_norm', { ...good, operands: { x, y, moments, affine, params: control } });
// @ts-expect-error: epsilom
launch(gpu, 'batch_norm', { ...good, params: { ...params, epsilom: 1 } });
const { epsilon: _, ...without } = params;
// @ts-expect-error: epsilon is missing
launch(gpu, 'batch_norm', { ...good, params: without });
// @ts-expect-error: pitches come from the operands
launch(gpu, 'batch_norm', { ...good, params: { ...params, x_pitch: 1 } });
// @ts-expect-error: no parameters at all
launch(gpu, 'batch_norm', { operands: good.operands, tile, workgroups });
// @ts-expect-error: DROPOUT is missing
launch(gpu, 'batch_norm', { ...good, tile: { BATCH: 1, SKIP: 0, RELU: 0 } });
// @ts-expect-error: no tile at all
launch(gpu, 'batch_norm', { operands: good.operands, params, workgroups });
// @ts-expect-error: a number where the constant is one, not a list
launch(gpu, 'batch_norm', { ...good, tile: { ...tile, RELU: [1] } });
