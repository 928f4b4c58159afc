// Gradient of the exponential function: dx = dy * y. Shapes and grid: lib/activation_backward.wgsl.
//! include "activation_backward"

fn gradient(dy: f32, y: f32) -> f32 {
  return dy * y;
}
