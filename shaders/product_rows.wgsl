// A matrix product of many rows, y[row, o] = sum over i of x[row, i] * w[i, o], with both operands read
// through the cache. It is for GPUs, whose cache serves a weight to all rows of a subgroup and a row to all
// of its outputs.
//
//   x [E, rows, inputs], w [E, inputs, outputs] -> y [E, rows, outputs]
//
// Lanes of a subgroup lie LANES along the outputs, four to a lane, and ACROSS along the rows. A thread owns
// ROWS rows, ACROSS apart, by QUADS fours of outputs, LANES apart, and takes four inputs per iteration. Grid:
// x over tiles of rows, y over tiles of outputs, z = model.
// Preconditions: inputs, outputs and pitches are multiples of 4.
const LANES = 8u; // tile
const ACROSS = 4u; // tile
const GROUPS = 4u; // tile
const ROWS = 6u; // tile
const QUADS = 3u; // tile
const FOUR = 4u; // fixed
const THREADS = LANES * ACROSS * GROUPS;

struct Params {
  rows: u32,
  inputs: u32,
  outputs: u32,
  x_pitch: u32,
  w_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let first = (group.x * GROUPS + local / (LANES * ACROSS)) * ROWS * ACROSS + local / LANES % ACROSS;
  let start = group.y * QUADS * LANES + local % LANES;
  let inputs = params.inputs / 4u;
  let outputs = params.outputs / 4u;
  var source: array<u32, ROWS>; // scalars
  var weight: array<u32, QUADS>; // scalars
  var acc: array<array<vec4f, QUADS>, ROWS>; // scalars
  for (var c = 0u; c < QUADS; c++) { // unroll
    weight[c] = group.z * params.w_pitch / 4u + min(start + c * LANES, outputs - 1u);
  }
  for (var j = 0u; j < ROWS; j++) { // unroll
    source[j] = group.z * params.x_pitch / 4u + min(first + j * ACROSS, params.rows - 1u) * inputs;
    for (var c = 0u; c < QUADS; c++) { // unroll
      acc[j][c] = vec4f();
    }
  }
  for (var i = 0u; i < inputs; i++) {
    var value: array<array<vec4f, QUADS>, FOUR>; // scalars
    for (var r = 0u; r < FOUR; r++) { // unroll
      for (var c = 0u; c < QUADS; c++) { // unroll
        value[r][c] = w[weight[c] + (4u * i + r) * outputs];
      }
    }
    for (var j = 0u; j < ROWS; j++) { // unroll
      let input = x[source[j] + i];
      for (var r = 0u; r < FOUR; r++) { // unroll
        for (var c = 0u; c < QUADS; c++) { // unroll
          acc[j][c] = fma(vec4f(input[r]), value[r][c], acc[j][c]);
        }
      }
    }
  }
  for (var j = 0u; j < ROWS; j++) { // unroll
    for (var c = 0u; c < QUADS; c++) { // unroll
      if (first + j * ACROSS < params.rows && start + c * LANES < outputs) {
        y[group.z * params.y_pitch / 4u + (first + j * ACROSS) * outputs + start + c * LANES] = acc[j][c];
      }
    }
  }
}
