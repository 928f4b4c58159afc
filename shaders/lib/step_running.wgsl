// Running statistics move towards a batch's moments. Needs lib/step_moments, `running` [E, flat] and, in
// Params, `running_at` (of the layer's mean, in quads), `running_pitch` and `momentum`.
fn move_running(model: u32, quad: u32, moments: Moments) {
  let at = model * params.running_pitch / 4u + params.running_at + quad;
  running[at] = mix(moments.mean + moments.rest, running[at], params.momentum);
  running[at + QUADS] = mix(moments.variance, running[at + QUADS], params.momentum);
}
