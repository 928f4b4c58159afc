// Sums over the segments that begin or end at a position.
//
//   letters, factors, inside, outside -> sums [4, length, batch]: probability that the position is paired; of
//   the hairpin loops that it opens; of those that it closes; that it is an unpaired letter of a multiloop.
//   One thread per position and sequence, the sequence as the fastest index. Grid: flat.
//! include "flat"
//! include "fold"
//! include "fold_factors"

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> letters: array<u32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read> inside: array<f32>;
@group(0) @binding(4) var<storage, read> outside: array<f32>;
@group(0) @binding(5) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let index = flat_index(group, groups, local, 64u);
  let batch = params.batch;
  if (index >= params.length * batch) {
    return;
  }
  let b = index % batch;
  let x = index / batch;
  let pitch = cells() * batch;
  var paired = 0.0;
  var opened = 0.0;
  var closed = 0.0;
  var multi = 0.0;
  for (var d = SHORTEST; x + d < params.length; d++) {
    let cell = diagonal(0u, d, b) + x * batch;
    let out = outside[cell + OUT_CLOSED * pitch];
    paired += out * inside[cell + CLOSED * pitch];
    opened += out * inside[cell + HAIRPIN * pitch];
    if (d > SHORTEST) {
      // x is unpaired, with the rest of the segment behind it.
      let rest = diagonal(0u, d - 1u, b) + (x + 1u) * batch;
      multi += outside[cell + OUT_SOME * pitch] * inside[rest + SOME * pitch]
        + outside[cell + OUT_MORE * pitch] * inside[rest + MORE * pitch];
    }
  }
  for (var d = SHORTEST; d <= x; d++) {
    let cell = diagonal(0u, d, b) + (x - d) * batch;
    let out = outside[cell + OUT_CLOSED * pitch];
    paired += out * inside[cell + CLOSED * pitch];
    closed += out * inside[cell + HAIRPIN * pitch];
    if (d > SHORTEST) {
      let rest = diagonal(0u, d - 1u, b) + (x - d) * batch;
      multi += outside[cell + OUT_ONE * pitch] * inside[rest + ONE * pitch];
    }
  }
  let each = params.length * batch;
  sums[index] = paired;
  sums[each + index] = opened;
  sums[2u * each + index] = closed;
  sums[3u * each + index] = multi * factors[T_UNPAIRED] * exp2(log_scale(b));
}
