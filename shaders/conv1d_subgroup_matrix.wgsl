// Dilated 1-D convolution; the same contract as conv1d.wgsl. Operand path: subgroup matrices, an experiment
// in Dawn (WGSL extension chromium_experimental_subgroup_matrix), for adapters that multiply small matrices
// in hardware. Slices of both operands are rounded to type Component and staged in workgroup memory. Products
// are summed in f32, in an order that the hardware chooses.
//
// A subgroup accumulates DOWN by ACROSS matrices of M rows by N outputs, STEPS times K inputs per slice; the
// workgroup's subgroups lie along the rows. Grid: x over row tiles, y over output tiles, z = model.
// Precondition: the adapter lists M, N, K with these component types, and no subgroup has more than LANES
// threads. If subgroups are smaller there are more of them, and those beyond SUBGROUPS only stage and write.
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// This check asks for the same matrices in the whole workgroup. Here each subgroup has its own rows.
diagnostic(off, chromium.subgroup_matrix_uniformity);

const M = 8u; // tile
const N = 8u; // tile
const K = 8u; // tile
const LANES = 32u; // tile
const SUBGROUPS = 4u; // tile
const DOWN = 4u; // tile
const ACROSS = 4u; // tile
const STEPS = 2u; // tile
const THREADS = LANES * SUBGROUPS;
const ROWS = SUBGROUPS * DOWN * M;
const COLS = ACROSS * N;
const SLICE = STEPS * K;

//! include "conv1d_interface"
//! include "epilogue"

@group(0) @binding(1) var<storage, read> x: array<X>;
@group(0) @binding(2) var<storage, read> w: array<W>;

alias Component = f32; // stores slices
alias Left = subgroup_matrix_left<Component, K, M>;
alias Right = subgroup_matrix_right<Component, N, K>;
alias Sums = subgroup_matrix_result<f32, N, M>;

// [row][input] and [input][output]. Eight more elements per row put rows on different banks and keep them
// aligned.
const X_STRIDE = SLICE + 8u;
const W_STRIDE = COLS + 8u;
var<workgroup> x_slice: array<Component, ROWS * X_STRIDE>;
var<workgroup> w_slice: array<Component, SLICE * W_STRIDE>;
// One matrix of sums per subgroup, before it is written.
var<workgroup> sums: array<f32, SUBGROUPS * M * N>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_id) subgroup: u32,
) {
  let first_row = group.x * ROWS;
  let first_output = group.y * COLS;
  var left: array<Left, DOWN>; // scalars
  var acc: array<array<Sums, ACROSS>, DOWN>; // scalars

  for (var tap = 0u; tap < params.taps; tap++) {
    let shift = (i32(tap) - i32(params.taps / 2u)) * params.dilation;
    for (var slice = 0u; slice < params.inputs; slice += SLICE) {
      for (var element = local; element < ROWS * SLICE; element += THREADS) {
        let row = first_row + element / SLICE;
        let i = slice + element % SLICE;
        let position = i32(row % params.length) + shift;
        let valid = row < params.rows && i < params.inputs && position >= 0 && position < i32(params.length);
        let address = group.z * params.x_pitch + select(0u, u32(i32(row) + shift) * params.inputs + i, valid);
        x_slice[(element / SLICE) * X_STRIDE + element % SLICE] = select(0, Component(x[address]), valid);
      }
      for (var element = local; element < SLICE * COLS; element += THREADS) {
        let i = slice + element / COLS;
        let output = first_output + element % COLS;
        let valid = i < params.inputs && output < params.outputs;
        let address = params.w_start + i32(tap) * params.w_tap + i32(i) * params.w_in + i32(output) * params.w_out;
        let value = w[i32(group.z * params.w_pitch) + select(0, address, valid)];
        w_slice[(element / COLS) * W_STRIDE + element % COLS] = select(0, Component(value), valid);
      }
      workgroupBarrier();
      if (subgroup < SUBGROUPS) {
        let rows = subgroup * DOWN * M * X_STRIDE;
        for (var k = 0u; k < SLICE; k += K) {
          for (var r = 0u; r < DOWN; r++) { // unroll
            left[r] = subgroupMatrixLoad<Left, row_major>(&x_slice, rows + r * M * X_STRIDE + k, X_STRIDE);
          }
          for (var c = 0u; c < ACROSS; c++) { // unroll
            let right = subgroupMatrixLoad<Right, row_major>(&w_slice, k * W_STRIDE + c * N, W_STRIDE);
            for (var r = 0u; r < DOWN; r++) { // unroll
              acc[r][c] = subgroupMatrixMultiplyAccumulate(left[r], right, acc[r][c]);
            }
          }
        }
      }
      workgroupBarrier();
    }
  }

  for (var r = 0u; r < DOWN; r++) { // unroll
    for (var c = 0u; c < ACROSS; c++) { // unroll
      if (subgroup < SUBGROUPS) {
        subgroupMatrixStore<row_major>(&sums, subgroup * M * N, acc[r][c], N);
      }
      workgroupBarrier();
      for (var element = local; element < SUBGROUPS * M * N; element += THREADS) {
        let owner = element / (M * N);
        let row = first_row + (owner * DOWN + r) * M + element % (M * N) / N;
        let output = first_output + c * N + element % N;
        if (row < params.rows && output < params.outputs) {
          let sum = initial_sum(group.z, output) + sums[element];
          y[group.z * params.y_pitch + row * params.outputs + output] = Y(finished(sum, group.z, row, output));
        }
      }
      workgroupBarrier();
    }
  }
}
