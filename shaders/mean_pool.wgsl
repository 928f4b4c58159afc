// Mean over windows of `size` positions, stride `size`, "valid": positions past the last whole window fall outside.
//
//   x [E, batch, length, channels] -> y [E, batch, windows, channels], windows = floor(length / size);
//   count = batch * windows * channels. One thread per result. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
  length: u32,
  channels: u32,
  size: u32,
  windows: u32,
  x_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let channel = i % params.channels;
  let window = i / params.channels % params.windows;
  let record = i / (params.channels * params.windows);
  let start = group.z * params.x_pitch + (record * params.length + window * params.size) * params.channels + channel;
  var sum = 0.0;
  for (var offset = 0u; offset < params.size; offset++) {
    sum += x[start + offset * params.channels];
  }
  y[group.z * params.y_pitch + i] = sum / f32(params.size);
}
