// Rectified linear unit: y = max(x, 0), but NaN stays NaN. Shapes and grid: lib/activation.wgsl.
//! include "activation"
//! include "rectified"

fn activated(x: f32) -> f32 {
  return rectified(x);
}
