// Structure profiles: the probabilities of the contexts of every letter.
//
//   letters, inside, sums [4, length, batch] -> profile [batch, length, contexts]: paired and unpaired (2),
//   or paired, hairpin loop, interior loop, multiloop and exterior loop (5). They sum to 1. Padding has
//   zeros. A sequence whose partition function leaves the range of f32 has NaN. One thread per position and
//   sequence. Grid: flat.
//! include "flat"
//! include "fold"

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> letters: array<u32>;
@group(0) @binding(2) var<storage, read> inside: array<f32>;
@group(0) @binding(3) var<storage, read> sums: array<f32>;
@group(0) @binding(4) var<storage, read_write> profile: array<f32>;

const CONTEXTS = 5u; // tile

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let index = flat_index(group, groups, local, 64u);
  let batch = params.batch;
  if (index >= params.length * batch) {
    return;
  }
  let b = index % batch;
  let position = index / batch;
  let first = first_position(b);
  let count = letter_count(b);
  let row = ((params.first + b) * params.length + position) * CONTEXTS;
  let x = position - first;
  // Wraps around where the position lies before the first letter.
  if (x >= count) {
    for (var context = 0u; context < CONTEXTS; context++) {
      profile[row + context] = 0.0;
    }
    return;
  }
  let each = params.length * batch;
  let whole = inside[ends(0u, b) + count * batch];
  let paired = sums[x * batch + b];
  let multi = sums[3u * each + x * batch + b];
  let exterior = inside[ends(0u, b) + x * batch] * inside[ends(1u, b) + (x + 1u) * batch] / whole
    * exp2(log_scale(b));
  var hairpin = 0.0;
  for (var k = 0u; k <= x; k++) {
    let at = k * batch + b;
    if (k < x) {
      hairpin += sums[each + at];
    }
    hairpin -= sums[2u * each + at];
  }
  var failed = is_out_of_range(paired);
  failed |= is_out_of_range(multi);
  failed |= is_out_of_range(exterior);
  failed |= is_out_of_range(hairpin);
  failed |= is_out_of_range(1.0 / whole);
  if (failed) {
    // `count` makes this a run-time value: WGSL refuses a constant NaN.
    let nan = bitcast<f32>(0x7fc00000u | count);
    for (var context = 0u; context < CONTEXTS; context++) {
      profile[row + context] = nan;
    }
    return;
  }
  let p = clamp(paired, 0.0, 1.0);
  profile[row] = p;
  if (CONTEXTS == 2u) { // when
    profile[row + 1u] = 1.0 - p;
  }
  if (CONTEXTS == 5u) { // when
    let h = clamp(hairpin, 0.0, 1.0 - p);
    let m = clamp(multi, 0.0, 1.0 - p - h);
    let e = clamp(exterior, 0.0, 1.0 - p - h - m);
    profile[row + 1u] = h;
    profile[row + 2u] = 1.0 - p - h - m - e;
    profile[row + 3u] = m;
    profile[row + 4u] = e;
  }
}

/// Infinite or NaN, by its bits: WGSL lets drivers assume that arithmetic meets neither.
fn is_out_of_range(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u;
}
