// The structure profile of each pair's background, for sequences in which the background's profile is kept:
// row r of the chunk is pair control.pair + r of the (background, pattern) grid, pattern fastest. Rows beyond
// the last pair repeat it.
//
//   profiles [backgrounds, width] -> out [chunk, width]; count = chunk * width. One thread per number.
//   Grid: flat.
//! include "flat"
//! include "control"

struct Params {
  count: u32,
  width: u32,
  patterns: u32,
  backgrounds: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> profiles: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let background = min((control.pair + i / params.width) / params.patterns, params.backgrounds - 1u);
  out[i] = profiles[background * params.width + i % params.width];
}
