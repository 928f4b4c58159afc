/** The networks whose sweeps share what patterns have in common. */

import { UnsupportedError } from '../../device/errors.js';
import type { Architecture } from '../../nn/architecture.js';
import { residualSizes, type Sizes } from '../../nn/presets.js';

/** Sizes of a network that a sweep can share; undefined where it embeds and predicts. */
export function sharedSizes(architecture: Architecture): Sizes | undefined {
  const sizes = residualSizes(architecture);
  return sizes?.outputs === 1 ? sizes : undefined;
}

/** @throws UnsupportedError where sharing cannot follow the layers */
export function sizesOf(architecture: Architecture): Sizes {
  const sizes = sharedSizes(architecture);
  if (!sizes) throw new UnsupportedError('a shared sweep cannot follow the layers of this network');
  return sizes;
}
