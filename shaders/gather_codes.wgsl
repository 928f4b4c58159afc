// Batch gather of base codes: record b of a model's batch is data set record order[control.record + b]; beyond
// the end the last record is repeated, so that a partial evaluation batch needs no separate recording.
//
//   codes [records, length] u8, four to a word; order [E, order_count] u32 -> out [E, batch, length] u32;
//   count = batch * length. One thread per position. Grid: flat, z = model.
//! include "flat"
//! include "control"

struct Params {
  count: u32,
  length: u32,
  order_count: u32,
  order_pitch: u32,
  out_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> codes: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let record = order[group.z * params.order_pitch + min(control.record + i / params.length, params.order_count - 1u)];
  let at = record * params.length + i % params.length;
  out[group.z * params.out_pitch + i] = (codes[at / 4u] >> (at % 4u * 8u)) & 0xffu;
}
