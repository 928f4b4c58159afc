// One diagonal of what lies outside of segments: segments (i, i + span) of all sequences, from longer ones. It
// is divided by the partition function, so that its product with the inside is a probability.
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

/// Entry of an array at (i, i + d); 0 where the segment does not lie within the length.
fn entry(array: u32, i: i32, d: u32, b: u32) -> f32 {
  var value = 0.0;
  if (i >= 0) {
    if (u32(i) + d < params.length) {
      value = outside[diagonal(array, d, b) + u32(i) * params.batch];
    }
  }
  return value;
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

  // Interior loops around the segment, by number of letters.
  let most = min(MOST, max(length - 1u - d, 2u) - 2u);
  var generic = 0.0;
  var one_n = 0.0;
  var bulge = 0.0;
  var power = exp2(4.0 * log2_scale);
  for (var size = 2u; size <= most; size++) {
    let around = d + 2u + size;
    let far = i - 1 - i32(size);
    bulge += (entry(OUT_ENDED, i - 1, around, b) + entry(OUT_ENDED, far, around, b))
      * factors[T_BULGE + size] * power;
    if (size >= 4u) {
      var sum = entry(OUT_GENERIC, i - 3, around, b);
      if (size > 4u) {
        sum += entry(OUT_GENERIC, far + 2, around, b);
      }
      sum *= factors[T_ASYMMETRY + size - 4u];
      if (size > 5u) {
        if (i > 0) {
          if (u32(j) + 1u < length) {
            sum += outside[partial_sums(OUTSIDE_ARRAYS, d + 2u, size - 2u, b) + at - batch];
          }
        }
        generic += sum * factors[T_INTERIOR + size] * power;
      }
      outside[partial_sums(OUTSIDE_ARRAYS, d, size, b) + at] = sum;
      one_n += (entry(OUT_ONE_N, i - 2, around, b) + entry(OUT_ONE_N, far + 1, around, b))
        * factors[T_INTERIOR_ONE_N + size] * power;
    }
    power *= scale;
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
      for (var first = SHORTEST; first + 2u <= u32(i); first++) {
        let start = u32(i) - 1u - first;
        some += inside[diagonal(BRANCH, first, b) + start * batch]
          * outside[diagonal(OUT_EITHER, d + first + 1u, b) + start * batch];
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
      closed += entry(OUT_CLOSED, i - 1, d + 2u, b) * factors[T_STACK + stacked * 6u + reverse] * scale * scale;
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
        * factors[T_INTERIOR + 5u] * factors[T_ASYMMETRY + 1u] * exp2(7.0 * log2_scale);
      // A branch of a multiloop: the last, or with some behind it.
      if (i > 0) {
        if (inner) {
          var branch = one;
          for (var behind = SHORTEST; u32(j) + 1u + behind < count; behind++) {
            branch += inside[diagonal(SOME, behind, b) + u32(j + 1) * batch]
              * outside[diagonal(OUT_EITHER, d + behind + 1u, b) + at];
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
  let pitch = cells() * batch;
  outside[cell + OUT_CLOSED * pitch] = closed;
  outside[cell + OUT_GENERIC * pitch] = own_generic;
  outside[cell + OUT_ONE_N * pitch] = own_one_n;
  outside[cell + OUT_ENDED * pitch] = closed * end;
  outside[cell + OUT_SOME * pitch] = some;
  outside[cell + OUT_ONE * pitch] = one;
  outside[cell + OUT_MORE * pitch] = more;
  outside[cell + OUT_EITHER * pitch] = some + more;
}
