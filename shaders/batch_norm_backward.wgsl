// Gradient of batch normalisation with respect to its input. In training the statistics depend on x:
//   dx = gamma / sqrt(variance + epsilon) * (dy - d_beta / rows - normalised x * d_gamma / rows);
// in evaluation they are constants (`batch` = 0) and only the first factor remains.
//
//   x, dy, dx [E, rows, channels]; moments, affine, sums [E, 2, channels]; sums = (d gamma, d beta)
//
// One thread per element. Grid: flat, z = model.
//! include "flat"

struct Params {
  count: u32,
  channels: u32,
  batch: u32,
  epsilon: f32,
  x_pitch: u32,
  dy_pitch: u32,
  moments_pitch: u32,
  affine_pitch: u32,
  sums_pitch: u32,
  dx_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read> affine: array<f32>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let channel = i % params.channels;
  let m = group.z * params.moments_pitch + channel;
  let s = group.z * params.sums_pitch + channel;
  let scale = 1.0 / sqrt(moments[m + params.channels] + params.epsilon);
  var gradient = dy[group.z * params.dy_pitch + i];
  if (params.batch == 1u) {
    let rows = f32(params.count / params.channels);
    let normalised = (x[group.z * params.x_pitch + i] - moments[m]) * scale;
    gradient -= (sums[s + params.channels] + normalised * sums[s]) / rows;
  }
  dx[group.z * params.dx_pitch + i] = gradient * scale * affine[group.z * params.affine_pitch + channel];
}
