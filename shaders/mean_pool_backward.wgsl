// Gradient of the mean pool: every position of a window receives dy / size; positions outside any window receive 0.
//
//   dy [E, batch, windows, channels] -> dx [E, batch, length, channels]; count = batch * length * channels.
//   One thread per element of dx. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let channel = i % params.channels;
  let window = i / params.channels % params.length / params.size;
  let record = i / (params.channels * params.length);
  let inside = window < params.windows;
  let source = select(0u, (record * params.windows + window) * params.channels + channel, inside);
  dx[group.z * params.dx_pitch + i] = select(0.0, dy[group.z * params.dy_pitch + source] / f32(params.size), inside);
}
