// Gradient of the first convolution with respect to its kernel, split over records (sequences);
// sum_partials.wgsl adds the splits. partial[split, e, tap, base, o] = sum of dy[row, o] over the rows of the
// split's records whose code at (row + tap - centre) is base.
//
//   codes [E or 1, rows] u32, dy [E, rows, outputs], partial [splits, E, taps, 4, outputs]
//
// One thread per output holds all four bases of TAPS taps and reads RUN positions at a time: each dy once,
// each code once for all taps. Grid: x over outputs, y over (block of taps, split), z = model.
const LANES = 32u;
const RUN = 8u; // tile
const TAPS = 11u; // tile
// RUN + TAPS - 1
const WINDOW = 18u; // tile

struct Params {
  rows: u32,
  length: u32,
  outputs: u32,
  taps: u32,
  records_per_split: u32,
  models: u32,
  codes_pitch: u32,
  dy_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let outputs = params.outputs;
  let length = params.length;
  let output = group.x * LANES + local;
  if (output >= outputs) {
    return;
  }
  let blocks = (params.taps + TAPS - 1u) / TAPS;
  let first_tap = group.y % blocks * TAPS;
  let split = group.y / blocks;
  let first_record = split * params.records_per_split;
  let last_record = min(params.rows / length, first_record + params.records_per_split);
  var code: array<u32, WINDOW>; // scalars
  var a: array<f32, TAPS>; // scalars
  var c: array<f32, TAPS>; // scalars
  var g: array<f32, TAPS>; // scalars
  var u: array<f32, TAPS>; // scalars
  for (var record = first_record; record < last_record; record++) {
    let codes_start = group.z * params.codes_pitch + record * length;
    let dy_start = group.z * params.dy_pitch + record * length * outputs + output;
    for (var start = 0u; start < length; start += RUN) {
      for (var j = 0u; j < WINDOW; j++) { // unroll
        // Positions before the sequence wrap around to large numbers and fail the test, like those after it.
        let position = start + j + first_tap - params.taps / 2u;
        code[j] = select(4u, codes[codes_start + min(position, length - 1u)], position < length);
      }
      for (var r = 0u; r < RUN; r++) { // unroll
        let position = start + r;
        let value = select(0.0, dy[dy_start + min(position, length - 1u) * outputs], position < length);
        for (var t = 0u; t < TAPS; t++) { // unroll
          a[t] += select(0.0, value, code[r + t] == 0u);
          c[t] += select(0.0, value, code[r + t] == 1u);
          g[t] += select(0.0, value, code[r + t] == 2u);
          u[t] += select(0.0, value, code[r + t] == 3u);
        }
      }
    }
  }
  for (var t = 0u; t < TAPS; t++) { // unroll
    let tap = first_tap + t;
    if (tap < params.taps) {
      let base = (((split * params.models + group.z) * params.taps + tap) * 4u) * outputs + output;
      partial[base] = a[t];
      partial[base + outputs] = c[t];
      partial[base + 2u * outputs] = g[t];
      partial[base + 3u * outputs] = u[t];
    }
  }
}
