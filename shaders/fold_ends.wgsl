// Partition functions of the first k letters of each sequence, and of the letters from k on.
//
//   letters, inside -> the end of inside, as shaders/lib/fold.wgsl describes them. One thread per sequence.
//   Grid: flat.
//! include "flat"
//! include "fold"

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> letters: array<u32>;
@group(0) @binding(2) var<storage, read_write> inside: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = flat_index(group, groups, local, 64u);
  let batch = params.batch;
  if (b >= batch) {
    return;
  }
  if (is_settled(b)) {
    return;
  }
  let count = letter_count(b);
  let scale = exp2(log_scale(b));
  let head = ends(0u, b);
  let tail = ends(1u, b);
  inside[head] = 1.0;
  for (var j = 0u; j < count; j++) {
    var sum = inside[head + j * batch] * scale;
    for (var i = 0u; i + SHORTEST <= j; i++) {
      sum += inside[head + i * batch] * inside[diagonal(OUTER, j - i, b) + i * batch];
    }
    inside[head + (j + 1u) * batch] = sum;
  }
  inside[tail + count * batch] = 1.0;
  for (var i = count; i > 0u; i--) {
    var sum = inside[tail + i * batch] * scale;
    for (var j = i - 1u + SHORTEST; j < count; j++) {
      sum += inside[tail + (j + 1u) * batch] * inside[diagonal(OUTER, j - i + 1u, b) + (i - 1u) * batch];
    }
    inside[tail + (i - 1u) * batch] = sum;
  }
}
