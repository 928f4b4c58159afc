// Inverted dropout: y = x / (1 - rate) where the element is kept, else 0. The backward pass runs the same
// kernel on dy.
//
//   x, y [E, rows, channels]. One thread per channel of a chunk of rows. Grid: x over channels, y over
//   chunks, z = model.
//! include "dropout"
const LANES = 32u;

struct Params {
  rows: u32,
  channels: u32,
  rows_per_chunk: u32 /* even */,
  layer: u32,
  drop_below: u32 /* rate * 2^32 */,
  scale: f32 /* 1 / (1 - rate) */,
  x_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> learners: Learners;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let channels = params.channels;
  let channel = group.x * LANES + local;
  if (channel >= channels) {
    return;
  }
  let first = group.y * params.rows_per_chunk;
  let last = min(params.rows, first + params.rows_per_chunk);
  let x_start = group.z * params.x_pitch + channel;
  let y_start = group.z * params.y_pitch + channel;
  let scale = params.scale;
  let learner = learners.models[group.z];
  for (var row = first; row < last; row += 2u) {
    let keeps = dropout_keeps(learner, row / 2u, channel);
    let at = row * channels;
    y[y_start + at] = select(0.0, x[x_start + at] * scale, keeps.x);
    if (row + 1u < last) {
      y[y_start + at + channels] = select(0.0, x[x_start + at + channels] * scale, keeps.y);
    }
  }
}
