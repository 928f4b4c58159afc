// All k-mers as overlays: overlay[j] keeps the background (code 4) outside the slot and holds the digits of
// k-mer `first + j` inside it, the most significant digit first, so that k-mers come in alphabetical order (ACGU).
//
//   overlay [patterns, length] u32; count = patterns * length. One thread per position. Grid: flat.
//! include "flat"

struct Params {
  count: u32,
  length: u32,
  k: u32,
  position: u32,
  first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> overlay: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = flat_index(group, groups, local, 64u);
  if (i >= params.count) {
    return;
  }
  let kmer = params.first + i / params.length;
  let offset = i % params.length - params.position;
  // Positions before the slot wrap around to large offsets.
  let inside = offset < params.k;
  let digit = (kmer >> (2u * (params.k - 1u - select(0u, offset, inside)))) & 3u;
  overlay[i] = select(4u, digit, inside);
}
