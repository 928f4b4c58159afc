// Exponential function: y = exp(x). Shapes and grid: lib/activation.wgsl.
//! include "activation"

fn activated(x: f32) -> f32 {
  return exp(x);
}
