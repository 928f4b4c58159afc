// Gradient of the mean pool: every position of a window receives dy / size; positions outside any window receive 0.
//
//   dy [E, batch, windows, channels] -> dx [E, batch, length, channels]
//
// One thread per channel of a record. Grid: x over channels, y over records, z = model.
const LANES = 32u;

struct Params {
  length: u32,
  channels: u32,
  size: u32,
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
  var from_dy = group.z * params.dy_pitch + group.y * params.windows * channels + channel;
  var to_dx = group.z * params.dx_pitch + group.y * params.length * channels + channel;
  for (var window = 0u; window < params.windows; window++) {
    let share = dy[from_dy] / f32(params.size);
    from_dy += channels;
    for (var offset = 0u; offset < params.size; offset++) {
      dx[to_dx] = share;
      to_dx += channels;
    }
  }
  for (var position = params.windows * params.size; position < params.length; position++) {
    dx[to_dx] = 0.0;
    to_dx += channels;
  }
}
