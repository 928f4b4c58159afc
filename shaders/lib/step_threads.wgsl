// The threads of a kernel of the fused training step. UNITS threads share the work of a quad, four
// neighbouring channels. Threads lie along ACROSS neighbouring quads first, then along the units. So a
// subgroup reads the weights of few neighbouring quads, for several units at a time.
const QUADS = 24u; // tile
const UNITS = 16u; // tile
const ACROSS = 8u; // tile
const THREADS = QUADS * UNITS;
// Rows of workgroup memory are an odd number of quads apart, so that the units read different banks.
const PITCH = QUADS | 1u;

var<workgroup> slots: array<vec4f, THREADS>;
var<workgroup> other_slots: array<vec4f, THREADS>;

fn quad_of(local: u32) -> u32 {
  return local / (ACROSS * UNITS) * ACROSS + local % ACROSS;
}

fn unit_of(local: u32) -> u32 {
  return local / ACROSS % UNITS;
}

// The sum over the units of each quad, ascending. All units receive it.
fn sum_units(local: u32, value: vec4f) -> vec4f {
  let quad = quad_of(local);
  slots[unit_of(local) * QUADS + quad] = value;
  workgroupBarrier();
  var sum = slots[quad];
  for (var unit = 1u; unit < UNITS; unit++) {
    sum += slots[unit * QUADS + quad];
  }
  workgroupBarrier();
  return sum;
}

// Two such sums at once.
fn sum_pairs(local: u32, first: vec4f, second: vec4f) -> array<vec4f, 2> {
  let quad = quad_of(local);
  slots[unit_of(local) * QUADS + quad] = first;
  other_slots[unit_of(local) * QUADS + quad] = second;
  workgroupBarrier();
  var sum = slots[quad];
  var other_sum = other_slots[quad];
  for (var unit = 1u; unit < UNITS; unit++) {
    sum += slots[unit * QUADS + quad];
    other_sum += other_slots[unit * QUADS + quad];
  }
  workgroupBarrier();
  return array<vec4f, 2>(sum, other_sum);
}

// Rectified linear units, as in lib/rectified.
fn rectified_quad(x: vec4f) -> vec4f {
  return select(x, vec4f(), bitcast<vec4u>(x) - vec4u(0x80000001u) <= vec4u(0x7f7fffffu));
}
