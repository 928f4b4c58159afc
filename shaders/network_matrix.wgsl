// Computes the same as network.wgsl with subgroup matrices: products of f16 summed in f32, activations in
// f16.
//
//   codes [E or 1, sequences, LENGTH] u32; tables [E, GROUPS, 625, channels] with the first convolution's
//   bias (code_tables.wgsl); w [E, STAGES, 3, channels out / SIDE, channels in / SIDE, SIDE, SIDE] f16
//   (outputs, then inputs) and bias [E, STAGES, channels], whose stages lie w_stride and bias_stride apart ->
//   y [E, sequences, WINDOWS, channels] or, with TILED, matrices of SIDE sequences by SIDE channels
//
// The workgroup's sequences lie one after the other on a tape, with GAP rows of zeros around each. Row n of
// matrix p is row n RUN + p of the tape. So RUN matrices cover the tape wherever the sequences lie. Tap t of
// matrix p is matrix p + (t - 1) DILATION, so a matrix of inputs that is loaded once serves all taps. A
// subgroup owns SIDE outputs of all rows.
//
// Memory is arrays of arrays: a matrix then begins at a constant place in an array of constant length, which
// Dawn does not have to check. A check would be a branch around every load. The skip connection stays in
// registers, as a left operand; a product with the identity adds it to the sums.
//
// Grid: flat over groups of SEQUENCES, z = model.
// Precondition: the adapter lists SIDE x SIDE x SIDE in f16 with sums in f32; no subgroup has more than LANES
// threads. If subgroups are smaller there are more of them, and those beyond SUBGROUPS only move data.
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// This check asks for the same matrices in the whole workgroup. Here each subgroup has its own outputs.
diagnostic(off, chromium.subgroup_matrix_uniformity);
//! include "code_words"

const SIDE = 16u;
const AREA = SIDE * SIDE;
// A thread moves eight neighbouring numbers at a time.
const EIGHT = 8u; // fixed
const PIECES = AREA / EIGHT;
const TAPS = 3u; // fixed
const FOUR = 4u; // fixed

const LENGTH = 41u; // tile
// One for every SIDE channels.
const SUBGROUPS = 6u; // tile
const LANES = 32u; // tile
const SEQUENCES = 4u; // tile
const GAP = 4u; // tile
const RUN = 11u; // tile
// Matrices that a subgroup stores between two barriers, and how often.
const BATCH = 1u; // tile
const ROUNDS = 11u; // tile
const POOL = 10u; // tile
const WINDOWS = 4u; // tile
// 1 if y consists of matrices, as dense_head_matrix.wgsl reads it.
const TILED = 0u; // tile

const STAGES = 3u; // tile
const DILATION = array(1u, 2u, 4u); // tile
// RUN + 2 DILATION.
const COLUMNS = array(13u, 15u, 19u); // tile

const THREADS = LANES * SUBGROUPS;
const CHANNELS = SUBGROUPS * SIDE;
const QUADS = CHANNELS / 4u;
const PITCH = LENGTH + GAP;
// Channels of the first convolution, in fours.
const ENTRIES = SEQUENCES * LENGTH * QUADS;
const ROWS = 2u * GAP + SIDE * RUN;

struct Params {
  sequences: u32,
  taps: u32,
  w_stride: u32,
  bias_stride: u32,
  codes_pitch: u32,
  tables_pitch: u32,
  w_pitch: u32,
  bias_pitch: u32,
  y_pitch: u32,
}

alias Left = subgroup_matrix_left<f16, SIDE, SIDE>;
alias Right = subgroup_matrix_right<f16, SIDE, SIDE>;
alias Sums = subgroup_matrix_result<f32, SIDE, SIDE>;
alias Y = f32; // stores y

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> w: array<array<f16, AREA>>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<Y>;

// The tape [channels / SIDE][row][SIDE]. Its gaps keep the zeros that workgroup memory begins with.
var<workgroup> x: array<array<f16, ROWS * SIDE>, SUBGROUPS>;
// Matrices of sums, when they are loaded and stored.
var<workgroup> sums: array<array<f32, AREA>, BATCH * SUBGROUPS>;
var<workgroup> identity: array<f16, AREA>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
  @builtin(subgroup_id) subgroup: u32,
) {
  let first = (group.y * groups.x + group.x) * SEQUENCES;
  for (var i = local; i < SEQUENCES * STARTS; i += THREADS) {
    word[i] = word_of(group.z, first, i);
  }
  for (var i = local; i < AREA; i += THREADS) {
    identity[i] = f16(select(0.0, 1.0, i % SIDE == i / SIDE));
  }
  workgroupBarrier();
  for (var start = local; start < ENTRIES; start += AHEAD * THREADS) {
    var entry: array<vec4f, AHEAD>; // scalars
    for (var a = 0u; a < AHEAD; a++) { // unroll
      let i = min(start + a * THREADS, ENTRIES - 1u);
      let word_start = i / (LENGTH * QUADS) * STARTS + i / QUADS % LENGTH;
      entry[a] = entered(group.z * params.tables_pitch / 4u + i % QUADS, word_start);
    }
    for (var a = 0u; a < AHEAD; a++) { // unroll
      let i = start + a * THREADS;
      if (i < ENTRIES) {
        let row = GAP + i / (LENGTH * QUADS) * PITCH + i / QUADS % LENGTH;
        let channel = i % QUADS * 4u;
        for (var j = 0u; j < FOUR; j++) { // unroll
          x[channel / SIDE][row * SIDE + channel % SIDE + j] = f16(entry[a][j]);
        }
      }
    }
  }
  workgroupBarrier();
  var skip: array<Left, RUN>; // scalars
  if (subgroup < SUBGROUPS) {
    for (var p = 0u; p < RUN; p++) { // unroll
      skip[p] = subgroupMatrixLoad<Left, row_major>(&x[subgroup], (GAP + p) * SIDE, RUN * SIDE);
    }
  }

  for (var s = 0u; s < STAGES; s++) { // unroll
    var acc: array<Sums, RUN>; // scalars
    var right: array<Right, TAPS>; // scalars
    for (var i = local; i < SUBGROUPS * AREA; i += THREADS) {
      let output = i / AREA * SIDE + i % SIDE;
      sums[i / AREA][i % AREA] = bias[group.z * params.bias_pitch + s * params.bias_stride + output];
    }
    workgroupBarrier();
    if (subgroup < SUBGROUPS) {
      let start = subgroupMatrixLoad<Sums, row_major>(&sums[subgroup], 0u, SIDE);
      for (var p = 0u; p < RUN; p++) { // unroll
        acc[p] = start;
      }
      if (s + 1u == STAGES) { // when
        let unit = subgroupMatrixLoad<Right, row_major>(&identity, 0u, SIDE);
        for (var p = 0u; p < RUN; p++) { // unroll
          acc[p] = subgroupMatrixMultiplyAccumulate(skip[p], unit, acc[p]);
        }
      }
      let weights = (group.z * params.w_pitch + s * params.w_stride) / AREA + subgroup * SUBGROUPS;
      for (var k = 0u; k < SUBGROUPS; k++) {
        for (var tap = 0u; tap < TAPS; tap++) { // unroll
          right[tap] = subgroupMatrixLoad<Right, col_major>(&w[weights + tap * SUBGROUPS * SUBGROUPS + k], 0u, SIDE);
        }
        for (var c = 0u; c < COLUMNS[s]; c++) { // unroll
          let left = subgroupMatrixLoad<Left, row_major>(&x[k], (GAP + c - DILATION[s]) * SIDE, RUN * SIDE);
          for (var tap = 0u; tap < TAPS; tap++) { // unroll
            if (c >= tap * DILATION[s] && c < tap * DILATION[s] + RUN) { // when
              acc[c - tap * DILATION[s]] = subgroupMatrixMultiplyAccumulate(left, right[tap], acc[c - tap * DILATION[s]]);
            }
          }
        }
      }
    }
    workgroupBarrier();
    for (var round = 0u; round < ROUNDS; round++) { // unroll
      if (subgroup < SUBGROUPS) {
        for (var b = 0u; b < BATCH; b++) { // unroll
          if (round * BATCH + b < RUN) { // when
            subgroupMatrixStore<row_major>(&sums[b * SUBGROUPS + subgroup], 0u, acc[round * BATCH + b], SIDE);
          }
        }
      }
      workgroupBarrier();
      for (var i = local; i < min(BATCH, RUN - round * BATCH) * SUBGROUPS * PIECES; i += THREADS) {
        let row = i % PIECES * EIGHT / SIDE * RUN + round * BATCH + i / (SUBGROUPS * PIECES);
        if (row / PITCH < SEQUENCES && row % PITCH < LENGTH) {
          let panel = i / PIECES % SUBGROUPS;
          let piece = i % PIECES * EIGHT;
          let to = (GAP + row) * SIDE + piece % SIDE;
          for (var j = 0u; j < EIGHT; j++) { // unroll
            x[panel][to + j] = f16(rectified(sums[i / PIECES][piece + j]));
          }
        }
      }
      workgroupBarrier();
    }
  }

  for (var i = local; i < SEQUENCES * WINDOWS * CHANNELS; i += THREADS) {
    let sequence = i / (WINDOWS * CHANNELS);
    let start = (GAP + sequence * PITCH + i / CHANNELS % WINDOWS * POOL) * SIDE + i % SIDE;
    var sum = 0.0;
    for (var k = 0u; k < POOL; k++) {
      sum += f32(x[i % CHANNELS / SIDE][start + k * SIDE]);
    }
    if (first + sequence < params.sequences) {
      var to = first * WINDOWS * CHANNELS + i;
      if (TILED == 1u) { // when
        let matrix = (first + sequence) / SIDE * WINDOWS * SUBGROUPS + i % (WINDOWS * CHANNELS) / SIDE;
        to = matrix * AREA + (first + sequence) % SIDE * SIDE + i % SIDE;
      }
      y[group.z * params.y_pitch + to] = Y(sum / f32(POOL));
    }
  }
}
