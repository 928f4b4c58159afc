// Gradient of conv1d with respect to its kernel; the same contract as conv1d_dw.wgsl. Operand path: workgroup
// memory, for adapters without subgroups of one fixed size. A workgroup computes TILE_INPUTS inputs by
// TILE_OUTPUTS outputs, a thread ROW_GROUPS times four inputs by GROUPS times four outputs. SLICE rows at a
// time pass through workgroup memory. While they are multiplied, the next rows are loaded into registers.
// Grid: x over (input tile, output tile), y over (tap, split), z = model.
//
// Preconditions: with WIDE, inputs, outputs and pitches are multiples of 4; x and dy are bound in multiples
// of 16 bytes.
const ROW_GROUPS = 1u; // tile
const GROUPS = 1u; // tile
const THREADS_X = 16u; // tile
const THREADS_Y = 16u; // tile
const SLICE = 16u; // tile
const X_LOADS = 1u; // tile
const DY_LOADS = 1u; // tile
const WIDE = 0u; // tile
const FOUR = 4u; // fixed
const THREADS = THREADS_X * THREADS_Y;
const TILE_INPUTS = ROW_GROUPS * 4u * THREADS_Y;
const TILE_OUTPUTS = GROUPS * 4u * THREADS_X;
// In units of four numbers.
const INPUT_FOURS = TILE_INPUTS / 4u;
const OUTPUT_FOURS = TILE_OUTPUTS / 4u;
const NEIGHBOURS = vec4u(0, 1, 2, 3);

//! include "conv1d_dw_interface"

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;

// [row][four columns]
var<workgroup> x_slice: array<vec4f, SLICE * INPUT_FOURS>;
var<workgroup> dy_slice: array<vec4f, SLICE * OUTPUT_FOURS>;

// Four neighbours from `address` on, of which the first `count` exist; the others read zero.
fn x_four(address: u32, count: u32) -> vec4f {
  if (WIDE == 1u) {
    return select(vec4f(), x[select(0u, address / 4u, count > 0u)], count > 0u);
  }
  let exists = NEIGHBOURS < vec4u(count);
  let a = select(vec4u(), address + NEIGHBOURS, exists);
  let four = vec4f(x[a.x / 4u][a.x % 4u], x[a.y / 4u][a.y % 4u], x[a.z / 4u][a.z % 4u], x[a.w / 4u][a.w % 4u]);
  return select(vec4f(), four, exists);
}

fn dy_four(address: u32, count: u32) -> vec4f {
  if (WIDE == 1u) {
    return select(vec4f(), dy[select(0u, address / 4u, count > 0u)], count > 0u);
  }
  let exists = NEIGHBOURS < vec4u(count);
  let a = select(vec4u(), address + NEIGHBOURS, exists);
  let four = vec4f(dy[a.x / 4u][a.x % 4u], dy[a.y / 4u][a.y % 4u], dy[a.z / 4u][a.z % 4u], dy[a.w / 4u][a.w % 4u]);
  return select(vec4f(), four, exists);
}

@compute @workgroup_size(THREADS_X, THREADS_Y)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u, @builtin(local_invocation_index) local: u32) {
  let output_tiles = (params.outputs + TILE_OUTPUTS - 1u) / TILE_OUTPUTS;
  let first_input = group.x / output_tiles * TILE_INPUTS;
  let first_output = group.x % output_tiles * TILE_OUTPUTS;
  let tap = group.y % params.taps;
  let split = group.y / params.taps;
  let shift = (i32(tap) - i32(params.taps / 2u)) * params.dilation;
  let first_row = split * params.records_per_split * params.length;
  let last_row = min(params.rows, first_row + params.records_per_split * params.length);
  var position: array<u32, X_LOADS>; // scalars
  var x_next: array<vec4f, X_LOADS>; // scalars
  var dy_next: array<vec4f, DY_LOADS>; // scalars
  var inputs: array<vec4f, ROW_GROUPS>; // scalars
  var outputs: array<vec4f, GROUPS>; // scalars
  var acc: array<array<array<vec4f, GROUPS>, FOUR>, ROW_GROUPS>; // scalars

  // Position in its sequence of each staged row of x. It advances from slice to slice without a division.
  let advance = SLICE % params.length;
  for (var j = 0u; j < X_LOADS; j++) { // unroll
    position[j] = (local + j * THREADS) / INPUT_FOURS % params.length;
  }

  let steps = (last_row - first_row + SLICE - 1u) / SLICE;
  for (var step = 0u; step <= steps; step++) {
    if (step < steps) {
      let slice = first_row + step * SLICE;
      let end = min(last_row, slice + SLICE);
      for (var j = 0u; j < X_LOADS; j++) { // unroll
        let four = local + j * THREADS;
        let row = slice + four / INPUT_FOURS;
        let column = first_input + four % INPUT_FOURS * 4u;
        let valid = (row < end) & (column < params.inputs) & (u32(i32(position[j]) + shift) < params.length);
        let address = group.z * params.x_pitch + (row + u32(shift)) * params.inputs + column;
        x_next[j] = x_four(address, select(0u, params.inputs - column, valid));
        position[j] += advance;
        position[j] -= select(0u, params.length, position[j] >= params.length);
      }
      for (var j = 0u; j < DY_LOADS; j++) { // unroll
        let four = local + j * THREADS;
        let row = slice + four / OUTPUT_FOURS;
        let column = first_output + four % OUTPUT_FOURS * 4u;
        let valid = (row < end) & (column < params.outputs);
        let address = group.z * params.dy_pitch + row * params.outputs + column;
        dy_next[j] = dy_four(address, select(0u, params.outputs - column, valid));
      }
    }
    if (step > 0u) {
      for (var row = 0u; row < SLICE; row++) {
        for (var p = 0u; p < ROW_GROUPS; p++) { // unroll
          inputs[p] = x_slice[row * INPUT_FOURS + p * THREADS_Y + thread.y];
        }
        for (var g = 0u; g < GROUPS; g++) { // unroll
          outputs[g] = dy_slice[row * OUTPUT_FOURS + g * THREADS_X + thread.x];
        }
        for (var p = 0u; p < ROW_GROUPS; p++) { // unroll
          for (var q = 0u; q < FOUR; q++) { // unroll
            for (var g = 0u; g < GROUPS; g++) { // unroll
              acc[p][q][g] = fma(vec4f(inputs[p][q]), outputs[g], acc[p][q][g]);
            }
          }
        }
      }
    }
    if (step == steps) {
      break;
    }
    workgroupBarrier();
    for (var j = 0u; j < X_LOADS; j++) { // unroll
      if (local + j * THREADS < SLICE * INPUT_FOURS) {
        x_slice[local + j * THREADS] = x_next[j];
      }
    }
    for (var j = 0u; j < DY_LOADS; j++) { // unroll
      if (local + j * THREADS < SLICE * OUTPUT_FOURS) {
        dy_slice[local + j * THREADS] = dy_next[j];
      }
    }
    workgroupBarrier();
  }

  let base = ((split * params.models + group.z) * params.taps + tap) * params.inputs;
  for (var p = 0u; p < ROW_GROUPS; p++) { // unroll
    for (var q = 0u; q < FOUR; q++) { // unroll
      let i = first_input + (p * THREADS_Y + thread.y) * 4u + q;
      for (var g = 0u; g < GROUPS; g++) { // unroll
        for (var c = 0u; c < FOUR; c++) { // unroll
          let output = first_output + (g * THREADS_X + thread.x) * 4u + c;
          if ((i < params.inputs) & (output < params.outputs)) {
            partial[(base + i) * params.outputs + output] = acc[p][q][g][c];
          }
        }
      }
    }
  }
}
