// Fixed-order sum of split results: out[e, i] = sum over splits s of partial[s, e, i], s ascending.
//
//   partial [splits, E, count], out [E, count] with pitch. One thread per element. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
  splits: u32,
  models: u32,
  out_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  var sum = 0.0;
  for (var split = 0u; split < params.splits; split++) {
    sum += partial[(split * params.models + group.z) * params.count + i];
  }
  out[group.z * params.out_pitch + i] = sum;
}
