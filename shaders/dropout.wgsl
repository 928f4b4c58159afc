// Inverted dropout: y = x / (1 - rate) where the element is kept, else 0. The mask is a pure function of
// (seed + model, layer, step, element) by Threefry, so the backward pass runs the same kernel on dy and nothing
// is stored. Model e of a batch draws the mask it would draw alone with seed + e.
//
//   x, y [E, count]. One thread per two elements, the two words of one Threefry block. Grid: flat over pairs, z = model.
//! include "flat"
//! include "control"
//! include "threefry"

struct Params {
  count: u32 /* pairs */,
  elements: u32,
  seed: u32,
  layer: u32,
  drop_below: u32 /* rate * 2^32 */,
  scale: f32 /* 1 / (1 - rate) */,
  x_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let words = threefry2x32(vec2u(params.seed + group.z, params.layer), vec2u(i, control.step));
  for (var half = 0u; half < 2u; half++) {
    let element = 2u * i + half;
    if (element < params.elements) {
      let value = x[group.z * params.x_pitch + element] * params.scale;
      y[group.z * params.y_pitch + element] = select(value, 0.0, words[half] < params.drop_below);
    }
  }
}
