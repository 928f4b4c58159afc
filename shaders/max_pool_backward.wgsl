// Gradient of the max pool: the first greatest position of a window receives its dy. Windows that overlap add
// up, in ascending order; a position that is no window's greatest receives 0.
//
//   x [E, batch, length, channels], dy [E, batch, windows, channels] -> dx [E, batch, length, channels]
//
// One thread per channel of a record, so no two threads write one element. Grid: x over channels, y over
// records, z = model.
//! include "greater"
const LANES = 32u;

struct Params {
  length: u32,
  channels: u32,
  size: u32,
  stride: u32,
  windows: u32,
  x_pitch: u32,
  dy_pitch: u32,
  dx_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = params.channels;
  let channel = group.x * LANES + local;
  if (channel >= channels) {
    return;
  }
  let record = group.y * params.length * channels + channel;
  let from_x = group.z * params.x_pitch + record;
  let to_dx = group.z * params.dx_pitch + record;
  for (var position = 0u; position < params.length; position++) {
    dx[to_dx + position * channels] = 0.0;
  }
  var from_dy = group.z * params.dy_pitch + group.y * params.windows * channels + channel;
  for (var window = 0u; window < params.windows; window++) {
    let start = window * params.stride;
    var best = start;
    var greatest = x[from_x + start * channels];
    for (var position = start + 1u; position < start + params.size; position++) {
      let value = x[from_x + position * channels];
      if (is_greater(value, greatest)) {
        greatest = value;
        best = position;
      }
    }
    dx[to_dx + best * channels] += dy[from_dy];
    from_dy += channels;
  }
}
