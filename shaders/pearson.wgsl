// The terms of Pearson's correlation, in two passes so that nothing cancels: means first, then the centred sums.
//
//   x [E, count], y [E or 1, count] -> out [E, 5] = (mean x, mean y, Sxx, Syy, Sxy). One workgroup of 64 threads
//   per model, z = model.
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
  var products = vec3f();
  for (var i = local; i < params.count; i += 64u) {
    let deviation = vec2f(x[group.z * params.x_pitch + i], y[group.z * params.y_pitch + i]) - mean;
    products += vec3f(deviation * deviation, deviation.x * deviation.y);
  }
  let sxx = reduce_sum(local, products.x);
  let syy = reduce_sum(local, products.y);
  let sxy = reduce_sum(local, products.z);
  if (local == 0u) {
    let at = group.z * params.out_pitch;
    out[at] = mean.x;
    out[at + 1u] = mean.y;
    out[at + 2u] = sxx;
    out[at + 3u] = syy;
    out[at + 4u] = sxy;
  }
}
