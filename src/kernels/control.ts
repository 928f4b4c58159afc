/** What changes from one replay of a recorded plan to the next: where it reads and writes. */

import type { Gpu } from '../device/gpu.js';
import type { UniformBlock } from '../device/uniform-block.js';
import { shaders } from './shaders.generated.js';

/** All kernels with a `control` declare the same one; shaders/lib/control.wgsl describes its fields. */
const { layout } = shaders.place.bindings.find((binding) => binding.name === 'control')!;

export type Control = UniformBlock<(typeof layout.fields)[number]['name']>;

/** A new block, all zero. The caller disposes it. */
export const createControl = (gpu: Gpu): Control => gpu.uniform(layout, 'control');
