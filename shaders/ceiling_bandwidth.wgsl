// Measures the adapter's peak bandwidth: STREAM's triad y = a + factor * b, over more memory than the caches
// hold.
//
//   a, b, y [count] vectors of four. 48 bytes and 8 flops per vector. Each thread takes several, a grid
//   apart. Grid: flat.
//! include "flat"

struct Params {
  count: u32,
  factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let stride = flat_stride(groups, 64u);
  for (var i = flat_index(group, groups, local, 64u); i < params.count; i += stride) {
    y[i] = fma(vec4f(params.factor), b[i], a[i]);
  }
}
