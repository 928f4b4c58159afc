// Local importance: the prediction with the pattern embedded minus the prediction of the bare background, written
// to the pair's place in the block (paper, "Global importance analysis").
//
//   prediction [E, count], base [E, backgrounds] -> local [E, total] in (pattern, background) order.
//   One thread per pair. Grid: flat, z = model.
//! include "flat"
//! include "control"

struct Params {
  count: u32,
  total: u32,
  backgrounds: u32,
  predictions_pitch: u32,
  base_pitch: u32,
  importance_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> predictions: array<f32>;
@group(0) @binding(3) var<storage, read> base: array<f32>;
@group(0) @binding(4) var<storage, read_write> importance: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let pair = control.slot + i;
  if (pair < params.total) {
    importance[group.z * params.importance_pitch + pair] =
      predictions[group.z * params.predictions_pitch + i] - base[group.z * params.base_pitch + pair % params.backgrounds];
  }
}
