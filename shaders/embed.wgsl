// Embeds patterns in backgrounds: row r of the chunk is pair control.pair + r of the (background, pattern)
// grid, pattern fastest. Rows beyond the last pair repeat it.
//
//   overlays [patterns, length] (4 = keep the background) and sequences [backgrounds, length], u8 four to a
//   word -> codes [chunk, length] u32; count = chunk * length. One thread per position. Grid: flat.
//! include "flat"
//! include "control"

struct Params {
  count: u32,
  length: u32,
  patterns: u32,
  backgrounds: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> overlays: array<u32>;
@group(0) @binding(3) var<storage, read> sequences: array<u32>;
@group(0) @binding(4) var<storage, read_write> codes: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let pair = min(control.pair + i / params.length, params.patterns * params.backgrounds - 1u);
  let position = i % params.length;
  let written = pair % params.patterns * params.length + position;
  let pattern = (overlays[written / 4u] >> (written % 4u * 8u)) & 0xffu;
  let at = pair / params.patterns * params.length + position;
  let kept = (sequences[at / 4u] >> (at % 4u * 8u)) & 0xffu;
  codes[i] = select(pattern, kept, pattern == 4u);
}
