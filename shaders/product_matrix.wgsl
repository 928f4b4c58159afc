// product.wgsl's matrix product by subgroup matrices of f16 with sums in f32: y[row, output] = sum over i of
// x[row, i] * w[i, output].
//
//   x [E, rows, INPUTS] f16, w [E, INPUTS / SIDE, outputs / SIDE] matrices of f16 [SIDE outputs][SIDE inputs]
//   -> y [E, rows, outputs] f32
//
// A subgroup takes ACROSS matrices of outputs by DOWN of rows; both operands are read through the cache.
// Grid: x over row tiles, y over output tiles, z = model. Preconditions: rows and outputs are multiples of
// SIDE; the adapter lists SIDE x SIDE x SIDE in f16 with sums in f32; no subgroup has more than LANES
// threads. If subgroups are smaller there are more of them, and those beyond SUBGROUPS do nothing.
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// This check asks for the same matrices in the whole workgroup. Here each subgroup has its own outputs.
diagnostic(off, chromium.subgroup_matrix_uniformity);

const SIDE = 16u;
const MATRIX = SIDE * SIDE;
const LANES = 32u; // tile
const SUBGROUPS = 6u; // tile
const THREADS = LANES * SUBGROUPS;
const DOWN = 4u; // tile
const ACROSS = 3u; // tile
// Matrices along the inputs.
const STEPS = 6u; // tile
const INPUTS = STEPS * SIDE;
// SIDE rows of x.
const PANEL = SIDE * INPUTS;

struct Params {
  rows: u32,
  outputs: u32,
  x_pitch: u32,
  w_pitch: u32,
  y_pitch: u32,
}

// Arrays of whole operands, or of rows that hold them at constant offsets: Dawn then omits its branch around
// every load.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<array<f16, PANEL>>;
@group(0) @binding(2) var<storage, read> w: array<array<f16, MATRIX>>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

alias Left = subgroup_matrix_left<f16, SIDE, SIDE>;
alias Right = subgroup_matrix_right<f16, SIDE, SIDE>;
alias Sums = subgroup_matrix_result<f32, SIDE, SIDE>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_id) subgroup: u32) {
  let rows = params.rows / SIDE;
  let tiles = params.outputs / SIDE;
  let row = group.x * DOWN;
  let tile = (group.y * SUBGROUPS + subgroup) * ACROSS;
  if (subgroup < SUBGROUPS && tile < tiles) {
    let x_base = group.z * params.x_pitch / PANEL;
    let w_base = group.z * params.w_pitch / MATRIX;
    var sums: array<array<Sums, ACROSS>, DOWN>; // scalars
    for (var k = 0u; k < STEPS; k++) { // unroll
      var left: array<Left, ACROSS>; // scalars
      for (var a = 0u; a < ACROSS; a++) { // unroll
        left[a] = subgroupMatrixLoad<Left, row_major>(&w[w_base + k * tiles + min(tile + a, tiles - 1u)], 0u, SIDE);
      }
      for (var d = 0u; d < DOWN; d++) { // unroll
        let right = subgroupMatrixLoad<Right, col_major>(&x[x_base + min(row + d, rows - 1u)], k * SIDE, INPUTS);
        for (var a = 0u; a < ACROSS; a++) { // unroll
          sums[d][a] = subgroupMatrixMultiplyAccumulate(left[a], right, sums[d][a]);
        }
      }
    }
    for (var d = 0u; d < DOWN; d++) { // unroll
      for (var a = 0u; a < ACROSS; a++) { // unroll
        if (row + d < rows && tile + a < tiles) {
          let at = group.z * params.y_pitch + (row + d) * SIDE * params.outputs + (tile + a) * SIDE;
          subgroupMatrixStore<col_major>(&y, at, sums[d][a], params.outputs);
        }
      }
    }
  }
}
