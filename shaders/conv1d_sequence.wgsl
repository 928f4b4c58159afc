// Dilated 1-D convolution; the same contract as conv1d.wgsl, for short sequences. Operand path: whole
// sequences in registers. A thread owns all LENGTH rows of a sequence by COLS outputs. So a row of x is
// loaded, and shuffled to the whole subgroup, once for all its taps, and taps beyond the ends of the sequence
// cost nothing. A result is summed over inputs, then taps; conv1d.wgsl uses another order. Lanes run along
// the outputs and, when x is loaded, along the rows. Grid: x over sequences (SUBGROUPS per workgroup), y over
// output tiles, z = model.
// Precondition: every subgroup has exactly LANES threads.
//
// With STATISTICS, the kernel also writes the first half of batch normalisation's statistics. Contract and
// arithmetic are those of batch_norm_partials.wgsl, one sequence at a time. With POOL, it writes the means of
// y over windows of POOL rows instead of y: y [E, sequences, WINDOWS, outputs]. They are those of
// mean_pool.wgsl, but y is not stored in between.
enable subgroups;

const LANES = 8u; // tile
const SUBGROUPS = 8u; // tile
const LENGTH = 41u; // tile
const LOADS = 6u; // tile
const COLS = 4u; // tile
const TAPS = 3u; // tile
const DILATION = 1u; // tile
// Rows between the middle tap and the outermost tap.
const REACH = 1u; // tile
const STATISTICS = 0u; // tile
const POOL = 0u; // tile
const WINDOWS = 0u; // tile
const THREADS = LANES * SUBGROUPS;

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
  let sequence = group.x * SUBGROUPS + local / LANES;
  let sequences = params.rows / LENGTH;
  let column = group.y * COLS * LANES + lane;
  var address: array<u32, LOADS>; // scalars
  var input: array<f32, LOADS>; // scalars
  var weight: array<array<i32, COLS>, TAPS>; // scalars
  var value: array<array<f32, COLS>, TAPS>; // scalars
  var acc: array<array<f32, COLS>, LENGTH>; // scalars
  for (var j = 0u; j < LOADS; j++) { // unroll
    let row = min(sequence, sequences - 1u) * LENGTH + min(j * LANES + lane, LENGTH - 1u);
    address[j] = group.z * params.x_pitch + row * params.inputs;
  }
  for (var c = 0u; c < COLS; c++) { // unroll
    let output = min(column + c * LANES, params.outputs - 1u);
    let start = initial_sum(group.z, output);
    for (var tap = 0u; tap < TAPS; tap++) { // unroll
      weight[tap][c] = i32(group.z * params.w_pitch) + params.w_start + i32(tap) * params.w_tap + i32(output) * params.w_out;
    }
    for (var r = 0u; r < LENGTH; r++) { // unroll
      acc[r][c] = start;
    }
  }

  for (var i = 0u; i < params.inputs; i++) {
    for (var j = 0u; j < LOADS; j++) { // unroll
      input[j] = f32(x[address[j] + i]);
    }
    for (var tap = 0u; tap < TAPS; tap++) { // unroll
      for (var c = 0u; c < COLS; c++) { // unroll
        value[tap][c] = f32(w[weight[tap][c] + i32(i) * params.w_in]);
      }
    }
    for (var r = 0u; r < LENGTH; r++) { // unroll
      let spread = subgroupShuffle(input[r / LANES], r % LANES);
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        // Row r of x reaches row r + REACH - tap * DILATION of y, if there is one.
        if (r + REACH >= tap * DILATION && r + REACH < LENGTH + tap * DILATION) { // when
          for (var c = 0u; c < COLS; c++) { // unroll
            acc[r + REACH - tap * DILATION][c] = fma(spread, value[tap][c], acc[r + REACH - tap * DILATION][c]);
          }
        }
      }
    }
  }

  for (var c = 0u; c < COLS; c++) { // unroll
    let output = column + c * LANES;
    let exists = sequence < sequences && output < params.outputs;
    if (STATISTICS == 1u) { // when
      var sum = 0.0;
      for (var r = 0u; r < LENGTH; r++) { // unroll
        sum += acc[r][c];
      }
      // Not divided by the constant: a compiler may multiply by its reciprocal, which changes the bits.
      let mean = sum / f32(params.length);
      var m2 = 0.0;
      var rest = 0.0;
      for (var r = 0u; r < LENGTH; r++) { // unroll
        let deviation = acc[r][c] - mean;
        m2 = fma(deviation, deviation, m2);
        rest += deviation;
      }
      if (exists) {
        let to = (sequence * params.models + group.z) * 3u * params.outputs + output;
        partial[to] = mean;
        partial[to + params.outputs] = m2;
        partial[to + 2u * params.outputs] = rest / f32(params.length);
      }
    }
    if (exists) {
      if (POOL == 0u) { // when
        for (var r = 0u; r < LENGTH; r++) { // unroll
          let row = sequence * LENGTH + r;
          y[group.z * params.y_pitch + row * params.outputs + output] = Y(finished(acc[r][c], group.z, row, output));
        }
      }
      for (var window = 0u; window < WINDOWS; window++) { // unroll
        var sum = 0.0;
        for (var k = 0u; k < POOL; k++) { // unroll
          sum += finished(acc[window * POOL + k][c], group.z, sequence * LENGTH + window * POOL + k, output);
        }
        let to = group.z * params.y_pitch + (sequence * WINDOWS + window) * params.outputs + output;
        y[to] = Y(sum / f32(POOL));
      }
    }
  }
}
