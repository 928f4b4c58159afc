// Batch normalisation applied: y = (x - mean) / sqrt(variance + epsilon) * gamma + beta, with batch moments
// (training) or running moments (evaluation).
//
//   x, y [E, rows, channels]; moments [E, 2 or 3, channels] (mean, variance and, of a batch, the rest
//   of the mean); affine [E, 2, channels] (gamma, beta)
//
// One thread per channel of a chunk of rows, so that the channel's numbers are fetched once.
// Grid: x over channels, y over chunks, z = model.
const LANES = 32u;

struct Params {
  rows: u32,
  channels: u32,
  rows_per_chunk: u32,
  batch: u32,
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

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = params.channels;
  let channel = group.x * LANES + local;
  if (channel >= channels) {
    return;
  }
  let m = group.z * params.moments_pitch + channel;
  let a = group.z * params.affine_pitch + channel;
  let mean = moments[m];
  var rest = 0.0;
  if (params.batch == 1u) {
    rest = moments[m + 2u * channels];
  }
  let scale = affine[a] / sqrt(moments[m + channels] + params.epsilon);
  let shift = affine[a + channels];
  let first = group.y * params.rows_per_chunk * channels + channel;
  let last = min(params.rows, (group.y + 1u) * params.rows_per_chunk) * channels;
  let x_start = group.z * params.x_pitch;
  let y_start = group.z * params.y_pitch;
  for (var i = first; i < last; i += channels) {
    y[y_start + i] = fma(x[x_start + i] - mean - rest, scale, shift);
  }
}
