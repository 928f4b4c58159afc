// The terms of Pearson's correlation, in two passes to avoid cancellation: first the means, then the centred
// sums, from which the error of the rounded means is subtracted.
//
//   x [E, outputs, count], y [E or 1, count, outputs] -> out [E, outputs, 6] = (mean x, mean y, Sxx, Syy,
//   Sxy, n). A y of NaN is missing: its pair is left out. One workgroup of 64 threads per output. Grid: y =
//   output, z = model.
//
// If all values of a side are equal, its sums are exactly 0. The rounded mean alone would give them a
// variance.
//! include "nan"
//! include "reduce"

struct Params {
  count: u32,
  x_pitch: u32,
  y_pitch: u32,
  out_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

var<workgroup> first_pair: atomic<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let from_x = group.z * params.x_pitch + group.y * params.count;
  let from_y = group.z * params.y_pitch + group.y;
  let y_step = groups.y;
  if (local == 0u) {
    atomicStore(&first_pair, params.count - 1u);
  }
  workgroupBarrier();
  var sum = vec2f();
  var present = 0.0;
  for (var i = local; i < params.count; i += 64u) {
    let value = vec2f(x[from_x + i], y[from_y + i * y_step]);
    if (!is_nan(value.y)) {
      sum += value;
      present += 1.0;
      atomicMin(&first_pair, i);
    }
  }
  let n = reduce_sum(local, present);
  let mean = vec2f(reduce_sum(local, sum.x), reduce_sum(local, sum.y)) / max(n, 1.0);
  let at_first = atomicLoad(&first_pair);
  let first = vec2f(x[from_x + at_first], y[from_y + at_first * y_step]);
  var products = vec3f();
  var rest = vec2f();
  var others = vec2f();
  for (var i = local; i < params.count; i += 64u) {
    let value = vec2f(x[from_x + i], y[from_y + i * y_step]);
    if (!is_nan(value.y)) {
      let deviation = value - mean;
      products += vec3f(deviation * deviation, deviation.x * deviation.y);
      rest += deviation;
      others += select(vec2f(), vec2f(1.0), value != first);
    }
  }
  let sums = vec3f(
    reduce_sum(local, products.x),
    reduce_sum(local, products.y),
    reduce_sum(local, products.z),
  );
  let left = vec2f(reduce_sum(local, rest.x), reduce_sum(local, rest.y));
  let varies = vec2f(reduce_sum(local, others.x), reduce_sum(local, others.y)) > vec2f();
  let corrected = sums - vec3f(left * left, left.x * left.y) / max(n, 1.0);
  let terms = select(vec3f(), corrected, vec3<bool>(varies, all(varies)));
  if (local == 0u) {
    let at = group.z * params.out_pitch + group.y * 6u;
    out[at] = mean.x;
    out[at + 1u] = mean.y;
    out[at + 2u] = terms.x;
    out[at + 3u] = terms.y;
    out[at + 4u] = terms.z;
    out[at + 5u] = n;
  }
}
