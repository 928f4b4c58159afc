// Gradient of the mean pool: a position receives the sum of dy over the windows that hold it, divided by
// size; a position in no window receives 0.
//
//   dy [E, batch, windows, channels] -> dx [E, batch, length, channels]
//
// One thread per channel of a record. Grid: x over channels, y over records, z = model.
const LANES = 32u;

struct Params {
  length: u32,
  channels: u32,
  size: u32,
  stride: u32,
  windows: u32,
  dy_pitch: u32,
  dx_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = params.channels;
  let channel = group.x * LANES + local;
  if (channel >= channels) {
    return;
  }
  let from_dy = group.z * params.dy_pitch + group.y * params.windows * channels + channel;
  var to_dx = group.z * params.dx_pitch + group.y * params.length * channels + channel;
  // The windows that hold the position: from `first` to before `end`. Both move by at most one per position.
  var first = 0u;
  var end = 0u;
  for (var position = 0u; position < params.length; position++) {
    if (end < params.windows && position == end * params.stride) {
      end++;
    }
    if (position == first * params.stride + params.size) {
      first++;
    }
    var sum = 0.0;
    for (var window = first; window < end; window++) {
      sum += dy[from_dy + window * channels];
    }
    dx[to_dx] = sum / f32(params.size);
    to_dx += channels;
  }
}
