// Dilated 1-D convolution; the same contract as conv1d.wgsl. Operand path: workgroup memory, for adapters
// without subgroups of one fixed size. 256 threads compute a tile of 64 rows by 64 outputs, 4 by 4 each;
// slices of 16 inputs are staged for both operands. Grid: x over row tiles, y over output tiles, z = model.
const TILE = 64u;
const SLICE = 16u;
const SIDE = 4u; // tile

//! include "conv1d_interface"
//! include "epilogue"

// Indexed [input][row] and [input][output]; one row more avoids bank conflicts while staging.
var<workgroup> x_slice: array<f32, 1040>;
var<workgroup> w_slice: array<f32, 1024>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u, @builtin(local_invocation_index) local: u32) {
  let first_row = group.x * TILE;
  let first_output = group.y * TILE;
  var rows: array<f32, SIDE>; // scalars
  var outputs: array<f32, SIDE>; // scalars
  var acc: array<array<f32, SIDE>, SIDE>; // scalars
  for (var c = 0u; c < SIDE; c++) { // unroll
    let start = initial_sum(group.z, first_output + c * 16u + thread.x);
    for (var r = 0u; r < SIDE; r++) { // unroll
      acc[r][c] = start;
    }
  }

  for (var tap = 0u; tap < params.taps; tap++) {
    let shift = (i32(tap) - i32(params.taps / 2u)) * params.dilation;
    for (var slice = 0u; slice < params.inputs; slice += SLICE) {
      for (var element = local; element < TILE * SLICE; element += 256u) {
        let row = first_row + element / SLICE;
        let i = slice + element % SLICE;
        let position = i32(row % params.length) + shift;
        let valid = row < params.rows && i < params.inputs && position >= 0 && position < i32(params.length);
        let address = group.z * params.x_pitch + select(0u, u32(i32(row) + shift) * params.inputs + i, valid);
        x_slice[(element % SLICE) * (TILE + 1u) + element / SLICE] = select(0.0, f32(x[address]), valid);
      }
      for (var element = local; element < TILE * SLICE; element += 256u) {
        let i = slice + element / TILE;
        let output = first_output + element % TILE;
        let valid = i < params.inputs && output < params.outputs;
        let address = params.w_start + i32(tap) * params.w_tap + i32(i) * params.w_in + i32(output) * params.w_out;
        w_slice[element] = select(0.0, f32(w[i32(group.z * params.w_pitch) + select(0, address, valid)]), valid);
      }
      workgroupBarrier();
      for (var i = 0u; i < SLICE; i++) {
        for (var r = 0u; r < SIDE; r++) { // unroll
          rows[r] = x_slice[i * (TILE + 1u) + thread.y * SIDE + r];
        }
        for (var c = 0u; c < SIDE; c++) { // unroll
          outputs[c] = w_slice[i * TILE + c * 16u + thread.x];
        }
        for (var r = 0u; r < SIDE; r++) { // unroll
          for (var c = 0u; c < SIDE; c++) { // unroll
            acc[r][c] = fma(rows[r], outputs[c], acc[r][c]);
          }
        }
      }
      workgroupBarrier();
    }
  }

  for (var r = 0u; r < SIDE; r++) { // unroll
    let row = first_row + thread.y * SIDE + r;
    for (var c = 0u; c < SIDE; c++) { // unroll
      let output = first_output + c * 16u + thread.x;
      if (row < params.rows && output < params.outputs) {
        y[group.z * params.y_pitch + row * params.outputs + output] = Y(finished(acc[r][c], group.z, row, output));
      }
    }
  }
}
