// f16 storage to f32: two halves to a word, read without the shader-f16 feature.
//
//   x [count] f16 in u32 words -> y [count]. One thread per element. Grid: flat.
//! include "flat"

struct Params {
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  y[i] = unpack2x16float(x[i / 2u])[i % 2u];
}
