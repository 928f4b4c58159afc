// What changes from one replay of a recorded plan to the next. A kernel reads some of it.
struct Control {
  record: u32, // first place in `order` that a batch is gathered from
  pair: u32, // first (background, pattern) pair that is embedded
  pattern: u32, // first pattern of a sweep's chunk
  background: u32, // first background of a sweep's block, among all
  block_background: u32, // first background of a sweep's chunk, among the block's
  backgrounds: u32, // how many backgrounds a sweep's block has
  slot: u32, // where results go: the place of the first prediction or of a step's loss
}
