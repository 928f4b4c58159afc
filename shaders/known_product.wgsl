// A product of small whole numbers by subgroup matrices of f16, in each of the ways in which kernels
// multiply. The exact result is known, so an adapter with wrong matrices is detected before it computes
// anything else (src/kernels/matrix/known-product.ts). One workgroup of two subgroups, each with half of the
// outputs.
//
//   a [ROWS][INPUTS], b [INPUTS][OUTPUTS], c [ROWS][OUTPUTS]
//   b_tiles [OUTPUTS / SIDE][STEPS][SIDE outputs][SIDE inputs]: b as matrices, each by columns
//   y [WAYS][ROWS][OUTPUTS]: the result of each way
//     0  a and b from storage, row by row; stored to storage: a b
//     1  a from panels of workgroup memory in padded rows, b by tiles; stored to workgroup memory: a b
//     2  a from these panels, b from workgroup memory in padded rows, sums that begin at c: a b + c
//
// Precondition: the adapter lists SIDE x SIDE x SIDE in f16 with sums in f32; no subgroup has more than LANES
// threads. If subgroups are smaller there are more of them, and those beyond the second only copy.
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// This check asks for the same matrices in the whole workgroup. Here each subgroup has its own outputs.
diagnostic(off, chromium.subgroup_matrix_uniformity);

const LANES = 32u; // tile
const SIDE = 16u; // tile
const AREA = SIDE * SIDE;
const SUBGROUPS = 2u;
const THREADS = LANES * SUBGROUPS;
const ROWS = SIDE;
const STEPS = 2u;
const INPUTS = STEPS * SIDE;
const OUTPUTS = SUBGROUPS * SIDE;
// Padding as in the kernels. A matrix that begins inside its array also has an offset.
const PITCH = SIDE + 8u;
const PADDED = OUTPUTS + 8u;
const BEFORE = 8u;

@group(0) @binding(0) var<storage, read> a: array<f16>;
@group(0) @binding(1) var<storage, read> b: array<f16>;
@group(0) @binding(2) var<storage, read> b_tiles: array<array<f16, AREA>>;
@group(0) @binding(3) var<storage, read> c: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

alias Left = subgroup_matrix_left<f16, SIDE, SIDE>;
alias Right = subgroup_matrix_right<f16, SIDE, SIDE>;
alias Sums = subgroup_matrix_result<f32, SIDE, SIDE>;

var<workgroup> a_panels: array<array<f16, BEFORE + ROWS * PITCH>, STEPS>;
var<workgroup> b_padded: array<f16, BEFORE + INPUTS * PADDED>;
var<workgroup> plain: array<f32, ROWS * OUTPUTS>;
var<workgroup> begun: array<f32, ROWS * OUTPUTS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(subgroup_id) subgroup: u32) {
  for (var i = local; i < ROWS * INPUTS; i += THREADS) {
    a_panels[i % INPUTS / SIDE][BEFORE + i / INPUTS * PITCH + i % SIDE] = a[i];
  }
  for (var i = local; i < INPUTS * OUTPUTS; i += THREADS) {
    b_padded[BEFORE + i / OUTPUTS * PADDED + i % OUTPUTS] = b[i];
  }
  for (var i = local; i < ROWS * OUTPUTS; i += THREADS) {
    begun[i] = c[i];
  }
  workgroupBarrier();
  let first = subgroup * SIDE;
  if (subgroup < SUBGROUPS) {
    var from_storage: Sums;
    var by_tiles: Sums;
    var padded = subgroupMatrixLoad<Sums, row_major>(&begun, first, OUTPUTS);
    for (var step = 0u; step < STEPS; step++) {
      let k = step * SIDE;
      let stored_left = subgroupMatrixLoad<Left, row_major>(&a, k, INPUTS);
      let stored_right = subgroupMatrixLoad<Right, row_major>(&b, k * OUTPUTS + first, OUTPUTS);
      from_storage = subgroupMatrixMultiplyAccumulate(stored_left, stored_right, from_storage);
      let left = subgroupMatrixLoad<Left, row_major>(&a_panels[step], BEFORE, PITCH);
      let tile = subgroupMatrixLoad<Right, col_major>(&b_tiles[subgroup * STEPS + step], 0u, SIDE);
      by_tiles = subgroupMatrixMultiplyAccumulate(left, tile, by_tiles);
      let right = subgroupMatrixLoad<Right, row_major>(&b_padded, BEFORE + k * PADDED + first, PADDED);
      padded = subgroupMatrixMultiplyAccumulate(left, right, padded);
    }
    subgroupMatrixStore<row_major>(&y, first, from_storage, OUTPUTS);
    subgroupMatrixStore<row_major>(&plain, first, by_tiles, OUTPUTS);
    subgroupMatrixStore<row_major>(&begun, first, padded, OUTPUTS);
  }
  workgroupBarrier();
  for (var i = local; i < ROWS * OUTPUTS; i += THREADS) {
    y[ROWS * OUTPUTS + i] = plain[i];
    y[2u * ROWS * OUTPUTS + i] = begun[i];
  }
}
