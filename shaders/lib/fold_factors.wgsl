// Pairs, and the table of Boltzmann factors; needs `factors`.

// Offsets in the table of Boltzmann factors, which src/kernels/folding/factors.ts makes.
const T_STACK = 0u; // [6, 6]
const T_END = 36u; // [6] penalty of a terminal pair
const T_CLOSE = 42u; // closing a multiloop
const T_UNPAIRED = 43u; // a letter of a multiloop
const T_BULGE = 44u; // [31]
const T_INTERIOR = 75u; // [31]
const T_ASYMMETRY = 106u; // of one letter of difference, and of many
const T_MISMATCH_HAIRPIN = 108u; // [6, 5, 5]
const T_MISMATCH = 258u; // [6, 5, 5]
const T_MISMATCH_ONE_N = 408u; // [6, 5, 5]
const T_MISMATCH_23 = 558u; // [6, 5, 5]
const T_BRANCH = 708u; // [6, 6, 6]
const T_EXTERIOR = 924u; // [6, 6, 6]
const T_11 = 1140u; // [6, 6, 5, 5]
const T_21 = 2040u; // [6, 6, 5, 5, 5]
const T_22 = 6540u; // [6, 6, 5, 5, 5, 5]
const T_TRILOOP = 29040u; // [4 ^ 5]; negative: no special loop
const T_TETRALOOP = 30064u; // [4 ^ 6]
const T_HEXALOOP = 34160u; // [4 ^ 8]
const T_HAIRPIN = 99696u; // [length]

const NO_PAIR = 15u;

/// 0 to 5: CG, GC, GU, UG, AU, UA; otherwise NO_PAIR.
fn pair_of(a: u32, b: u32) -> u32 {
  let row = select(0xf0ff4fffu, 0xf3f52f1fu, a > 1u);
  let pair = (row >> (((a & 1u) * 4u + (b & 3u)) * 4u)) & 15u;
  return select(pair, NO_PAIR, (a | b) > 3u);
}

/// An entry of a table [pair, 5, 5].
fn mismatch(table: u32, pair: u32, a: u32, b: u32) -> f32 {
  return factors[table + pair * 25u + min(a, 4u) * 5u + min(b, 4u)];
}

/// An entry of a table [pair, 6, 6], whose letters may lie outside the sequence.
fn flank(table: u32, pair: u32, a: u32, b: u32) -> f32 {
  return factors[table + pair * 36u + a * 6u + b];
}
