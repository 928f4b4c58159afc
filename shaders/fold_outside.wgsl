// Partition functions outside of the segments of one diagonal: (i, i + span) of all sequences, from longer
// segments. They are divided by the whole partition function, so that their product with the inside is a
// probability.
//
//   letters, factors, inside -> outside, as shaders/lib/fold.wgsl describes them. One thread per segment, the
//   sequence as the fastest index. Grid: flat. Diagonals run from length - 1 to SHORTEST, each after the one
//   before. Sums over interior loops are made as in fold_inside.wgsl, from the outer pairs.
//! include "flat"
//! include "fold"
//! include "fold_factors"

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> letters: array<u32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read> inside: array<f32>;
@group(0) @binding(4) var<storage, read_write> outside: array<f32>;

// Above it, an outside may leave the range of f32; and the least probability that matters.
const LARGEST = 1e36;
const NEGLIGIBLE = 1e-5;

/// Entry of an array at (i, i + d); 0 where the segment does not lie within the length.
fn entry(array: u32, i: i32, d: u32, b: u32) -> f32 {
  // Loads without branches are cheaper on software adapters. A negative i is a very large u32.
  let lies_within = u32(i) < max(params.length, d) - d;
  let value = outside[select(0u, diagonal(array, d, b) + u32(i) * params.batch, lies_within)];
  return select(0.0, value, lies_within);
}

/// The same at an offset that is known.
fn at_offset(offset: u32, lies_within: bool) -> f32 {
  return select(0.0, outside[select(0u, offset, lies_within)], lies_within);
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
  let i = i32(index / batch);
  let at = u32(i) * batch;
  let j = i + i32(d);
  let log2_scale = log_scale(b);
  let scale = exp2(log2_scale);
  let unpaired = factors[T_UNPAIRED] * scale;
  let count = letter_count(b);

  let pitch = cells() * batch;

  // Interior loops around the segment, by number of letters: those with 0 to 2 letters on the left, and on
  // the right. Offsets are carried along: computing them costs as much as reading.
  let room_left = i;
  let room_right = i32(length) - 1 - j;
  let most = i32(min(MOST, max(length - 1u - d, 2u) - 2u));
  var generic = 0.0;
  var one_n = 0.0;
  var bulge = 0.0;
  var power = exp2(4.0 * log2_scale);
  let each = factors[T_ASYMMETRY];
  let least = factors[T_ASYMMETRY + 1u];
  var asymmetry = 1.0; // of 2 letters on one side
  var asymmetry_one = 1.0; // of 1
  var row = diagonal(0u, d + 4u, b) + at;
  var step = (max(length, d + 4u) - d - 4u) * batch;
  let sizes = length * batch;
  var own = partial_sums(OUTSIDE_ARRAYS, d, 4u, b) + at;
  var before = partial_sums(OUTSIDE_ARRAYS, d + 2u, 4u, b) + at - batch;
  let has_before = min(room_left, room_right) > 0;
  var across = 3u * batch;
  for (var size = 2; size <= most; size++) {
    let ended = row + OUT_ENDED * pitch;
    let is_right = (room_left >= 1) & (size < room_right);
    let is_left = (size < room_left) & (room_right >= 1);
    bulge += (at_offset(ended - batch, is_right) + at_offset(ended - across, is_left))
      * factors[T_BULGE + u32(size)] * power;
    if (size >= 4) {
      let mismatched = row + OUT_GENERIC * pitch;
      let weight = factors[T_INTERIOR + u32(size)] * power;
      var sum = at_offset(mismatched - 3u * batch, (room_left >= 3) & (size < room_right + 2));
      if (size > 4) {
        sum += at_offset(mismatched + 2u * batch - across, (size < room_left + 2) & (room_right >= 3));
        asymmetry = max(asymmetry * each, least);
      }
      sum *= asymmetry;
      if (size > 5) {
        sum += at_offset(before, has_before);
        before += sizes;
        generic += sum * weight;
      }
      outside[own] = min(sum, LARGEST);
      own += sizes;
      let side = row + OUT_ONE_N * pitch;
      let right = at_offset(side - 2u * batch, (room_left >= 2) & (size < room_right + 1));
      let left = at_offset(side + batch - across, (size < room_left + 1) & (room_right >= 2));
      one_n += (right + left) * weight * asymmetry_one;
    }
    asymmetry_one = max(asymmetry_one * each, least);
    power *= scale;
    across += batch;
    row += step;
    step -= min(step, batch);
  }

  let l0 = letter(i - 1, b);
  let l1 = letter(i, b);
  let r1 = letter(j, b);
  let r0 = letter(j + 1, b);
  let pair = pair_of(l1, r1);

  // Multiloops: the segment as some branches, as one, as two or more.
  var more = 0.0;
  var some = 0.0;
  var one = 0.0;
  let inner = u32(j) + 1u < count;
  if (i > 0) {
    if (inner) {
      let around = min(pair_of(r0, l0), 5u);
      more = entry(OUT_CLOSED, i - 1, d + 2u, b) * factors[T_CLOSE] * flank(T_BRANCH, around, r1, l1)
        * scale * scale + unpaired * entry(OUT_MORE, i - 1, d + 1u, b);
      some = unpaired * entry(OUT_SOME, i - 1, d + 1u, b);
      // Branches (start, i - 1) before it.
      var near = diagonal(BRANCH, SHORTEST, b) + at - (SHORTEST + 1u) * batch;
      var near_step = (length - SHORTEST + 1u) * batch;
      var far = diagonal(OUT_EITHER, d + SHORTEST + 1u, b) + at - (SHORTEST + 1u) * batch;
      var far_step = (length - d - SHORTEST) * batch;
      for (var first = SHORTEST; first + 2u <= u32(i); first++) {
        some += inside[near] * outside[far];
        near += near_step - 2u * batch;
        near_step -= batch;
        far += far_step - 2u * batch;
        far_step -= batch;
      }
      one = some + unpaired * entry(OUT_ONE, i, d + 1u, b);
    }
  }

  var closed = 0.0;
  var own_generic = 0.0;
  var own_one_n = 0.0;
  var end = 0.0;
  if (pair < 6u) {
    if (u32(j) < count) {
      end = factors[T_END + pair];
      let reverse = pair_of(r1, l1);
      let whole = inside[ends(0u, b) + count * batch];
      closed = inside[ends(0u, b) + at] * inside[ends(1u, b) + u32(j + 1) * batch] / whole
        * flank(T_EXTERIOR, pair, l0, r0)
        + bulge * end + generic * mismatch(T_MISMATCH, reverse, r0, l0)
        + one_n * mismatch(T_MISMATCH_ONE_N, reverse, r0, l0);
      // The outer pair of the smallest loops lies up to four letters away on either side.
      let la = letter(max(i - 2, -1), b);
      let lb = letter(max(i - 3, -1), b);
      let lc = letter(max(i - 4, -1), b);
      let edge = i32(length);
      let ra = letter(min(j + 2, edge), b);
      let rb = letter(min(j + 3, edge), b);
      let rc = letter(min(j + 4, edge), b);
      let n0 = min(l0, 4u);
      let m0 = min(r0, 4u);
      let stacked = min(pair_of(l0, r0), 5u);
      closed += entry(OUT_CLOSED, i - 1, d + 2u, b) * factors[T_STACK + stacked * 6u + reverse]
        * scale * scale;
      let bulged_right = min(pair_of(l0, ra), 5u);
      let bulged_left = min(pair_of(la, r0), 5u);
      closed += (entry(OUT_CLOSED, i - 1, d + 3u, b) * factors[T_STACK + bulged_right * 6u + reverse]
        + entry(OUT_CLOSED, i - 2, d + 3u, b) * factors[T_STACK + bulged_left * 6u + reverse])
        * factors[T_BULGE + 1u] * exp2(3.0 * log2_scale);
      let one_one = min(pair_of(la, ra), 5u);
      closed += entry(OUT_CLOSED, i - 2, d + 4u, b) * exp2(4.0 * log2_scale)
        * factors[T_11 + ((one_one * 6u + reverse) * 5u + n0) * 5u + m0];
      let one_two = min(pair_of(la, rb), 5u);
      let two_one = min(pair_of(lb, ra), 5u);
      let na = min(la, 4u);
      let ma = min(ra, 4u);
      closed += exp2(5.0 * log2_scale) * (
        entry(OUT_CLOSED, i - 2, d + 5u, b)
          * factors[T_21 + (((one_two * 6u + reverse) * 5u + n0) * 5u + m0) * 5u + ma]
        + entry(OUT_CLOSED, i - 3, d + 5u, b)
          * factors[T_21 + (((reverse * 6u + two_one) * 5u + m0) * 5u + na) * 5u + n0]);
      let two_two = min(pair_of(lb, rb), 5u);
      closed += entry(OUT_CLOSED, i - 3, d + 6u, b) * exp2(6.0 * log2_scale)
        * factors[T_22 + ((((two_two * 6u + reverse) * 5u + na) * 5u + n0) * 5u + m0) * 5u + ma];
      let two_three = min(pair_of(lb, rc), 5u);
      let three_two = min(pair_of(lc, rb), 5u);
      closed += (entry(OUT_CLOSED, i - 3, d + 7u, b) * mismatch(T_MISMATCH_23, two_three, la, rb)
        + entry(OUT_CLOSED, i - 4, d + 7u, b) * mismatch(T_MISMATCH_23, three_two, lb, ra))
        * mismatch(T_MISMATCH_23, reverse, r0, l0)
        * factors[T_INTERIOR + 5u] * factors[T_ASYMMETRY] * exp2(7.0 * log2_scale);
      // A branch of a multiloop: the last, or with some behind it.
      if (i > 0) {
        if (inner) {
          var branch = one;
          var near = diagonal(SOME, SHORTEST, b) + u32(j + 1) * batch;
          var near_step = (length - SHORTEST) * batch;
          var far = diagonal(OUT_EITHER, d + SHORTEST + 1u, b) + at;
          var far_step = (length - d - SHORTEST - 1u) * batch;
          for (var behind = SHORTEST; u32(j) + 1u + behind < count; behind++) {
            branch += inside[near] * outside[far];
            near += near_step;
            near_step -= batch;
            far += far_step;
            far_step -= batch;
          }
          closed += branch * flank(T_BRANCH, pair, l0, r0);
        }
      }
      let l2 = letter(i + 1, b);
      let r2 = letter(j - 1, b);
      own_generic = closed * mismatch(T_MISMATCH, pair, l2, r2);
      own_one_n = closed * mismatch(T_MISMATCH_ONE_N, pair, l2, r2);
    }
  }

  let cell = diagonal(0u, d, b) + at;
  // Segments that are next to impossible may exceed the range. Others make the sequence fail.
  let is_probable = inside[cell + CLOSED * pitch] * LARGEST > NEGLIGIBLE;
  if (closed > LARGEST) {
    // Not a constant, which WGSL would refuse.
    closed = select(LARGEST, bitcast<f32>(0x7fc00000u | count), is_probable);
  }
  outside[cell + OUT_CLOSED * pitch] = closed;
  outside[cell + OUT_GENERIC * pitch] = min(own_generic, LARGEST);
  outside[cell + OUT_ONE_N * pitch] = min(own_one_n, LARGEST);
  outside[cell + OUT_ENDED * pitch] = min(closed * end, LARGEST);
  outside[cell + OUT_SOME * pitch] = min(some, LARGEST);
  outside[cell + OUT_ONE * pitch] = min(one, LARGEST);
  outside[cell + OUT_MORE * pitch] = min(more, LARGEST);
  outside[cell + OUT_EITHER * pitch] = min(some + more, LARGEST);
}
