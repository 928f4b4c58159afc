// Chooses a new scale for sequences whose partition function leaves the range of f32, from the number of
// letters at which it does, or is far from 1; the others are settled.
//
//   inside, letters -> letters, as shaders/lib/fold.wgsl describes them. One thread per sequence. Grid: flat.
//! include "flat"
//! include "fold"

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> letters: array<u32>;
@group(0) @binding(2) var<storage, read> inside: array<f32>;

// log2 by which a partition function beyond the range is moved, towards 1.
const STEP = 100.0;
// The largest |log2| of the whole partition function: its parts lie around it.
const FAR = 30;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let b = flat_index(group, groups, local, 64u);
  if (b >= params.batch) {
    return;
  }
  let count = letter_count(b);
  let head = ends(0u, b);
  var change = 0.0;
  for (var k = 1u; k <= count; k++) {
    // By its bits: WGSL lets drivers assume that arithmetic meets no infinity.
    let exponent = (bitcast<u32>(inside[head + k * params.batch]) >> 23u) & 255u;
    if (exponent == 255u) {
      change = -STEP / f32(k);
      break;
    }
    if (exponent == 0u) {
      change = STEP / f32(k);
      break;
    }
  }
  let whole = i32((bitcast<u32>(inside[head + count * params.batch]) >> 23u) & 255u) - 127;
  if (change == 0.0) {
    if (abs(whole) > FAR) {
      change = -f32(whole) / f32(count);
    } else {
      letters[(params.length + 5u) * params.batch + b] = 1u;
    }
  }
  letters[(params.length + 4u) * params.batch + b] = bitcast<u32>(log_scale(b) + change);
}
