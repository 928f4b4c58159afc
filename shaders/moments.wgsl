// Mean and variance (ddof 1) of each row, in two passes over the row, in a fixed order. A row of one number
// has variance 0.
//
//   x [E, rows, count] -> out [E, rows, 2] (mean, variance). One workgroup of 64 threads per row.
//   Grid: flat over rows, z = model.
//! include "flat"
//! include "reduce"

struct Params {
  rows: u32,
  count: u32,
  x_pitch: u32,
  out_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = flat_index(group, groups, 0u, 1u);
  if (row >= params.rows) {
    return;
  }
  let start = group.z * params.x_pitch + row * params.count;
  var sum = 0.0;
  for (var i = local; i < params.count; i += 64u) {
    sum += x[start + i];
  }
  let mean = reduce_sum(local, sum) / f32(params.count);
  var squares = 0.0;
  for (var i = local; i < params.count; i += 64u) {
    let deviation = x[start + i] - mean;
    squares = fma(deviation, deviation, squares);
  }
  let m2 = reduce_sum(local, squares);
  if (local == 0u) {
    let at = group.z * params.out_pitch + 2u * row;
    out[at] = mean;
    out[at + 1u] = m2 / f32(max(params.count, 2u) - 1u);
  }
}
