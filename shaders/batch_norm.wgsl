// Batch normalisation applied: y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, with batch moments
// (training) or running moments (evaluation).
//
//   x, y [E, rows, channels]; moments [E, 2, channels] (mean, variance); affine [E, 2, channels] (gamma, beta)
//
// One thread per element. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
  channels: u32,
  epsilon: f32,
  x_pitch: u32,
  moments_pitch: u32,
  affine_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> moments: array<f32>;
@group(0) @binding(3) var<storage, read> affine: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let channel = i % params.channels;
  let m = group.z * params.moments_pitch + channel;
  let a = group.z * params.affine_pitch + channel;
  let normalised = (x[group.z * params.x_pitch + i] - moments[m]) / sqrt(moments[m + params.channels] + params.epsilon);
  y[group.z * params.y_pitch + i] = fma(normalised, affine[a], affine[a + params.channels]);
}
