// Network inputs on the straight path from a baseline to each sequence. Row r of the batch is point r %
// points of record r / points: x = (1 - t) baseline + t one-hot, exact at both ends. Where a sequence has no
// letter (pad or N), its baseline is zero too. Structure profiles are constant along the path.
//
//   codes [records, length] u32, t [points], baseline [length, 4], profile [records, length, channels - 4]
//   -> x [E, records * points, length, channels]; count = records * points * length * channels.
//   One thread per element. Grid: flat, z = model.
//! include "flat"

const PROFILE = 0u; // tile

struct Params {
  count: u32,
  length: u32,
  channels: u32,
  points: u32,
  x_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> t: array<f32>;
@group(0) @binding(3) var<storage, read> baseline: array<f32>;
@group(0) @binding(4) var<storage, read> profile: array<f32>; // when PROFILE == 1u
@group(0) @binding(5) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let channel = i % params.channels;
  let position = i / params.channels % params.length;
  let row = i / (params.channels * params.length);
  let at = row / params.points * params.length + position;
  let to = group.z * params.x_pitch + i;
  if (PROFILE == 1u) { // when
    if (channel >= 4u) {
      x[to] = profile[at * (params.channels - 4u) + channel - 4u];
      return;
    }
  }
  let code = codes[at];
  let start = select(0.0, baseline[position * 4u + channel], code < 4u);
  let end = select(0.0, 1.0, code == channel);
  let share = t[row % params.points];
  x[to] = (1.0 - share) * start + share * end;
}
