// Gradient of conv1d with respect to its kernel, split over records (sequences) so that few weights still
// fill the adapter: partial[split, e, tap, i, o] = sum over the rows of the split's records of
// x[row + (tap - centre) * dilation, i] * dy[row, o]. sum_partials.wgsl adds the splits in a fixed order.
// With length 1 and one tap: the gradient of a dense layer.
//
//   x [E, rows, inputs], dy [E, rows, outputs], partial [splits, E, taps, inputs, outputs]
//
// Operand path: subgroup shuffle. Lanes load LOADS * LANES inputs and COLS * LANES outputs of one row, both
// consecutive; shuffles give the inputs to the whole subgroup. Grid: x over (input tile, output tile) with
// SUBGROUPS output tiles per workgroup, y over (tap, split), z = model. Precondition: every subgroup has
// exactly LANES threads.
enable subgroups;

const LANES = 8u; // tile
const SUBGROUPS = 8u; // tile
const LOADS = 2u; // tile
const COLS = 4u; // tile
// Positions per loop iteration. On software adapters the end of an iteration writes back every sum.
const STEPS = 1u; // tile
const THREADS = LANES * SUBGROUPS;

//! include "conv1d_dw_interface"

@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let output_tiles = (params.outputs + COLS * LANES - 1u) / (COLS * LANES);
  let tile = group.x * SUBGROUPS + local / LANES;
  let first_input = tile / output_tiles * LOADS * LANES;
  let first_output = tile % output_tiles * COLS * LANES + lane;
  let tap = group.y % params.taps;
  let split = group.y / params.taps;
  let shift = (i32(tap) - i32(params.taps / 2u)) * params.dilation;
  let first_record = split * params.records_per_split;
  let last_record = min(params.rows / params.length, first_record + params.records_per_split);
  // The positions whose tap stays inside the sequence.
  let from_position = u32(max(0, -shift));
  let to_position = u32(max(0, i32(params.length) - max(0, shift)));

  var x_column: array<u32, LOADS>; // scalars
  var dy_column: array<u32, COLS>; // scalars
  var input: array<array<f32, LOADS>, STEPS>; // scalars
  var value: array<array<f32, COLS>, STEPS>; // scalars
  var acc: array<array<array<f32, COLS>, LANES>, LOADS>; // scalars
  for (var j = 0u; j < LOADS; j++) { // unroll
    x_column[j] = group.z * params.x_pitch + min(first_input + j * LANES + lane, params.inputs - 1u);
  }
  for (var c = 0u; c < COLS; c++) { // unroll
    dy_column[c] = group.z * params.dy_pitch + min(first_output + c * LANES, params.outputs - 1u);
  }

  for (var record = first_record; record < last_record; record++) {
    for (var first = from_position; first < to_position; first += STEPS) {
      for (var s = 0u; s < STEPS; s++) { // unroll
        // Beyond the last position, x counts as zero.
        let position = min(first + s, to_position - 1u);
        let inside = select(0.0, 1.0, first + s < to_position);
        let row = record * params.length + position;
        for (var j = 0u; j < LOADS; j++) { // unroll
          input[s][j] = x[x_column[j] + u32(i32(row) + shift) * params.inputs] * inside;
        }
        for (var c = 0u; c < COLS; c++) { // unroll
          value[s][c] = dy[dy_column[c] + row * params.outputs];
        }
      }
      for (var s = 0u; s < STEPS; s++) { // unroll
        for (var j = 0u; j < LOADS; j++) { // unroll
          for (var l = 0u; l < LANES; l++) { // unroll
            let spread = subgroupShuffle(input[s][j], l);
            for (var c = 0u; c < COLS; c++) { // unroll
              acc[j][l][c] = fma(spread, value[s][c], acc[j][l][c]);
            }
          }
        }
      }
    }
  }

  let base = ((split * params.models + group.z) * params.taps + tap) * params.inputs;
  for (var j = 0u; j < LOADS; j++) { // unroll
    for (var l = 0u; l < LANES; l++) { // unroll
      let i = first_input + j * LANES + l;
      for (var c = 0u; c < COLS; c++) { // unroll
        let output = first_output + c * LANES;
        if ((i < params.inputs) & (output < params.outputs)) {
          partial[(base + i) * params.outputs + output] = acc[j][l][c];
        }
      }
    }
  }
}
