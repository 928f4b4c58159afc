// The gradient of a batch normalisation's input in the fused training step, from the rectified gradient dz of
// its result:
//   dy = gamma / sqrt(variance + epsilon) * (dz - d_beta / rows - normalised y * d_gamma / rows).
// Every workgroup that needs the sums over the batch adds those of its sequences in a fixed order. Needs
// lib/step_threads, LENGTH, `parameters`, `sums` [layers, batch, E, 2, channels] (sum of dz, sum of dz
// (y - mean)), `moments` [layers, E, 3, channels] (mean, variance, rest of the mean), `gradients` [E, flat]
// and, in Params, `batch`, `models`, `epsilon`, `affine_at`, `parameters_pitch` and `gradients_pitch`.

// Sequences whose sums are loaded at the same time.
const AHEAD = 4u; // fixed

// dy = (dz - offset - (y - mean - rest) * slope) * scale.
struct Normalised {
  mean: vec4f,
  rest: vec4f,
  scale: vec4f,
  slope: vec4f,
  offset: vec4f,
}

fn gradient_of_norm(local: u32, model: u32, layer: u32, sequence: u32) -> Normalised {
  let quad = quad_of(local);
  let unit = unit_of(local);
  let pitch = params.models * 2u * QUADS;
  let start = layer * params.batch * pitch + model * 2u * QUADS + quad;
  var d_shift = vec4f();
  var d_scale = vec4f();
  for (var first = unit; first < params.batch; first += AHEAD * UNITS) {
    for (var j = 0u; j < AHEAD; j++) { // unroll
      let exists = first + j * UNITS < params.batch;
      let at = start + min(first + j * UNITS, params.batch - 1u) * pitch;
      d_shift += select(vec4f(), sums[at], exists);
      d_scale += select(vec4f(), sums[at + QUADS], exists);
    }
  }
  let totals = sum_pairs(local, d_shift, d_scale);
  d_shift = totals[0];
  d_scale = totals[1];
  let m = (layer * params.models + model) * 3u * QUADS + quad;
  let inverse = 1.0 / sqrt(moments[m + QUADS] + params.epsilon);
  if (sequence == 0u && unit == 0u) {
    let at = model * params.gradients_pitch / 4u + params.affine_at + quad;
    gradients[at] = d_scale * inverse;
    gradients[at + QUADS] = d_shift;
  }
  let share = 1.0 / f32(params.batch * LENGTH);
  let gamma = parameters[model * params.parameters_pitch / 4u + params.affine_at + quad];
  return Normalised(
    moments[m],
    moments[m + 2u * QUADS],
    inverse * gamma,
    d_scale * inverse * inverse * share,
    d_shift * share,
  );
}
