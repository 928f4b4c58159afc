// What changes from one replay of a recorded plan to the next.
struct Control {
  first: u32, // first record or pair that this replay reads
  slot: u32, // first place that its results go to
  step: u32, // training step, the dropout counter
  rate: f32, // learning rate with Adam's bias corrections
  epsilon: f32, // Adam's, as it stands beside sqrt(v)
}
