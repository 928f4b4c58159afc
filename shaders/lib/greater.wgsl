// Whether a value takes the place of the greatest before it: it is greater, or the first NaN.
//! include "nan"

fn is_greater(value: f32, greatest: f32) -> bool {
  return !is_nan(greatest) && (is_nan(value) || value > greatest);
}
