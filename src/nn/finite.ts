/** The search for a number that is not finite, among many that are. */

/**
 * Index of the first NaN or infinity, or -1. All numbers are looked at together first, in a loop that compilers
 * like: a finite number times 0 is 0.
 */
export function firstNotFinite(values: Float32Array): number {
  let zero = 0;
  for (let i = 0; i < values.length; i++) zero += values[i]! * 0;
  return zero === 0 ? -1 : values.findIndex((value) => !Number.isFinite(value));
}
