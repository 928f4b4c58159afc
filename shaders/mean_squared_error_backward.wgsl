// Gradient of the mean squared error with respect to the prediction.
//
//   prediction, d_prediction [E, count], goal [E or 1, count], d_loss [E], present [E] = the number of goals
//   that are not NaN. Where the goal is NaN, the gradient is 0.
//   One thread per prediction. Grid: flat, z = model.
//! include "nan"
//! include "flat"

struct Params {
  count: u32,
  predictions_pitch: u32,
  goals_pitch: u32,
  d_loss_pitch: u32,
  present_pitch: u32,
  d_prediction_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> predictions: array<f32>;
@group(0) @binding(2) var<storage, read> goals: array<f32>;
@group(0) @binding(3) var<storage, read> d_loss: array<f32>;
@group(0) @binding(4) var<storage, read> present: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_prediction: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let goal = goals[group.z * params.goals_pitch + i];
  var gradient = 0.0;
  if (!is_nan(goal)) {
    let prediction = predictions[group.z * params.predictions_pitch + i];
    let slope = 2.0 * (prediction - goal);
    gradient = d_loss[group.z * params.d_loss_pitch] * slope / present[group.z * params.present_pitch];
  }
  d_prediction[group.z * params.d_prediction_pitch + i] = gradient;
}
