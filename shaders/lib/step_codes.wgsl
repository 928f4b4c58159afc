// The base codes of a batch's sequence, with the margins that its taps reach into. Needs THREADS, LENGTH,
// `codes` [records, length] u8, `order` [E or 1, order_count], `control` and, in Params, `order_count` and
// `order_pitch`.
//! include "control"
const TAPS = 11u; // tile
const CODES = LENGTH + TAPS - 1u;

var<workgroup> code: array<u32, CODES>;

fn load_codes(local: u32, model: u32, sequence: u32) {
  let record = order[model * params.order_pitch + min(control.record + sequence, params.order_count - 1u)];
  for (var i = local; i < CODES; i += THREADS) {
    // Positions before the sequence wrap around to large numbers and fail the test, like those after it.
    let position = i - TAPS / 2u;
    let at = record * LENGTH + min(position, LENGTH - 1u);
    code[i] = select(4u, (codes[at / 4u] >> (at % 4u * 8u)) & 0xffu, position < LENGTH);
  }
}
