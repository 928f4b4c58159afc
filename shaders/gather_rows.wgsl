// Batch gather of rows of numbers (scores, structure profiles): row b of a model's batch is row
// order[control.record + b]; beyond the end the last row is repeated.
//
//   rows [E or 1, records, width], order [E, order_count] u32 -> out [E, batch, width]; count = batch * width.
//   One thread per number. Grid: flat, z = model.
//! include "flat"
//! include "control"

struct Params {
  count: u32,
  width: u32,
  order_count: u32,
  rows_pitch: u32,
  order_pitch: u32,
  out_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> rows: array<f32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let record = order[group.z * params.order_pitch + min(control.record + i / params.width, params.order_count - 1u)];
  out[group.z * params.out_pitch + i] = rows[group.z * params.rows_pitch + record * params.width + i % params.width];
}
