// Gradient of conv1d with respect to its kernel; the same contract as conv1d_dw.wgsl. Operand path: workgroup
// memory, for adapters without subgroups of one fixed size. 256 threads compute a tile of 64 inputs by 64
// outputs, 4 by 4 each, staging 16 rows at a time. Grid: x over (input tile, output tile), y over (tap, split), z = model.
const TILE = 64u;
const SLICE = 16u;
const SIDE = 4u; // tile

//! include "conv1d_dw_interface"

var<workgroup> x_slice: array<f32, 1024>;
var<workgroup> dy_slice: array<f32, 1024>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u, @builtin(local_invocation_index) local: u32) {
  let output_tiles = (params.outputs + TILE - 1u) / TILE;
  let first_input = group.x / output_tiles * TILE;
  let first_output = group.x % output_tiles * TILE;
  let tap = group.y % params.taps;
  let split = group.y / params.taps;
  let shift = (i32(tap) - i32(params.taps / 2u)) * params.dilation;
  let first_row = split * params.records_per_split * params.length;
  let last_row = min(params.rows, first_row + params.records_per_split * params.length);
  var inputs: array<f32, SIDE>; // scalars
  var outputs: array<f32, SIDE>; // scalars
  var acc: array<array<f32, SIDE>, SIDE>; // scalars

  for (var slice = first_row; slice < last_row; slice += SLICE) {
    for (var element = local; element < TILE * SLICE; element += 256u) {
      let row = slice + element / TILE;
      let column = element % TILE;
      let position = i32(row % params.length) + shift;
      let present = row < last_row;
      let x_valid = present && first_input + column < params.inputs && position >= 0 && position < i32(params.length);
      let x_address = select(0u, u32(i32(row) + shift) * params.inputs + first_input + column, x_valid);
      x_slice[element] = select(0.0, x[group.z * params.x_pitch + x_address], x_valid);
      let dy_valid = present && first_output + column < params.outputs;
      let dy_address = select(0u, row * params.outputs + first_output + column, dy_valid);
      dy_slice[element] = select(0.0, dy[group.z * params.dy_pitch + dy_address], dy_valid);
    }
    workgroupBarrier();
    for (var row = 0u; row < SLICE; row++) {
      for (var r = 0u; r < SIDE; r++) { // unroll
        inputs[r] = x_slice[row * TILE + r * 16u + thread.y];
      }
      for (var c = 0u; c < SIDE; c++) { // unroll
        outputs[c] = dy_slice[row * TILE + c * 16u + thread.x];
      }
      for (var r = 0u; r < SIDE; r++) { // unroll
        for (var c = 0u; c < SIDE; c++) { // unroll
          acc[r][c] = fma(inputs[r], outputs[c], acc[r][c]);
        }
      }
    }
    workgroupBarrier();
  }

  let base = ((split * params.models + group.z) * params.taps + tap) * params.inputs;
  for (var r = 0u; r < SIDE; r++) { // unroll
    let i = first_input + r * 16u + thread.y;
    for (var c = 0u; c < SIDE; c++) { // unroll
      let output = first_output + c * 16u + thread.x;
      if (i < params.inputs && output < params.outputs) {
        partial[(base + i) * params.outputs + output] = acc[r][c];
      }
    }
  }
}
