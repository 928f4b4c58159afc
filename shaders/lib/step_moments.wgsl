// Batch normalisation in the fused training step. Every workgroup that needs the moments of the batch merges
// the statistics of its sequences by Chan's rule, in a fixed order. Needs lib/step_threads, LENGTH,
// `statistics` [layers, batch, E, 3, channels] (mean, M2, rest of the mean) and, in Params, `batch`, `models`
// and `epsilon`.

// Sequences whose statistics are loaded at the same time.
const AHEAD = 4u; // fixed

// The mean is held as the first sequence's mean plus an offset, so that merging loses no digits.
struct Moments {
  mean: vec4f,
  variance: vec4f,
  rest: vec4f,
}

fn merged_moments(local: u32, model: u32, layer: u32) -> Moments {
  let pitch = params.models * 3u * QUADS;
  let start = layer * params.batch * pitch + model * 3u * QUADS + quad_of(local);
  let origin = statistics[start];
  var mean_of: array<vec4f, AHEAD>; // scalars
  var m2_of: array<vec4f, AHEAD>; // scalars
  var rest_of: array<vec4f, AHEAD>; // scalars
  var count = 0.0;
  var offset = vec4f();
  var m2 = vec4f();
  for (var first = unit_of(local); first < params.batch; first += AHEAD * UNITS) {
    for (var j = 0u; j < AHEAD; j++) { // unroll
      let at = start + min(first + j * UNITS, params.batch - 1u) * pitch;
      mean_of[j] = statistics[at];
      m2_of[j] = statistics[at + QUADS];
      rest_of[j] = statistics[at + 2u * QUADS];
    }
    for (var j = 0u; j < AHEAD; j++) { // unroll
      if (first + j * UNITS < params.batch) {
        let value = mean_of[j] - origin + rest_of[j];
        let delta = value - offset;
        count += 1.0;
        offset += delta / count;
        m2 += m2_of[j] + f32(LENGTH) * delta * (value - offset);
      }
    }
  }
  let rest = sum_units(local, count * offset) / f32(params.batch);
  let between = offset - rest;
  m2 += f32(LENGTH) * count * between * between;
  return Moments(origin, sum_units(local, m2) / f32(params.batch * LENGTH), rest);
}
