// Mean squared error, averaged over the goals that are there: a goal of NaN is missing.
//
//   prediction [E, count], goal [E or 1, count] -> loss [E]; count = batch * outputs. One workgroup of 64 threads per model, z = model.
//! include "nan"
//! include "reduce"

struct Params {
  count: u32,
  predictions_pitch: u32,
  goals_pitch: u32,
  loss_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> predictions: array<f32>;
@group(0) @binding(2) var<storage, read> goals: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;

fn loss_of(prediction: f32, goal: f32) -> f32 {
  let error = prediction - goal;
  return error * error;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  var present = 0.0;
  for (var b = local; b < params.count; b += 64u) {
    let goal = goals[group.z * params.goals_pitch + b];
    if (!is_nan(goal)) {
      sum += loss_of(predictions[group.z * params.predictions_pitch + b], goal);
      present += 1.0;
    }
  }
  let total = reduce_sum(local, sum);
  let goals_there = reduce_sum(local, present);
  if (local == 0u) {
    loss[group.z * params.loss_pitch] = total / max(goals_there, 1.0);
  }
}
