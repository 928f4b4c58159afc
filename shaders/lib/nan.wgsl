// Whether x is NaN, by its bits: WGSL lets drivers assume that arithmetic and comparisons meet no NaN, so x
// != x does not tell.
fn is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}
