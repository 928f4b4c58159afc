/** What experiments say, in sentences: each with its number, its interval or its test, and the opposite where that is so. */

import type { Comparison, ExperimentResult, Labels } from '../gia/experiments/index.js';
import { squared } from './correlation.js';
import { fixed } from './svg.js';

/** Comparisons with q above this are called none. */
export const SIGNIFICANT = 0.05;

const number = (value: number): string => fixed(value, 2);

/** `p = 0.003`, `p < 1e-16`; of no name, `0.003` and `< 1e-16`. */
export const probability = (p: number, name = 'p'): string => {
  if (p < 1e-16) return `${name} < 1e-16`.trimStart();
  const value = p < 0.001 ? p.toExponential(0) : String(Number(p.toPrecision(2)));
  return name === '' ? value : `${name} = ${value}`;
};

const find = ({ comparisons }: ExperimentResult, comparison: string): Comparison | undefined =>
  comparisons.find(({ labels, model }) => model === 0 && labels.comparison === comparison);

/** One sentence for an experiment of the first model; undefined for one that needs none. */
export function findingOf(result: ExperimentResult): string | undefined {
  switch (result.experiment) {
    case 'multiplicity': {
      return copiesFinding(result);
    }
    case 'spacing': {
      const own = result.comparisons.filter(({ model }) => model === 0);
      const worst = own.reduce((a, b) => (b.difference < a.difference ? b : a));
      const near = own[0]!;
      const beside =
        near.q > SIGNIFICANT
          ? 'Next to each other two copies add up'
          : `Next to each other two copies have ${number(Math.abs(near.difference))} ${near.difference < 0 ? 'less' : 'more'} than each alone adds up to (${probability(near.q, 'q')})`;
      const most =
        worst.q > SIGNIFICANT || worst.difference >= 0
          ? 'no gap costs anything that can be told'
          : `the most that any gap costs is ${number(-worst.difference)}, at ${worst.labels.gap} letters (${probability(worst.q, 'q')})`;
      return `${beside}; ${most}.`;
    }
    case 'positions': {
      const own = result.rows.filter(({ model }) => model === 0);
      const best = own.reduce((a, b) => (b.importance > a.importance ? b : a));
      const least = own.reduce((a, b) => (b.importance < a.importance ? b : a));
      return `By position, importance runs from ${number(least.importance)} (at ${least.labels.position}) to ${number(best.importance)} (at ${best.labels.position}).`;
    }
    case 'affinity': {
      const { slope, r2, p } = result.facts[0] as { slope: number; r2: number; p: number };
      const line = Number.isNaN(r2) ? squared(r2) : `${squared(r2)}, ${probability(p)}`;
      const variants = result.rows.filter(({ model }) => model === 0).length;
      return !(p <= SIGNIFICANT)
        ? `Over ${variants} variants, importance does not follow measured affinity in a way that can be told (${line}).`
        : `Over ${variants} variants, importance ${slope < 0 ? 'falls' : 'rises'} by ${number(Math.abs(slope))} for every unit of ln K_D (${line})${slope < 0 ? '' : ', as if what binds less were worth more'}.`;
    }
    case 'hairpin': {
      const loop = find(result, 'loop - stem: paired - unpaired');
      const paired = find(result, 'loop: paired - broken');
      if (!loop || !paired) return undefined;
      const places =
        loop.q > SIGNIFICANT
          ? `A hairpin makes no difference between loop and stem that can be told (${probability(loop.q, 'q')})`
          : `In a hairpin the motif counts ${number(Math.abs(loop.difference))} ${loop.difference > 0 ? 'more' : 'less'} in the loop than in the stem, beyond what the two positions differ by without one (${probability(loop.q, 'q')})`;
      const stem =
        paired.q > SIGNIFICANT
          ? `breaking the stem changes nothing that can be told (${probability(paired.q, 'q')})`
          : `breaking the stem ${paired.difference > 0 ? `takes ${number(paired.difference)} from` : `adds ${number(-paired.difference)} to`} the motif in the loop (${probability(paired.q, 'q')})`;
      return `${places}; ${stem}.`;
    }
    case 'gc': {
      const [five, three] = (['5', '3'] as const).map((end) => {
        const it = find(result, `with ${end}' GC - motif`);
        const nothing = !it || it.q > SIGNIFICANT;
        const what = nothing
          ? 'changes nothing that can be told'
          : `${it.difference > 0 ? 'adds' : 'takes'} ${number(Math.abs(it.difference))} (${probability(it.q, 'q')})`;
        return `at the ${end}′ end ${what}`;
      });
      const alone = result.rows.find(({ model, labels }) => model === 0 && labels.condition === 'motif');
      return `Beside the motif${alone ? ` (${number(alone.importance)} alone)` : ''}, GCGCGC ${five}, ${three}.`;
    }
    default:
      return undefined;
  }
}

/** Of the motif, and of the sub-optimal one where there is one. */
function copiesFinding(result: ExperimentResult): string {
  const { slope, r2, suboptimalSlope, suboptimalR2 } = result.facts[0] as Record<string, number>;
  const own = result.comparisons.filter(({ model }) => model === 0);
  const [motif, suboptimal] = new Set(own.map(({ labels }) => labels.motif));
  const sum = (of: Labels[string] | undefined) => {
    const last = own.findLast(({ labels }) => labels.motif === of);
    return last === undefined || last.q > SIGNIFICANT
      ? 'which is what each alone adds up to'
      : `${number(Math.abs(last.difference))} ${last.difference < 0 ? 'less' : 'more'} for ${last.labels.copies} copies than each alone adds up to (${probability(last.q, 'q')})`;
  };
  const line = (increment: number, share: number) =>
    `${number(increment)} (${Number.isNaN(share) ? squared(share) : `line with ${squared(share)}`})`;
  const weaker =
    suboptimal === undefined
      ? ''
      : ` A copy of the sub-optimal ${suboptimal} adds ${line(suboptimalSlope!, suboptimalR2!)}, ${sum(suboptimal)}.`;
  return `Each further copy adds ${line(slope!, r2!)}, ${sum(motif)}.${weaker}`;
}
