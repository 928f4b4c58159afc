// Gradient of a bias: db[c] = sum over rows of dy[row, c], in a fixed order.
//
//   dy [E, rows, channels], db [E, channels]. One workgroup of 64 threads per channel. Grid: x over channels,
//   z = model.
//! include "reduce"

struct Params {
  rows: u32,
  channels: u32,
  dy_pitch: u32,
  db_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> db: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var row = local; row < params.rows; row += 64u) {
    sum += dy[group.z * params.dy_pitch + row * params.channels + group.x];
  }
  let total = reduce_sum(local, sum);
  if (local == 0u) {
    db[group.z * params.db_pitch + group.x] = total;
  }
}
