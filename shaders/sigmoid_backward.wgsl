// Gradient of the logistic function: dx = dy * y * (1 - y). Shapes and grid: lib/activation_backward.wgsl.
//! include "activation_backward"

fn gradient(dy: f32, y: f32) -> f32 {
  return dy * y * (1.0 - y);
}
