// The first convolution of whole sequences by tables (code_tables.wgsl): the words of codes that begin under
// the taps, and the sums of the tables' entries. Needs `sequences`, `taps` and `codes_pitch` in Params,
// SEQUENCES, LENGTH and QUADS (channels in fours).
//! include "rectified"
const GROUPS = 3u; // tile
const TAPS_PER_GROUP = 4u;
const WORDS = 625u;
// Positions that a thread takes at a time, so that their loads overlap.
const AHEAD = 4u; // fixed
// Words of codes that begin somewhere under a sequence's taps.
const STARTS = 49u; // tile

@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> tables: array<vec4f>;

// Padded, so that the next workgroup array begins at a multiple of 16 bytes.
var<workgroup> word: array<u32, (SEQUENCES * STARTS + 3u) / 4u * 4u>;

// Word i of the sequences from `first` on.
fn word_of(model: u32, first: u32, i: u32) -> u32 {
  let start = model * params.codes_pitch + min(first + i / STARTS, params.sequences - 1u) * LENGTH;
  var digits = 0u;
  for (var k = TAPS_PER_GROUP; k > 0u; k--) {
    // Positions before the sequence wrap around to large numbers and fail the test, like those after it.
    let position = i % STARTS + k - 1u - params.taps / 2u;
    digits = digits * 5u + select(4u, codes[start + min(position, LENGTH - 1u)], position < LENGTH);
  }
  return digits;
}

// Four channels of the first convolution, rectified. The arguments are the first words of the table and of
// the position.
fn entered(from_table: u32, start: u32) -> vec4f {
  var sum = vec4f();
  for (var g = 0u; g < GROUPS; g++) { // unroll
    sum += tables[from_table + (g * WORDS + word[start + g * TAPS_PER_GROUP]) * QUADS];
  }
  return rectified4(sum);
}
