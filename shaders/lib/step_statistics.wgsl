// A sequence's statistics of a layer's products in `tile` [LENGTH, PITCH], in two passes: mean, M2 and the
// rounding error of the mean, as in batch_norm_partials.wgsl. Needs lib/step_threads, LENGTH, `statistics`
// [layers, batch, E, 3, channels] and, in Params, `batch` and `models`.
fn leave_statistics(local: u32, model: u32, layer: u32, sequence: u32) {
  let quad = quad_of(local);
  let unit = unit_of(local);
  var part = vec4f();
  for (var position = unit; position < LENGTH; position += UNITS) {
    part += tile[position * PITCH + quad];
  }
  let mean = sum_units(local, part) / f32(LENGTH);
  var m2 = vec4f();
  var rest = vec4f();
  for (var position = unit; position < LENGTH; position += UNITS) {
    let deviation = tile[position * PITCH + quad] - mean;
    m2 = fma(deviation, deviation, m2);
    rest += deviation;
  }
  let sums = sum_pairs(local, m2, rest);
  if (unit == 0u) {
    let at = ((layer * params.batch + sequence) * params.models + model) * 3u * QUADS + quad;
    statistics[at] = mean;
    statistics[at + QUADS] = sums[0];
    statistics[at + 2u * QUADS] = sums[1] / f32(LENGTH);
  }
}
