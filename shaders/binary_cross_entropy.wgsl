// Binary cross-entropy from logits z, in the form that never overflows: max(z, 0) - z * t + log(1 + exp(-|z|)), averaged over the batch.
//
//   prediction [E, batch], goal [E or 1, batch] -> loss [E]. One workgroup of 64 threads per model, z = model.
//! include "reduce"

struct Params {
  batch: u32,
  predictions_pitch: u32,
  goals_pitch: u32,
  loss_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> predictions: array<f32>;
@group(0) @binding(2) var<storage, read> goals: array<f32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;

fn loss_of(prediction: f32, goal: f32) -> f32 {
  return max(prediction, 0.0) - prediction * goal + log(1.0 + exp(-abs(prediction)));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var b = local; b < params.batch; b += 64u) {
    sum += loss_of(predictions[group.z * params.predictions_pitch + b], goals[group.z * params.goals_pitch + b]);
  }
  let total = reduce_sum(local, sum);
  if (local == 0u) {
    loss[group.z * params.loss_pitch] = total / f32(params.batch);
  }
}
