// Fused training step: one layer of the residual block, from the products of the layer before it. The kernel
// merges the moments of the batch and applies batch normalisation, ReLU and dropout while it reads these
// products. Then it convolves them, and writes the results and their statistics.
//
//   ys [layers, E, batch, length, channels] layer `layer` -> hs, the activations, layer `layer`; ys layer
//   `layer` + 1 statistics [layers, batch, E, 3, channels] likewise; moments [layers, E, 3, channels] (mean,
//   variance, rest of the mean) parameters [E, flat]: affine [2, channels] (gamma, beta), w
//   [3, channels, channels]; running [E, flat]
//
// One workgroup per sequence (lib/step_classes). Grid: x over sequences, z = model.
//! include "step_threads"
//! include "step_classes"
//! include "step_convolve"
//! include "step_moments"
//! include "step_running"
//! include "step_statistics"
//! include "step_dropout"
const DROPOUT = 0u; // tile
const ROUNDS = 2u; // tile
// A pair of rows begins at an even row of the batch. A unit takes one of the pairs that a sequence touches in
// each of ROUNDS.
const PAIRS = LENGTH / 2u + 1u;

struct Params {
  batch: u32,
  models: u32,
  layer: u32,
  affine_at: u32,
  w_at: u32,
  running_at: u32,
  epsilon: f32,
  momentum: f32,
  drop_below: u32 /* rate * 2^32 */,
  scale: f32 /* 1 / (1 - rate) */,
  parameters_pitch: u32,
  running_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> learners: Learners;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> running: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> ys: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> hs: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> statistics: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> moments: array<vec4f>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let quad = quad_of(local);
  let unit = unit_of(local);
  let model = group.z;
  let layer_size = params.models * params.batch * LENGTH * QUADS;
  let sequence_at = (model * params.batch + group.x) * LENGTH * QUADS + quad;
  let layer_at = params.layer * layer_size + sequence_at;
  let first_row = group.x * LENGTH;
  // Loaded while the moments are merged.
  var product: array<array<vec4f, HALVES>, ROUNDS>; // scalars
  for (var round = 0u; round < ROUNDS; round++) { // unroll
    for (var half = 0u; half < HALVES; half++) { // unroll
      let position = 2u * (first_row / 2u + round * UNITS + unit) + half - first_row;
      product[round][half] = ys[layer_at + min(position, LENGTH - 1u) * QUADS];
    }
  }
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
  for (var round = 0u; round < ROUNDS; round++) { // unroll
    let pair = round * UNITS + unit;
    if (pair < PAIRS) {
      var factors = array<vec4f, 2>(vec4f(1.0), vec4f(1.0));
      if (DROPOUT == 1u) { // when
        let index = first_row / 2u + pair;
        factors = dropout_factors(model, params.layer, index, 4u * quad, 4u * QUADS, params.drop_below, params.scale);
      }
      for (var half = 0u; half < HALVES; half++) { // unroll
        // Rows of the sequences before and after fail the test.
        let position = 2u * (first_row / 2u + pair) + half - first_row;
        if (position < LENGTH) {
          let deviation = product[round][half] - batch.mean - batch.rest;
          let activity = factors[half] * rectified_quad(fma(deviation, scale, shift));
          hs[layer_at + position * QUADS] = activity;
          tile[row_of(position) * PITCH + quad] = activity;
        }
      }
    }
  }
  workgroupBarrier();

  let sums = convolved(unit, from_parameters + params.w_at + quad);
  workgroupBarrier();
  for (var k = 0u; k < UNIT; k++) { // unroll
    let position = position_of(unit, k);
    if (position < LENGTH) {
      tile[position * PITCH + quad] = sums[k];
      ys[(params.layer + 1u) * layer_size + sequence_at + position * QUADS] = sums[k];
    }
  }
  workgroupBarrier();
  leave_statistics(local, model, params.layer + 1u, group.x);
}

fn kernel_quad(at: u32) -> vec4f {
  return parameters[at];
}
