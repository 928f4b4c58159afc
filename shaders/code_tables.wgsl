// Tables for conv_codes.wgsl: on one-hot input a convolution only adds kernel rows, and four neighbouring taps see
// one of 5^4 words of codes. tables[e, g, word, o] = sum over taps t = 4 g … 4 g + 3 of w[e, t, code t of the word, o];
// code 4 (pad or N) and taps past the kernel add nothing. The first code of a word is its lowest digit to base 5.
//
//   w [E, taps, 4, outputs], bias [E, outputs] (BIAS; enters group 0) -> tables [E, groups, 625, outputs]
//
// One thread per word and output. Grid: x over outputs, y over (group, word), z = model.
const LANES = 32u;
const WORDS = 625u;
const BIAS = 0u; // tile

struct Params {
  outputs: u32,
  taps: u32,
  w_pitch: u32,
  bias_pitch: u32,
  tables_pitch: u32,
}

alias W = f32; // stores w

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> w: array<W>;
@group(0) @binding(2) var<storage, read_write> tables: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>; // when BIAS

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let outputs = params.outputs;
  let output = group.x * LANES + local;
  if (output >= outputs) {
    return;
  }
  let first_tap = group.y / WORDS * 4u;
  let word = group.y % WORDS;
  let base = group.z * params.w_pitch + output;
  // Pairs first: two rounding errors on the way to a sum, not three.
  var sum = tap_weight(base, first_tap, word % 5u) + tap_weight(base, first_tap + 1u, word / 5u % 5u);
  sum += tap_weight(base, first_tap + 2u, word / 25u % 5u) + tap_weight(base, first_tap + 3u, word / 125u);
  if (BIAS == 1u) { // when BIAS
    sum += select(0.0, bias[group.z * params.bias_pitch + output], first_tap == 0u);
  }
  tables[group.z * params.tables_pitch + group.y * outputs + output] = sum;
}

fn tap_weight(base: u32, tap: u32, code: u32) -> f32 {
  let present = tap < params.taps && code < 4u;
  return select(0.0, f32(w[base + select(0u, (tap * 4u + code) * params.outputs, present)]), present);
}
