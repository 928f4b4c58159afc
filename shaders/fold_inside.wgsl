// One diagonal of the partition functions of segments (McCaskill 1990): segments (i, i + span) of all
// sequences, from shorter ones.
//
//   letters, factors -> inside, as shaders/lib/fold.wgsl describes them. One thread per segment, the sequence
//   as the fastest index. Grid: flat. Diagonals run from SHORTEST to length - 1, each after the one before.
//
// Interior loops with two letters or more on both sides depend on the inner pair by its mismatch, and on the
// sizes by their sum and difference. Such a loop of (i, j) has the same difference as the loop of
// (i + 1, j - 1) that has two letters less, so sums over the inner pairs, by number of letters, grow by two
// terms from one segment to the next (Lyngsø, Zuker and Pedersen 1999).
//! include "flat"
//! include "fold"
//! include "fold_factors"

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> letters: array<u32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read_write> inside: array<f32>;

/// Boltzmann factor of a hairpin loop closed by (i, i + d).
fn hairpin(i: i32, d: u32, pair: u32, after: u32, before: u32, b: u32) -> f32 {
  let j = i + i32(d);
  var special = -1.0;
  if (d == 4u || d == 5u || d == 7u) {
    var word = 0u;
    var seen = 0u;
    for (var k = i; k <= j; k++) {
      let code = letter(k, b);
      word = word * 4u + (code & 3u);
      seen |= code;
    }
    if (seen < 4u) {
      let table = select(select(T_HEXALOOP, T_TETRALOOP, d == 5u), T_TRILOOP, d == 4u);
      special = factors[table + word];
    }
  }
  let end = select(mismatch(T_MISMATCH_HAIRPIN, pair, after, before), factors[T_END + pair], d == 4u);
  return select(factors[T_HAIRPIN + d - 1u] * end, special, special >= 0.0);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let index = flat_index(group, groups, local, 64u);
  let batch = params.batch;
  let d = params.span;
  let length = params.length;
  if (index >= (length - d) * batch) {
    return;
  }
  let b = index % batch;
  if (is_settled(b)) {
    return;
  }
  let i = i32(index / batch);
  let at = u32(i) * batch;
  let j = i + i32(d);
  let l0 = letter(i - 1, b);
  let l1 = letter(i, b);
  let l2 = letter(i + 1, b);
  let r2 = letter(j - 1, b);
  let r1 = letter(j, b);
  let r0 = letter(j + 1, b);
  let pair = pair_of(l1, r1);
  let log2_scale = log_scale(b);
  let scale = exp2(log2_scale);
  let unpaired = factors[T_UNPAIRED] * scale;
  let pitch = cells() * batch;
  // The most letters that an interior loop of this segment can have.
  let most = min(MOST, max(d, 6u) - 6u);

  // Sums over interior loops, letter by letter. Offsets are carried along: computing them costs as much as
  // reading.
  var generic = 0.0;
  var one_n = 0.0;
  var bulge = 0.0;
  var power = exp2(4.0 * log2_scale);
  let each = factors[T_ASYMMETRY];
  let least = factors[T_ASYMMETRY + 1u];
  var asymmetry = 1.0; // of 2 letters on one side
  var asymmetry_one = 1.0; // of 1
  var row = diagonal(0u, max(d, 8u) - 4u, b) + at;
  var step = (length + 5u - max(d, 8u)) * batch;
  let sizes = length * batch;
  var own = partial_sums(INSIDE_ARRAYS, d, 4u, b) + at;
  var before = partial_sums(INSIDE_ARRAYS, d + 1u, 4u, b) + at + batch;
  var across = 3u * batch;
  for (var size = 2u; size <= most; size++) {
    let ended = row + ENDED * pitch;
    bulge += (inside[ended + batch] + inside[ended + across]) * factors[T_BULGE + size] * power;
    if (size >= 4u) {
      let mismatched = row + GENERIC * pitch;
      var sum = inside[mismatched + 3u * batch];
      let weight = factors[T_INTERIOR + size] * power;
      if (size > 4u) {
        sum += inside[mismatched + across - 2u * batch];
        asymmetry = max(asymmetry * each, least);
      }
      sum *= asymmetry;
      if (size > 5u) {
        sum += inside[before];
        before += sizes;
        generic += sum * weight;
      }
      inside[own] = sum;
      own += sizes;
      let side = row + ONE_N * pitch;
      one_n += (inside[side + 2u * batch] + inside[side + across - batch]) * weight * asymmetry_one;
    }
    asymmetry_one = max(asymmetry_one * each, least);
    power *= scale;
    across += batch;
    row -= step;
    step += batch;
  }

  var closed = 0.0;
  var bare = 0.0;
  var branch = 0.0;
  var outer = 0.0;
  var own_generic = 0.0;
  var own_one_n = 0.0;
  var end = 0.0;
  if (pair < 6u) {
    end = factors[T_END + pair];
    bare = hairpin(i, d, pair, l2, r2, b) * exp2(f32(d + 1u) * log2_scale);
    closed = bare + bulge * end
      + generic * mismatch(T_MISMATCH, pair, l2, r2) + one_n * mismatch(T_MISMATCH_ONE_N, pair, l2, r2);
    let l3 = letter(i + 2, b);
    let r3 = letter(j - 2, b);
    if (d >= 6u) {
      // A stack: (i + 1, j - 1).
      let inner = min(pair_of(r2, l2), 5u);
      let ways = inside[diagonal(CLOSED, d - 2u, b) + at + batch];
      closed += ways * factors[T_STACK + pair * 6u + inner] * scale * scale;
    }
    if (d >= 7u) {
      // Bulges of one letter: (i + 1, j - 2) and (i + 2, j - 1).
      let row = diagonal(CLOSED, d - 3u, b) + at;
      let right = factors[T_STACK + pair * 6u + min(pair_of(r3, l2), 5u)];
      let left = factors[T_STACK + pair * 6u + min(pair_of(r2, l3), 5u)];
      closed += (inside[row + batch] * right + inside[row + 2u * batch] * left)
        * factors[T_BULGE + 1u] * exp2(3.0 * log2_scale);
    }
    let a2 = min(l2, 4u);
    let b2 = min(r2, 4u);
    let a3 = min(l3, 4u);
    let b3 = min(r3, 4u);
    if (d >= 8u) {
      // One letter on each side: (i + 2, j - 2).
      let inner = min(pair_of(r3, l3), 5u);
      let ways = inside[diagonal(CLOSED, d - 4u, b) + at + 2u * batch];
      closed += ways * factors[T_11 + ((pair * 6u + inner) * 5u + a2) * 5u + b2] * exp2(4.0 * log2_scale);
    }
    let l4 = letter(i + 3, b);
    let r4 = letter(j - 3, b);
    let a4 = min(l4, 4u);
    let b4 = min(r4, 4u);
    if (d >= 9u) {
      // One letter and two: (i + 2, j - 3) and (i + 3, j - 2).
      let row = diagonal(CLOSED, d - 5u, b) + at;
      let right = min(pair_of(r4, l3), 5u);
      let left = min(pair_of(r3, l4), 5u);
      closed += exp2(5.0 * log2_scale) * (
        inside[row + 2u * batch] * factors[T_21 + (((pair * 6u + right) * 5u + a2) * 5u + b3) * 5u + b2]
        + inside[row + 3u * batch] * factors[T_21 + (((left * 6u + pair) * 5u + b2) * 5u + a2) * 5u + a3]);
    }
    if (d >= 10u) {
      // Two letters on each side: (i + 3, j - 3).
      let inner = min(pair_of(r4, l4), 5u);
      let ways = inside[diagonal(CLOSED, d - 6u, b) + at + 3u * batch];
      closed += ways * factors[T_22 + ((((pair * 6u + inner) * 5u + a2) * 5u + a3) * 5u + b3) * 5u + b2]
        * exp2(6.0 * log2_scale);
    }
    if (d >= 11u) {
      // Two letters and three: (i + 3, j - 4) and (i + 4, j - 3).
      let row = diagonal(CLOSED, d - 7u, b) + at;
      let l5 = letter(i + 4, b);
      let r5 = letter(j - 4, b);
      let right = mismatch(T_MISMATCH_23, min(pair_of(r5, l4), 5u), r4, l3);
      let left = mismatch(T_MISMATCH_23, min(pair_of(r4, l5), 5u), r3, l4);
      closed += (inside[row + 3u * batch] * right + inside[row + 4u * batch] * left)
        * mismatch(T_MISMATCH_23, pair, l2, r2)
        * factors[T_INTERIOR + 5u] * factors[T_ASYMMETRY] * exp2(7.0 * log2_scale);
    }
    if (d >= 6u) {
      let reverse = pair_of(r1, l1);
      closed += inside[diagonal(MORE, d - 2u, b) + at + batch] * factors[T_CLOSE]
        * flank(T_BRANCH, reverse, r2, l2) * scale * scale;
    }
    branch = closed * flank(T_BRANCH, pair, l0, r0);
    outer = closed * flank(T_EXTERIOR, pair, l0, r0);
    let reverse = pair_of(r1, l1);
    own_generic = closed * mismatch(T_MISMATCH, reverse, r0, l0);
    own_one_n = closed * mismatch(T_MISMATCH_ONE_N, reverse, r0, l0);
  }

  // Branches of a multiloop: the first, and some behind it.
  var split = 0.0;
  if (d > 2u * SHORTEST) {
    var left = diagonal(BRANCH, SHORTEST, b) + at;
    var right = diagonal(SOME, d - SHORTEST - 1u, b) + at + (SHORTEST + 1u) * batch;
    var longer = (length - SHORTEST) * batch;
    var shorter = (length + SHORTEST + 1u - d) * batch;
    for (var first = SHORTEST; first + SHORTEST + 1u <= d; first++) {
      split += inside[left] * inside[right];
      left += longer;
      longer -= batch;
      right -= shorter;
      shorter += batch;
    }
  }
  var one = branch;
  var more = split;
  var some = split;
  if (d > SHORTEST) {
    let shorter = d - 1u;
    one += unpaired * inside[diagonal(ONE, shorter, b) + at];
    more += unpaired * inside[diagonal(MORE, shorter, b) + at + batch];
    some += unpaired * inside[diagonal(SOME, shorter, b) + at + batch];
  }
  some += one;

  let cell = diagonal(0u, d, b) + at;
  inside[cell + CLOSED * pitch] = closed;
  inside[cell + HAIRPIN * pitch] = bare;
  inside[cell + BRANCH * pitch] = branch;
  inside[cell + OUTER * pitch] = outer;
  inside[cell + GENERIC * pitch] = own_generic;
  inside[cell + ONE_N * pitch] = own_one_n;
  inside[cell + ENDED * pitch] = closed * end;
  inside[cell + SOME * pitch] = some;
  inside[cell + ONE * pitch] = one;
  inside[cell + MORE * pitch] = more;
}
