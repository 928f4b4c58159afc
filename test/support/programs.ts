/** Hand-made programs for tests of the device floor. */

import type { Gpu } from '../../src/device/gpu.js';
import type { Program } from '../../src/device/program.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** A program of one thread whose statement is line 4 of its WGSL and may write to `y: array<f32>`. */
export const program = (label: string, body: string): Program => ({
  label,
  code: `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1)
fn main() {
  ${body}
}
`,
  bindings: [{ name: 'y', binding: 0, kind: 'storage' }],
});

/** Records one dispatch of a program that writes to a tensor. */
export function dispatch(
  on: Gpu,
  it: Program,
  y: Tensor,
  workgroups: readonly [number, number, number] = [1, 1, 1],
): void {
  on.recording.dispatch({ program: it, buffers: { y: y.range }, params: {}, workgroups, flops: 0 });
}
