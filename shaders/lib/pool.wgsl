// A pool over windows of `size` positions, `stride` apart, "valid": positions past the last whole window fall
// outside. `pooled`, a function of the file that includes this, takes the first element of a window.
//
//   x [E, batch, length, channels] -> y [E, batch, windows, channels], windows =
//   floor((length - size) / stride) + 1
//
// One thread per channel of a record. Grid: x over channels, y over records, z = model.
const LANES = 32u;

struct Params {
  length: u32,
  channels: u32,
  size: u32,
  stride: u32,
  windows: u32,
  x_pitch: u32,
  y_pitch: u32,
}

alias X = f32; // stores x
alias Y = f32; // stores y

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<X>;
@group(0) @binding(2) var<storage, read_write> y: array<Y>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = params.channels;
  let channel = group.x * LANES + local;
  if (channel >= channels) {
    return;
  }
  var window_start = group.z * params.x_pitch + group.y * params.length * channels + channel;
  var to_y = group.z * params.y_pitch + group.y * params.windows * channels + channel;
  for (var window = 0u; window < params.windows; window++) {
    y[to_y] = Y(pooled(window_start));
    to_y += channels;
    window_start += params.stride * channels;
  }
}
