// First half of batch normalisation's statistics: mean and sum of squared deviations (M2) of each channel
// over a chunk of rows. Two passes over the chunk avoid the cancellation in E[x^2] - E[x]^2. The second pass
// also finds the rounding error of the mean, because the backward pass multiplies it by the sum of the
// layer's inputs.
//
//   x [E, rows, channels] -> partial [chunks, E, 3, channels] (mean, M2, rest of the mean)
//
// One thread per channel of a chunk. Grid: x over channels, y over chunks, z = model.
const LANES = 32u;

struct Params {
  rows: u32,
  channels: u32,
  rows_per_chunk: u32,
  models: u32,
  x_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channel = group.x * LANES + local;
  if (channel >= params.channels) {
    return;
  }
  let first = group.y * params.rows_per_chunk;
  let last = min(params.rows, first + params.rows_per_chunk);
  let base = group.z * params.x_pitch + channel;
  var sum = 0.0;
  for (var row = first; row < last; row++) {
    sum += x[base + row * params.channels];
  }
  let mean = sum / f32(last - first);
  var m2 = 0.0;
  var rest = 0.0;
  for (var row = first; row < last; row++) {
    let deviation = x[base + row * params.channels] - mean;
    m2 = fma(deviation, deviation, m2);
    rest += deviation;
  }
  let out = (group.y * params.models + group.z) * 3u * params.channels + channel;
  partial[out] = mean;
  partial[out + params.channels] = m2;
  partial[out + 2u * params.channels] = rest / f32(last - first);
}
