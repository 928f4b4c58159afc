// Parameters, bindings and the grid that both variants of conv_codes share. The contract is in conv_codes.wgsl.
//! include "rectified"
const LANES = 32u;
const RUN = 8u; // tile
const COLS = 3u; // tile
const TAPS_PER_GROUP = 4u; // fixed
const WORDS = 625u;
const RELU = 0u; // tile

struct Params {
  records: u32,
  length: u32,
  outputs: u32,
  taps: u32,
  runs: u32,
  output_groups: u32,
  codes_pitch: u32,
  tables_pitch: u32,
  y_pitch: u32,
}

alias Y = f32; // stores y

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> codes: array<u32>;
@group(0) @binding(2) var<storage, read> tables: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Y>;

fn finished(sum: f32) -> Y {
  var value = sum;
  if (RELU == 1u) { // when
    value = rectified(value);
  }
  return Y(value);
}
