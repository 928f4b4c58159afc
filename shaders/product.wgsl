// A matrix product of many rows, y[row, o] = sum over i of x[row, i] * w[i, o]. It has conv1d.wgsl's operand
// path and order of summation, but no taps, no epilogue, and no bounds checks in the loop.
//
//   x [E, rows, inputs], w [E, inputs, outputs] -> y [E, rows, outputs]
//
// Operand path: subgroup shuffle. Lanes run along the outputs, and along the rows where x is loaded. A thread
// owns LOADS
// * LANES rows by COLS outputs, and takes STEPS inputs per loop iteration, all of their loads first. Grid: x
// over row tiles (SUBGROUPS per workgroup), y over output tiles, z = model.
// Preconditions: every subgroup has exactly LANES threads; STEPS divides inputs.
enable subgroups;

const LANES = 8u; // tile
const SUBGROUPS = 2u; // tile
const LOADS = 4u; // tile
const COLS = 6u; // tile
const STEPS = 2u; // tile
const THREADS = LANES * SUBGROUPS;
const ROWS = LOADS * LANES;

struct Params {
  rows: u32,
  inputs: u32,
  outputs: u32,
  x_pitch: u32,
  w_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let first = (group.x * SUBGROUPS + local / LANES) * ROWS;
  let column = group.y * COLS * LANES + lane;
  var address: array<u32, LOADS>; // scalars
  var weight: array<u32, COLS>; // scalars
  var input: array<array<f32, STEPS>, LOADS>; // scalars
  var value: array<array<f32, STEPS>, COLS>; // scalars
  var acc: array<array<array<f32, COLS>, LANES>, LOADS>; // scalars
  for (var c = 0u; c < COLS; c++) { // unroll
    weight[c] = group.z * params.w_pitch + min(column + c * LANES, params.outputs - 1u);
  }
  for (var j = 0u; j < LOADS; j++) { // unroll
    address[j] = group.z * params.x_pitch + min(first + j * LANES + lane, params.rows - 1u) * params.inputs;
    for (var l = 0u; l < LANES; l++) { // unroll
      for (var c = 0u; c < COLS; c++) { // unroll
        acc[j][l][c] = 0.0;
      }
    }
  }

  for (var i = 0u; i < params.inputs; i += STEPS) {
    for (var s = 0u; s < STEPS; s++) { // unroll
      for (var j = 0u; j < LOADS; j++) { // unroll
        input[j][s] = x[address[j] + i + s];
      }
      for (var c = 0u; c < COLS; c++) { // unroll
        value[c][s] = w[weight[c] + (i + s) * params.outputs];
      }
    }
    for (var j = 0u; j < LOADS; j++) { // unroll
      for (var l = 0u; l < LANES; l++) { // unroll
        for (var s = 0u; s < STEPS; s++) { // unroll
          let spread = subgroupShuffle(input[j][s], l);
          for (var c = 0u; c < COLS; c++) { // unroll
            acc[j][l][c] = fma(spread, value[c][s], acc[j][l][c]);
          }
        }
      }
    }
  }

  // A condition costs as much as a store, so a whole tile has none.
  let start = group.z * params.y_pitch + first * params.outputs + column;
  if (first + ROWS <= params.rows && (group.y + 1u) * COLS * LANES <= params.outputs) {
    for (var j = 0u; j < LOADS; j++) { // unroll
      for (var l = 0u; l < LANES; l++) { // unroll
        for (var c = 0u; c < COLS; c++) { // unroll
          y[start + (j * LANES + l) * params.outputs + c * LANES] = acc[j][l][c];
        }
      }
    }
  } else {
    for (var j = 0u; j < LOADS; j++) { // unroll
      for (var l = 0u; l < LANES; l++) { // unroll
        for (var c = 0u; c < COLS; c++) { // unroll
          if ((first + j * LANES + l < params.rows) & (column + c * LANES < params.outputs)) {
            y[start + (j * LANES + l) * params.outputs + c * LANES] = acc[j][l][c];
          }
        }
      }
    }
  }
}
