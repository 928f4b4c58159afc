// Fused training step, last kernel: Adam (adam.wgsl), four parameters per thread. The gradients of the
// convolutions' kernels come as splits, which are added here in ascending order. All other gradients are
// complete.
//
//   parameters, gradients, m, v [E, flat]; flat holds the first kernel at 0 and the block's kernels from
//   `kernel_at` on, a `layer_pitch` apart; entry [batch, E, entry_quads], kernels
//   [splits, layers, E, kernel_quads] -> gradients, too
//
// Grid: flat over the quads of one model, z = model.
//! include "flat"
//! include "learners"
// Parts of a sum that are loaded at the same time.
const AHEAD = 8u; // fixed

struct Params {
  count: u32 /* quads of a model, as all that follow */,
  entry_quads: u32,
  kernel_at: u32,
  kernel_quads: u32,
  layer_pitch: u32,
  layers: u32,
  batch: u32,
  splits: u32,
  models: u32,
  beta1: f32,
  beta2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> learners: Learners;
@group(0) @binding(2) var<storage, read> entry: array<vec4f>;
@group(0) @binding(3) var<storage, read> kernels: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> v: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let at = group.z * params.count + i;
  let layer = (i - params.kernel_at) / params.layer_pitch;
  let of_kernel = (i - params.kernel_at) % params.layer_pitch;
  var gradient = vec4f();
  if (i < params.entry_quads) {
    let pitch = params.models * params.entry_quads;
    for (var first = 0u; first < params.batch; first += AHEAD) {
      for (var j = 0u; j < AHEAD; j++) { // unroll
        let part = entry[min(first + j, params.batch - 1u) * pitch + group.z * params.entry_quads + i];
        gradient += select(vec4f(), part, first + j < params.batch);
      }
    }
    gradients[at] = gradient;
  } else if (i >= params.kernel_at && layer < params.layers && of_kernel < params.kernel_quads) {
    let pitch = params.layers * params.models * params.kernel_quads;
    let start = (layer * params.models + group.z) * params.kernel_quads + of_kernel;
    for (var first = 0u; first < params.splits; first += AHEAD) {
      for (var j = 0u; j < AHEAD; j++) { // unroll
        let part = kernels[min(first + j, params.splits - 1u) * pitch + start];
        gradient += select(vec4f(), part, first + j < params.splits);
      }
    }
    gradients[at] = gradient;
  } else {
    gradient = gradients[at];
  }
  let first = params.beta1 * m[at] + (1.0 - params.beta1) * gradient;
  let second = params.beta2 * v[at] + (1.0 - params.beta2) * gradient * gradient;
  m[at] = first;
  v[at] = second;
  let learner = learners.models[group.z];
  parameters[at] -= learner.rate * first / (sqrt(second) + vec4f(learner.epsilon));
}
