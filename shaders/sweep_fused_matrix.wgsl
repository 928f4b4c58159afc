// Computes the same as sweep_fused.wgsl with subgroup matrices of f16 and sums in f32
// (src/kernels/sweep/fused-sweep-matrix.ts): a chunk of a sweep's (background, pattern) pairs from edges to
// predictions.
//
//   edges [E, block, edge_rows, channels] f16 and dense_edges [E, block, dense_rows, hidden], with the row of
//   every pattern in edge_index [EDGES + DENSE_EDGES, patterns]; weights [E, the identity, then convolutions,
//   CHANNELS / SIDE inputs, TAPS, CHANNELS / SIDE outputs] and dense_w [E, WINDOWS * CHANNELS / SIDE inputs,
//   HIDDEN / SIDE outputs], matrices of f16 [SIDE outputs][SIDE inputs]; constants [E, biases of
//   convolutions, of the dense layer, weights of the output, its bias]
//   -> predictions [E, block, patterns]
//
// A workgroup takes one pattern in SIDE backgrounds. So a column of all of them is a matrix
// [inputs][backgrounds], and so is an edge, at one row of edges. Weights are the left operand, so sums are
// [outputs][backgrounds]. A subgroup computes SIDE outputs of every column of a step
// (src/kernels/sweep/fused-schedule.ts) and reads weights through the cache. Dawn puts a branch around every
// load of a matrix unless it can prove that the load is within its array, and the driver schedules nothing
// across a branch. So matrices are separate arrays or begin at constant offsets.
//
// Grid: x over patterns, y over the chunk's backgrounds, z = model. Patterns are held below their count.
// Preconditions: the block's backgrounds are a multiple of SIDE; the adapter lists SIDE x SIDE x SIDE in f16
// with sums in f32; no subgroup has more than LANES threads. If subgroups are smaller there are more of them,
// and those beyond SUBGROUPS multiply nothing.
enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
// This check asks for the same matrices in the whole workgroup. Here each subgroup has its own outputs.
diagnostic(off, chromium.subgroup_matrix_uniformity);
//! include "control"
//! include "rectified"

const SIDE = 16u;
const LANES = 32u; // tile
// Matrices along the channels.
const TILES = 6u; // tile
const CHANNELS = TILES * SIDE;
const QUADS = CHANNELS / 4u;
const TAPS = 3u; // tile
// PARTS subgroups for every SIDE outputs; each takes a part of a step's columns.
const PARTS = 2u; // tile
const SUBGROUPS = TILES * PARTS;
const THREADS = LANES * SUBGROUPS;
// Size of a background's part of a kept column, padded so that rows lie on different banks, and of the
// column.
const STRIDE = CHANNELS + 8u;
const COLUMN = SIDE * STRIDE;
// To finish a matrix of sums, a thread takes four outputs of a background, HELD times.
const MATRIX = SIDE * SIDE;
const HELD = 2u; // tile

// Stages. The first has no products.
const STAGES = 4u; // tile
const COLUMNS = array(6u, 8u, 12u, 20u); // tile
const LEFT = array(6u, 2u, 4u, 8u); // tile
const RIGHT = array(6u, 2u, 4u, 8u); // tile
const EDGE = array(0u, 12u, 16u, 24u); // tile
const LAYER = array(0u, 0u, 1u, 2u); // tile
const KERNEL = array(0u, 0u, 1u, 2u); // tile
const DILATION = array(1u, 1u, 2u, 4u); // tile
const OFFSET = array(0u, 1u, 2u, 4u); // tile
const EDGES = 40u; // tile
// Iterations in which the threads compute the first stage.
const TURNS = 6u; // tile

// Steps. Each has columns of STAGE and, part by part, the columns of the stage before from which they are
// computed, and the slots where columns are kept.
const STEPS = 1u; // tile
const STAGE = array(1u); // tile
const INPUTS = array(1u, 1u); // tile
const MOST_INPUTS = 1u; // tile
const INPUT = array(0u, 0u); // tile
const INPUT_SLOT = array(0u, 0u); // tile
const OUTPUTS = array(1u, 1u); // tile
const MOST_OUTPUTS = 1u; // tile
const OUTPUT = array(0u, 1u); // tile
const OUTPUT_SLOT = array(0u, 1u); // tile
const SLOTS = 10u; // tile

const SKIPS = 6u; // tile
const SKIP_FIRST = 7u; // tile
const SKIP_RUN = 6u; // tile
const SKIP_SIDES = 2u; // tile
const POOL = 10u; // tile
const POOL_OFFSET = 0u; // tile
const WINDOWS = 2u; // tile
const POOLED = WINDOWS * CHANNELS + 8u;
const LAYERS = 3u; // tile
const HIDDEN = 256u; // tile
const HIDDEN_QUADS = HIDDEN / 4u;
const DENSE_EDGES = 2u; // tile
// Rounds in which the subgroups compute all hidden units.
const ROUNDS = 3u; // tile
const SIGMOID = 0u; // tile

struct Params {
  patterns: u32,
  edge_rows: u32,
  dense_rows: u32,
  edges_pitch: u32,
  weights_pitch: u32,
  constants_pitch: u32,
  dense_edges_pitch: u32,
  dense_w_pitch: u32,
  predictions_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> edges: array<f16>;
@group(0) @binding(3) var<storage, read> edge_quads: array<vec4<f16>>;
@group(0) @binding(4) var<storage, read> edge_index: array<u32>;
@group(0) @binding(5) var<storage, read> weights: array<array<f16, MATRIX>>;
@group(0) @binding(6) var<storage, read> constants: array<vec4f>;
@group(0) @binding(7) var<storage, read> dense_edges: array<vec4f>; // when DENSE_EDGES > 0u
@group(0) @binding(8) var<storage, read> dense_w: array<array<f16, MATRIX>>;
@group(0) @binding(9) var<storage, read_write> predictions: array<f32>;

alias Left = subgroup_matrix_left<f16, SIDE, SIDE>;
alias Right = subgroup_matrix_right<f16, SIDE, SIDE>;
alias Sums = subgroup_matrix_result<f32, SIDE, SIDE>;

// Columns [SLOTS][SIDE backgrounds][STRIDE]; at the end, pooled windows [SIDE backgrounds][POOLED].
var<workgroup> kept: array<f16, max(SLOTS * COLUMN, SIDE * POOLED)>;
// [SUBGROUPS][SIDE backgrounds][SIDE outputs]; at the end, parts of predictions.
var<workgroup> leaving: array<array<f32, MATRIX>, SUBGROUPS>;
// Padded: matrices begin at multiples of 16 bytes.
var<workgroup> row: array<u32, (EDGES + DENSE_EDGES + 3u) / 4u * 4u>;

fn keep(at: u32, v: vec4f) {
  for (var r = 0u; r < 4u; r++) {
    kept[at + r] = f16(v[r]);
  }
}

fn leaving_quad(owner: u32, at: u32) -> vec4f {
  return vec4f(leaving[owner][at], leaving[owner][at + 1u], leaving[owner][at + 2u], leaving[owner][at + 3u]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32, @builtin(subgroup_id) subgroup: u32) {
  let pattern = min(control.pattern + group.x, params.patterns - 1u);
  let first = control.block_background + group.y * SIDE;
  let edge_pitch = params.edge_rows * CHANNELS;
  let edge_base = group.z * params.edges_pitch + first * edge_pitch;
  let constant_base = group.z * params.constants_pitch / 4u;
  // A subgroup multiplies its part of a step's columns for SIDE outputs.
  let share = subgroup / TILES;
  let tile = subgroup % TILES;
  let weight_base = group.z * params.weights_pitch / MATRIX;
  let tile_base = edge_base + tile * SIDE;
  // The elements of a matrix of sums that a thread finishes: four outputs of one background, HELD times.
  let owner = local / LANES;
  var four: array<u32, HELD>; // scalars
  var background: array<u32, HELD>; // scalars
  var quad: array<u32, HELD>; // scalars
  for (var h = 0u; h < HELD; h++) { // unroll
    four[h] = local % LANES + h * LANES;
    background[h] = four[h] / 4u;
    quad[h] = owner % TILES * SIDE / 4u + four[h] % 4u;
  }

  for (var i = local; i < EDGES + DENSE_EDGES; i += THREADS) {
    row[i] = edge_index[i * params.patterns + pattern];
  }
  workgroupBarrier();

  var start: array<vec4f, TURNS>; // scalars
  for (var i = 0u; i < TURNS; i++) { // unroll
    let at = min(local + i * THREADS, COLUMNS[0] * SIDE * QUADS - 1u);
    let place = (edge_base + at / QUADS % SIDE * edge_pitch) / 4u + at % QUADS;
    start[i] = vec4f(edge_quads[place + row[at / (SIDE * QUADS)] * QUADS]);
    if (RIGHT[0] > 0u) { // when
      start[i] += vec4f(edge_quads[place + row[COLUMNS[0] + at / (SIDE * QUADS)] * QUADS]);
    }
  }
  for (var i = 0u; i < TURNS; i++) { // unroll
    let at = min(local + i * THREADS, COLUMNS[0] * SIDE * QUADS - 1u);
    keep(at / QUADS * STRIDE + at % QUADS * 4u, rectified4(start[i]));
  }
  workgroupBarrier();

  var pooled: array<array<vec4f, HELD>, WINDOWS>; // scalars
  for (var q = 0u; q < STEPS; q++) { // unroll
    // Loads from memory come first. Their values are added when the products are complete.
    var entry: array<array<vec4f, HELD>, MOST_OUTPUTS>; // scalars
    for (var p = 0u; p < PARTS; p++) { // unroll
      if (STAGE[q] + 1u == STAGES) { // when
        if (owner / TILES == p) {
          for (var o = 0u; o < OUTPUTS[q * PARTS + p]; o++) { // unroll
            if (OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] >= SKIP_FIRST && OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] < SKIP_FIRST + SKIPS) { // when
              for (var h = 0u; h < HELD; h++) { // unroll
                for (var side = 0u; side < SKIP_SIDES; side++) { // unroll
                  let edge = row[side * SKIP_RUN + OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] - SKIP_FIRST] * QUADS;
                  entry[o][h] += vec4f(edge_quads[(edge_base + background[h] * edge_pitch) / 4u + edge + quad[h]]);
                }
              }
            }
          }
        }
      }
    }
    var sums: array<Sums, MOST_OUTPUTS>; // scalars
    for (var p = 0u; p < PARTS; p++) { // unroll
      if (share == p) {
        let one = subgroupMatrixLoad<Left, row_major>(&weights[weight_base], 0u, SIDE);
        var left: array<Right, MOST_OUTPUTS>; // scalars
        var right: array<Right, MOST_OUTPUTS>; // scalars
        for (var o = 0u; o < OUTPUTS[q * PARTS + p]; o++) { // unroll
          if (OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] < LEFT[STAGE[q]]) { // when
            left[o] = subgroupMatrixLoad<Right, col_major>(&edges, tile_base + row[EDGE[STAGE[q]] + OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o]] * CHANNELS, edge_pitch);
          }
          if (OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] + RIGHT[STAGE[q]] >= COLUMNS[STAGE[q]]) { // when
            right[o] = subgroupMatrixLoad<Right, col_major>(&edges, tile_base + row[EDGE[STAGE[q]] + LEFT[STAGE[q]] + OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] + RIGHT[STAGE[q]] - COLUMNS[STAGE[q]]] * CHANNELS, edge_pitch);
          }
        }
        for (var k = 0u; k < TILES; k++) { // unroll
          var w: array<Left, TAPS>; // scalars
          for (var t = 0u; t < TAPS; t++) { // unroll
            w[t] = subgroupMatrixLoad<Left, row_major>(&weights[weight_base + 1u + tile + ((KERNEL[STAGE[q]] * TILES + k) * TAPS + t) * TILES], 0u, SIDE);
          }
          for (var i = 0u; i < INPUTS[q * PARTS + p]; i++) { // unroll
            let x = subgroupMatrixLoad<Right, col_major>(&kept, INPUT_SLOT[(q * PARTS + p) * MOST_INPUTS + i] * COLUMN + k * SIDE, STRIDE);
            for (var o = 0u; o < OUTPUTS[q * PARTS + p]; o++) { // unroll
              for (var t = 0u; t < TAPS; t++) { // unroll
                if (OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] + t * DILATION[STAGE[q]] == INPUT[(q * PARTS + p) * MOST_INPUTS + i] + OFFSET[STAGE[q]] + DILATION[STAGE[q]]) { // when
                  sums[o] = subgroupMatrixMultiplyAccumulate(w[t], x, sums[o]);
                }
              }
            }
          }
        }
        for (var o = 0u; o < OUTPUTS[q * PARTS + p]; o++) { // unroll
          if (OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] < LEFT[STAGE[q]]) { // when
            sums[o] = subgroupMatrixMultiplyAccumulate(one, left[o], sums[o]);
          }
          if (OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] + RIGHT[STAGE[q]] >= COLUMNS[STAGE[q]]) { // when
            sums[o] = subgroupMatrixMultiplyAccumulate(one, right[o], sums[o]);
          }
        }
      }
    }
    // By now all subgroups have read the columns whose slots are overwritten.
    workgroupBarrier();

    for (var o = 0u; o < MOST_OUTPUTS; o++) { // unroll
      if (o < OUTPUTS[q * PARTS]) { // when
        if (subgroup < SUBGROUPS) {
          subgroupMatrixStore<col_major>(&leaving[subgroup], 0u, sums[o], SIDE);
        }
        workgroupBarrier();
        for (var p = 0u; p < PARTS; p++) { // unroll
          if (o < OUTPUTS[q * PARTS + p]) { // when
            if (owner / TILES == p) {
              for (var h = 0u; h < HELD; h++) { // unroll
                var sum = leaving_quad(owner, four[h] * 4u) + constants[constant_base + LAYER[STAGE[q]] * QUADS + quad[h]];
                if (STAGE[q] + 1u < STAGES) { // when
                  keep(OUTPUT_SLOT[(q * PARTS + p) * MOST_OUTPUTS + o] * COLUMN + background[h] * STRIDE + quad[h] * 4u, rectified4(sum));
                }
                if (STAGE[q] + 1u == STAGES) { // when
                  sum = rectified4(sum + rectified4(entry[o][h]));
                  for (var v = 0u; v < WINDOWS; v++) { // unroll
                    if (v == (OUTPUT[(q * PARTS + p) * MOST_OUTPUTS + o] + POOL_OFFSET) / POOL) { // when
                      pooled[v][h] += sum;
                    }
                  }
                }
              }
            }
          }
        }
        workgroupBarrier();
      }
    }
  }

  // Means of the windows, added over the parts in their order.
  for (var v = 0u; v < WINDOWS; v++) { // unroll
    for (var h = 0u; h < HELD; h++) { // unroll
      for (var r = 0u; r < 4u; r++) {
        leaving[owner][four[h] * 4u + r] = pooled[v][h][r];
      }
    }
    workgroupBarrier();
    if (owner < TILES) {
      for (var h = 0u; h < HELD; h++) { // unroll
        var sum = vec4f();
        for (var p = 0u; p < PARTS; p++) { // unroll
          sum += leaving_quad(p * TILES + owner, four[h] * 4u);
        }
        keep(background[h] * POOLED + v * CHANNELS + quad[h] * 4u, sum / f32(POOL));
      }
    }
    workgroupBarrier();
  }

  // The dense layer: SIDE hidden units of a subgroup at a time, and a thread's part of the predictions of its
  // backgrounds.
  var units: array<array<vec4f, HELD>, ROUNDS>; // scalars
  for (var turn = 0u; turn < ROUNDS; turn++) { // unroll
    for (var h = 0u; h < HELD; h++) { // unroll
      let unit = min(turn * SUBGROUPS + owner, HIDDEN / SIDE - 1u) * SIDE / 4u + four[h] % 4u;
      units[turn][h] = constants[constant_base + LAYERS * QUADS + unit];
      for (var d = 0u; d < DENSE_EDGES; d++) { // unroll
        let edge = (first + background[h]) * params.dense_rows + row[EDGES + d];
        units[turn][h] += dense_edges[group.z * params.dense_edges_pitch / 4u + edge * HIDDEN_QUADS + unit];
      }
    }
  }
  var hidden: array<Sums, ROUNDS>; // scalars
  if (subgroup < SUBGROUPS) {
    for (var k = 0u; k < WINDOWS * TILES; k++) { // unroll
      let x = subgroupMatrixLoad<Right, col_major>(&kept, k * SIDE, POOLED);
      for (var turn = 0u; turn < ROUNDS; turn++) { // unroll
        let matrix = k * (HIDDEN / SIDE) + min(turn * SUBGROUPS + subgroup, HIDDEN / SIDE - 1u);
        let w = subgroupMatrixLoad<Left, row_major>(&dense_w[group.z * params.dense_w_pitch / MATRIX + matrix], 0u, SIDE);
        hidden[turn] = subgroupMatrixMultiplyAccumulate(w, x, hidden[turn]);
      }
    }
  }
  var output: array<f32, HELD>; // scalars
  for (var turn = 0u; turn < ROUNDS; turn++) { // unroll
    if (subgroup < SUBGROUPS) {
      subgroupMatrixStore<col_major>(&leaving[subgroup], 0u, hidden[turn], SIDE);
    }
    workgroupBarrier();
    if (turn * SUBGROUPS + owner < HIDDEN / SIDE) {
      for (var h = 0u; h < HELD; h++) { // unroll
        let unit = (turn * SUBGROUPS + owner) * SIDE / 4u + four[h] % 4u;
        let w = constants[constant_base + LAYERS * QUADS + HIDDEN_QUADS + unit];
        output[h] += dot(rectified4(units[turn][h] + leaving_quad(owner, four[h] * 4u)), w);
      }
    }
    workgroupBarrier();
  }
  for (var h = 0u; h < HELD; h++) { // unroll
    leaving[owner][four[h]] = output[h];
  }
  workgroupBarrier();
  if (local < SIDE) {
    var prediction = constants[constant_base + LAYERS * QUADS + 2u * HIDDEN_QUADS].x;
    for (var i = 0u; i < SUBGROUPS * 4u; i++) {
      prediction += leaving[i / 4u][local * 4u + i % 4u];
    }
    if (SIGMOID == 1u) { // when
      prediction = 1.0 / (1.0 + exp(-prediction));
    }
    predictions[group.z * params.predictions_pitch + (first + local) * params.patterns + pattern] = prediction;
  }
}
