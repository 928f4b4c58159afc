// First convolution straight from base codes: on one-hot input a convolution is a sum of kernel rows, so there
// is nothing to multiply. y[row, o] = sum over taps of w[tap, code(row + tap - centre), o]; pads and N add nothing.
//
//   codes [E or 1, rows] u32, 0-3 = ACGU, 4 = all-zero column; rows = batch * length
//   w [E, taps, 4, outputs], y [E, rows, outputs]
//
// One thread per (row, output), lanes along the outputs. Grid: x over row blocks of 8, y over outputs, z = model.
const LANES = 32u;
const ROWS = 8u; // rows of one workgroup, one after the other

struct Params {
  rows: u32,
  length: u32,
  outputs: u32,
  taps: u32,
  codes_pitch: u32,
  w_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let output = group.y * LANES + local;
  if (output >= params.outputs) {
    return;
  }
  let last = min(params.rows, (group.x + 1u) * ROWS);
  for (var row = group.x * ROWS; row < last; row++) {
    var sum = 0.0;
    // Taps that fall outside the sequence are clipped before the loop.
    let position = row % params.length;
    let centre = params.taps / 2u;
    let from_tap = centre - min(centre, position);
    let to_tap = min(params.taps, centre + params.length - position);
    for (var tap = from_tap; tap < to_tap; tap++) {
      let code = codes[group.z * params.codes_pitch + row + tap - centre];
      if (code < 4u) {
        sum += w[group.z * params.w_pitch + (tap * 4u + code) * params.outputs + output];
      }
    }
    y[group.z * params.y_pitch + row * params.outputs + output] = sum;
  }
}
