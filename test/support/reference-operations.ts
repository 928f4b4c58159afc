/** Operations as plain float64 loops for one model, straight from their definitions. */

import { threefry2x32 } from '../../src/kernels/random.js';

export interface ConvSizes {
  readonly batch: number;
  readonly length: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly taps: number;
  readonly dilation?: number;
}

/** Calls `visit` for every product of a "same" convolution, with the flat indices of y, x and w. */
function eachProduct(size: ConvSizes, visit: (y: number, x: number, w: number) => void): void {
  const { batch, length, inputs, outputs, taps, dilation = 1 } = size;
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < length; t++) {
      for (let tap = 0; tap < taps; tap++) {
        const from = t + (tap - (taps - 1) / 2) * dilation;
        if (from < 0 || from >= length) continue;
        for (let i = 0; i < inputs; i++) {
          for (let o = 0; o < outputs; o++) {
            visit(
              (b * length + t) * outputs + o,
              (b * length + from) * inputs + i,
              (tap * inputs + i) * outputs + o,
            );
          }
        }
      }
    }
  }
}

type Values = ArrayLike<number>;

/** y [batch, length, outputs] from x [batch, length, inputs] and w [taps, inputs, outputs]. */
export function conv1d(x: Values, w: Values, size: ConvSizes): Float64Array {
  const y = new Float64Array(size.batch * size.length * size.outputs);
  eachProduct(size, (at, xi, wi) => {
    y[at]! += x[xi]! * w[wi]!;
  });
  return y;
}

export function conv1dInputGradient(dy: Values, w: Values, size: ConvSizes): Float64Array {
  const dx = new Float64Array(size.batch * size.length * size.inputs);
  eachProduct(size, (at, xi, wi) => {
    dx[xi]! += dy[at]! * w[wi]!;
  });
  return dx;
}

export function conv1dKernelGradient(x: Values, dy: Values, size: ConvSizes): Float64Array {
  const dw = new Float64Array(size.taps * size.inputs * size.outputs);
  eachProduct(size, (at, xi, wi) => {
    dw[wi]! += x[xi]! * dy[at]!;
  });
  return dw;
}

/** Base codes to four columns; 4 is an all-zero one. */
export const oneHot = (codes: Values): Float64Array =>
  new Float64Array(4 * codes.length).map((_, i) => Number(codes[Math.floor(i / 4)] === i % 4));

/** Mean and biased variance of each channel of x [rows, channels], one list after the other. */
export function channelMoments(x: Values, channels: number): Float64Array {
  const rows = x.length / channels;
  const moments = new Float64Array(2 * channels);
  for (let i = 0; i < x.length; i++) moments[i % channels]! += x[i]! / rows;
  for (let i = 0; i < x.length; i++)
    moments[channels + (i % channels)]! += (x[i]! - moments[i % channels]!) ** 2 / rows;
  return moments;
}

/** (x - mean) / sqrt(variance + epsilon) * gamma + beta, moments and affine [2, channels]. */
export function normalise(x: Values, moments: Values, affine: Values, epsilon: number): Float64Array {
  const channels = affine.length / 2;
  return new Float64Array(x.length).map((_, i) => {
    const c = i % channels;
    return (
      ((x[i]! - moments[c]!) / Math.sqrt(moments[channels + c]! + epsilon)) * affine[c]! +
      affine[channels + c]!
    );
  });
}

export interface PoolSizes {
  readonly by: 'mean' | 'max';
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly size: number;
  readonly stride: number;
}

/**
 * y [batch, windows, channels] from x [batch, length, channels]; windows that leave the sequence are none.
 */
export function pool(x: Values, { by, batch, length, channels, size, stride }: PoolSizes): Float64Array {
  const y: number[] = [];
  const window = new Float64Array(size);
  for (let b = 0; b < batch; b++) {
    for (let start = 0; start + size <= length; start += stride) {
      for (let c = 0; c < channels; c++) {
        for (let k = 0; k < size; k++) window[k] = x[(b * length + start + k) * channels + c]!;
        y.push(by === 'max' ? Math.max(...window) : window.reduce((sum, value) => sum + value, 0) / size);
      }
    }
  }
  return Float64Array.from(y);
}

/** 1 where dropout keeps an element: the GPU's mask, from the host's Threefry. */
export function dropoutMask(
  { rate, seed, layer, step }: { rate: number; seed: number; layer: number; step: number },
  rows: number,
  channels: number,
): number[] {
  const words = new Uint32Array(2);
  return Array.from({ length: rows * channels }, (_, i) => {
    const row = Math.floor(i / channels);
    threefry2x32(seed, layer, (row >> 1) * channels + (i % channels), step, words);
    return Number(words[row % 2]! >= rate * 2 ** 32);
  });
}
