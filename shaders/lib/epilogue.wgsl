// What a convolution may do to its sums before it writes them: start from a bias, add a skip connection,
// rectify. Needs `outputs`, `bias_pitch` and `skip_pitch` in Params.
//! include "rectified"
const BIAS = 0u; // tile
const SKIP = 0u; // tile
const RELU = 0u; // tile

alias S = f32; // stores skip

@group(0) @binding(4) var<storage, read> bias: array<f32>; // when BIAS == 1u
@group(0) @binding(5) var<storage, read> skip: array<S>; // when SKIP == 1u

fn initial_sum(model: u32, output: u32) -> f32 {
  if (BIAS == 1u) { // when
    return bias[model * params.bias_pitch + min(output, params.outputs - 1u)];
  }
  return 0.0;
}

fn finished(sum: f32, model: u32, row: u32, output: u32) -> f32 {
  var value = sum;
  if (SKIP == 1u) { // when
    value += f32(skip[model * params.skip_pitch + row * params.outputs + output]);
  }
  if (RELU == 1u) { // when
    value = rectified(value);
  }
  return value;
}
