// Rectified linear unit: 0 for x < 0, otherwise x; NaN stays NaN. It tests the bits, because max(x, 0) loses
// NaN and drivers compile comparisons with 0 to max. Everything from -0 to -infinity becomes 0.
fn rectified(x: f32) -> f32 {
  return select(x, 0.0, bitcast<u32>(x) - 0x80000001u <= 0x7f7fffffu);
}

fn rectified4(x: vec4f) -> vec4f {
  return select(x, vec4f(), bitcast<vec4u>(x) - vec4u(0x80000001u) <= vec4u(0x7f7fffffu));
}
