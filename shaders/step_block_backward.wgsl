// Fused training step: the backward pass of one layer of the residual block.
// - The gradient of its products is completed while it is read (lib/step_gradient), and stored for the
//   kernel's gradient.
// - It is convolved with the flipped and transposed kernel. If the layer before also feeds the skip
//   connection (SKIP), the gradient of the skip connection is added.
// - What passes the dropout and ReLU of the layer before is that layer's rectified gradient. Its sums are
//   written per sequence.
//
//   ys, hs [layers, E, batch, length, channels], moments [layers, E, 3, channels], transposed
//   [E, …, 3, outputs, inputs] dzs [layers, E, batch, length, channels], sums
//   [layers, batch, E, 2, channels]: of layer `layer` -> of the layer before -> dys
//   [layers - 1, E, batch, length, channels], the gradient of the products of layers 1 and up; gradients
//   [E, flat] of affine
//
// One workgroup per sequence (lib/step_classes). Grid: x over sequences, z = model.
//! include "step_threads"
//! include "step_classes"
//! include "step_convolve"
//! include "step_gradient"
const SKIP = 0u; // tile

struct Params {
  batch: u32,
  models: u32,
  layer: u32,
  last: u32 /* the layer that the skip connection enters */,
  affine_at: u32,
  w_at: u32 /* in transposed */,
  epsilon: f32,
  scale: f32 /* of the dropout after the layer before */,
  parameters_pitch: u32,
  gradients_pitch: u32,
  transposed_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read> transposed: array<vec4f>;
@group(0) @binding(4) var<storage, read> ys: array<vec4f>;
@group(0) @binding(5) var<storage, read> hs: array<vec4f>;
@group(0) @binding(6) var<storage, read> moments: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dzs: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> dys: array<vec4f>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let quad = quad_of(local);
  let unit = unit_of(local);
  let model = group.z;
  let layer_size = params.models * params.batch * LENGTH * QUADS;
  let sequence_at = (model * params.batch + group.x) * LENGTH * QUADS + quad;
  // Loaded while the sums are merged.
  var product: array<vec4f, UNIT>; // scalars
  var received: array<vec4f, UNIT>; // scalars
  for (var k = 0u; k < UNIT; k++) { // unroll
    let at = params.layer * layer_size + sequence_at + min(k * UNITS + unit, LENGTH - 1u) * QUADS;
    product[k] = ys[at];
    received[k] = dzs[at];
  }
  let norm = gradient_of_norm(local, model, params.layer, group.x);
  for (var k = 0u; k < UNIT; k++) { // unroll
    let position = k * UNITS + unit;
    if (position < LENGTH) {
      let deviation = product[k] - norm.mean - norm.rest;
      let gradient = (received[k] - norm.offset - deviation * norm.slope) * norm.scale;
      dys[(params.layer - 1u) * layer_size + sequence_at + position * QUADS] = gradient;
      tile[row_of(position) * PITCH + quad] = gradient;
    }
  }
  workgroupBarrier();

  let arrived = convolved(unit, model * params.transposed_pitch / 4u + params.w_at + quad);
  let m = ((params.layer - 1u) * params.models + model) * 3u * QUADS + quad;
  let mean = moments[m];
  let rest = moments[m + 2u * QUADS];
  var d_shift = vec4f();
  var d_scale = vec4f();
  for (var k = 0u; k < UNIT; k++) { // unroll
    let position = position_of(unit, k);
    if (position < LENGTH) {
      let at = sequence_at + position * QUADS;
      let before = (params.layer - 1u) * layer_size + at;
      var gradient = arrived[k];
      if (SKIP == 1u) { // when
        gradient += dzs[params.last * layer_size + at];
      }
      gradient = select(vec4f(), gradient * params.scale, hs[before] > vec4f());
      dzs[before] = gradient;
      d_shift += gradient;
      d_scale = fma(gradient, ys[before] - mean - rest, d_scale);
    }
  }
  let totals = sum_pairs(local, d_shift, d_scale);
  if (unit == 0u) {
    let at = (((params.layer - 1u) * params.batch + group.x) * params.models + model) * 2u * QUADS + quad;
    sums[at] = totals[0];
    sums[at + QUADS] = totals[1];
  }
}

fn kernel_quad(at: u32) -> vec4f {
  return transposed[at];
}
