/**
 * What experiments on one network say of the data. Training leaves accidental differences in every network,
 * and over many backgrounds a test finds them all. So a difference counts only where it is also large beside
 * the motif's importance and, in hairpins, where all controls agree (docs/experiments.md).
 */

import type { GcComparison, GcResult } from './gc-bias.js';
import type { HairpinComparison, HairpinResult } from './hairpin.js';
import { atReadout } from './readouts.js';
import type { Comparison, RowReadout } from './study.js';

/** The greatest q, or p of a single test, at which a difference is detected. */
export const SIGNIFICANT = 0.05;

/** The least difference that counts, as a share of the importance of the motif alone. */
export const LEAST_SHARE = 0.1;

/** Whether the motif counts more, counts less, or neither can be said. */
export const VERDICTS = ['more', 'less', 'none'] as const;
/** One of `VERDICTS`. */
export type Verdict = (typeof VERDICTS)[number];

/** The comparisons that must agree before a preference for loops, or against them, is stated. */
export const HAIRPIN_EVIDENCE = [
  'paired-minus-unpaired-loop-minus-stem',
  'loop-paired-minus-broken',
  'loop-compensated-minus-broken',
] as const satisfies readonly HairpinComparison[];

/** The comparison of each end with the motif alone. */
export const GC_EVIDENCE = {
  gc5: 'with-gc5-minus-motif',
  gc3: 'with-gc3-minus-motif',
} as const satisfies Readonly<Record<string, GcComparison>>;

type Difference = Pick<Comparison, 'difference' | 'q'>;

/**
 * Whether all differences are detected, of one sign, and at least `LEAST_SHARE` of an importance.
 *
 * @param importance of the motif without what the differences add
 */
export function verdictOf(differences: readonly (Difference | undefined)[], importance: number): Verdict {
  const sign = Math.sign(differences[0]?.difference ?? 0);
  const counts = (one: Difference | undefined) =>
    one !== undefined &&
    one.q <= SIGNIFICANT &&
    Math.sign(one.difference) === sign &&
    Math.abs(one.difference) >= LEAST_SHARE * Math.abs(importance);
  return sign !== 0 && differences.every(counts) ? (sign > 0 ? 'more' : 'less') : 'none';
}

/**
 * Whether a motif counts more, or less, in the loops of hairpins: of the first model and output, or of
 * `readout`.
 */
export function hairpinVerdict(result: HairpinResult, readout?: RowReadout): Verdict {
  const { rows, comparisons } = atReadout(result, readout);
  const alone = rows.find(({ labels }) => labels.place === 'loop' && labels.arms === 'unpaired');
  return verdictOf(
    HAIRPIN_EVIDENCE.map((name) => comparisons.find(({ labels }) => labels.comparison === name)),
    alone?.importance ?? Number.NaN,
  );
}

/**
 * Whether a motif with GC at either end counts more, or less, than alone: of the first model and output, or
 * of `readout`.
 */
export function gcVerdicts(
  result: GcResult,
  readout?: RowReadout,
): Record<keyof typeof GC_EVIDENCE, Verdict> {
  const { rows, comparisons } = atReadout(result, readout);
  const alone = rows.find(({ labels }) => labels.condition === 'motif')?.importance ?? Number.NaN;
  const at = (name: GcComparison) =>
    verdictOf([comparisons.find(({ labels }) => labels.comparison === name)], alone);
  return { gc5: at(GC_EVIDENCE.gc5), gc3: at(GC_EVIDENCE.gc3) };
}
