/**
 * What kernels reach of the adapter's ceilings, by the roofline model (Williams, Waterman and Patterson,
 * Communications of the ACM 2009): a kernel can be no faster than arithmetic allows for its flops, or
 * bandwidth for its bytes.
 */

import type { KernelTotals } from '../device/profiling/kernel-ledger.js';
import type { Ceilings } from './ceilings.js';

/** What a kernel reached; absent where it was not timed. */
export interface KernelRate {
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
  /** The larger of its two shares of a ceiling; absent without ceilings. */
  readonly share?: number;
}

/** A kernel's rates over its timed calls. */
export function rateOf({ timed }: KernelTotals, ceilings?: Ceilings): KernelRate | undefined {
  if (!(timed.seconds > 0)) return undefined;
  const flopsPerSecond = timed.flops / timed.seconds;
  const bytesPerSecond = timed.bytes / timed.seconds;
  if (!ceilings) return { flopsPerSecond, bytesPerSecond };
  const { arithmetic, bandwidth } = ceilings;
  const share = Math.max(flopsPerSecond / arithmetic.rate, bytesPerSecond / bandwidth.rate);
  return { flopsPerSecond, bytesPerSecond, share };
}
