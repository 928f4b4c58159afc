// Fused training step: from the products of the last convolution to those of the dense layer. The kernel
// merges the moments of the batch and applies batch normalisation, skip connection, ReLU, mean pool and
// dropout while it reads a sequence. It also draws the dropout of the dense layer, because it has many
// workgroups.
//
//   ys, hs [layers, E, batch, length, channels] (layer `layer`; layer 0, the skip) -> moments
//   [layers, E, 3, channels] of the layer; pooled [E, batch, windows * channels], hidden, kept
//   [E, batch, HIDDEN_QUADS * 4] (products; factors of dropout) parameters [E, flat]: affine [2, channels]
//   (gamma, beta), w [windows * channels, hidden]; running [E, flat]
//
// One workgroup per sequence; SPLITS parts of it sum each product. Grid: x over sequences, z = model.
//! include "step_threads"
//! include "step_moments"
//! include "step_running"
//! include "step_dropout"
const LENGTH = 41u; // tile
const POOL = 10u; // tile
const WINDOWS = 4u; // tile
const HIDDEN_QUADS = 64u; // tile
const POOL_DROPOUT = 1u; // tile
const HIDDEN_DROPOUT = 1u; // tile
const FOUR = 4u; // fixed
const FLAT = WINDOWS * QUADS;
const SPLITS = THREADS / HIDDEN_QUADS;

struct Params {
  batch: u32,
  models: u32,
  layer: u32,
  affine_at: u32,
  w_at: u32,
  running_at: u32,
  epsilon: f32,
  momentum: f32,
  pool_drop_below: u32,
  pool_scale: f32,
  hidden_drop_below: u32,
  hidden_scale: f32,
  parameters_pitch: u32,
  running_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> learners: Learners;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> running: array<vec4f>;
@group(0) @binding(4) var<storage, read> ys: array<vec4f>;
@group(0) @binding(5) var<storage, read> hs: array<vec4f>;
@group(0) @binding(6) var<storage, read> statistics: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> moments: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> pooled: array<vec4f>;
@group(0) @binding(9) var<storage, read_write> hidden: array<vec4f>;
@group(0) @binding(10) var<storage, read_write> kept: array<vec4f>;

var<workgroup> tile: array<vec4f, WINDOWS * POOL * PITCH>;
var<workgroup> input: array<vec4f, FLAT>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let quad = quad_of(local);
  let unit = unit_of(local);
  let model = group.z;
  let batch = merged_moments(local, model, params.layer);
  if (group.x == 0u && unit == 0u) {
    let at = (params.layer * params.models + model) * 3u * QUADS + quad;
    moments[at] = batch.mean;
    moments[at + QUADS] = batch.variance;
    moments[at + 2u * QUADS] = batch.rest;
    move_running(model, quad, batch);
  }

  let from_parameters = model * params.parameters_pitch / 4u;
  let affine = from_parameters + params.affine_at + quad;
  let scale = parameters[affine] / sqrt(batch.variance + params.epsilon);
  let shift = parameters[affine + QUADS];
  let layer_size = params.models * params.batch * LENGTH * QUADS;
  let record = model * params.batch + group.x;
  for (var position = unit; position < WINDOWS * POOL; position += UNITS) {
    let skip = (record * LENGTH + position) * QUADS + quad;
    let y = ys[params.layer * layer_size + skip];
    tile[position * PITCH + quad] = rectified_quad(fma(y - batch.mean - batch.rest, scale, shift) + hs[skip]);
  }
  workgroupBarrier();

  for (var i = local; i < FLAT; i += THREADS) {
    let window = i / QUADS;
    var sum = vec4f();
    for (var k = 0u; k < POOL; k++) {
      sum += tile[(window * POOL + k) * PITCH + i % QUADS];
    }
    var mean = sum / f32(POOL);
    if (POOL_DROPOUT == 1u) { // when
      let row = group.x * WINDOWS + window;
      let channel = 4u * (i % QUADS);
      mean *= dropout_factors(model, params.layer, row / 2u, channel, 4u * QUADS, params.pool_drop_below, params.pool_scale)[row % 2u];
    }
    input[i] = mean;
    pooled[record * FLAT + i] = mean;
  }
  workgroupBarrier();

  // Neighbouring threads take neighbouring products; each takes every SPLITS-th four inputs.
  let product = local % HIDDEN_QUADS;
  var sum = vec4f();
  if (local < SPLITS * HIDDEN_QUADS) {
    let w = from_parameters + params.w_at + product;
    for (var i = local / HIDDEN_QUADS; i < FLAT; i += SPLITS) {
      let x = input[i];
      for (var q = 0u; q < FOUR; q++) { // unroll
        sum = fma(vec4f(x[q]), parameters[w + (4u * i + q) * HIDDEN_QUADS], sum);
      }
    }
  }
  slots[local] = sum;
  workgroupBarrier();
  if (local < HIDDEN_QUADS) {
    for (var split = 1u; split < SPLITS; split++) {
      sum += slots[split * HIDDEN_QUADS + local];
    }
    hidden[record * HIDDEN_QUADS + local] = sum;
    var factor = vec4f(1.0);
    if (HIDDEN_DROPOUT == 1u) { // when
      let channels = 4u * HIDDEN_QUADS;
      factor = dropout_factors(model, params.layer + 1u, group.x / 2u, 4u * local, channels, params.hidden_drop_below, params.hidden_scale)[group.x % 2u];
    }
    kept[record * HIDDEN_QUADS + local] = factor;
  }
}
