// The terms of Pearson's correlation, in two passes so that nothing cancels: means first, then the centred
// sums, less what the rounding of the means adds to them.
//
//   x [E, count], y [E or 1, count] -> out [E, 5] = (mean x, mean y, Sxx, Syy, Sxy). One workgroup of 64 threads
//   per model, z = model. Sums over a side whose values are all the same number are exactly 0: the mean of
//   such a side is rounded, so its deviations alone would make up a variance.
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

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var sum = vec2f();
  for (var i = local; i < params.count; i += 64u) {
    sum += vec2f(x[group.z * params.x_pitch + i], y[group.z * params.y_pitch + i]);
  }
  let mean = vec2f(reduce_sum(local, sum.x), reduce_sum(local, sum.y)) / f32(params.count);
  let first = vec2f(x[group.z * params.x_pitch], y[group.z * params.y_pitch]);
  var products = vec3f();
  var rest = vec2f();
  var others = vec2f();
  for (var i = local; i < params.count; i += 64u) {
    let value = vec2f(x[group.z * params.x_pitch + i], y[group.z * params.y_pitch + i]);
    let deviation = value - mean;
    products += vec3f(deviation * deviation, deviation.x * deviation.y);
    rest += deviation;
    others += select(vec2f(), vec2f(1.0), value != first);
  }
  let sums = vec3f(
    reduce_sum(local, products.x),
    reduce_sum(local, products.y),
    reduce_sum(local, products.z),
  );
  let left = vec2f(reduce_sum(local, rest.x), reduce_sum(local, rest.y));
  let varies = vec2f(reduce_sum(local, others.x), reduce_sum(local, others.y)) > vec2f();
  let corrected = sums - vec3f(left * left, left.x * left.y) / f32(params.count);
  let terms = select(vec3f(), corrected, vec3<bool>(varies, all(varies)));
  if (local == 0u) {
    let at = group.z * params.out_pitch;
    out[at] = mean.x;
    out[at + 1u] = mean.y;
    out[at + 2u] = terms.x;
    out[at + 3u] = terms.y;
    out[at + 4u] = terms.z;
  }
}
