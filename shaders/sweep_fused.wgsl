// Takes a chunk of a sweep's (background, pattern) pairs from edges to predictions: the runs of all stages,
// skip connection, pool, dense layer and head (src/kernels/sweep/fused-sweep.ts). Columns stay in workgroup
// memory, sums in registers.
//
//   edges [E, block, edge_rows, channels] and dense_edges [E, block, dense_rows, hidden], with the row of
//   every pattern in edge_index [EDGES + DENSE_EDGES, patterns]; weights [E, matrices, channels, channels];
//   constants [E, biases of convolutions, of the dense layer, weights of the output, its bias]; dense_w
//   [E, WINDOWS * channels, hidden] -> predictions [E, block, patterns]
//
// A workgroup takes PAIRS patterns of one background. Lanes of a subgroup lie LANES along the outputs, four
// to a lane, and ACROSS along the pairs. So a load of weights reads neighbouring addresses and serves all
// columns of the HOLD pairs of a thread. Tap t adds column c of the run before to column c + OFFSET + (1 - t)
// DILATION. Minimal filtering (src/kernels/sweep/filtering.ts) takes SIZE columns at once, as sweep_run.wgsl
// does.
//
// Grid: x over patterns, y over the chunk's backgrounds, z = model. Patterns and backgrounds are held
// below their counts.
//! include "control"
//! include "rectified"

const PAIRS = 8u; // tile
const LANES = 8u; // tile
const ACROSS = 4u; // tile
const GROUPS = 3u; // tile
const SLOTS = 4u; // tile
const HOLD = 2u; // tile
const THREADS = 96u; // tile
const QUADS = 24u; // tile
const FOUR = 4u; // fixed
const HALVES = 2u; // fixed

// Stages. FROM is the number of columns of the run before, 0 if there is none.
const STAGES = 4u; // tile
const COLUMNS = array(6u, 8u, 12u, 20u); // tile
const LEFT = array(6u, 2u, 4u, 8u); // tile
const RIGHT = array(6u, 2u, 4u, 8u); // tile
const EDGE = array(0u, 12u, 16u, 24u); // tile
const BIAS = array(0u, 1u, 1u, 1u); // tile
const LAYER = array(0u, 0u, 1u, 2u); // tile
const FROM = array(0u, 6u, 8u, 12u); // tile
const DILATION = array(1u, 1u, 2u, 4u); // tile
const OFFSET = array(0u, 1u, 2u, 4u); // tile
// The matrices of a stage begin at quad WEIGHT of the weights.
const WEIGHT = array(0u, 0u, 11520u, 25344u); // tile
const SIZE = array(1u, 3u, 4u, 3u); // tile
const POINTS = array(3u, 5u, 6u, 5u); // tile
const BLOCKS = array(0u, 2u, 2u, 4u); // tile
const CLASSES = array(1u, 1u, 2u, 4u); // tile
const MOST_COLUMNS = 20u; // tile
const MOST_BLOCKS = 4u; // tile
const MOST_SIZE = 4u; // tile
const MOST_POINTS = 6u; // tile
// Size of a pair's columns, in fours, padded so that the pairs of a subgroup lie on different banks.
const STRIDE = 289u; // tile
const EDGES = 40u; // tile

const SKIPS = 6u; // tile
const SKIP_FIRST = 7u; // tile
const SKIP_RUN = 6u; // tile
const SKIP_SIDES = 2u; // tile
const POOL = 10u; // tile
const POOL_OFFSET = 0u; // tile
const WINDOWS = 2u; // tile
const LAYERS = 3u; // tile
const HIDDEN = 64u; // tile
const DENSE_EDGES = 2u; // tile
const DENSE_LANES = 64u; // tile
const DENSE_GROUPS = 1u; // tile
const DENSE_PAIRS = 8u; // tile
const SIGMOID = 0u; // tile

struct Params {
  patterns: u32,
  backgrounds: u32,
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
@group(0) @binding(2) var<storage, read> edges: array<vec4f>; // when EDGES > 0u
@group(0) @binding(3) var<storage, read> edge_index: array<u32>; // when EDGES + DENSE_EDGES > 0u
@group(0) @binding(4) var<storage, read> weights: array<vec4f>; // when STAGES > 1u
@group(0) @binding(5) var<storage, read> constants: array<vec4f>;
@group(0) @binding(6) var<storage, read> dense_edges: array<vec4f>; // when DENSE_EDGES > 0u
@group(0) @binding(7) var<storage, read> dense_w: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> predictions: array<f32>;

var<workgroup> kept: array<array<vec4f, STRIDE>, PAIRS>;
var<workgroup> contribution: array<f32, PAIRS * HIDDEN>;
var<workgroup> row: array<u32, PAIRS * (EDGES + DENSE_EDGES)>; // when EDGES + DENSE_EDGES > 0u

fn summed(v: vec4f) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let place = local % LANES + local / (LANES * ACROSS) % GROUPS * LANES;
  let slot = local / LANES % ACROSS + local / (LANES * ACROSS * GROUPS) * ACROSS;
  let quad = min(place, QUADS - 1u);
  let first = control.pattern + group.x * PAIRS;
  let background = control.block_background + group.y;
  let block_row = min(background, params.backgrounds - 1u);
  let edge_base = group.z * params.edges_pitch / 4u + block_row * params.edge_rows * QUADS + quad;
  let matrices = group.z * params.weights_pitch / 4u;
  let constant_base = group.z * params.constants_pitch / 4u;

  if (EDGES + DENSE_EDGES > 0u) { // when
    for (var i = local; i < PAIRS * (EDGES + DENSE_EDGES); i += THREADS) {
      row[i] = edge_index[i / PAIRS * params.patterns + min(first + i % PAIRS, params.patterns - 1u)];
    }
    workgroupBarrier();
  }

  for (var s = 0u; s < STAGES; s++) { // unroll
    var column: array<array<vec4f, MOST_COLUMNS>, HOLD>; // scalars
    for (var j = 0u; j < HOLD; j++) { // unroll
      for (var o = 0u; o < COLUMNS[s]; o++) { // unroll
        column[j][o] = vec4f();
        if (BIAS[s] == 1u) { // when
          column[j][o] = constants[constant_base + LAYER[s] * QUADS + quad];
        }
        if (o < LEFT[s]) { // when
          column[j][o] += edges[edge_base + row[(EDGE[s] + o) * PAIRS + slot + j * SLOTS] * QUADS];
        }
        if (o + RIGHT[s] >= COLUMNS[s]) { // when
          column[j][o] += edges[edge_base + row[(EDGE[s] + LEFT[s] + o + RIGHT[s] - COLUMNS[s]) * PAIRS + slot + j * SLOTS] * QUADS];
        }
      }
    }

    var product: array<array<array<vec4f, MOST_POINTS>, MOST_BLOCKS>, HOLD>; // scalars
    if (SIZE[s] > 1u) { // when
      for (var j = 0u; j < HOLD; j++) { // unroll
        for (var b = 0u; b < BLOCKS[s]; b++) { // unroll
          for (var q = 0u; q < POINTS[s]; q++) { // unroll
            product[j][b][q] = vec4f();
          }
        }
      }
    }
    if (FROM[s] > 0u) { // when
      for (var i = 0u; i < QUADS; i++) {
        let at = matrices + WEIGHT[s] + i * POINTS[s] * 4u * QUADS + quad;
        if (SIZE[s] == 1u) { // when
          var w: array<array<vec4f, FOUR>, MOST_POINTS>; // scalars
          for (var q = 0u; q < POINTS[s]; q++) { // unroll
            for (var r = 0u; r < FOUR; r++) { // unroll
              w[q][r] = weights[at + (4u * q + r) * QUADS];
            }
          }
          for (var j = 0u; j < HOLD; j++) { // unroll
            var x: array<vec4f, MOST_COLUMNS>; // scalars
            for (var c = 0u; c < FROM[s]; c++) { // unroll
              x[c] = kept[slot + j * SLOTS][c * QUADS + i];
            }
            for (var r = 0u; r < FOUR; r++) { // unroll
              for (var q = 0u; q < POINTS[s]; q++) { // unroll
                for (var c = 0u; c < FROM[s]; c++) { // unroll
                  if (c + OFFSET[s] + DILATION[s] >= q * DILATION[s] && c + OFFSET[s] + DILATION[s] < COLUMNS[s] + q * DILATION[s]) { // when
                    column[j][c + OFFSET[s] + DILATION[s] - q * DILATION[s]] = fma(vec4f(x[c][r]), w[q][r], column[j][c + OFFSET[s] + DILATION[s] - q * DILATION[s]]);
                  }
                }
              }
            }
          }
        }
        // Two of the four inputs at a time, because the weights of all points do not fit into registers.
        for (var h = 0u; h < HALVES; h++) { // unroll
          if (SIZE[s] > 1u) { // when
            var w: array<array<vec4f, HALVES>, MOST_POINTS>; // scalars
            for (var q = 0u; q < POINTS[s]; q++) { // unroll
              for (var r = 0u; r < HALVES; r++) { // unroll
                w[q][r] = weights[at + (4u * q + 2u * h + r) * QUADS];
              }
            }
            for (var j = 0u; j < HOLD; j++) { // unroll
              for (var b = 0u; b < BLOCKS[s]; b++) { // unroll
                var x: array<vec2f, MOST_SIZE>; // scalars
                var e: array<vec2f, MOST_POINTS>; // scalars
                for (var k = 0u; k < SIZE[s]; k++) { // unroll
                  x[k] = vec2f();
                  if (b % CLASSES[s] + (b / CLASSES[s] * SIZE[s] + k) * DILATION[s] < FROM[s]) { // when
                    if (h == 0u) { // when
                      x[k] = kept[slot + j * SLOTS][(b % CLASSES[s] + (b / CLASSES[s] * SIZE[s] + k) * DILATION[s]) * QUADS + i].xy;
                    }
                    if (h == 1u) { // when
                      x[k] = kept[slot + j * SLOTS][(b % CLASSES[s] + (b / CLASSES[s] * SIZE[s] + k) * DILATION[s]) * QUADS + i].zw;
                    }
                  }
                }
                // Evaluates at the points, in the order of their matrices.
                e[0u] = x[0u];
                if (SIZE[s] == 2u) { // when
                  e[1u] = x[0u] + x[1u];
                  e[2u] = x[0u] - x[1u];
                  e[3u] = x[1u];
                }
                if (SIZE[s] == 3u) { // when
                  e[1u] = (x[0u] + x[2u]) + x[1u];
                  e[2u] = (x[0u] + x[2u]) - x[1u];
                  e[3u] = x[0u] - 0.5 * x[1u] + 0.25 * x[2u];
                  e[4u] = x[2u];
                }
                if (SIZE[s] == 4u) { // when
                  e[1u] = (x[0u] + x[2u]) + (x[1u] + x[3u]);
                  e[2u] = (x[0u] + x[2u]) - (x[1u] + x[3u]);
                  e[3u] = (x[0u] + 4.0 * x[2u]) + (2.0 * x[1u] + 8.0 * x[3u]);
                  e[4u] = (x[0u] + 4.0 * x[2u]) - (2.0 * x[1u] + 8.0 * x[3u]);
                  e[5u] = x[3u];
                }
                for (var r = 0u; r < HALVES; r++) { // unroll
                  for (var q = 0u; q < POINTS[s]; q++) { // unroll
                    product[j][b][q] = fma(vec4f(e[q][r]), w[q][r], product[j][b][q]);
                  }
                }
              }
            }
          }
        }
      }
    }

    if (SIZE[s] > 1u) { // when
      for (var j = 0u; j < HOLD; j++) { // unroll
        for (var b = 0u; b < BLOCKS[s]; b++) { // unroll
          // Interpolation gives the coefficients of the product polynomial.
          var made: array<vec4f, MOST_POINTS>; // scalars
          if (SIZE[s] == 2u) { // when
            made[0u] = -product[j][b][0u];
            made[1u] = product[j][b][1u] - product[j][b][2u] - product[j][b][3u];
            made[2u] = product[j][b][0u] + (product[j][b][1u] + product[j][b][2u]);
            made[3u] = product[j][b][3u];
          }
          if (SIZE[s] == 3u) { // when
            made[0u] = -0.5 * product[j][b][0u];
            made[1u] = 0.5 * (product[j][b][1u] - product[j][b][2u] - product[j][b][4u]) - product[j][b][0u] - product[j][b][3u];
            made[2u] = 0.5 * (product[j][b][0u] - product[j][b][2u]) + 1.5 * product[j][b][1u] - product[j][b][4u];
            made[3u] = product[j][b][0u] + (product[j][b][1u] + product[j][b][2u]) + product[j][b][3u] + 0.5 * product[j][b][4u];
            made[4u] = product[j][b][4u];
          }
          if (SIZE[s] == 4u) { // when
            made[0u] = 4.0 * product[j][b][0u];
            made[1u] = 4.0 * (product[j][b][2u] - product[j][b][1u] + product[j][b][5u]) - 2.0 * (product[j][b][3u] - product[j][b][4u]);
            made[2u] = -5.0 * product[j][b][0u] - 4.0 * (product[j][b][1u] + product[j][b][2u]) - (product[j][b][3u] + product[j][b][4u]);
            made[3u] = (product[j][b][1u] - product[j][b][2u]) + 2.0 * (product[j][b][3u] - product[j][b][4u]) - 5.0 * product[j][b][5u];
            made[4u] = product[j][b][0u] + (product[j][b][1u] + product[j][b][2u]) + (product[j][b][3u] + product[j][b][4u]);
            made[5u] = product[j][b][5u];
          }
          for (var m = 0u; m < POINTS[s]; m++) { // unroll
            if (OFFSET[s] + b % CLASSES[s] + (b / CLASSES[s] * SIZE[s] + m) * DILATION[s] >= DILATION[s] && OFFSET[s] + b % CLASSES[s] + (b / CLASSES[s] * SIZE[s] + m) * DILATION[s] < COLUMNS[s] + DILATION[s]) { // when
              column[j][OFFSET[s] + b % CLASSES[s] + (b / CLASSES[s] * SIZE[s] + m) * DILATION[s] - DILATION[s]] += made[m];
            }
          }
        }
      }
    }

    if (FROM[s] > 0u) { // when
      workgroupBarrier();
    }
    for (var j = 0u; j < HOLD; j++) { // unroll
      for (var o = 0u; o < COLUMNS[s]; o++) { // unroll
        if (s + 1u == STAGES && o >= SKIP_FIRST && o < SKIP_FIRST + SKIPS) { // when
          var entry = vec4f();
          for (var side = 0u; side < SKIP_SIDES; side++) { // unroll
            entry += edges[edge_base + row[(side * SKIP_RUN + o - SKIP_FIRST) * PAIRS + slot + j * SLOTS] * QUADS];
          }
          column[j][o] += rectified4(entry);
        }
        column[j][o] = rectified4(column[j][o]);
      }
      if (s + 1u < STAGES) { // when
        for (var o = 0u; o < COLUMNS[s]; o++) { // unroll
          if (place < QUADS) {
            kept[slot + j * SLOTS][o * QUADS + quad] = column[j][o];
          }
        }
      }
      if (s + 1u == STAGES) { // when
        for (var v = 0u; v < WINDOWS; v++) { // unroll
          var sum = vec4f();
          for (var o = 0u; o < COLUMNS[s]; o++) { // unroll
            if (o + POOL_OFFSET >= v * POOL && o + POOL_OFFSET < v * POOL + POOL) { // when
              sum += column[j][o];
            }
          }
          if (place < QUADS) {
            kept[slot + j * SLOTS][v * QUADS + quad] = sum / f32(POOL);
          }
        }
      }
    }
    workgroupBarrier();
  }

  // The dense layer on the pooled windows, and the contribution of every hidden unit to the output.
  let dense_base = group.z * params.dense_w_pitch / 4u;
  let dense_first = local / DENSE_LANES * DENSE_PAIRS;
  for (var start = 0u; start < HIDDEN; start += DENSE_LANES) {
    let h = min(start + local % DENSE_LANES, HIDDEN - 1u);
    var unit: array<vec4f, DENSE_PAIRS>; // scalars
    for (var p = 0u; p < DENSE_PAIRS; p++) { // unroll
      unit[p] = constants[constant_base + LAYERS * QUADS + h];
      for (var d = 0u; d < DENSE_EDGES; d++) { // unroll
        unit[p] += dense_edges[group.z * params.dense_edges_pitch / 4u + (block_row * params.dense_rows + row[(EDGES + d) * PAIRS + min(dense_first + p, PAIRS - 1u)]) * HIDDEN + h];
      }
    }
    if (local < DENSE_LANES * DENSE_GROUPS) {
      for (var i = 0u; i < WINDOWS * QUADS; i++) {
        var w: array<vec4f, FOUR>; // scalars
        for (var r = 0u; r < FOUR; r++) { // unroll
          w[r] = dense_w[dense_base + (4u * i + r) * HIDDEN + h];
        }
        for (var p = 0u; p < DENSE_PAIRS; p++) { // unroll
          let mean = kept[dense_first + p][i];
          for (var r = 0u; r < FOUR; r++) { // unroll
            unit[p] = fma(vec4f(mean[r]), w[r], unit[p]);
          }
        }
      }
      if (start + local % DENSE_LANES < HIDDEN) {
        let out_w = constants[constant_base + LAYERS * QUADS + HIDDEN + h];
        for (var p = 0u; p < DENSE_PAIRS; p++) { // unroll
          contribution[(dense_first + p) * HIDDEN + h] = summed(rectified4(unit[p]) * out_w);
        }
      }
    }
  }
  workgroupBarrier();
  if (local < PAIRS && first + local < params.patterns && background < params.backgrounds) {
    var prediction = constants[constant_base + LAYERS * QUADS + 2u * HIDDEN].x;
    for (var h = 0u; h < HIDDEN; h++) {
      prediction += contribution[local * HIDDEN + h];
    }
    if (SIGMOID == 1u) { // when
      prediction = 1.0 / (1.0 + exp(-prediction));
    }
    predictions[group.z * params.predictions_pitch + background * params.patterns + first + local] = prediction;
  }
}
