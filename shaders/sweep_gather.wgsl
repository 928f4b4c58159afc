// The vectors that patterns of a sweep share, as sums of vectors computed before. The first shared_rows of
// the plan's list are written with the options BIAS and RELU applied. The rest, the edges, are written
// without.
//
//   sources [shared_rows + edge_rows, SOURCES + SKIP] u32, NONE adds nothing; x: vectors of `channels`,
//   x_rows apart from one background to the next, their sum times `scale`; skip
//   [E, block, skip_rows, channels]; bias [E, channels] -> y [E, shared_rows / group_rows, block, group_rows,
//   channels], and edge_rows vectors from row edge_first of edges [E, block, edge_stride, channels]
//
// A workgroup takes ROWS vectors at a time: x over rows, y over the block's backgrounds, z = model.
//! include "rectified"
// Threads that share a vector, and vectors of a workgroup.
const LANES = 32u; // tile
const ROWS = 2u; // tile
const THREADS = LANES * ROWS;
const SOURCES = 3u; // tile
// Where there are many sources, a loop that stays one adds them.
const MANY = 0u; // tile
const KEPT = 3u; // tile
const SKIP = 0u; // tile
const BIAS = 0u; // tile
const RELU = 0u; // tile
const SHARED = 1u; // tile
const EDGES = 1u; // tile
const NONE = 0xffffffffu;

// Results that were computed in f16 may be stored in f16.
alias X = f32; // stores x
alias Skipped = f32; // stores skip
alias Y = f32; // stores y
alias Edge = f32; // stores edges

struct Params {
  shared_rows: u32,
  group_rows: u32,
  edge_rows: u32,
  edge_first: u32,
  edge_stride: u32,
  x_rows: u32,
  skip_rows: u32,
  channels: u32,
  block: u32,
  scale: f32,
  x_pitch: u32,
  skip_pitch: u32,
  bias_pitch: u32,
  y_pitch: u32,
  edges_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sources: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<X>;
@group(0) @binding(3) var<storage, read> skip: array<Skipped>; // when SKIP == 1u
@group(0) @binding(4) var<storage, read> bias: array<f32>; // when BIAS == 1u
@group(0) @binding(5) var<storage, read_write> y: array<Y>; // when SHARED == 1u
@group(0) @binding(6) var<storage, read_write> edges: array<Edge>; // when EDGES == 1u

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  for (var row = group.x * ROWS + local / LANES; row < params.shared_rows + params.edge_rows; row += groups.x * ROWS) {
    var at: array<u32, KEPT>; // scalars
    var there: array<bool, KEPT>; // scalars
    for (var s = 0u; s < KEPT; s++) { // unroll
      let vector = sources[row * (SOURCES + SKIP) + s];
      there[s] = vector != NONE;
      at[s] = group.z * params.x_pitch + (group.y * params.x_rows + select(0u, vector, there[s])) * params.channels;
    }
    var skip_at = 0u;
    var skips = false;
    if (SKIP == 1u) { // when
      let vector = sources[row * (SOURCES + SKIP) + SOURCES];
      skips = vector != NONE;
      skip_at = group.z * params.skip_pitch + (group.y * params.skip_rows + select(0u, vector, skips)) * params.channels;
    }
    for (var c = local % LANES; c < params.channels; c += LANES) {
      var sum = 0.0;
      if (MANY == 1u) { // when
        for (var s = 0u; s < SOURCES; s++) {
          let vector = sources[row * (SOURCES + SKIP) + s];
          if (vector != NONE) {
            sum += f32(x[group.z * params.x_pitch + (group.y * params.x_rows + vector) * params.channels + c]);
          }
        }
      }
      for (var s = 0u; s < KEPT; s++) { // unroll
        sum += select(0.0, f32(x[at[s] + c]), there[s]);
      }
      sum *= params.scale;
      if (SKIP == 1u) { // when
        sum += select(0.0, f32(skip[skip_at + c]), skips);
      }
      if (EDGES == 1u) { // when
        if (row >= params.shared_rows) {
          let to = (group.y * params.edge_stride + params.edge_first + row - params.shared_rows) * params.channels + c;
          edges[group.z * params.edges_pitch + to] = Edge(sum);
        }
      }
      if (SHARED == 1u) { // when
        if (row < params.shared_rows) {
          if (BIAS == 1u) { // when
            sum += bias[group.z * params.bias_pitch + c];
          }
          if (RELU == 1u) { // when
            sum = rectified(sum);
          }
          let rows = params.group_rows;
          let to = (row / rows * params.block + group.y) * rows + row % rows;
          y[group.z * params.y_pitch + to * params.channels + c] = Y(sum);
        }
      }
    }
  }
}
