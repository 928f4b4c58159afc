// The end of a sweep's chunk: adds the dense sums of windows computed per pattern (x) and of windows that
// patterns share (edges), and computes the prediction.
//
//   x [E, rows, hidden] (X), edges [E, block, edge_rows, hidden] with the row of every pattern in edge_index
//   [EDGES, patterns], bias [E, hidden], out_w [E, hidden, OUTPUTS], out_bias [E, OUTPUTS]
//   -> predictions [E * OUTPUTS, block, patterns]
//
// Rows as in sweep_run.wgsl. A workgroup takes one row, its lanes run along the hidden units and are added up
// in a fixed order. Grid: flat over rows, z = model * OUTPUTS + output.
//! include "control"
//! include "flat"
//! include "rectified"

const LANES = 32u;
const X = 1u; // tile
const EDGES = 2u; // tile
const OUTPUTS = 1u; // tile
const SIGMOID = 0u; // tile

struct Params {
  rows: u32,
  patterns: u32,
  chunk_patterns: u32,
  backgrounds: u32,
  hidden: u32,
  edge_rows: u32,
  x_pitch: u32,
  edges_pitch: u32,
  bias_pitch: u32,
  out_w_pitch: u32,
  out_bias_pitch: u32,
  predictions_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> x: array<f32>; // when X == 1u
@group(0) @binding(3) var<storage, read> edges: array<f32>; // when EDGES > 0u
@group(0) @binding(4) var<storage, read> edge_index: array<u32>; // when EDGES > 0u
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> out_w: array<f32>;
@group(0) @binding(7) var<storage, read> out_bias: array<f32>;
@group(0) @binding(8) var<storage, read_write> predictions: array<f32>;

var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let row = flat_index(group, groups, 0u, 1u);
  if (row >= params.rows) {
    return;
  }
  let model = group.z / OUTPUTS;
  let output = group.z % OUTPUTS;
  let pattern = control.pattern + row % params.chunk_patterns;
  let background = control.block_background + row / params.chunk_patterns;
  var edge: array<u32, EDGES>; // scalars
  for (var e = 0u; e < EDGES; e++) { // unroll
    let vector = min(background, params.backgrounds - 1u) * params.edge_rows + edge_index[e * params.patterns + min(pattern, params.patterns - 1u)];
    edge[e] = model * params.edges_pitch + vector * params.hidden;
  }
  var sum = 0.0;
  for (var h = local; h < params.hidden; h += LANES) {
    var unit = bias[model * params.bias_pitch + h];
    if (X == 1u) { // when
      unit += x[model * params.x_pitch + row * params.hidden + h];
    }
    for (var e = 0u; e < EDGES; e++) { // unroll
      unit += edges[edge[e] + h];
    }
    sum = fma(rectified(unit), out_w[model * params.out_w_pitch + h * OUTPUTS + output], sum);
  }
  sums[local] = sum;
  workgroupBarrier();
  if (local == 0u && pattern < params.patterns && background < params.backgrounds) {
    var prediction = out_bias[model * params.out_bias_pitch + output];
    for (var i = 0u; i < LANES; i++) {
      prediction += sums[i];
    }
    if (SIGMOID == 1u) { // when
      prediction = 1.0 / (1.0 + exp(-prediction));
    }
    predictions[group.z * params.predictions_pitch + background * params.patterns + pattern] = prediction;
  }
}
