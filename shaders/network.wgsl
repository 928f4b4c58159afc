// From base codes to the pooled means that the dense layer reads: first convolution, residual block with its
// skip connection, mean pool. A workgroup takes a few sequences. Activations stay in workgroup memory, sums
// in registers.
//
//   codes [E or 1, sequences, LENGTH] u32; tables [E, GROUPS, 625, channels] with the first convolution's
//   bias (code_tables.wgsl); w [E, STAGES, 3, channels, channels] and
//   bias [E, STAGES, channels], whose stages lie w_stride and bias_stride apart
//   -> y [E, sequences, WINDOWS, channels]
//
// A thread owns four channels of POSITIONS positions; SPREAD threads share a sequence. Positions of different
// residue classes do not depend on each other in a convolution of dilation d. So it is split into CLASSES =
// gcd(d, SPREAD) convolutions of dilation REACH = d / CLASSES. The threads of a class divide its positions
// into segments. A segment reads HALO columns of its neighbours; segments overlap if the positions do not
// divide evenly. A class with one thread needs no halo. Lanes lie along the channels, ALONG of them, then
// along SPREAD and the sequences. So a load of weights reads neighbouring addresses and serves all columns of
// a thread.
//
// A result is summed over fours of inputs, then taps, then the four inputs. Positions outside the sequence
// read a row of zeros.
// Grid: flat over groups of SEQUENCES, z = model.
//! include "code_words"

const LENGTH = 41u; // tile
const QUADS = 24u; // tile
const ALONG = 8u; // tile
const SPREAD = 2u; // tile
const SEQUENCES = 2u; // tile
const POSITIONS = 21u; // tile
const POOL = 10u; // tile
const WINDOWS = 4u; // tile
const TAPS = 3u; // fixed
const FOUR = 4u; // fixed

const STAGES = 3u; // tile
const CLASSES = array(1u, 2u, 2u); // tile
const REACH = array(1u, 1u, 2u); // tile
const HALO = array(1u, 0u, 0u); // tile
// 1 if the last position of a thread may lie outside the sequence.
const RAGGED = array(0u, 1u, 1u); // tile
const COLUMNS = array(23u, 21u, 21u); // tile
const MOST_COLUMNS = 23u; // tile

const THREADS = QUADS * SPREAD * SEQUENCES;
// One more row than a sequence needs, so that rows lie on different banks. The last row stays zero, as
// workgroup memory is at the start.
const ROW = QUADS + 1u;
const SEQUENCE = (LENGTH + 1u) * ROW;

struct Params {
  sequences: u32,
  taps: u32,
  codes_pitch: u32,
  tables_pitch: u32,
  w_stride: u32,
  bias_stride: u32,
  w_pitch: u32,
  bias_pitch: u32,
  y_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

var<workgroup> x: array<vec4f, SEQUENCES * SEQUENCE>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let first = (group.y * groups.x + group.x) * SEQUENCES;
  let quad = local / (ALONG * SPREAD * SEQUENCES) * ALONG + local % ALONG;
  let lane = local / ALONG % SPREAD;
  let slot = local / (ALONG * SPREAD) % SEQUENCES;
  let from_table = group.z * params.tables_pitch / 4u + quad;
  let weights = group.z * params.w_pitch / 4u + quad;
  let biases = group.z * params.bias_pitch / 4u + quad;

  for (var i = local; i < SEQUENCES * STARTS; i += THREADS) {
    word[i] = word_of(group.z, first, i);
  }
  workgroupBarrier();
  for (var position = lane; position < LENGTH; position += AHEAD * SPREAD) {
    var entry: array<vec4f, AHEAD>; // scalars
    for (var a = 0u; a < AHEAD; a++) { // unroll
      entry[a] = entered(from_table, slot * STARTS + min(position + a * SPREAD, LENGTH - 1u));
    }
    for (var a = 0u; a < AHEAD; a++) { // unroll
      if (position + a * SPREAD < LENGTH) {
        x[slot * SEQUENCE + (position + a * SPREAD) * ROW + quad] = entry[a];
      }
    }
  }
  workgroupBarrier();

  for (var s = 0u; s < STAGES; s++) { // unroll
    let residue = lane % CLASSES[s];
    let segment = lane / CLASSES[s];
    let last = SPREAD / CLASSES[s] - 1u;
    let size = (LENGTH - 1u + CLASSES[s] - residue) / CLASSES[s];
    let span = size - min(size, POSITIONS);
    let begin = segment * span / max(last, 1u);
    let end = select((segment + 1u) * span / max(last, 1u), size, segment == last);
    let row = residue + begin * CLASSES[s];
    let own = slot * SEQUENCE + row * ROW;
    var acc: array<vec4f, POSITIONS>; // scalars
    var outside: array<u32, MOST_COLUMNS>; // scalars
    var value: array<vec4f, MOST_COLUMNS>; // scalars
    var weight: array<array<vec4f, FOUR>, TAPS>; // scalars

    let start = bias[biases + s * params.bias_stride / 4u];
    for (var p = 0u; p < POSITIONS; p++) { // unroll
      acc[p] = start;
      if (s + 1u == STAGES) { // when
        acc[p] += entered(from_table, slot * STARTS + min(row + p * CLASSES[s], LENGTH - 1u));
      }
    }
    for (var c = 0u; c < COLUMNS[s]; c++) { // unroll
      if (c < HALO[s] || c + RAGGED[s] >= HALO[s] + POSITIONS) { // when
        let place = begin + c - HALO[s];
        outside[c] = slot * SEQUENCE + select(LENGTH, residue + place * CLASSES[s], place < size) * ROW;
      }
    }
    for (var i = 0u; i < QUADS; i++) {
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        for (var k = 0u; k < FOUR; k++) { // unroll
          weight[tap][k] = w[weights + s * params.w_stride / 4u + ((tap * QUADS + i) * FOUR + k) * QUADS];
        }
      }
      for (var c = 0u; c < COLUMNS[s]; c++) { // unroll
        if (c >= HALO[s] && c + RAGGED[s] < HALO[s] + POSITIONS) { // when
          value[c] = x[own + (c - HALO[s]) * CLASSES[s] * ROW + i];
        }
        if (c < HALO[s] || c + RAGGED[s] >= HALO[s] + POSITIONS) { // when
          value[c] = x[outside[c] + i];
        }
      }
      // Weight by weight, not column by column, so that a factor stays in its register for all sums.
      for (var tap = 0u; tap < TAPS; tap++) { // unroll
        for (var k = 0u; k < FOUR; k++) { // unroll
          for (var p = 0u; p < POSITIONS; p++) { // unroll
            // Tap `tap` of position p is column p + HALO + (tap - 1) REACH, if there is one.
            if (p + HALO[s] + tap * REACH[s] >= REACH[s] && p + HALO[s] + tap * REACH[s] < REACH[s] + COLUMNS[s]) { // when
              acc[p] = fma(vec4f(value[p + HALO[s] + tap * REACH[s] - REACH[s]][k]), weight[tap][k], acc[p]);
            }
          }
        }
      }
    }
    workgroupBarrier();
    for (var p = 0u; p < POSITIONS; p++) { // unroll
      if (begin + p < end) {
        x[own + p * CLASSES[s] * ROW + quad] = rectified4(acc[p]);
      }
    }
    workgroupBarrier();
  }

  for (var i = local; i < SEQUENCES * WINDOWS * QUADS; i += THREADS) {
    let sequence = i / (WINDOWS * QUADS);
    let start = sequence * SEQUENCE + i / QUADS % WINDOWS * POOL * ROW + i % QUADS;
    var sum = vec4f();
    for (var k = 0u; k < POOL; k++) {
      sum += x[start + k * ROW];
    }
    if (first + sequence < params.sequences) {
      y[group.z * params.y_pitch / 4u + first * WINDOWS * QUADS + i] = sum / f32(POOL);
    }
  }
}
