// Adam over one flat buffer that holds every parameter of every model (Kingma and Ba, end of section 2). Each
// model has its own rate, which carries both bias corrections, rate = lr * sqrt(1 - beta2^t) / (1 - beta1^t):
//   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2,
//   p <- p - rate * m / (sqrt(v) + epsilon).
//
//   parameters, gradients, m, v [E, count]. Each thread takes several parameters of a model, a grid apart.
//   Grid: flat, z = model.
//! include "flat"
//! include "learners"

struct Params {
  count: u32,
  beta1: f32,
  beta2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> learners: Learners;
@group(0) @binding(2) var<storage, read> gradients: array<f32>;
@group(0) @binding(3) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(4) var<storage, read_write> m: array<f32>;
@group(0) @binding(5) var<storage, read_write> v: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let beta1 = params.beta1;
  let beta2 = params.beta2;
  let rate = learners.models[group.z].rate;
  let epsilon = learners.models[group.z].epsilon;
  let start = group.z * params.count;
  let stride = flat_stride(groups, 64u);
  for (var k = flat_index(group, groups, local, 64u); k < params.count; k += stride) {
    let i = start + k;
    let gradient = gradients[i];
    let first = beta1 * m[i] + (1.0 - beta1) * gradient;
    let second = beta2 * v[i] + (1.0 - beta2) * gradient * gradient;
    m[i] = first;
    v[i] = second;
    parameters[i] -= rate * first / (sqrt(second) + epsilon);
  }
}
