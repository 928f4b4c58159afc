// Fused training step, first kernel: gathers a sequence and convolves its base codes, which only adds rows of
// the kernel. It writes the results and their statistics.
//
//   codes [records, length] u8, order [E or 1, order_count], parameters [E, flat]
//   -> ys [layers, E, batch, length, channels] layer 0, statistics [layers, batch, E, 3, channels] layer 0
//
// One workgroup per sequence. Grid: x over sequences, z = model.
//! include "step_threads"
//! include "step_codes"
//! include "step_statistics"
const LENGTH = 41u; // tile
// Positions per thread.
const RUN = 3u; // tile

struct Params {
  batch: u32,
  models: u32,
  order_count: u32,
  order_pitch: u32,
  w_at: u32 /* in quads, as every _at */,
  parameters_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> control: Control;
@group(0) @binding(2) var<storage, read> codes: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> ys: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> statistics: array<vec4f>;

var<workgroup> tile: array<vec4f, LENGTH * PITCH>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let quad = quad_of(local);
  let unit = unit_of(local);
  load_codes(local, group.z, group.x);
  workgroupBarrier();
  let w = group.z * params.parameters_pitch / 4u + params.w_at + quad;
  var acc: array<vec4f, RUN>; // scalars
  for (var tap = 0u; tap < TAPS; tap++) {
    for (var k = 0u; k < RUN; k++) { // unroll
      let base = code[min(k * UNITS + unit, LENGTH - 1u) + tap];
      acc[k] += select(vec4f(), parameters[w + (tap * 4u + min(base, 3u)) * QUADS], base < 4u);
    }
  }
  for (var k = 0u; k < RUN; k++) { // unroll
    let position = k * UNITS + unit;
    if (position < LENGTH) {
      tile[position * PITCH + quad] = acc[k];
      ys[((group.z * params.batch + group.x) * LENGTH + position) * QUADS + quad] = acc[k];
    }
  }
  workgroupBarrier();
  leave_statistics(local, group.z, 0u, group.x);
}
