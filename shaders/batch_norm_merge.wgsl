// Second half of batch normalisation's statistics. Chan's rule merges the chunks, in a fixed order, into mean
// and biased variance. Then the running statistics move:
//   running <- momentum * running + (1 - momentum) * batch
//
//   partial [chunks, E, 3, channels] (mean, M2, rest of the mean)
//   -> moments [E, 3, channels] (mean, variance, rest of the mean; the mean is the first plus the third);
//   running [E, 2, channels] updated in place
//
// The mean is held as the first chunk's mean plus an offset, so that merging loses no digits.
//
// PARTS threads per channel each merge consecutive chunks; then one of them merges the parts.
// Grid: x over channels, z = model.
const LANES = 32u;
const PARTS = 1u; // tile
const THREADS = LANES * PARTS;

struct Params {
  rows: u32,
  channels: u32,
  rows_per_chunk: u32,
  chunks: u32,
  models: u32,
  moments_pitch: u32,
  running_pitch: u32,
  momentum: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;
@group(0) @binding(3) var<storage, read_write> running: array<f32>;

// Rows, offset of the mean and M2 of each part.
var<workgroup> merged: array<vec3f, THREADS>; // when PARTS > 1u

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let lane = local % LANES;
  let channel = min(group.x * LANES + lane, params.channels - 1u);
  let origin = partial[group.z * 3u * params.channels + channel];
  var count = 0.0;
  var offset = 0.0;
  var m2 = 0.0;
  let chunks_per_part = (params.chunks + PARTS - 1u) / PARTS;
  let first = local / LANES * chunks_per_part;
  let last = min(params.chunks, first + chunks_per_part);
  for (var chunk = first; chunk < last; chunk++) {
    let at = (chunk * params.models + group.z) * 3u * params.channels + channel;
    let rows = f32(min(params.rows - chunk * params.rows_per_chunk, params.rows_per_chunk));
    let delta = partial[at] - origin + partial[at + 2u * params.channels] - offset;
    let total = count + rows;
    offset += delta * (rows / total);
    m2 += partial[at + params.channels] + delta * delta * (count * rows / total);
    count = total;
  }
  if (PARTS > 1u) { // when
    merged[local] = vec3f(count, offset, m2);
    workgroupBarrier();
    for (var part = 1u; part < PARTS; part++) {
      let other = merged[part * LANES + lane];
      if (other.x > 0.0) {
        let delta = other.y - offset;
        let total = count + other.x;
        offset += delta * (other.x / total);
        m2 += other.z + delta * delta * (count * other.x / total);
        count = total;
      }
    }
  }
  if (local >= LANES || group.x * LANES + lane >= params.channels) {
    return;
  }
  let mean = origin + offset;
  let variance = m2 / count;
  let out = group.z * params.moments_pitch + channel;
  moments[out] = origin;
  moments[out + params.channels] = variance;
  moments[out + 2u * params.channels] = offset;
  let run = group.z * params.running_pitch + channel;
  running[run] = params.momentum * running[run] + (1.0 - params.momentum) * mean;
  running[run + params.channels] = params.momentum * running[run + params.channels] + (1.0 - params.momentum) * variance;
}
