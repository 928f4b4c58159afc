// Replaces the predictions of a block of backgrounds with local importances (paper, Eq. 2), and updates their
// statistics: mean, sum of squared deviations, minimum and maximum. It goes background by background
// (Welford), so that the size of blocks does not change the result.
//
//   predictions [E, block, patterns] -> prediction with the pattern - base [E, backgrounds]
//   state [E, 4, patterns]: mean, sum of squared deviations, minimum, maximum
//
// One thread per pattern. Grid: flat, z = model.
//! include "control"
//! include "flat"

struct Params {
  patterns: u32,
  predictions_pitch: u32,
  base_pitch: u32,
  state_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read_write> predictions: array<f32>;
@group(0) @binding(3) var<storage, read> base: array<f32>;
@group(0) @binding(4) var<storage, read_write> state: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let pattern = flat_index(group, groups, local, 64u);
  if (pattern >= params.patterns) {
    return;
  }
  let at = group.z * params.state_pitch + pattern;
  var mean = state[at];
  var squares = state[at + params.patterns];
  var least = state[at + 2u * params.patterns];
  var greatest = state[at + 3u * params.patterns];
  for (var b = 0u; b < control.backgrounds; b++) {
    let i = group.z * params.predictions_pitch + b * params.patterns + pattern;
    let value = predictions[i] - base[group.z * params.base_pitch + control.background + b];
    predictions[i] = value;
    let count = control.background + b + 1u;
    if (count == 1u) {
      mean = 0.0;
      squares = 0.0;
      least = value;
      greatest = value;
    }
    let deviation = value - mean;
    mean += deviation / f32(count);
    squares = fma(deviation, value - mean, squares);
    least = min(least, value);
    greatest = max(greatest, value);
  }
  state[at] = mean;
  state[at + params.patterns] = squares;
  state[at + 2u * params.patterns] = least;
  state[at + 3u * params.patterns] = greatest;
}
