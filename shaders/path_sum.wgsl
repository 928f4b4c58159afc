// Attributions from the gradients along a path: for every record, letter and position, the sum over points,
// ascending, of weight * gradient. With INTEGRATE it is multiplied by the distance from baseline to one-hot.
// Where the sequence has no letter (pad or N) the result is 0. input_path.wgsl makes the path.
//
//   codes [records, length] u32, weights [points], baseline [length, 4],
//   gradients [E, records * points, length, channels] -> scores [E, records, 4, length]; count =
//   records * 4 * length. One thread per score. Grid: flat, z = model.
//! include "flat"

const INTEGRATE = 0u; // tile

struct Params {
  count: u32,
  length: u32,
  channels: u32,
  points: u32,
  gradients_pitch: u32,
  scores_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read> gradients: array<f32>;
@group(0) @binding(4) var<storage, read> baseline: array<f32>; // when INTEGRATE == 1u
@group(0) @binding(5) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let position = i % params.length;
  let letter = i / params.length % 4u;
  let record = i / (4u * params.length);
  let code = codes[record * params.length + position];
  var sum = 0.0;
  if (code < 4u) {
    let step = params.length * params.channels;
    var at = group.z * params.gradients_pitch + record * params.points * step + position * params.channels + letter;
    for (var p = 0u; p < params.points; p++) {
      sum += weights[p] * gradients[at];
      at += step;
    }
    if (INTEGRATE == 1u) { // when
      sum *= select(0.0, 1.0, code == letter) - baseline[position * 4u + letter];
    }
  }
  scores[group.z * params.scores_pitch + i] = sum;
}
