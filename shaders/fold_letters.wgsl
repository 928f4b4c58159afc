// Prepares the folding of a batch: where each sequence begins and ends, its letters, and its scale.
//
//   codes [batch, length] (4: N or padding) -> letters [length + 6, batch], as shaders/lib/fold.wgsl has
//   them. Padding is what stands before the first letter and behind the last. One thread per sequence.
//   Grid: flat.
//! include "flat"

struct Params {
  length: u32,
  batch: u32,
  // Sequences before this batch.
  first: u32,
  // ln of the scale per letter: a part that all have, and one times the squared share of G and C.
  per_letter: f32,
  per_gc: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read_write> letters: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = flat_index(group, groups, local, 64u);
  if (b >= params.batch) {
    return;
  }
  let row = (params.first + b) * params.length;
  var first = params.length;
  var end = 0u;
  var gc = 0u;
  for (var k = 0u; k < params.length; k++) {
    let code = codes[row + k];
    if (code < 4u) {
      first = min(first, k);
      end = k + 1u;
      gc += (code ^ (code >> 1u)) & 1u;
    }
  }
  let count = end - min(first, end);
  letters[b] = 5u;
  for (var k = 0u; k <= params.length; k++) {
    var code = 5u;
    if (k < count) {
      code = min(codes[row + first + k], 4u);
    }
    letters[(k + 1u) * params.batch + b] = code;
  }
  letters[(params.length + 2u) * params.batch + b] = count;
  letters[(params.length + 3u) * params.batch + b] = first;
  let share = f32(gc) / f32(max(count, 1u));
  let scale = params.per_letter + params.per_gc * share * share;
  letters[(params.length + 4u) * params.batch + b] = bitcast<u32>(-scale * 1.4426950408889634);
  letters[(params.length + 5u) * params.batch + b] = 0u;
}
