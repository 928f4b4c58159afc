// The dropout mask: a pure function of (seed + model, layer, step, row, channel) by Threefry, so that it is
// never stored. One Threefry block serves rows 2 r and 2 r + 1 of a channel. Needs lib/threefry and
// lib/control, and `channels`, `seed`, `layer` and `drop_below` (rate * 2^32) in Params. Model e of a batch
// draws the mask that it would draw alone with seed + e.
//! include "control"
//! include "threefry"

// Whether the two rows keep the channel's element.
fn dropout_keeps(model: u32, row_pair: u32, channel: u32, step: u32) -> vec2<bool> {
  let counter = vec2u(row_pair * params.channels + channel, step);
  return threefry2x32(vec2u(params.seed + model, params.layer), counter) >= vec2u(params.drop_below);
}
