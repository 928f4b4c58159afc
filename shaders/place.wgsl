// Copies a batch's results to their place in longer lists, one list per output:
// out[e, o, slot + b] = x[e, b, o] for slot + b < total.
//
//   x [E, count / outputs, outputs] -> out [E, outputs, total]. One thread per element. Grid: flat,
//   z = model.
//! include "flat"
//! include "control"

struct Params {
  count: u32,
  outputs: u32,
  total: u32,
  x_pitch: u32,
  out_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let to = control.slot + i / params.outputs;
  if (to < params.total) {
    out[group.z * params.out_pitch + i % params.outputs * params.total + to] = x[group.z * params.x_pitch + i];
  }
}
