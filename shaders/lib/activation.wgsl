// An activation element by element: y = activated(x), a function of the file that includes this.
//
//   x, y [E, count]. Each thread takes several elements, a grid apart. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
  x_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let count = params.count;
  let x_start = group.z * params.x_pitch;
  let y_start = group.z * params.y_pitch;
  let stride = flat_stride(groups, 64u);
  for (var i = flat_index(group, groups, local, 64u); i < count; i += stride) {
    y[y_start + i] = activated(x[x_start + i]);
  }
}
