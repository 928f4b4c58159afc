// Fused training step, where forward turns into backward. One workgroup takes a whole batch from the dense
// layer's products to the loss, and back to the gradient of these products: batch normalisation, ReLU,
// dropout, the output unit, the loss. Other workgroups transpose the kernels and flip their taps for the
// backward pass, 4 x 4 numbers per thread.
//
//   hidden, kept [E, batch, channels] (products; factors of dropout), scores [E or 1, records], order
//   [E or 1, order_count]
//   -> losses [E, total] at `slot`; d_hidden [E, batch, channels], the gradient of the products;
//      gradients [E, flat] of affine, out.w and out.b; transposed [E, layers, 3, channels, channels] and
//        [E, hidden, flat]
//   parameters [E, flat]: affine [2, channels] (gamma, beta), out.w, out.b, the kernels; running [E, flat]
//
// Threads as in lib/step_threads, except that units share rows. Grid: x = 1 and the transposers, z = model.
//! include "step_threads"
//! include "control"
const BATCH = 100u; // tile
// Number of rows whose outputs are summed at a time.
const ROWS = 64u; // tile
const FILTER_QUADS = 24u; // tile
const FLAT_QUADS = 96u; // tile
const LAYERS = 3u; // tile
const CROSS_ENTROPY = 0u; // tile
const FOUR = 4u; // fixed
const BLOCKS_A_TAP = FILTER_QUADS * FILTER_QUADS;
const KERNEL_BLOCKS = LAYERS * 3u * BLOCKS_A_TAP;
const DENSE_BLOCKS = FLAT_QUADS * QUADS;

struct Params {
  order_count: u32,
  order_pitch: u32,
  scores_pitch: u32,
  total: u32,
  affine_at: u32,
  w_at: u32,
  bias_at: u32,
  running_at: u32,
  kernel_at: u32 /* of the block's first layer */,
  layer_pitch: u32 /* from one layer's kernel to the next's */,
  dense_at: u32,
  epsilon: f32,
  momentum: f32,
  parameters_pitch: u32,
  gradients_pitch: u32,
  running_pitch: u32,
  losses_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> running: array<vec4f>;
@group(0) @binding(5) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(6) var<storage, read> kept: array<vec4f>;
@group(0) @binding(7) var<storage, read> scores: array<f32>;
@group(0) @binding(8) var<storage, read> order: array<u32>;
@group(0) @binding(9) var<storage, read_write> losses: array<f32>;
@group(0) @binding(10) var<storage, read_write> d_hidden: array<vec4f>;
@group(0) @binding(11) var<storage, read_write> transposed: array<vec4f>;

// A row's products with out.w, by quads.
var<workgroup> terms: array<f32, ROWS * PITCH>;
// Gradient of the loss with respect to each output, and each output's loss.
var<workgroup> slope: array<f32, BATCH>;
var<workgroup> loss: array<f32, BATCH>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let model = group.z;
  let from_parameters = model * params.parameters_pitch / 4u;
  if (group.x > 0u) {
    transpose((group.x - 1u) * THREADS + local, model, from_parameters);
    return;
  }

  let quad = quad_of(local);
  let unit = unit_of(local);
  let start = model * BATCH * QUADS + quad;
  var sum = vec4f();
  for (var row = unit; row < BATCH; row += UNITS) {
    sum += hidden[start + row * QUADS];
  }
  let mean = sum_units(local, sum) / f32(BATCH);
  var m2 = vec4f();
  var rest = vec4f();
  for (var row = unit; row < BATCH; row += UNITS) {
    let deviation = hidden[start + row * QUADS] - mean;
    m2 = fma(deviation, deviation, m2);
    rest += deviation;
  }
  let spread = sum_pairs(local, m2, rest);
  let variance = spread[0] / f32(BATCH);
  rest = spread[1] / f32(BATCH);

  let affine = from_parameters + params.affine_at + quad;
  let inverse = 1.0 / sqrt(variance + params.epsilon);
  let scale = parameters[affine] * inverse;
  let shift = parameters[affine + QUADS];
  let weight = parameters[from_parameters + params.w_at + quad];
  let bias = parameters[from_parameters + params.bias_at].x;
  for (var first = 0u; first < BATCH; first += ROWS) {
    for (var row = first + unit; row < min(BATCH, first + ROWS); row += UNITS) {
      let at = start + row * QUADS;
      let activity = kept[at] * rectified_quad(fma(hidden[at] - mean - rest, scale, shift));
      terms[(row - first) * PITCH + quad] = dot(activity, weight);
    }
    workgroupBarrier();
    for (var row = first + local; row < min(BATCH, first + ROWS); row += THREADS) {
      var prediction = bias;
      for (var i = 0u; i < QUADS; i++) {
        prediction += terms[(row - first) * PITCH + i];
      }
      let place = model * params.order_pitch + min(control.record + row, params.order_count - 1u);
      let goal = scores[model * params.scores_pitch + order[place]];
      let terms_of_loss = loss_and_slope(prediction, goal);
      loss[row] = terms_of_loss.x;
      slope[row] = terms_of_loss.y / f32(BATCH);
    }
    workgroupBarrier();
  }

  // The row as the output unit reads it. Its gradient reaches the products only where they were positive and
  // kept.
  var d_shift = vec4f();
  var d_scale = vec4f();
  var d_weight = vec4f();
  for (var row = unit; row < BATCH; row += UNITS) {
    let at = start + row * QUADS;
    let deviation = hidden[at] - mean - rest;
    let value = fma(deviation, scale, shift);
    let gradient = select(vec4f(), slope[row] * kept[at] * weight, value > vec4f());
    d_weight += slope[row] * kept[at] * rectified_quad(value);
    d_shift += gradient;
    d_scale = fma(gradient, deviation, d_scale);
  }
  let totals = sum_pairs(local, d_shift, d_scale);
  d_shift = totals[0];
  d_scale = totals[1];
  d_weight = sum_units(local, d_weight);
  let to_slope = d_scale * inverse * inverse / f32(BATCH);
  let offset = d_shift / f32(BATCH);
  for (var row = unit; row < BATCH; row += UNITS) {
    let at = start + row * QUADS;
    let deviation = hidden[at] - mean - rest;
    let value = fma(deviation, scale, shift);
    let gradient = select(vec4f(), slope[row] * kept[at] * weight, value > vec4f());
    d_hidden[at] = (gradient - offset - deviation * to_slope) * scale;
  }

  if (unit == 0u) {
    let to = model * params.gradients_pitch / 4u;
    gradients[to + params.affine_at + quad] = d_scale * inverse;
    gradients[to + params.affine_at + QUADS + quad] = d_shift;
    gradients[to + params.w_at + quad] = d_weight;
    let run = model * params.running_pitch / 4u + params.running_at + quad;
    running[run] = mix(mean + rest, running[run], params.momentum);
    running[run + QUADS] = mix(variance, running[run + QUADS], params.momentum);
  }
  if (local == 0u) {
    var d_bias = 0.0;
    var total = 0.0;
    for (var row = 0u; row < BATCH; row++) {
      d_bias += slope[row];
      total += loss[row];
    }
    gradients[model * params.gradients_pitch / 4u + params.bias_at] = vec4f(d_bias, 0.0, 0.0, 0.0);
    losses[model * params.losses_pitch + control.slot] = total / f32(BATCH);
  }
}

// A record's loss, and its derivative.
fn loss_and_slope(prediction: f32, goal: f32) -> vec2f {
  if (CROSS_ENTROPY == 1u) { // when
    let soft = log(1.0 + exp(-abs(prediction)));
    return vec2f(max(prediction, 0.0) - prediction * goal + soft, 1.0 / (1.0 + exp(-prediction)) - goal);
  }
  let error = prediction - goal;
  return vec2f(error * error, 2.0 * error);
}

fn transpose(block: u32, model: u32, from_parameters: u32) {
  var source: u32;
  var source_pitch: u32;
  var to = model * 4u * (KERNEL_BLOCKS + DENSE_BLOCKS);
  var to_pitch: u32;
  if (block < KERNEL_BLOCKS) {
    let matrix = block / BLOCKS_A_TAP;
    let row = block % BLOCKS_A_TAP / FILTER_QUADS;
    let column = block % FILTER_QUADS;
    source_pitch = FILTER_QUADS;
    to_pitch = FILTER_QUADS;
    source = from_parameters + params.kernel_at + matrix / 3u * params.layer_pitch + (matrix % 3u * BLOCKS_A_TAP + row * FILTER_QUADS) * 4u + column;
    let flipped = matrix + 2u - 2u * (matrix % 3u);
    to += (flipped * BLOCKS_A_TAP + column * FILTER_QUADS) * 4u + row;
  } else if (block < KERNEL_BLOCKS + DENSE_BLOCKS) {
    let row = (block - KERNEL_BLOCKS) / QUADS;
    let column = (block - KERNEL_BLOCKS) % QUADS;
    source_pitch = QUADS;
    to_pitch = FLAT_QUADS;
    source = from_parameters + params.dense_at + 4u * row * QUADS + column;
    to += 4u * (KERNEL_BLOCKS + column * FLAT_QUADS) + row;
  } else {
    return;
  }
  let a = parameters[source];
  let b = parameters[source + source_pitch];
  let c = parameters[source + 2u * source_pitch];
  let d = parameters[source + 3u * source_pitch];
  for (var q = 0u; q < FOUR; q++) { // unroll
    transposed[to + q * to_pitch] = vec4f(a[q], b[q], c[q], d[q]);
  }
}
