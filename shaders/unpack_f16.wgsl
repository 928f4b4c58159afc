// f16 storage to f32: two halves to a word, read without the shader-f16 feature.
//
//   x [E, part] f16 in u32 words, models x_pitch elements apart -> y [count], without gaps; count = E * part.
//   One thread per element. Grid: flat.
//! include "flat"

struct Params {
  count: u32,
  part: u32,
  x_pitch: u32,
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
  let at = i / params.part * params.x_pitch + i % params.part;
  y[i] = unpack2x16float(x[at / 2u])[at % 2u];
}
