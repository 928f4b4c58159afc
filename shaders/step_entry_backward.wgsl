// Fused training step: the gradient of the first convolution's kernel, per sequence. The gradient of its
// products is completed while it is read (lib/step_gradient). The gradient of a kernel row is the sum over
// the positions whose code under the row's tap is the row's base.
//
//   codes [records, length] u8, order [E or 1, order_count]; ys, dzs [layers, E, batch, length, channels], moments,
//   sums: of layer 0 -> partial [batch, E, taps, 4, channels]; gradients [E, flat] of affine
//
// One workgroup per sequence. Grid: x over sequences, z = model.
//! include "step_threads"
//! include "step_codes"
//! include "step_gradient"
const LENGTH = 41u; // tile

struct Params {
  batch: u32,
  models: u32,
  order_count: u32,
  order_pitch: u32,
  affine_at: u32,
  epsilon: f32,
  parameters_pitch: u32,
  gradients_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> codes: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(6) var<storage, read> ys: array<vec4f>;
@group(0) @binding(7) var<storage, read> dzs: array<vec4f>;
@group(0) @binding(8) var<storage, read> moments: array<vec4f>;
@group(0) @binding(9) var<storage, read> sums: array<vec4f>;
@group(0) @binding(10) var<storage, read_write> partial: array<vec4f>;

var<workgroup> tile: array<vec4f, LENGTH * PITCH>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let quad = quad_of(local);
  let unit = unit_of(local);
  let model = group.z;
  load_codes(local, group.z, group.x);
  let norm = gradient_of_norm(local, model, 0u, group.x);
  for (var position = unit; position < LENGTH; position += UNITS) {
    let at = ((model * params.batch + group.x) * LENGTH + position) * QUADS + quad;
    let deviation = ys[at] - norm.mean - norm.rest;
    tile[position * PITCH + quad] = (dzs[at] - norm.offset - deviation * norm.slope) * norm.scale;
  }
  workgroupBarrier();
  for (var i = local; i < TAPS * QUADS; i += THREADS) {
    let tap = i / QUADS;
    let channels = i % QUADS;
    var a = vec4f();
    var c = vec4f();
    var g = vec4f();
    var u = vec4f();
    for (var position = 0u; position < LENGTH; position++) {
      let base = code[position + tap];
      let gradient = tile[position * PITCH + channels];
      a += select(vec4f(), gradient, base == 0u);
      c += select(vec4f(), gradient, base == 1u);
      g += select(vec4f(), gradient, base == 2u);
      u += select(vec4f(), gradient, base == 3u);
    }
    let to = ((group.x * params.models + model) * TAPS + tap) * 4u * QUADS + channels;
    partial[to] = a;
    partial[to + QUADS] = c;
    partial[to + 2u * QUADS] = g;
    partial[to + 3u * QUADS] = u;
  }
}
