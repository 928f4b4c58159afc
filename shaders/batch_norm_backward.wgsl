// Gradient of batch normalisation with respect to its input. In training the statistics depend on x:
//   dx = gamma / sqrt(variance + epsilon) * (dy - d_beta / rows - normalised x * d_gamma / rows);
// in evaluation they are constants (BATCH = 0) and only the first factor remains.
// MASK: a ReLU (and dropout) followed. dy counts, scaled, only where the result y is positive. SKIP: a skip
// connection was added after the normalisation. Its gradient, the masked dy, is written to d_skip.
//
//   x, dy, y, dx, d_skip [E, rows, channels]; moments [E, 2 or 3, channels]; affine, sums [E, 2, channels];
//   sums = (d gamma, d beta)
//
// One thread per channel of a chunk of rows, so that the channel's numbers are fetched once.
// Grid: x over channels, y over chunks, z = model.
const LANES = 32u;
const BATCH = 1u; // tile
const MASK = 0u; // tile
const SKIP = 0u; // tile

struct Params {
  rows: u32,
  channels: u32,
  rows_per_chunk: u32,
  epsilon: f32,
  scale: f32,
  x_pitch: u32,
  dy_pitch: u32,
  moments_pitch: u32,
  affine_pitch: u32,
  sums_pitch: u32,
  dx_pitch: u32,
  y_pitch: u32,
  d_skip_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read> moments: array<f32>;
@group(0) @binding(4) var<storage, read> affine: array<f32>;
@group(0) @binding(5) var<storage, read> sums: array<f32>;
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;
@group(0) @binding(7) var<storage, read> y: array<f32>; // when MASK == 1u
@group(0) @binding(8) var<storage, read_write> d_skip: array<f32>; // when SKIP == 1u

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = params.channels;
  let channel = group.x * LANES + local;
  if (channel >= channels) {
    return;
  }
  let m = group.z * params.moments_pitch + channel;
  let s = group.z * params.sums_pitch + channel;
  let mean = moments[m];
  var rest = 0.0;
  var share = 0.0;
  if (BATCH == 1u) { // when
    share = 1.0 / f32(params.rows);
    rest = moments[m + 2u * channels];
  }
  let inverse = 1.0 / sqrt(moments[m + channels] + params.epsilon);
  let scale = inverse * affine[group.z * params.affine_pitch + channel];
  let offset = sums[s + channels] * share;
  let slope = sums[s] * share * inverse;
  let first = group.y * params.rows_per_chunk * channels + channel;
  let last = min(params.rows, (group.y + 1u) * params.rows_per_chunk) * channels;
  let x_start = group.z * params.x_pitch;
  let dy_start = group.z * params.dy_pitch;
  let dx_start = group.z * params.dx_pitch;
  for (var i = first; i < last; i += channels) {
    var gradient = dy[dy_start + i];
    if (MASK == 1u) { // when
      gradient = select(0.0, gradient * params.scale, y[group.z * params.y_pitch + i] > 0.0);
    }
    if (SKIP == 1u) { // when
      d_skip[group.z * params.d_skip_pitch + i] = gradient;
    }
    // If the moments are constants, the terms of `offset` and `slope` are 0.
    dx[dx_start + i] = (gradient - offset - (x[x_start + i] - mean - rest) * slope) * scale;
  }
}
