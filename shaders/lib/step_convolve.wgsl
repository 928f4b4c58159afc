// A dilated convolution of 3 taps of the sequence in `tile` (lib/step_classes). While the weights of half a
// quad of inputs are multiplied, the next are loaded: a multiprocessor has few threads, which do not hide the
// cache's latency. Needs `kernel_quad(at)`, four neighbouring weights of the kernel [3, inputs, outputs].
const HALVES = 2u; // fixed
const PAIR = 2u; // fixed

// The positions of a unit. The weights of the thread's quad of outputs begin at `w`.
fn convolved(unit: u32, w: u32) -> array<vec4f, UNIT> {
  let first = first_row_of(unit) * PITCH;
  var value: array<vec4f, SPAN>; // scalars
  var weight: array<array<array<vec4f, PAIR>, TAPS>, HALVES>; // scalars
  var acc: array<vec4f, UNIT>; // scalars
  for (var tap = 0u; tap < TAPS; tap++) { // unroll
    for (var p = 0u; p < PAIR; p++) { // unroll
      weight[0u][tap][p] = kernel_quad(w + (tap * QUADS * 4u + p) * QUADS);
    }
  }
  for (var i = 0u; i < QUADS; i++) {
    for (var j = 0u; j < SPAN; j++) { // unroll
      value[j] = tile[first + j * PITCH + i];
    }
    for (var half = 0u; half < HALVES; half++) { // unroll
      let next = w + (4u * min(i + half, QUADS - 1u) + 2u * (1u - half)) * QUADS;
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        for (var p = 0u; p < PAIR; p++) { // unroll
          weight[1u - half][tap][p] = kernel_quad(next + (tap * QUADS * 4u + p) * QUADS);
        }
      }
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        for (var p = 0u; p < PAIR; p++) { // unroll
          for (var k = 0u; k < UNIT; k++) { // unroll
            acc[k] = fma(vec4f(value[k + tap][2u * half + p]), weight[half][tap][p], acc[k]);
          }
        }
      }
    }
  }
  var sums: array<vec4f, UNIT>;
  for (var k = 0u; k < UNIT; k++) { // unroll
    sums[k] = acc[k];
  }
  return sums;
}
