// What the kernels of the partition function share: where the numbers of a batch lie. The sequence is always
// the fastest index, so that neighbouring threads read neighbouring words. Needs `letters`.
//
// letters [length + 6, batch]: row 0 is the position before the sequence, row k + 1 its letter k (0 to 3 are
// A, C, G, U, 4 is N, 5 is outside). Then come its number of letters, its first position in the codes, log2
// of its scale, and whether its partition function is known to lie in the range of f32 at this scale (1).
//
// inside, outside [array, cell, batch], then partial sums of interior loops [3, SIZES, length, batch]. A cell
// is a segment (i, j = i + d) with d >= SHORTEST; cells lie diagonal by diagonal. Numbers of a segment are
// multiplied by scale^(j - i + 1), which keeps them in the range of f32. At the end of `inside` stand the
// partition functions of the first k letters, and of the letters from k on: [2, length + 1, batch].

struct Params {
  length: u32,
  batch: u32,
  // j - i of the cells of this dispatch.
  span: u32,
  // Sequences before this batch in codes and profile.
  first: u32,
}

const SHORTEST = 4u;
const SIZES = 27u; // of interior loops with partial sums: 4 to 30 letters
const MOST = 30u; // letters of an interior loop

const CLOSED = 0u; // (i, j) is a pair
const HAIRPIN = 1u; // (i, j) closes a hairpin loop
const BRANCH = 2u; // CLOSED as a branch of a multiloop
const OUTER = 3u; // CLOSED as a pair of the exterior loop
const GENERIC = 4u; // CLOSED with the mismatch of an interior loop
const ONE_N = 5u; // CLOSED with the mismatch of an interior loop with one letter on a side
const ENDED = 6u; // CLOSED with the penalty of its terminal pair
const SOME = 7u; // one branch of a multiloop or more
const ONE = 8u; // one branch, which begins at i
const MORE = 9u; // two branches or more
const INSIDE_ARRAYS = 10u;

const OUT_CLOSED = 0u; // times CLOSED it is the probability of the pair
const OUT_GENERIC = 1u;
const OUT_ONE_N = 2u;
const OUT_ENDED = 3u;
const OUT_SOME = 4u;
const OUT_ONE = 5u;
const OUT_MORE = 6u;
const OUT_EITHER = 7u; // outside of SOME and of MORE
const OUTSIDE_ARRAYS = 8u;

/// The first entry of a diagonal of an array, of this sequence.
fn diagonal(array: u32, d: u32, b: u32) -> u32 {
  let above = d - SHORTEST;
  let first = above * params.length - above * (d + SHORTEST - 1u) / 2u;
  return (array * cells() + first) * params.batch + b;
}

fn cells() -> u32 {
  let spans = params.length - SHORTEST;
  return spans * (spans + 1u) / 2u;
}

/// A row of partial sums: those of diagonal d, of loops of `size` letters.
fn partial_sums(arrays: u32, d: u32, size: u32, b: u32) -> u32 {
  return (arrays * cells() + (d % 3u * SIZES + size - 4u) * params.length) * params.batch + b;
}

/// Partition functions of the first letters (0), or of the last (1).
fn ends(which: u32, b: u32) -> u32 {
  let before = INSIDE_ARRAYS * cells() + 3u * SIZES * params.length;
  return (before + which * (params.length + 1u)) * params.batch + b;
}

/// Letter of a position; -1 is the one before the sequence.
fn letter(position: i32, b: u32) -> u32 {
  return letters[u32(position + 1) * params.batch + b];
}

fn letter_count(b: u32) -> u32 {
  return letters[(params.length + 2u) * params.batch + b];
}

fn first_position(b: u32) -> u32 {
  return letters[(params.length + 3u) * params.batch + b];
}

fn log_scale(b: u32) -> f32 {
  return bitcast<f32>(letters[(params.length + 4u) * params.batch + b]);
}

/// Whether the inside of this sequence is final.
fn is_settled(b: u32) -> bool {
  return letters[(params.length + 5u) * params.batch + b] == 1u;
}
