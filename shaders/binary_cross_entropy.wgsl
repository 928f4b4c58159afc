// Binary cross-entropy from logits z, in the form that never overflows:
// max(z, 0) - z * t + log(1 + exp(-|z|)), averaged over the goals that are present.
//
//   prediction [E, count], goal [E or 1, count] (every record's outputs) -> loss, present [E]: the number of
//   goals that are not NaN. A goal that is NaN is missing: it has no part in the loss. Without any goal the
//   loss is 0. One workgroup of 64 threads per model, z = model.
//! include "nan"
//! include "reduce"

struct Params {
  count: u32,
  predictions_pitch: u32,
  goals_pitch: u32,
  loss_pitch: u32,
  present_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> predictions: array<f32>;
@group(0) @binding(2) var<storage, read> goals: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> present: array<f32>;

fn loss_of(prediction: f32, goal: f32) -> f32 {
  return max(prediction, 0.0) - prediction * goal + log(1.0 + exp(-abs(prediction)));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  var goals_present = 0.0;
  for (var i = local; i < params.count; i += 64u) {
    let goal = goals[group.z * params.goals_pitch + i];
    if (!is_nan(goal)) {
      sum += loss_of(predictions[group.z * params.predictions_pitch + i], goal);
      goals_present += 1.0;
    }
  }
  let total = reduce_sum(local, sum);
  let all_present = reduce_sum(local, goals_present);
  if (local == 0u) {
    loss[group.z * params.loss_pitch] = total / max(all_present, 1.0);
    present[group.z * params.present_pitch] = all_present;
  }
}
