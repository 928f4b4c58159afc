// Parameters and bindings that all variants of conv1d share. x and w are not among them, since one variant
// reads single numbers and another reads fours. The contract is in conv1d.wgsl.
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
  models: u32,
  x_pitch: u32,
  w_pitch: u32,
  y_pitch: u32,
  bias_pitch: u32,
  skip_pitch: u32,
}

alias X = f32; // stores x
alias W = f32; // stores w
alias Y = f32; // stores y

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read_write> y: array<Y>;
