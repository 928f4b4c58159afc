// Dense layer, ReLU and output of the network by subgroup matrices: products of f16 summed in f32.
//
//   x f16 in matrices [E, rows / SIDE, STEPS, SIDE rows, SIDE inputs], w f16 in matrices
//   [E, hidden / SIDE, STEPS, SIDE outputs, SIDE inputs] (fold_batch_norm.wgsl), bias [E, hidden], head
//   [E, hidden], head_bias [E, 1] -> y [E, rows], y = head_bias + sum over hidden of
//   head * rectified(x w + bias)
//
// A workgroup takes ROWS rows; a subgroup owns ACROSS times SIDE hidden units of all of them. Grid: flat over
// groups of ROWS, z = model.
// Precondition: x has memory for whole groups of rows. The adapter lists SIDE x SIDE x SIDE in f16 with sums
// in f32; no subgroup has more than LANES threads. If subgroups are smaller there are more of them, and those
// beyond SUBGROUPS only move data.
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// This check asks for the same matrices in the whole workgroup. Here each subgroup has its own outputs.
diagnostic(off, chromium.subgroup_matrix_uniformity);
//! include "rectified"

const SIDE = 16u;
const AREA = SIDE * SIDE;
// A thread takes eight neighbouring sums at a time.
const EIGHT = 8u; // fixed
const HALVES = SIDE / EIGHT;
const PIECES = AREA / EIGHT;

const LANES = 32u; // tile
const SUBGROUPS = 8u; // tile
const ACROSS = 2u; // tile
const DOWN = 4u; // tile
// Number of matrices along the inputs.
const STEPS = 24u; // tile
const THREADS = LANES * SUBGROUPS;
const ROWS = DOWN * SIDE;

struct Params {
  rows: u32,
  x_pitch: u32,
  w_pitch: u32,
  bias_pitch: u32,
  head_pitch: u32,
  head_bias_pitch: u32,
  y_pitch: u32,
}

alias Left = subgroup_matrix_left<f16, SIDE, SIDE>;
alias Right = subgroup_matrix_right<f16, SIDE, SIDE>;
alias Sums = subgroup_matrix_result<f32, SIDE, SIDE>;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<array<f16, AREA>>;
@group(0) @binding(2) var<storage, read> w: array<array<f16, AREA>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> head: array<f32>;
@group(0) @binding(5) var<storage, read> head_bias: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<f32>;

var<workgroup> sums: array<array<f32, AREA>, SUBGROUPS>;
// The contribution of each half of a subgroup's outputs to a row.
var<workgroup> shares: array<f32, ROWS * SUBGROUPS * HALVES>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_id) subgroup: u32,
) {
  let first = (group.y * groups.x + group.x) * ROWS;
  var left: array<Left, DOWN>; // scalars
  var acc: array<array<Sums, ACROSS>, DOWN>; // scalars
  if (subgroup < SUBGROUPS && first < params.rows) {
    let rows = group.z * params.x_pitch / AREA + first / SIDE * STEPS;
    let weights = group.z * params.w_pitch / AREA + subgroup * ACROSS * STEPS;
    for (var k = 0u; k < STEPS; k++) {
      for (var r = 0u; r < DOWN; r++) { // unroll
        left[r] = subgroupMatrixLoad<Left, row_major>(&x[rows + r * STEPS + k], 0u, SIDE);
      }
      for (var c = 0u; c < ACROSS; c++) { // unroll
        let right = subgroupMatrixLoad<Right, col_major>(&w[weights + c * STEPS + k], 0u, SIDE);
        for (var r = 0u; r < DOWN; r++) { // unroll
          acc[r][c] = subgroupMatrixMultiplyAccumulate(left[r], right, acc[r][c]);
        }
      }
    }
  }
  for (var r = 0u; r < DOWN; r++) { // unroll
    for (var c = 0u; c < ACROSS; c++) { // unroll
      if (subgroup < SUBGROUPS) {
        subgroupMatrixStore<row_major>(&sums[subgroup], 0u, acc[r][c], SIDE);
      }
      workgroupBarrier();
      for (var i = local; i < SUBGROUPS * PIECES; i += THREADS) {
        let output = (i / PIECES * ACROSS + c) * SIDE + i * EIGHT % SIDE;
        var sum = 0.0;
        for (var j = 0u; j < EIGHT; j++) { // unroll
          let hidden = rectified(sums[i / PIECES][i % PIECES * EIGHT + j] + bias[group.z * params.bias_pitch + output + j]);
          sum = fma(hidden, head[group.z * params.head_pitch + output + j], sum);
        }
        // Written by the same thread for every c.
        let share = (r * SIDE + i % PIECES / HALVES) * SUBGROUPS * HALVES + i / PIECES * HALVES + i % HALVES;
        shares[share] += sum;
      }
      workgroupBarrier();
    }
  }
  for (var row = local; row < ROWS; row += THREADS) {
    var sum = head_bias[group.z * params.head_bias_pitch];
    for (var i = 0u; i < SUBGROUPS * HALVES; i++) {
      sum += shares[row * SUBGROUPS * HALVES + i];
    }
    if (first + row < params.rows) {
      y[group.z * params.y_pitch + first + row] = sum;
    }
  }
}
