// Folds a batch normalisation with constant moments into the kernel before it:
//   scale = gamma / sqrt(variance + epsilon),  folded w[i, o] = w[i, o] * scale[o],  bias[o] =
//   beta[o] - mean[o] * scale[o]
//
//   w, folded [E, inputs, outputs] (inputs = taps * channels in); affine (gamma, beta) and moments (mean,
//   variance) [E, 2, outputs]; bias [E, outputs]
//   with TILED, folded is [E, taps, outputs / SIDE, channels in / SIDE, SIDE outputs, SIDE channels in]:
//   matrices, each stored column by column
//
// One thread per output of a chunk of inputs. Grid: x over outputs, y over chunks, z = model.
const LANES = 32u;
const TILED = 0u; // tile
const SIDE = 16u;

struct Params {
  inputs: u32,
  inputs_per_chunk: u32,
  inputs_per_tap: u32,
  outputs: u32,
  epsilon: f32,
  w_pitch: u32,
  affine_pitch: u32,
  moments_pitch: u32,
  folded_pitch: u32,
  bias_pitch: u32,
}

alias F = f32; // stores folded

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> affine: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read_write> folded: array<F>;
@group(0) @binding(5) var<storage, read_write> bias: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let outputs = params.outputs;
  let output = group.x * LANES + local;
  if (output >= outputs) {
    return;
  }
  let a = group.z * params.affine_pitch + output;
  let m = group.z * params.moments_pitch + output;
  let scale = affine[a] / sqrt(moments[m + outputs] + params.epsilon);
  if (group.y == 0u) {
    bias[group.z * params.bias_pitch + output] = fma(-moments[m], scale, affine[a + outputs]);
  }
  let w_start = group.z * params.w_pitch + output;
  let folded_start = group.z * params.folded_pitch;
  let first = group.y * params.inputs_per_chunk;
  let last = min(params.inputs, first + params.inputs_per_chunk);
  for (var i = first; i < last; i++) {
    var to = i * outputs + output;
    if (TILED == 1u) { // when
      let channels = params.inputs_per_tap;
      let matrix = (i / channels * (outputs / SIDE) + output / SIDE) * (channels / SIDE) + i % channels / SIDE;
      to = (matrix * SIDE + output % SIDE) * SIDE + i % SIDE;
    }
    folded[folded_start + to] = F(w[w_start + i * outputs] * scale);
  }
}
