// Fused training step: from the gradient of the dense layer's products back to the rectified gradient of the
// last batch normalisation's result, through dense layer, dropout, mean pool and ReLU. This is also the
// gradient of the skip connection. The sums that the gradient of the normalisation takes over the batch are
// written per sequence.
//
//   d_hidden [E, batch, hidden], pooled [E, batch, windows * channels], transposed
//   [E, …, hidden, windows * channels] ys, hs [layers, E, batch, length, channels], moments
//   [layers, E, 3, channels], parameters [E, flat] -> dzs [layers, E, batch, length, channels], sums
//   [layers, batch, E, 2, channels] of layer `layer`
//
// One workgroup per sequence. Grid: x over sequences, z = model.
//! include "step_threads"
const LENGTH = 41u; // tile
const POOL = 10u; // tile
const WINDOWS = 4u; // tile
const HIDDEN_QUADS = 64u; // tile
const FOUR = 4u; // fixed
const FLAT = WINDOWS * QUADS;
const SPLITS = THREADS / FLAT;

struct Params {
  batch: u32,
  models: u32,
  layer: u32,
  affine_at: u32,
  w_at: u32 /* in transposed */,
  epsilon: f32,
  scale: f32 /* of the pool's dropout */,
  parameters_pitch: u32,
  transposed_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> transposed: array<vec4f>;
@group(0) @binding(3) var<storage, read> ys: array<vec4f>;
@group(0) @binding(4) var<storage, read> hs: array<vec4f>;
@group(0) @binding(5) var<storage, read> moments: array<vec4f>;
@group(0) @binding(6) var<storage, read> pooled: array<vec4f>;
@group(0) @binding(7) var<storage, read> d_hidden: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> dzs: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> sums: array<vec4f>;

var<workgroup> dy: array<vec4f, HIDDEN_QUADS>;
// The gradient that each position of a window receives.
var<workgroup> share: array<vec4f, FLAT>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let model = group.z;
  let record = model * params.batch + group.x;
  for (var i = local; i < HIDDEN_QUADS; i += THREADS) {
    dy[i] = d_hidden[record * HIDDEN_QUADS + i];
  }
  workgroupBarrier();
  var sum = vec4f();
  if (local < SPLITS * FLAT) {
    let w = model * params.transposed_pitch / 4u + params.w_at + local % FLAT;
    for (var o = local / FLAT; o < HIDDEN_QUADS; o += SPLITS) {
      let value = dy[o];
      for (var q = 0u; q < FOUR; q++) { // unroll
        sum = fma(vec4f(value[q]), transposed[w + (4u * o + q) * FLAT], sum);
      }
    }
  }
  slots[local] = sum;
  workgroupBarrier();
  if (local < FLAT) {
    for (var split = 1u; split < SPLITS; split++) {
      sum += slots[split * FLAT + local];
    }
    // A mean of rectified values is 0 if it was dropped or if no position passes a gradient on.
    share[local] = select(vec4f(), sum * params.scale / f32(POOL), pooled[record * FLAT + local] > vec4f());
  }
  workgroupBarrier();

  let quad = quad_of(local);
  let unit = unit_of(local);
  let m = (params.layer * params.models + model) * 3u * QUADS + quad;
  let mean = moments[m];
  let rest = moments[m + 2u * QUADS];
  let affine = model * params.parameters_pitch / 4u + params.affine_at + quad;
  let scale = parameters[affine] / sqrt(moments[m + QUADS] + params.epsilon);
  let shift = parameters[affine + QUADS];
  let layer_at = params.layer * params.models * params.batch * LENGTH * QUADS;
  var d_shift = vec4f();
  var d_scale = vec4f();
  for (var position = unit; position < LENGTH; position += UNITS) {
    let at = (record * LENGTH + position) * QUADS + quad;
    let deviation = ys[layer_at + at] - mean - rest;
    var gradient = vec4f();
    if (position < WINDOWS * POOL) {
      let is_positive = fma(deviation, scale, shift) + hs[at] > vec4f();
      gradient = select(vec4f(), share[position / POOL * QUADS + quad], is_positive);
    }
    dzs[layer_at + at] = gradient;
    d_shift += gradient;
    d_scale = fma(gradient, deviation, d_scale);
  }
  let totals = sum_pairs(local, d_shift, d_scale);
  if (unit == 0u) {
    let at = ((params.layer * params.batch + group.x) * params.models + model) * 2u * QUADS + quad;
    sums[at] = totals[0];
    sums[at + QUADS] = totals[1];
  }
}
