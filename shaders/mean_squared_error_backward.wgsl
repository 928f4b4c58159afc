// Gradient of the mean squared error with respect to the prediction.
//
//   prediction, d_prediction [E, count], goal [E or 1, count], d_loss [E]; count = batch * outputs. A goal of NaN is
//   missing and has gradient 0. One thread per goal. Grid: flat, z = model.
//! include "flat"
//! include "nan"
//! include "reduce"

struct Params {
  count: u32,
  predictions_pitch: u32,
  goals_pitch: u32,
  d_loss_pitch: u32,
  d_prediction_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> predictions: array<f32>;
@group(0) @binding(2) var<storage, read> goals: array<f32>;
@group(0) @binding(3) var<storage, read> d_loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_prediction: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  // The loss is a mean over the goals that are there.
  var present = 0.0;
  for (var b = local; b < params.count; b += 64u) {
    present += select(1.0, 0.0, is_nan(goals[group.z * params.goals_pitch + b]));
  }
  let goals_there = reduce_sum(local, present);
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let prediction = predictions[group.z * params.predictions_pitch + i];
  let goal = goals[group.z * params.goals_pitch + i];
  let slope = 2.0 * (prediction - goal);
  let gradient = d_loss[group.z * params.d_loss_pitch] * slope / max(goals_there, 1.0);
  d_prediction[group.z * params.d_prediction_pitch + i] = select(gradient, 0.0, is_nan(goal));
}
