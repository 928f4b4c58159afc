// Fused training step: gradients of kernels. One dispatch computes those of all convolutions of the residual
// block, split over records. Another computes that of a dense layer, which is a convolution of one tap over
// runs of rows.
//   dw[layer, tap, i, o] = sum over rows of x[row + (tap - centre) * dilation, i] * dy[row, o]
//
//   x [layers, E, runs, LENGTH, inputs], dy [layers, E, runs, LENGTH, outputs] of which `rows` of each model
//   exist; dilations [layers] -> dw at `to`: [splits, layers, E, taps, inputs, outputs] with the pitches
//   given
//
// In workgroup memory the positions of a run are sorted by their residue modulo the dilation, class after
// class, with a row of zeros between classes. So the taps of any dilation are neighbours, and a thread that
// goes down the rows reads each row of x once for three taps.
//
// A thread owns four inputs by GROUPS times four outputs of every tap. Grid: x over tiles of 32 inputs by
// TILE_QUADS quads of outputs, y over splits, z over (model, layer).
const LENGTH = 41u; // tile
const TAPS = 3u; // tile
const OUTPUT_LANES = 12u; // tile
const GROUPS = 2u; // tile
const MOST_DILATION = 4u; // tile
const FOUR = 4u; // fixed
const ROWS_A_TURN = 3u; // fixed
const INPUT_LANES = 8u;
const THREADS = INPUT_LANES * OUTPUT_LANES;
const TILE_QUADS = GROUPS * OUTPUT_LANES;
// Rows that an iteration may read beyond the last class stay zero, like those between classes.
const ROWS = LENGTH + MOST_DILATION + 4u;

struct Params {
  rows: u32,
  runs: u32,
  runs_per_split: u32,
  models: u32,
  layers: u32,
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

var<workgroup> x_run: array<vec4f, ROWS * INPUT_LANES>;
var<workgroup> dy_run: array<vec4f, ROWS * TILE_QUADS>;

// Row of a position: the classes of smaller residues, each with its row of zeros, come before it.
fn row_of(position: u32, dilation: u32) -> u32 {
  let residue = position % dilation;
  return 1u + residue * (LENGTH / dilation + 1u) + min(residue, LENGTH % dilation) + position / dilation;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let input_lane = local / OUTPUT_LANES;
  let output_lane = local % OUTPUT_LANES;
  let output_tiles = (params.output_quads + TILE_QUADS - 1u) / TILE_QUADS;
  let first_input = group.x / output_tiles * INPUT_LANES;
  let first_output = group.x % output_tiles * TILE_QUADS;
  let layer = group.z % params.layers;
  let matrix = layer * params.models + group.z / params.layers;
  let dilation = dilations[layer];
  let first_run = group.y * params.runs_per_split;
  let last_run = min(params.runs, first_run + params.runs_per_split);
  var value: array<vec4f, ROWS_A_TURN>; // scalars
  var gradient: array<vec4f, GROUPS>; // scalars
  var acc: array<array<array<vec4f, GROUPS>, FOUR>, TAPS>; // scalars
  for (var run = first_run; run < last_run; run++) {
    workgroupBarrier();
    let source = matrix * params.rows + run * LENGTH;
    let count = min(LENGTH, params.rows - run * LENGTH);
    for (var k = local; k < LENGTH * INPUT_LANES; k += THREADS) {
      let position = k / INPUT_LANES;
      let quad = first_input + k % INPUT_LANES;
      let exists = position < count && quad < params.input_quads;
      let four = x[(source + min(position, count - 1u)) * params.input_quads + min(quad, params.input_quads - 1u)];
      x_run[row_of(position, dilation) * INPUT_LANES + k % INPUT_LANES] = select(vec4f(), four, exists);
    }
    for (var k = local; k < LENGTH * TILE_QUADS; k += THREADS) {
      let position = k / TILE_QUADS;
      let quad = first_output + k % TILE_QUADS;
      let exists = position < count && quad < params.output_quads;
      let four = dy[(source + min(position, count - 1u)) * params.output_quads + min(quad, params.output_quads - 1u)];
      dy_run[row_of(position, dilation) * TILE_QUADS + k % TILE_QUADS] = select(vec4f(), four, exists);
    }
    workgroupBarrier();
    // The row before an iteration, and its first row.
    value[0u] = vec4f();
    value[1u] = x_run[INPUT_LANES + input_lane];
    for (var row = 1u; row < LENGTH + dilation; row += ROWS_A_TURN) {
      for (var s = 0u; s < ROWS_A_TURN; s++) { // unroll
        value[(s + 2u) % 3u] = x_run[(row + s + 1u) * INPUT_LANES + input_lane];
        for (var g = 0u; g < GROUPS; g++) { // unroll
          gradient[g] = dy_run[(row + s) * TILE_QUADS + g * OUTPUT_LANES + output_lane];
        }
        for (var tap = 0u; tap < TAPS; tap++) { // unroll
          for (var q = 0u; q < FOUR; q++) { // unroll
            for (var g = 0u; g < GROUPS; g++) { // unroll
              // A single tap is the middle one.
              acc[tap][q][g] = fma(vec4f(value[(s + tap + 1u - TAPS / 2u) % 3u][q]), gradient[g], acc[tap][q][g]);
            }
          }
        }
      }
    }
  }
  let input = first_input + input_lane;
  for (var g = 0u; g < GROUPS; g++) { // unroll
    let output = first_output + g * OUTPUT_LANES + output_lane;
    if (input < params.input_quads && output < params.output_quads) {
      let to = params.to + group.y * params.split_pitch + matrix * params.matrix_pitch + output;
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        for (var q = 0u; q < FOUR; q++) { // unroll
          dw[to + ((tap * params.input_quads + input) * 4u + q) * params.output_quads] = acc[tap][q][g];
        }
      }
    }
  }
}
