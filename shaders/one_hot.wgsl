// Base codes and structure profiles to one input tensor: channels 0-3 are the one-hot base (all zero for pads
// and N), the rest come from the profile.
//
//   codes [rows] u32, profile [rows, channels - 4] -> x [rows, channels]; count = rows * channels.
//   One thread per element. Grid: flat.
//! include "flat"

struct Params {
  count: u32,
  channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> profile: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let row = i / params.channels;
  let channel = i % params.channels;
  if (channel < 4u) {
    x[i] = select(0.0, 1.0, codes[row] == channel);
  } else {
    x[i] = profile[row * (params.channels - 4u) + channel - 4u];
  }
}
