// Greatest value of windows; NaN in a window is its result. Shapes and grid: lib/pool.wgsl.
//! include "pool"
//! include "greater"

fn pooled(window_start: u32) -> f32 {
  var from_x = window_start;
  var greatest = f32(x[from_x]);
  for (var offset = 1u; offset < params.size; offset++) {
    from_x += params.channels;
    let value = f32(x[from_x]);
    if (is_greater(value, greatest)) {
      greatest = value;
    }
  }
  return greatest;
}
