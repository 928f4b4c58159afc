// Gradient of conv_codes with respect to its kernel, split over records (sequences); sum_partials.wgsl adds the splits.
// partial[split, e, tap, base, o] = sum of dy[row, o] over the rows of the split's records whose code at (row + tap - centre) is base.
//
//   codes [E or 1, rows] u32, dy [E, rows, outputs], partial [splits, E, taps, 4, outputs]
//
// One thread per (tap, output) holds all four bases. Grid: x over outputs, y over (tap, split), z = model.
const LANES = 32u;

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
  let output = group.x * LANES + local;
  if (output >= params.outputs) {
    return;
  }
  let tap = group.y % params.taps;
  let split = group.y / params.taps;
  let shift = i32(tap) - i32(params.taps / 2u);
  let first_record = split * params.records_per_split;
  let last_record = min(params.rows / params.length, first_record + params.records_per_split);
  // Positions whose tap stays inside the sequence.
  let from_position = u32(max(0, -shift));
  let to_position = u32(max(0, i32(params.length) - max(0, shift)));
  var a = 0.0;
  var c = 0.0;
  var g = 0.0;
  var u = 0.0;
  for (var record = first_record; record < last_record; record++) {
    for (var position = from_position; position < to_position; position++) {
      let row = record * params.length + position;
      let code = codes[group.z * params.codes_pitch + u32(i32(row) + shift)];
      let value = dy[group.z * params.dy_pitch + row * params.outputs + output];
      a += select(0.0, value, code == 0u);
      c += select(0.0, value, code == 1u);
      g += select(0.0, value, code == 2u);
      u += select(0.0, value, code == 3u);
    }
  }
  let base = (((split * params.models + group.z) * params.taps + tap) * 4u) * params.outputs + output;
  partial[base] = a;
  partial[base + params.outputs] = c;
  partial[base + 2u * params.outputs] = g;
  partial[base + 3u * params.outputs] = u;
}
