// Parameters and bindings that all variants of conv1d_dw share. x and dy are not among them, since one
// variant reads single numbers and another reads fours. The contract is in conv1d_dw.wgsl.
struct Params {
  rows: u32,
  length: u32,
  inputs: u32,
  outputs: u32,
  taps: u32,
  dilation: i32,
  records_per_split: u32,
  models: u32,
  x_pitch: u32,
  dy_pitch: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;
