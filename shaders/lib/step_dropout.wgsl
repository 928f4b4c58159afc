// Dropout in the fused training step: the masks of lib/dropout, as factors of four neighbouring channels.
// Needs
// `learners`.
//! include "learners"
//! include "threefry"

// The factors of rows 2 `pair` and 2 `pair` + 1 of a quad: `scale` where they are kept, else 0.
fn dropout_factors(
  model: u32,
  layer: u32,
  pair: u32,
  first_channel: u32,
  channels: u32,
  drop_below: u32,
  scale: f32,
) -> array<vec4f, 2> {
  let key = vec2u(learners.models[model].seed, layer);
  let step = learners.models[model].step;
  let index = pair * channels + first_channel;
  let a = threefry2x32(key, vec2u(index, step));
  let b = threefry2x32(key, vec2u(index + 1u, step));
  let c = threefry2x32(key, vec2u(index + 2u, step));
  let d = threefry2x32(key, vec2u(index + 3u, step));
  let least = vec4u(drop_below);
  return array<vec4f, 2>(
    select(vec4f(), vec4f(scale), vec4u(a.x, b.x, c.x, d.x) >= least),
    select(vec4f(), vec4f(scale), vec4u(a.y, b.y, c.y, d.y) >= least),
  );
}
