// Mean over windows. Shapes and grid: lib/pool.wgsl.
//! include "pool"

fn pooled(window_start: u32) -> f32 {
  var sum = 0.0;
  var from_x = window_start;
  for (var offset = 0u; offset < params.size; offset++) {
    sum += f32(x[from_x]);
    from_x += params.channels;
  }
  return sum / f32(params.size);
}
