// First convolution straight from base codes: on one-hot input a convolution is a sum of kernel rows, so there
// is nothing to multiply. y[row, o] = sum over taps of w[tap, code(row + tap - centre), o]; pads and N add nothing.
//
//   codes [E or 1, rows] u32, 0-3 = ACGU, 4 = all-zero column; rows = batch * length
//   w [E, TAPS, 4, outputs], y [E, rows, outputs]
//
// A thread owns one output and RUN consecutive positions of a record: it reads the codes under all its taps once,
// and each tap's four weights once. Grid: flat over
// (record, run, block of outputs), z = model.
const LANES = 32u;
const TAPS = 11u; // tile
const RUN = 8u; // tile
// RUN + TAPS - 1
const WINDOW = 18u; // tile

struct Params {
  records: u32,
  length: u32,
  outputs: u32,
  runs: u32,
  output_groups: u32,
  codes_pitch: u32,
  w_pitch: u32,
  y_pitch: u32,
  bias_pitch: u32,
  skip_pitch: u32,
}

alias W = f32; // stores w
alias Y = f32; // stores y

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> w: array<W>;
@group(0) @binding(3) var<storage, read_write> y: array<Y>;
//! include "epilogue"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let index = group.y * groups.x + group.x;
  let outputs = params.outputs;
  let output = index % params.output_groups * LANES + local;
  let run = index / params.output_groups % params.runs;
  let record = index / (params.output_groups * params.runs);
  if (output >= outputs || record >= params.records) {
    return;
  }
  let length = params.length;
  let start = run * RUN;
  let codes_start = group.z * params.codes_pitch + record * length;
  var code: array<u32, WINDOW>; // scalars
  var acc: array<f32, RUN>; // scalars
  let first_sum = initial_sum(group.z, output);
  for (var r = 0u; r < RUN; r++) { // unroll
    acc[r] = first_sum;
  }
  for (var j = 0u; j < WINDOW; j++) { // unroll
    // Positions before the sequence wrap around and fail the test, as those after it do.
    let position = start + j - TAPS / 2u;
    code[j] = select(4u, codes[codes_start + min(position, length - 1u)], position < length);
  }
  var weight = group.z * params.w_pitch + output;
  for (var tap = 0u; tap < TAPS; tap++) { // unroll
    let a = f32(w[weight]);
    let c = f32(w[weight + outputs]);
    let g = f32(w[weight + 2u * outputs]);
    let u = f32(w[weight + 3u * outputs]);
    weight += 4u * outputs;
    for (var r = 0u; r < RUN; r++) { // unroll
      let purine = select(g, a, code[r + tap] == 0u);
      let pyrimidine = select(u, c, code[r + tap] == 1u);
      let chosen = select(pyrimidine, purine, (code[r + tap] & 1u) == 0u);
      acc[r] += select(chosen, 0.0, code[r + tap] == 4u);
    }
  }
  var to_y = group.z * params.y_pitch + (record * length + start) * outputs + output;
  for (var r = 0u; r < RUN; r++) { // unroll
    if (start + r < length) {
      y[to_y] = Y(finished(acc[r], group.z, record * length + start + r, output));
    }
    to_y += outputs;
  }
}
