/** Tensors, operations on them, and their gradients. */

export * from './operations.js';
export { cast, pearsonTerms, rowMoments } from './reductions.js';
export { Tape } from './tape.js';
export { type DType, Tensor, type TensorData } from './tensor.js';
