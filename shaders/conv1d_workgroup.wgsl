// Dilated 1-D convolution; the same contract as conv1d.wgsl. Operand path: workgroup memory, for adapters
// without subgroups of one fixed size. A workgroup computes TILE_ROWS rows by TILE_OUTPUTS outputs, a thread
// ROWS rows by GROUPS times four neighbouring outputs. Slices of SLICE inputs pass through workgroup memory.
// While one is multiplied, the next is loaded into registers. Grid: x over row tiles, y over output tiles,
// z = model.
//
// Preconditions: outputs lie together in w (w_out = 1), or, with TRANSPOSED, inputs (w_in = 1). With WIDE,
// inputs, outputs and pitches are multiples of 4. SLICE is a multiple of 8; x and w are bound in multiples of
// 16 bytes.
const ROWS = 4u; // tile
const GROUPS = 1u; // tile
const THREADS_X = 16u; // tile
const THREADS_Y = 16u; // tile
const SLICE = 16u; // tile
const X_LOADS = 1u; // tile
const W_BLOCKS = 1u; // tile
const WIDE = 0u; // tile
const TRANSPOSED = 0u; // tile
const FOUR = 4u; // fixed
const THREADS = THREADS_X * THREADS_Y;
const TILE_ROWS = ROWS * THREADS_Y;
const TILE_OUTPUTS = GROUPS * 4u * THREADS_X;
// In units of four numbers.
const SLICE_FOURS = SLICE / 4u;
const OUTPUT_FOURS = TILE_OUTPUTS / 4u;
// Odd, so that a column of fours lies on different banks.
const X_PITCH = SLICE_FOURS | 1u;
const W_PITCH = OUTPUT_FOURS | 1u;
// A position that is outside every sequence, whatever shift is added.
const NOWHERE = 1073741824i;
const NEIGHBOURS = vec4u(0, 1, 2, 3);

//! include "conv1d_interface"
//! include "epilogue"

@group(0) @binding(1) var<storage, read> x: array<vec4<X>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<W>>;

// [row][four inputs] and [input][four outputs].
var<workgroup> x_slice: array<vec4f, TILE_ROWS * X_PITCH>;
var<workgroup> w_slice: array<vec4f, SLICE * W_PITCH>;

// Four neighbours from `address` on, of which the first `count` exist; the others read zero.
fn x_four(address: u32, count: u32) -> vec4f {
  if (WIDE == 1u) {
    return select(vec4f(), vec4f(x[select(0u, address / 4u, count > 0u)]), count > 0u);
  }
  let exists = NEIGHBOURS < vec4u(count);
  let a = select(vec4u(), address + NEIGHBOURS, exists);
  let four = vec4<X>(x[a.x / 4u][a.x % 4u], x[a.y / 4u][a.y % 4u], x[a.z / 4u][a.z % 4u], x[a.w / 4u][a.w % 4u]);
  return select(vec4f(), vec4f(four), exists);
}

fn w_four(address: u32, count: u32) -> vec4f {
  if (WIDE == 1u) {
    return select(vec4f(), vec4f(w[select(0u, address / 4u, count > 0u)]), count > 0u);
  }
  let exists = NEIGHBOURS < vec4u(count);
  let a = select(vec4u(), address + NEIGHBOURS, exists);
  let four = vec4<W>(w[a.x / 4u][a.x % 4u], w[a.y / 4u][a.y % 4u], w[a.z / 4u][a.z % 4u], w[a.w / 4u][a.w % 4u]);
  return select(vec4f(), vec4f(four), exists);
}

@compute @workgroup_size(THREADS_X, THREADS_Y)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) thread: vec3u, @builtin(local_invocation_index) local: u32) {
  let first_row = group.x * TILE_ROWS;
  let first_output = group.y * TILE_OUTPUTS;
  // What this thread stages: fours of x (where its row lies in its sequence, and in memory) and 4 x 4 blocks
  // of w.
  var position: array<i32, X_LOADS>; // scalars
  var address: array<u32, X_LOADS>; // scalars
  var x_next: array<vec4f, X_LOADS>; // scalars
  var w_next: array<array<vec4f, FOUR>, W_BLOCKS>; // scalars
  var x_rows: array<vec4f, ROWS>; // scalars
  var w_outputs: array<vec4f, GROUPS>; // scalars
  var acc: array<array<vec4f, GROUPS>, ROWS>; // scalars
  for (var j = 0u; j < X_LOADS; j++) { // unroll
    let row = first_row + (local + j * THREADS) / SLICE_FOURS;
    position[j] = select(NOWHERE, i32(row % params.length), row < min(params.rows, first_row + TILE_ROWS));
    address[j] = group.z * params.x_pitch + row * params.inputs;
  }
  for (var g = 0u; g < GROUPS; g++) { // unroll
    let output = first_output + (g * THREADS_X + thread.x) * 4u;
    let start = vec4f(
      initial_sum(group.z, output),
      initial_sum(group.z, output + 1u),
      initial_sum(group.z, output + 2u),
      initial_sum(group.z, output + 3u),
    );
    for (var r = 0u; r < ROWS; r++) { // unroll
      acc[r][g] = start;
    }
  }

  let slices = (params.inputs + SLICE - 1u) / SLICE;
  let steps = params.taps * slices;
  for (var step = 0u; step <= steps; step++) {
    if (step < steps) {
      let tap = i32(step / slices);
      let slice = step % slices * SLICE;
      let shift = (tap - i32(params.taps / 2u)) * params.dilation;
      for (var j = 0u; j < X_LOADS; j++) { // unroll
        let i = slice + (local + j * THREADS) % SLICE_FOURS * 4u;
        let valid = u32(position[j] + shift) < params.length && i < params.inputs;
        x_next[j] = x_four(address[j] + u32(shift) * params.inputs + i, select(0u, params.inputs - i, valid));
      }
      let end = min(params.inputs, slice + SLICE);
      let w_tap = i32(group.z * params.w_pitch) + params.w_start + tap * params.w_tap;
      for (var b = 0u; b < W_BLOCKS; b++) { // unroll
        let corner = block_corner(local + b * THREADS);
        for (var q = 0u; q < FOUR; q++) { // unroll
          let i = slice + corner.x + q * (1u - TRANSPOSED);
          let output = first_output + corner.y + q * TRANSPOSED;
          let valid = i < end && output < params.outputs;
          let count = select(params.outputs - output, params.inputs - i, TRANSPOSED == 1u);
          w_next[b][q] = w_four(u32(w_tap + i32(i) * params.w_in + i32(output) * params.w_out), select(0u, count, valid));
        }
      }
    }
    if (step > 0u) {
      for (var k = 0u; k < SLICE_FOURS; k++) {
        for (var r = 0u; r < ROWS; r++) { // unroll
          x_rows[r] = x_slice[(r * THREADS_Y + thread.y) * X_PITCH + k];
        }
        for (var q = 0u; q < FOUR; q++) { // unroll
          for (var g = 0u; g < GROUPS; g++) { // unroll
            w_outputs[g] = w_slice[(k * 4u + q) * W_PITCH + g * THREADS_X + thread.x];
          }
          for (var r = 0u; r < ROWS; r++) { // unroll
            for (var g = 0u; g < GROUPS; g++) { // unroll
              acc[r][g] = fma(vec4f(x_rows[r][q]), w_outputs[g], acc[r][g]);
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
      let four = local + j * THREADS;
      if (four < TILE_ROWS * SLICE_FOURS) {
        x_slice[four / SLICE_FOURS * X_PITCH + four % SLICE_FOURS] = x_next[j];
      }
    }
    for (var b = 0u; b < W_BLOCKS; b++) { // unroll
      let block = local + b * THREADS;
      if (block < SLICE_FOURS * OUTPUT_FOURS) {
        let corner = block_corner(block);
        for (var q = 0u; q < FOUR; q++) { // unroll
          var four = w_next[b][q];
          if (TRANSPOSED == 1u) {
            four = vec4f(w_next[b][0u][q], w_next[b][1u][q], w_next[b][2u][q], w_next[b][3u][q]);
          }
          w_slice[(corner.x + q) * W_PITCH + corner.y / 4u] = four;
        }
      }
    }
    workgroupBarrier();
  }

  for (var r = 0u; r < ROWS; r++) { // unroll
    let row = first_row + r * THREADS_Y + thread.y;
    for (var g = 0u; g < GROUPS; g++) { // unroll
      for (var q = 0u; q < FOUR; q++) { // unroll
        let output = first_output + (g * THREADS_X + thread.x) * 4u + q;
        if (row < params.rows && output < params.outputs) {
          y[group.z * params.y_pitch + row * params.outputs + output] = Y(finished(acc[r][g][q], group.z, row, output));
        }
      }
    }
  }
}

// First input and output of a 4 x 4 block of the slice of w. Neighbouring threads take neighbouring memory:
// blocks along the outputs or, with TRANSPOSED, two along the inputs (more would write to the same banks).
fn block_corner(block: u32) -> vec2u {
  if (TRANSPOSED == 1u) {
    return 4u * vec2u(block % 2u + block / (2u * OUTPUT_FOURS) * 2u, block / 2u % OUTPUT_FOURS);
  }
  return 4u * vec2u(block / OUTPUT_FOURS, block % OUTPUT_FOURS);
}
