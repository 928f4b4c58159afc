// The run of a stage of a sweep, where every pattern differs. For each (background, pattern) of the chunk it
// computes the columns of the run from the products of the run before and the edges that patterns share. It
// writes them evaluated for the next stage's products (minimal filtering; src/kernels/sweep/filtering.ts) or,
// in the last stage, as means over the windows of the pool.
//
//   products [E, BLOCKS, rows] of POINTS vectors, by q_stride and row_stride (BLOCKS 0: no run before); bias
//   [E, channels] (BIAS); edges [E, block, edge_rows, channels] with the row of every pattern in edge_index
//   [LEFT + RIGHT, patterns]; skip_edges and skip_index likewise, of the first stage's run (SKIPS columns
//   from SKIP_FIRST) -> y [E, points, NEXT_BLOCKS, rows, channels], or with POOL [E, rows, WINDOWS, channels]
//
// Block b holds columns b % CLASSES + (b / CLASSES * SIZE + 0, 1, ...) * DILATION of the run before; its
// result m is added to column OFFSET + b % CLASSES + (b / CLASSES * SIZE + m) * DILATION - BACK, if there is
// one. Blocks of single columns (SIZE 1) have a point for each tap, of any odd number of taps. Other sizes
// have three taps.
//
// Rows are (background, pattern) of the chunk, pattern fastest; lanes run along channels. Grid: flat over
// rows, ROWS per workgroup, z = model. Patterns and backgrounds are held below their counts, so that a last
// chunk repeats its last row.
//! include "control"
//! include "flat"
//! include "rectified"

// Threads that share a row, and rows per workgroup.
const LANES = 32u; // tile
const ROWS = 2u; // tile
const THREADS = LANES * ROWS;
const COLUMNS = 8u; // tile
const LEFT = 2u; // tile
const RIGHT = 2u; // tile
const EDGES = 4u; // tile
const BIAS = 1u; // tile
const BLOCKS = 2u; // tile
const CLASSES = 1u; // tile
const SIZE = 3u; // tile
const POINTS = 5u; // tile
const DILATION = 1u; // tile
// Where the first tap of column 0 of the run before meets this run is OFFSET or - BACK; the other one is 0.
const OFFSET = 0u; // tile
const BACK = 0u; // tile
const NEXT_BLOCKS = 2u; // tile
const NEXT_CLASSES = 2u; // tile
const NEXT_SIZE = 4u; // tile
const NEXT_DILATION = 2u; // tile
// Last stage only: positions per window, positions from one window to the next, number of windows, and the
// place of column 0 in the first window.
const POOL = 0u; // tile
const STRIDE = 0u; // tile
const WINDOWS = 0u; // tile
const POOL_OFFSET = 0u; // tile
const SKIPS = 0u; // tile
const SKIP_FIRST = 0u; // tile
// The column of the first stage's run that is added to column SKIP_FIRST.
const SKIP_FROM = 0u; // tile
// A column of the first stage's run has 2 edges, or 1 if the slot has one letter: SKIP_EDGES =
// SKIP_RUN * SKIP_SIDES.
const SKIP_RUN = 0u; // tile
const SKIP_SIDES = 0u; // tile
const SKIP_EDGES = 0u; // tile

struct Params {
  rows: u32,
  patterns: u32,
  chunk_patterns: u32,
  backgrounds: u32,
  channels: u32,
  edge_rows: u32,
  skip_edge_rows: u32,
  q_stride: u32,
  row_stride: u32,
  products_pitch: u32,
  bias_pitch: u32,
  edges_pitch: u32,
  skip_edges_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> products: array<f32>; // when BLOCKS > 0u
@group(0) @binding(3) var<storage, read> bias: array<f32>; // when BIAS == 1u
@group(0) @binding(4) var<storage, read> edges: array<f32>; // when EDGES > 0u
@group(0) @binding(5) var<storage, read> edge_index: array<u32>; // when EDGES > 0u
@group(0) @binding(6) var<storage, read> skip_edges: array<f32>; // when SKIPS > 0u
@group(0) @binding(7) var<storage, read> skip_index: array<u32>; // when SKIPS > 0u
@group(0) @binding(8) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = flat_index(group, groups, 0u, 1u) * ROWS + local / LANES;
  if (row >= params.rows) {
    return;
  }
  let pattern = min(control.pattern + row % params.chunk_patterns, params.patterns - 1u);
  let background = min(control.block_background + row / params.chunk_patterns, params.backgrounds - 1u);
  var edge: array<u32, EDGES>; // scalars
  var skipped: array<u32, SKIP_EDGES>; // scalars
  for (var e = 0u; e < EDGES; e++) { // unroll
    let vector = background * params.edge_rows + edge_index[e * params.patterns + pattern];
    edge[e] = group.z * params.edges_pitch + vector * params.channels;
  }
  for (var e = 0u; e < SKIP_EDGES; e++) { // unroll
    let vector = background * params.skip_edge_rows + skip_index[e * params.patterns + pattern];
    skipped[e] = group.z * params.skip_edges_pitch + vector * params.channels;
  }
  let source = group.z * params.products_pitch + row * params.row_stride;
  let block_stride = params.rows * params.row_stride;
  let point_stride = NEXT_BLOCKS * params.rows * params.channels;

  for (var c = local % LANES; c < params.channels; c += LANES) {
    var column: array<f32, COLUMNS>; // scalars
    var start = 0.0;
    if (BIAS == 1u) { // when
      start = bias[group.z * params.bias_pitch + c];
    }
    for (var o = 0u; o < COLUMNS; o++) { // unroll
      column[o] = start;
      if (o < LEFT) { // when
        column[o] += edges[edge[o] + c];
      }
      if (o + RIGHT >= COLUMNS) { // when
        column[o] += edges[edge[LEFT + o + RIGHT - COLUMNS] + c];
      }
    }
    for (var b = 0u; b < BLOCKS; b++) { // unroll
      var product: array<f32, POINTS>; // scalars
      var made: array<f32, POINTS>; // scalars
      for (var q = 0u; q < POINTS; q++) { // unroll
        product[q] = products[source + b * block_stride + q * params.q_stride + c];
      }
      // Interpolation gives the coefficients of the product polynomial.
      if (SIZE == 1u) { // when
        for (var m = 0u; m < POINTS; m++) { // unroll
          made[m] = product[POINTS - 1u - m];
        }
      }
      if (SIZE == 2u) { // when
        made[0u] = -product[0u];
        made[1u] = product[1u] - product[2u] - product[3u];
        made[2u] = product[0u] + (product[1u] + product[2u]);
        made[3u] = product[3u];
      }
      if (SIZE == 3u) { // when
        made[0u] = -0.5 * product[0u];
        made[1u] = 0.5 * (product[1u] - product[2u] - product[4u]) - product[0u] - product[3u];
        made[2u] = 0.5 * (product[0u] - product[2u]) + 1.5 * product[1u] - product[4u];
        made[3u] = product[0u] + (product[1u] + product[2u]) + product[3u] + 0.5 * product[4u];
        made[4u] = product[4u];
      }
      if (SIZE == 4u) { // when
        made[0u] = 4.0 * product[0u];
        made[1u] = 4.0 * (product[2u] - product[1u] + product[5u]) - 2.0 * (product[3u] - product[4u]);
        made[2u] = -5.0 * product[0u] - 4.0 * (product[1u] + product[2u]) - (product[3u] + product[4u]);
        made[3u] = (product[1u] - product[2u]) + 2.0 * (product[3u] - product[4u]) - 5.0 * product[5u];
        made[4u] = product[0u] + (product[1u] + product[2u]) + (product[3u] + product[4u]);
        made[5u] = product[5u];
      }
      for (var m = 0u; m < POINTS; m++) { // unroll
        if (OFFSET + b % CLASSES + (b / CLASSES * SIZE + m) * DILATION >= BACK && OFFSET + b % CLASSES + (b / CLASSES * SIZE + m) * DILATION < COLUMNS + BACK) { // when
          column[OFFSET + b % CLASSES + (b / CLASSES * SIZE + m) * DILATION - BACK] += made[m];
        }
      }
    }
    for (var o = 0u; o < COLUMNS; o++) { // unroll
      if (o >= SKIP_FIRST && o < SKIP_FIRST + SKIPS) { // when
        var entry = 0.0;
        for (var side = 0u; side < SKIP_SIDES; side++) { // unroll
          entry += skip_edges[skipped[side * SKIP_RUN + SKIP_FROM + o - SKIP_FIRST] + c];
        }
        column[o] += rectified(entry);
      }
      column[o] = rectified(column[o]);
    }

    if (POOL == 0u) { // when
      for (var b = 0u; b < NEXT_BLOCKS; b++) { // unroll
        let to = group.z * params.y_pitch + (b * params.rows + row) * params.channels + c;
        var x: array<f32, NEXT_SIZE>; // scalars
        for (var i = 0u; i < NEXT_SIZE; i++) { // unroll
          x[i] = 0.0;
          if (b % NEXT_CLASSES + (b / NEXT_CLASSES * NEXT_SIZE + i) * NEXT_DILATION < COLUMNS) { // when
            x[i] = column[b % NEXT_CLASSES + (b / NEXT_CLASSES * NEXT_SIZE + i) * NEXT_DILATION];
          }
        }
        // Evaluates at the points, in the order of their matrices.
        y[to] = x[0u];
        if (NEXT_SIZE == 2u) { // when
          y[to + point_stride] = x[0u] + x[1u];
          y[to + 2u * point_stride] = x[0u] - x[1u];
          y[to + 3u * point_stride] = x[1u];
        }
        if (NEXT_SIZE == 3u) { // when
          y[to + point_stride] = (x[0u] + x[2u]) + x[1u];
          y[to + 2u * point_stride] = (x[0u] + x[2u]) - x[1u];
          y[to + 3u * point_stride] = x[0u] - 0.5 * x[1u] + 0.25 * x[2u];
          y[to + 4u * point_stride] = x[2u];
        }
        if (NEXT_SIZE == 4u) { // when
          y[to + point_stride] = (x[0u] + x[2u]) + (x[1u] + x[3u]);
          y[to + 2u * point_stride] = (x[0u] + x[2u]) - (x[1u] + x[3u]);
          y[to + 3u * point_stride] = (x[0u] + 4.0 * x[2u]) + (2.0 * x[1u] + 8.0 * x[3u]);
          y[to + 4u * point_stride] = (x[0u] + 4.0 * x[2u]) - (2.0 * x[1u] + 8.0 * x[3u]);
          y[to + 5u * point_stride] = x[3u];
        }
      }
    }
    for (var w = 0u; w < WINDOWS; w++) { // unroll
      var sum = 0.0;
      for (var o = 0u; o < COLUMNS; o++) { // unroll
        if (o + POOL_OFFSET >= w * STRIDE && o + POOL_OFFSET < w * STRIDE + POOL) { // when
          sum += column[o];
        }
      }
      y[group.z * params.y_pitch + (row * WINDOWS + w) * params.channels + c] = sum / f32(POOL);
    }
  }
}
