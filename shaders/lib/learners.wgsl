// What differs between models that are trained side by side: one entry a model.
struct Learner {
  seed: u32, // of the dropout masks
  step: u32, // steps that the model has taken, this one included; the dropout counter
  rate: f32, // learning rate with Adam's bias corrections
  epsilon: f32, // Adam's, as it stands beside sqrt(v)
}

struct Learners {
  models: array<Learner, 256>,
}
