// Applies batch normalisation and, in the same pass, what may follow it:
//   y = dropout(relu((x - mean) / sqrt(variance + epsilon) * gamma + beta + skip))
// with batch moments (training) or running moments (evaluation).
//
//   x, skip, y [E, rows, channels]; moments [E, 2 or 3, channels] (mean, variance and, for a batch, the rest
//   of the mean); affine [E, 2, channels] (gamma, beta)
//
// One thread per channel of a chunk of rows, so that the channel's numbers are fetched once.
// Grid: x over channels, y over chunks, z = model.
//! include "dropout"
//! include "rectified"
const LANES = 32u;
const BATCH = 1u; // tile
const SKIP = 0u; // tile
const RELU = 0u; // tile
const DROPOUT = 0u; // tile
const PAIR = 2u; // fixed

struct Params {
  rows: u32,
  channels: u32,
  rows_per_chunk: u32 /* even */,
  epsilon: f32,
  layer: u32,
  drop_below: u32 /* rate * 2^32 */,
  scale: f32 /* 1 / (1 - rate) */,
  x_pitch: u32,
  moments_pitch: u32,
  affine_pitch: u32,
  skip_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> moments: array<f32>;
@group(0) @binding(3) var<storage, read> affine: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read> skip: array<f32>; // when SKIP == 1u
@group(0) @binding(6) var<uniform> learners: Learners; // when DROPOUT == 1u

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
  if (BATCH == 1u) { // when
    rest = moments[m + 2u * channels];
  }
  let scale = affine[a] / sqrt(moments[m + channels] + params.epsilon);
  let shift = affine[a + channels];
  let first = group.y * params.rows_per_chunk;
  let last = min(params.rows, first + params.rows_per_chunk);
  let x_start = group.z * params.x_pitch + channel;
  let y_start = group.z * params.y_pitch + channel;
  let skip_start = group.z * params.skip_pitch + channel;
  var keeps = vec2<bool>(true, true);
  for (var row = first; row < last; row += PAIR) {
    if (DROPOUT == 1u) { // when
      keeps = dropout_keeps(learners.models[group.z], row / 2u, channel);
    }
    for (var half = 0u; half < PAIR; half++) { // unroll
      if (row + half < last) {
        let at = (row + half) * channels;
        var value = fma(x[x_start + at] - mean - rest, scale, shift);
        if (SKIP == 1u) { // when
          value += skip[skip_start + at];
        }
        if (RELU == 1u) { // when
          value = rectified(value);
        }
        if (DROPOUT == 1u) { // when
          value = select(0.0, value * params.scale, keeps[half]);
        }
        y[y_start + at] = value;
      }
    }
  }
}
