/** Medians, ratios and agreement: the arithmetic of the bench, without any clock. */

/** The middle of a sample; the mean of the two middle numbers where their count is even. */
export function median(sample) {
  if (sample.length === 0) throw new RangeError('a median needs at least one number');
  const sorted = [...sample].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Our rate over that of the fastest of others; null where there is nothing to compare. */
export function ratioToFastest(ours, others) {
  if (ours === undefined || others.length === 0) return null;
  return ours / Math.max(...others);
}

/**
 * The largest difference of two arrays, relative to the largest magnitude in the second.
 *
 * @returns NaN where either holds one, so that no tolerance passes it
 * @throws RangeError when their lengths differ
 */
export function relativeDifference(values, reference) {
  if (values.length !== reference.length) {
    throw new RangeError(`${values.length} numbers cannot be compared with ${reference.length}`);
  }
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < values.length; i++) {
    // Math.max keeps a NaN once it has met one.
    difference = Math.max(difference, Math.abs(values[i] - reference[i]));
    magnitude = Math.max(magnitude, Math.abs(reference[i]));
  }
  return difference === 0 ? 0 : difference / magnitude;
}

/**
 * The norm of the difference of two arrays, relative to the norm of the second.
 *
 * @returns NaN where either holds one, so that no tolerance passes it
 * @throws RangeError when their lengths differ
 */
export function relativeNorm(values, reference) {
  if (values.length !== reference.length) {
    throw new RangeError(`${values.length} numbers cannot be compared with ${reference.length}`);
  }
  const norm = (of) => Math.sqrt(reference.reduce((sum, _, i) => sum + of(i) ** 2, 0));
  const difference = norm((i) => values[i] - reference[i]);
  return difference === 0 ? 0 : difference / norm((i) => reference[i]);
}

/**
 * The largest relative norm of a difference over tensors of the same names, and the name of the tensor that
 * has it.
 */
export function worstDifference(tensors, reference) {
  let worst = { name: '', difference: 0 };
  for (const [name, values] of Object.entries(reference)) {
    if (!tensors[name]) throw new RangeError(`"${name}" is missing`);
    const difference = relativeNorm(tensors[name], values);
    if (Number.isNaN(difference)) return { name, difference };
    if (difference > worst.difference) worst = { name, difference };
  }
  return worst;
}

/**
 * The share of the roofline that a kernel reaches: the least time its work could take under both ceilings,
 * over the time it took.
 */
export function rooflineShare({ flops, bytes, seconds }, ceilings) {
  return Math.max(flops / ceilings.flops, bytes / ceilings.bytesPerSecond) / seconds;
}
