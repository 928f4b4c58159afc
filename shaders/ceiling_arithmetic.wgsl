// Measures the adapter's peak arithmetic: chains of fused multiply-adds, each of which depends only on
// itself.
//
//   y [threads]: the sum of a thread's chains, so that the compiler cannot omit any of them.
//   A thread has CHAINS independent chains in scalars and takes turns * STEPS steps of each:
//   2 * CHAINS * STEPS * turns flops and 4 bytes per thread. With 0 < factor < 1 the chains approach
//   shift / (1 - factor) and stay finite. Grid: flat, no more threads than y has elements.
//! include "flat"

const CHAINS = 8u; // tile
const STEPS = 16u; // tile

struct Params {
  count: u32,
  turns: u32,
  factor: f32,
  shift: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  let factor = params.factor;
  let shift = params.shift;
  var chain: array<f32, CHAINS>; // scalars
  for (var c = 0u; c < CHAINS; c++) { // unroll
    chain[c] = f32(i + c);
  }
  for (var turn = 0u; turn < params.turns; turn++) {
    for (var s = 0u; s < STEPS; s++) { // unroll
      for (var c = 0u; c < CHAINS; c++) { // unroll
        chain[c] = fma(chain[c], factor, shift);
      }
    }
  }
  var sum = 0.0;
  for (var c = 0u; c < CHAINS; c++) { // unroll
    sum += chain[c];
  }
  if (i < params.count) {
    y[i] = sum;
  }
}
