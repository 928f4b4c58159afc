// What the variants of conv1d share: their parameters and bindings. The contract is in conv1d.wgsl.
struct Params {
  rows: u32,
  length: u32,
  inputs: u32,
  outputs: u32,
  taps: u32,
  dilation: i32,
  w_start: i32,
  w_tap: i32,
  w_in: i32,
  w_out: i32,
  x_pitch: u32,
  w_pitch: u32,
  y_pitch: u32,
  bias_pitch: u32,
  skip_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
