// f32 to f16 storage: two halves to a word, written without the shader-f16 feature, rounded to nearest by the
// adapter.
//
//   x [E, part], models x_pitch apart -> y [count] words, without gaps; count = ceil(E * part / 2). A word
//   may hold the last element of a model and the first of the next. One thread per word. Grid: flat.
//! include "flat"

struct Params {
  count: u32,
  elements: u32, // E * part
  part: u32,
  x_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

fn element(i: u32) -> f32 {
  return x[i / params.part * params.x_pitch + i % params.part];
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let second = 2u * i + 1u;
  y[i] = pack2x16float(vec2f(element(2u * i), select(0.0, element(min(second, params.elements - 1u)), second < params.elements)));
}
