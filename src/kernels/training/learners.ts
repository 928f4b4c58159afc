/** The numbers of a training step that differ between models that are trained side by side. */

import type { Gpu } from '../../device/gpu.js';
import type { UniformList } from '../../device/uniform-block.js';
import { shaders } from '../shaders.generated.js';

/** All kernels with `learners` declare the same list; shaders/lib/learners.wgsl describes its fields. */
const { layout } = shaders.adam.bindings.find((binding) => binding.name === 'learners')!;

type Field = (typeof layout.fields)[number]['name'];

export type Learners = UniformList<Field>;

/** What a step knows of one model. */
export type Learner = Readonly<Record<Field, number>>;

/** Models that one step can train. */
export const MOST_LEARNERS: number = layout.list.count;

/** A new list, all zero. The caller disposes it. */
export const createLearners = (gpu: Gpu): Learners => gpu.uniformList(layout, 'learners');
