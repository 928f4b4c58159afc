// Dilated 1-D convolution, stride 1, "same" zero padding, channels last, with an optional epilogue
// (lib/epilogue.wgsl). The same kernel computes the gradient with respect to the input and, with length 1 and
// one tap, a dense layer and its gradient. It is an implicit matrix product (im2col is never stored):
//   y[row, o] = sum over (tap, i) of x[row + (tap - centre) * dilation, i] * w[tap, i, o]
//
//   x [E, rows, inputs]    rows = batch * length; a tap that leaves its own sequence reads zero
//   w addressed by strides: w_start + tap * w_tap + i * w_in + o * w_out, so that a flipped and transposed
//     kernel (for dx) needs no copy
//   y [E, rows, outputs]
//
// Operand path: subgroup shuffle. Lanes run along the outputs: weights and results are read and written
// consecutively. A thread owns LOADS * LANES rows by COLS outputs; each lane loads one row's input, and
// shuffles give it to the whole subgroup. Grid: x over row tiles (SUBGROUPS per workgroup), y over output
// tiles, z = model. Precondition: every subgroup has exactly LANES threads.
//
// With STATISTICS, the kernel also writes the first half of batch normalisation's statistics, while the sums
// are still in registers. Contract and arithmetic are those of batch_norm_partials.wgsl, CHUNK rows at a
// time.
//
// Conditions are joined by `&`, because `&&` is a branch: SwiftShader compiles twelve loads with branches 30
// times as long as without.
enable subgroups;

const LANES = 8u; // tile
const SUBGROUPS = 8u; // tile
const LOADS = 2u; // tile
const COLS = 4u; // tile
const STATISTICS = 0u; // tile
// A chunk of statistics has CHUNK_LOADS * LANES rows; a thread has CHUNKS of them.
const CHUNK_LOADS = 2u; // tile
const CHUNKS = 1u; // tile
const CHUNK = CHUNK_LOADS * LANES;
const THREADS = LANES * SUBGROUPS;
const ROWS = LOADS * LANES;

//! include "conv1d_interface"
//! include "epilogue"

@group(0) @binding(1) var<storage, read> x: array<X>;
@group(0) @binding(2) var<storage, read> w: array<W>;
@group(0) @binding(6) var<storage, read_write> partial: array<f32>; // when STATISTICS == 1u

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let first = (group.x * SUBGROUPS + local / LANES) * ROWS;
  let column = group.y * COLS * LANES + lane;
  var weight: array<i32, COLS>; // scalars
  var value: array<f32, COLS>; // scalars
  var address: array<u32, LOADS>; // scalars
  var inside: array<f32, LOADS>; // scalars
  var input: array<f32, LOADS>; // scalars
  var acc: array<array<array<f32, COLS>, LANES>, LOADS>; // scalars
  for (var c = 0u; c < COLS; c++) { // unroll
    let start = initial_sum(group.z, column + c * LANES);
    for (var j = 0u; j < LOADS; j++) { // unroll
      for (var l = 0u; l < LANES; l++) { // unroll
        acc[j][l][c] = start;
      }
    }
  }

  for (var tap = 0u; tap < params.taps; tap++) {
    let shift = (i32(tap) - i32(params.taps / 2u)) * params.dilation;
    for (var j = 0u; j < LOADS; j++) { // unroll
      let row = first + j * LANES + lane;
      let position = i32(row % params.length) + shift;
      let valid = (row < params.rows) & (position >= 0) & (position < i32(params.length));
      inside[j] = select(0.0, 1.0, valid);
      address[j] = group.z * params.x_pitch + select(0u, u32(i32(row) + shift) * params.inputs, valid);
    }
    for (var c = 0u; c < COLS; c++) { // unroll
      let output = min(column + c * LANES, params.outputs - 1u);
      weight[c] = i32(group.z * params.w_pitch) + params.w_start + i32(tap) * params.w_tap + i32(output) * params.w_out;
    }
    for (var i = 0u; i < params.inputs; i++) {
      for (var c = 0u; c < COLS; c++) { // unroll
        value[c] = f32(w[weight[c]]);
        weight[c] += params.w_in;
      }
      for (var j = 0u; j < LOADS; j++) { // unroll
        input[j] = f32(x[address[j] + i]) * inside[j];
      }
      for (var j = 0u; j < LOADS; j++) { // unroll
        for (var l = 0u; l < LANES; l++) { // unroll
          let spread = subgroupShuffle(input[j], l);
          for (var c = 0u; c < COLS; c++) { // unroll
            acc[j][l][c] = fma(spread, value[c], acc[j][l][c]);
          }
        }
      }
    }
  }

  for (var j = 0u; j < LOADS; j++) { // unroll
    for (var l = 0u; l < LANES; l++) { // unroll
      let row = first + j * LANES + l;
      for (var c = 0u; c < COLS; c++) { // unroll
        let output = column + c * LANES;
        if ((row < params.rows) & (output < params.outputs)) {
          y[group.z * params.y_pitch + row * params.outputs + output] = Y(finished(acc[j][l][c], group.z, row, output));
        }
      }
    }
  }

  if (STATISTICS == 1u) { // when
    let chunks = (params.rows + CHUNK - 1u) / CHUNK;
    for (var k = 0u; k < CHUNKS; k++) { // unroll
      let chunk = first / CHUNK + k;
      let count = min(params.rows - min(params.rows, chunk * CHUNK), CHUNK);
      for (var c = 0u; c < COLS; c++) { // unroll
        var sum = 0.0;
        for (var j = 0u; j < CHUNK_LOADS; j++) { // unroll
          for (var l = 0u; l < LANES; l++) { // unroll
            sum += select(0.0, acc[k * CHUNK_LOADS + j][l][c], j * LANES + l < count);
          }
        }
        let mean = sum / f32(count);
        var m2 = 0.0;
        var rest = 0.0;
        for (var j = 0u; j < CHUNK_LOADS; j++) { // unroll
          for (var l = 0u; l < LANES; l++) { // unroll
            let deviation = select(0.0, acc[k * CHUNK_LOADS + j][l][c] - mean, j * LANES + l < count);
            m2 = fma(deviation, deviation, m2);
            rest += deviation;
          }
        }
        let output = column + c * LANES;
        if ((chunk < chunks) & (output < params.outputs)) {
          let to = (chunk * params.models + group.z) * 3u * params.outputs + output;
          partial[to] = mean;
          partial[to + params.outputs] = m2;
          partial[to + 2u * params.outputs] = rest / f32(count);
        }
      }
    }
  }
}
