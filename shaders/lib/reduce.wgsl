// Sum over the 64 threads of a workgroup in a fixed order; every thread receives the result.
var<workgroup> reduce_slots: array<f32, 64>;

fn reduce_sum(local: u32, value: f32) -> f32 {
  reduce_slots[local] = value;
  workgroupBarrier();
  for (var width = 32u; width > 0u; width >>= 1u) {
    if (local < width) {
      reduce_slots[local] += reduce_slots[local + width];
    }
    workgroupBarrier();
  }
  let total = reduce_slots[0];
  workgroupBarrier();
  return total;
}
