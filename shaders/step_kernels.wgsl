// Fused training step: gradients of kernels. Of the residual block's convolutions, all layers in one dispatch, split over
// records; of a dense layer, taken as one tap over runs of rows, at once.
//   dw[layer, tap, i, o] = sum over rows of x[row + (tap - centre) * dilation, i] * dy[row, o]
//
//   x [layers, E, runs, LENGTH, inputs], dy [layers, E, runs, LENGTH, outputs] of which `rows` of each model exist;
//   dilations [layers] -> dw at `to`: [splits, layers, E, taps, inputs, outputs] with the pitches given
//
// A thread owns four inputs by four outputs of every tap. Grid: x over tiles of 32 inputs by 32 outputs, y over splits,
// z over (layer, model).
const LENGTH = 41u; // tile
const TAPS = 3u; // tile
// Rows that the largest dilation reaches beyond a run; they stay zero.
const MARGIN = 4u; // tile
const FOUR = 4u; // tile
const LANES = 8u;
const THREADS = LANES * LANES;

struct Params {
  rows: u32,
  runs: u32,
  runs_per_split: u32,
  models: u32,
  input_quads: u32,
  output_quads: u32,
  to: u32,
  split_pitch: u32,
  matrix_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read> dilations: array<u32>;
@group(0) @binding(4) var<storage, read_write> dw: array<vec4f>;

var<workgroup> x_run: array<vec4f, (LENGTH + 2u * MARGIN) * LANES>;
var<workgroup> dy_run: array<vec4f, LENGTH * LANES>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let input_lane = local / LANES;
  let output_lane = local % LANES;
  let output_tiles = (params.output_quads + LANES - 1u) / LANES;
  let first_input = group.x / output_tiles * LANES;
  let first_output = group.x % output_tiles * LANES;
  let dilation = dilations[group.z / params.models];
  // What a thread stages, a column of either side.
  let input = first_input + output_lane;
  let output = first_output + output_lane;
  let first_run = group.y * params.runs_per_split;
  let last_run = min(params.runs, first_run + params.runs_per_split);
  var value: array<vec4f, TAPS>; // scalars
  var acc: array<array<vec4f, FOUR>, TAPS>; // scalars
  for (var run = first_run; run < last_run; run++) {
    workgroupBarrier();
    for (var position = input_lane; position < LENGTH; position += LANES) {
      let row = run * LENGTH + position;
      let source = group.z * params.rows + row;
      let exists = row < params.rows;
      x_run[(position + MARGIN) * LANES + output_lane] = select(vec4f(), x[source * params.input_quads + input], exists && input < params.input_quads);
      dy_run[position * LANES + output_lane] = select(vec4f(), dy[source * params.output_quads + output], exists && output < params.output_quads);
    }
    workgroupBarrier();
    for (var position = 0u; position < LENGTH; position++) {
      let gradient = dy_run[position * LANES + output_lane];
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        value[tap] = x_run[(position + MARGIN + tap * dilation - TAPS / 2u * dilation) * LANES + input_lane];
      }
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        for (var q = 0u; q < FOUR; q++) { // unroll
          acc[tap][q] = fma(vec4f(value[tap][q]), gradient, acc[tap][q]);
        }
      }
    }
  }
  let own_input = first_input + input_lane;
  if (own_input < params.input_quads && output < params.output_quads) {
    let to = params.to + group.y * params.split_pitch + group.z * params.matrix_pitch + output;
    for (var tap = 0u; tap < TAPS; tap++) { // unroll
      for (var q = 0u; q < FOUR; q++) { // unroll
        dw[to + ((tap * params.input_quads + own_input) * 4u + q) * params.output_quads] = acc[tap][q];
      }
    }
  }
}
