// The dropout mask: a pure function of (seed, layer, step, row, channel) by Threefry, so that it is never
// stored. One Threefry block serves rows 2 r and 2 r + 1 of a channel. Each model has its own seed and step,
// so its mask does not depend on the models beside it. Needs `channels`, `layer` and `drop_below`
// (rate * 2^32) in Params.
//! include "learners"
//! include "threefry"

// Whether the two rows keep the channel's element.
fn dropout_keeps(learner: Learner, row_pair: u32, channel: u32) -> vec2<bool> {
  let counter = vec2u(row_pair * params.channels + channel, learner.step);
  return threefry2x32(vec2u(learner.seed, params.layer), counter) >= vec2u(params.drop_below);
}
