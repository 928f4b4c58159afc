// Adds a bias per channel: y[row, c] = x[row, c] + b[c].
//
//   x, y [E, rows, channels], b [E, channels]; count = rows * channels. One thread per element. Grid: flat,
//   z = model.
//! include "flat"

struct Params {
  count: u32,
  channels: u32,
  x_pitch: u32,
  b_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  y[group.z * params.y_pitch + i] = x[group.z * params.x_pitch + i] + b[group.z * params.b_pitch + i % params.channels];
}
