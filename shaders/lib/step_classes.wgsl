// The layout of a dilated convolution of 3 taps in workgroup memory. Positions with the same residue modulo
// DILATION form a class. They follow each other, between two rows of zeros, and are convolved without
// dilation. A thread takes UNIT positions of a class. Memory that is never written stays zero. Needs
// lib/step_threads.
const LENGTH = 41u; // tile
const DILATION = 1u; // tile
const UNIT = 6u; // tile
// UNIT + 2, the rows that a thread reads.
const SPAN = 8u; // tile
const TAPS = 3u; // fixed
const UNITS_A_CLASS = UNITS / DILATION;
const CLASS_ROWS = UNITS_A_CLASS * UNIT + 2u;

var<workgroup> tile: array<vec4f, DILATION * CLASS_ROWS * PITCH>;

// The row of a position.
fn row_of(position: u32) -> u32 {
  return position % DILATION * CLASS_ROWS + 1u + position / DILATION;
}

// The first row that a unit reads, one before its first position.
fn first_row_of(unit: u32) -> u32 {
  return unit / UNITS_A_CLASS * CLASS_ROWS + unit % UNITS_A_CLASS * UNIT;
}

// The `k`th position of a unit. Some units end beyond the sequence.
fn position_of(unit: u32, k: u32) -> u32 {
  return (unit % UNITS_A_CLASS * UNIT + k) * DILATION + unit / UNITS_A_CLASS;
}
