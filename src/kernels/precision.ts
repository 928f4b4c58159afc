/**
 * How a GPU computes a precision, and why it cannot where it cannot: what kernels there are, what the device
 * was opened with, and whether its matrices multiply right.
 */

import { PrecisionError } from '../device/errors.js';
import type { Gpu } from '../device/gpu.js';
import { missingFor, missingForMatrices, type Precision } from '../device/precision.js';
import { checkKnownProduct } from './matrix/known-product.js';

/** What is computed. */
export type Task = 'predictions' | 'sweeps';

/**
 * By which kernels: `matrices`: products of f16 by subgroup matrices; `storage`: kernels and activations are
 * stored as f16 and multiplied in f32.
 */
export type PrecisionPath = 'f32' | 'storage' | 'matrices';

/** The precisions for which a task has kernels that multiply f16 matrices. */
export const MATRIX_PRECISIONS: Readonly<Record<Task, readonly Precision[]>> = {
  predictions: ['f16'],
  sweeps: ['f16'],
};

/**
 * The kernels by which a GPU computes a task.
 *
 * @throws PrecisionError that says what is missing, and what to do
 */
export function pathOf(gpu: Gpu, precision: Precision, task: Task): PrecisionPath {
  if (precision === 'f32') return 'f32';
  const hasKernel = MATRIX_PRECISIONS[task].includes(precision);
  const { features } = gpu.device;
  if (!hasKernel && precision !== 'f16')
    throw new PrecisionError(`${task} have no kernels for ${precision}; use f32 or f16`);
  const missing = missingFor(precision, features, gpu.adapter);
  if (missing)
    throw new PrecisionError(
      `this GPU (${gpu.adapter.name}) was opened without ${missing}, which ${precision} needs; open it with requestGpu({ precision: '${precision}' }), or use f32`,
    );
  return hasKernel && missingForMatrices(features, gpu.adapter) === undefined ? 'matrices' : 'storage';
}

/**
 * The precision of predictions that go with a sweep, those of the bare backgrounds above all: the sweep's, or
 * f32 where predictions have no kernels for it, which is at least as accurate.
 */
export const besideSweep = (precision: Precision): Precision =>
  precision === 'f16' || MATRIX_PRECISIONS.predictions.includes(precision) ? precision : 'f32';

/** Devices whose matrices were checked, or are being. */
const checked = new WeakMap<Gpu, Promise<void>>();

/**
 * `pathOf`, after the device has multiplied a known product where it is to multiply matrices.
 *
 * @throws PrecisionError also where that product is wrong
 */
export async function preparePrecision(gpu: Gpu, precision: Precision, task: Task): Promise<PrecisionPath> {
  const path = pathOf(gpu, precision, task);
  if (path === 'matrices') await checkMatrices(gpu);
  return path;
}

/** Multiplies the known product, once a device. @throws PrecisionError where it is wrong */
export async function checkMatrices(gpu: Gpu): Promise<void> {
  const check = checked.get(gpu) ?? checkKnownProduct(gpu);
  checked.set(gpu, check);
  await check;
}
