/**
 * What experiments found, in sentences made from their numbers alone: each with its size, its interval or its
 * test, and just as plainly where nothing was detected.
 */

import type { Comparison, ExperimentResult, ExperimentRow } from '../../gia/experiments/index.js';
import { fitOf } from '../correlation.js';
import { fixed } from '../figures/svg.js';
import { count, listed, probability } from '../wording.js';

/** A difference with q above this is not called one. */
export const SIGNIFICANT = 0.05;

const number = (value: number): string => fixed(value, 2);
const qOf = ({ q }: Comparison): string => probability(q, 'q');

const ofFirst = <Row extends { readonly model: number }>(rows: readonly Row[]): Row[] =>
  rows.filter(({ model }) => model === 0);

const find = ({ comparisons }: ExperimentResult, comparison: string): Comparison | undefined =>
  comparisons.find(({ labels, model }) => model === 0 && labels.comparison === comparison);

/** The rows with the least and the greatest importance. */
const extremes = (rows: readonly ExperimentRow[]) => ({
  least: rows.reduce((a, b) => (b.importance < a.importance ? b : a)),
  best: rows.reduce((a, b) => (b.importance > a.importance ? b : a)),
});

/** One or a few sentences for an experiment of the first model; undefined for one that needs none. */
export function findingOf(result: ExperimentResult): string | undefined {
  return FINDINGS[result.experiment]?.(result);
}

/** By experiment. */
const FINDINGS: Readonly<Record<string, (result: ExperimentResult) => string | undefined>> = {
  multiplicity: copiesFinding,
  spacing: spacingFinding,
  positions: positionsFinding,
  affinity: affinityFinding,
  hairpin: hairpinFinding,
  gc: gcFinding,
};

function copiesFinding(result: ExperimentResult): string | undefined {
  const { slope, r2, suboptimalSlope, suboptimalR2 } = result.facts[0] as Record<string, number>;
  const rows = ofFirst(result.rows);
  const [motif, suboptimal] = new Set(rows.map(({ labels }) => labels.motif));
  const about = (of: ExperimentRow['labels'][string] | undefined, called: string, a: number, b: number) => {
    const own = rows.filter(({ labels }) => labels.motif === of);
    const sum = ofFirst(result.comparisons).findLast(
      ({ labels }) => labels.motif === of && labels.comparison === 'together - sum of each alone',
    );
    const last = own.at(-1);
    if (!sum || !last) return undefined;
    const together = `${count(own.length, 'copy', 'copies')} of ${called} together count ${number(last.importance)}`;
    const compared = `the sum of each copy alone at the same place is ${number(last.importance - sum.difference)}`;
    const verdict =
      sum.q > SIGNIFICANT
        ? `no difference detected (${qOf(sum)})`
        : `which is ${number(Math.abs(sum.difference))} ${sum.difference < 0 ? 'more' : 'less'} (${qOf(sum)})`;
    const each = own
      .slice(1)
      .flatMap(({ labels, more }) =>
        more
          ? `copy ${labels.copies}, at ${more.position}, adds ${number(more.added!)} where it counts ${number(more.alone!)} alone`
          : [],
      );
    const steps = each.length > 0 ? ` In the same backgrounds ${listed(each)}.` : '';
    return `${together}; ${compared}, ${verdict}.${steps} The line of importance over the number of copies has slope ${number(a)} (${fitOf(b, own.length)}).`;
  };
  const parts = [
    about(motif, motif === undefined ? 'the motif' : String(motif), slope!, r2!),
    suboptimal === undefined
      ? undefined
      : about(suboptimal, `the sub-optimal ${suboptimal}`, suboptimalSlope!, suboptimalR2!),
  ].filter((text) => text !== undefined);
  return parts.length > 0 ? parts.join(' ') : undefined;
}

/** Where two copies stand to each other. */
function atGap(gap: number): string {
  if (gap === 0) return 'next to each other';
  return gap < 0 ? `overlapping by ${count(-gap, 'letter')}` : `${count(gap, 'letter')} apart`;
}

function spacingFinding(result: ExperimentResult): string | undefined {
  const own = ofFirst(result.comparisons);
  if (own.length === 0) return undefined;
  const near = own.reduce((a, b) => (Number(b.labels.gap) < Number(a.labels.gap) ? b : a));
  const place = atGap(Number(near.labels.gap));
  const beside =
    near.q > SIGNIFICANT
      ? `For two copies ${place}, no difference from the sum of each alone was detected (${qOf(near)})`
      : `Two copies ${place} count ${number(Math.abs(near.difference))} ${near.difference < 0 ? 'less' : 'more'} than the sum of each alone (${qOf(near)})`;
  if (own.length === 1) return `${beside}.`;
  const costs = own.filter(({ q, difference }) => q <= SIGNIFICANT && difference < 0);
  if (costs.length === 0) return `${beside}; no gap has a detectable cost.`;
  const worst = costs.reduce((a, b) => (b.difference < a.difference ? b : a));
  return `${beside}; the largest cost is ${number(-worst.difference)}, for copies ${atGap(Number(worst.labels.gap))} (${qOf(worst)}).`;
}

function positionsFinding(result: ExperimentResult): string | undefined {
  const own = ofFirst(result.rows);
  if (own.length === 0) return undefined;
  const { least, best } = extremes(own);
  if (own.length === 1)
    return `At position ${best.labels.position} the importance is ${number(best.importance)}.`;
  return `By position, importance ranges from ${number(least.importance)} (at ${least.labels.position}) to ${number(best.importance)} (at ${best.labels.position}).`;
}

function affinityFinding(result: ExperimentResult): string {
  const { slope, r2, p } = result.facts[0] as { slope: number; r2: number; p: number };
  const variants = ofFirst(result.rows).length;
  const line = Number.isNaN(r2) ? fitOf(r2, variants) : `${fitOf(r2, variants)}, ${probability(p)}`;
  if (!(p <= SIGNIFICANT))
    return `No relation between importance and measured affinity was detected (${line}).`;
  const direction = slope < 0 ? 'tighter' : 'weaker';
  return `Importance ${slope < 0 ? 'falls' : 'rises'} by ${number(Math.abs(slope))} per unit of ln K_D (${line}): variants that bind more ${direction === 'tighter' ? 'tightly' : 'weakly'} count more.`;
}

function hairpinFinding(result: ExperimentResult): string | undefined {
  const loop = find(result, 'loop - stem: paired - unpaired');
  const broken = find(result, 'loop: paired - broken');
  if (!loop || !broken) return undefined;
  const places =
    loop.q > SIGNIFICANT
      ? `No effect of the hairpin on the difference between loop and stem was detected (${qOf(loop)})`
      : `In a hairpin the motif counts ${number(Math.abs(loop.difference))} ${loop.difference > 0 ? 'more' : 'less'} in the loop than in the stem, beyond what the two positions differ by without one (${qOf(loop)})`;
  const stem =
    broken.q > SIGNIFICANT
      ? `breaking the stem has no detectable effect on the motif in the loop (${qOf(broken)})`
      : `breaking the stem ${broken.difference > 0 ? `takes ${number(broken.difference)} from` : `adds ${number(-broken.difference)} to`} the motif in the loop (${qOf(broken)})`;
  return `${places}; ${stem}.`;
}

function gcFinding(result: ExperimentResult): string {
  const rows = ofFirst(result.rows);
  const rowOf = (condition: string) => rows.find(({ labels }) => labels.condition === condition);
  const effects = (['5', '3'] as const).map((end) => {
    const difference = find(result, `with ${end}' GC - motif`);
    const element = elementOf(rowOf(`${end}' GC`));
    const place = `${element} at the ${end}′ end`;
    if (!difference) return `${place} was not compared`;
    return difference.q > SIGNIFICANT
      ? `${place} has no detectable effect (${qOf(difference)})`
      : `${place} ${difference.difference > 0 ? 'adds' : 'takes away'} ${number(Math.abs(difference.difference))} (${qOf(difference)})`;
  });
  const alone = rowOf('motif');
  return `Beside the motif${alone ? ` (${number(alone.importance)} alone)` : ''}, ${listed(effects)}.`;
}

/** The letters that were embedded, without their position. */
export const elementOf = (row: ExperimentRow | undefined): string =>
  /^[A-Z]+(?=@)/.exec(String(row?.labels.pattern))?.[0] ?? 'GC';
