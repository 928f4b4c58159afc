// Gradients of batch normalisation's gamma and beta over a chunk of rows: sums of dy * normalised x and of
// dy. sum_partials.wgsl adds the chunks; the sums also enter dx (batch_norm_backward.wgsl).
// MASK: a ReLU (and dropout) followed. dy counts, scaled, only where the result y is positive.
//
//   x, dy, y [E, rows, channels]; moments [E, 2 or 3, channels] -> partial [chunks, E, 2, channels] (d gamma,
//   d beta)
//
// One thread per channel of a chunk. Grid: x over channels, y over chunks, z = model.
const LANES = 32u;
const BATCH = 1u; // tile
const MASK = 0u; // tile

struct Params {
  rows: u32,
  channels: u32,
  rows_per_chunk: u32,
  models: u32,
  epsilon: f32,
  scale: f32,
  x_pitch: u32,
  dy_pitch: u32,
  moments_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read_write> partial: array<f32>;
@group(0) @binding(5) var<storage, read> y: array<f32>; // when MASK == 1u

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channel = group.x * LANES + local;
  if (channel >= params.channels) {
    return;
  }
  let first = group.y * params.rows_per_chunk;
  let last = min(params.rows, first + params.rows_per_chunk);
  let mean = moments[group.z * params.moments_pitch + channel];
  var rest = 0.0;
  if (BATCH == 1u) { // when
    rest = moments[group.z * params.moments_pitch + 2u * params.channels + channel];
  }
  let variance = moments[group.z * params.moments_pitch + params.channels + channel];
  var d_gamma = 0.0;
  var d_beta = 0.0;
  for (var row = first; row < last; row++) {
    let at = row * params.channels + channel;
    var gradient = dy[group.z * params.dy_pitch + at];
    if (MASK == 1u) { // when
      gradient = select(0.0, gradient * params.scale, y[group.z * params.y_pitch + at] > 0.0);
    }
    d_beta += gradient;
    d_gamma = fma(gradient, x[group.z * params.x_pitch + at] - mean - rest, d_gamma);
  }
  let out = (group.y * params.models + group.z) * 2u * params.channels + channel;
  partial[out] = d_gamma / sqrt(variance + params.epsilon);
  partial[out + params.channels] = d_beta;
}
