// Tables for conv_codes.wgsl: on one-hot input a convolution only adds kernel rows, and four neighbouring
// taps see one of 5^4 words of codes. tables[e, g, word, o] = sum over taps t = 4 g … 4 g + 3 of
// w[e, t, code t of the word, o]; code 4 (pad or N) and taps past the kernel add nothing. The first code of a
// word is its lowest digit to base 5.
//
//   w [E, taps, 4, outputs], bias [E, outputs] (BIAS; enters group 0) -> tables [E, groups, 625, outputs]
//
// One thread per output of the 25 words that share their last two codes. Grid: x over outputs, y over (group,
// last two codes), z = model.
const LANES = 32u;
const CODES = 5u; // fixed
const BASES = 4u; // fixed
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
@group(0) @binding(3) var<storage, read> bias: array<f32>; // when BIAS == 1u

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let outputs = params.outputs;
  let output = group.x * LANES + local;
  if (output >= outputs) {
    return;
  }
  let last_codes = group.y % (CODES * CODES);
  let tap = group.y / (CODES * CODES) * 4u;
  let base = group.z * params.w_pitch + output;
  // Pairs are added first, so that a sum has two rounding errors, not three.
  let last = tap_weight(base, tap + 2u, last_codes % CODES) + tap_weight(base, tap + 3u, last_codes / CODES);
  var start = 0.0;
  if (BIAS == 1u) { // when
    start = select(0.0, bias[group.z * params.bias_pitch + output], tap == 0u);
  }
  // Code 4 stays zero.
  var first: array<f32, CODES>; // scalars
  var second: array<f32, CODES>; // scalars
  for (var code = 0u; code < BASES; code++) { // unroll
    first[code] = tap_weight(base, tap, code);
    second[code] = tap_weight(base, tap + 1u, code);
  }
  var to_table = group.z * params.tables_pitch + group.y * CODES * CODES * outputs + output;
  for (var j = 0u; j < CODES; j++) { // unroll
    for (var i = 0u; i < CODES; i++) { // unroll
      tables[to_table] = first[i] + second[j] + last + start;
      to_table += outputs;
    }
  }
}

fn tap_weight(base: u32, tap: u32, code: u32) -> f32 {
  let present = tap < params.taps && code < BASES;
  return select(0.0, f32(w[base + select(0u, (tap * 4u + code) * params.outputs, present)]), present);
}
