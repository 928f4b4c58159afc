// Logistic function: y = 1 / (1 + exp(-x)). Shapes and grid: lib/activation.wgsl.
//! include "activation"

fn activated(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-x));
}
