// Gradient of an activation from its result: dx = gradient(dy, y), a function of the file that includes this.
//
//   y, dy, dx [E, count]. Each thread takes several elements, a grid apart. Grid: flat, z = model.
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
  let count = params.count;
  let dx_start = group.z * params.dx_pitch;
  let dy_start = group.z * params.dy_pitch;
  let y_start = group.z * params.y_pitch;
  let stride = flat_stride(groups, 64u);
  for (var i = flat_index(group, groups, local, 64u); i < count; i += stride) {
    dx[dx_start + i] = gradient(dy[dy_start + i], y[y_start + i]);
  }
}
