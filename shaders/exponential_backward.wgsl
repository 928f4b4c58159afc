// Gradient of the exponential function from its result: dx = dy * y.
//
//   y, dy, dx [E, count]. One thread per element. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
  y_pitch: u32,
  dy_pitch: u32,
  dx_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  dx[group.z * params.dx_pitch + i] = dy[group.z * params.dy_pitch + i] * y[group.z * params.y_pitch + i];
}
