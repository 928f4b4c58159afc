// Gradient of a bias: db[c] = sum over rows of dy[row, c], rows ascending.
//
//   dy [E, rows, channels], db [E, channels]; count = channels. One thread per channel. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
  rows: u32,
  dy_pitch: u32,
  db_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> db: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  var sum = 0.0;
  for (var row = 0u; row < params.rows; row++) {
    sum += dy[group.z * params.dy_pitch + row * params.count + i];
  }
  db[group.z * params.db_pitch + i] = sum;
}
