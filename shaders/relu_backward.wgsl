// Gradient of the rectified linear unit: dx = dy where y > 0, else 0. Shapes and grid:
// lib/activation_backward.wgsl.
//! include "activation_backward"

fn gradient(dy: f32, y: f32) -> f32 {
  return select(0.0, dy, y > 0.0);
}
