/**
 * Experiments in all replicates: which comparisons have the same sign in every network, and numbers of each.
 */

import {
  gcVerdicts,
  hairpinVerdict,
  type Labels,
  type ReplicatedComparison,
  readoutsOfResult,
  type Verdict,
} from '../../gia/experiments/index.js';
import { spelledResult } from '../../gia/tables/spelling.js';
import { reportOf } from '../experiments/index.js';
import { capitalised } from '../experiments/shared.js';
import type { Files } from '../figures/figure-files.js';
import { fixed } from '../figures/svg.js';
import { paragraph, type Section, sortable } from '../page/page.js';
import { HINTS, intervalColumn, numberColumn } from '../table-columns.js';
import { count, probability } from '../wording.js';
import type { SharedResult } from './ask-replicates.js';

/** A comparison in all networks. */
interface Compared extends ReplicatedComparison {
  /** In words. */
  readonly name: string;
  /** Network by network. */
  readonly differences: readonly number[];
}

/** A number that an experiment finds of each network. */
interface Fact {
  readonly name: string;
  readonly values: readonly number[];
}

/** Numbers of networks that the page shows, by experiment and field. */
const FACTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  multiplicity: { slope: 'importance per copy', r2: 'R² of the line over copies' },
  gc: {
    effect5: 'effect size of GC at the 5′ end',
    effect3: 'effect size of GC at the 3′ end',
    difference: 'difference of the effect sizes (5′ − 3′)',
  },
};

const TITLES: Readonly<Record<string, string>> = { mutagenesis: 'Single-letter variants' };

const titleOf = (result: SharedResult): string =>
  reportOf(result).section?.title ?? TITLES[result.experiment] ?? capitalised(result.experiment);

const isAgreed = ({ differences }: Compared): boolean =>
  differences.every((value) => value > 0) || differences.every((value) => value < 0);

/** The comparisons of a result, with the differences of each network. */
function comparedIn(given: SharedResult): readonly Compared[] {
  const { across = [], ...result } = spelledResult(given);
  const name = reportOf(result).comparison as (labels: Labels, of: SharedResult) => string;
  const byLabels = new Map<string, number[]>();
  for (const { labels, difference } of result.comparisons) {
    const key = JSON.stringify(labels);
    byLabels.set(key, [...(byLabels.get(key) ?? []), difference]);
  }
  return across.map((each) => ({
    ...each,
    name: name(each.labels, result),
    differences: byLabels.get(JSON.stringify(each.labels))!,
  }));
}

function factsIn(result: SharedResult): readonly Fact[] {
  return Object.entries(FACTS[result.experiment] ?? {}).map(([field, name]) => ({
    name,
    values: result.facts.map((facts) => (facts as unknown as Record<string, number>)[field]!),
  }));
}

/** For each experiment, how many of its comparisons all networks agree on, and its numbers. */
export function sharedFindings(results: readonly SharedResult[], networks: number): string[] {
  return results.flatMap((result) => {
    const compared = comparedIn(result);
    if (compared.length === 0) return [];
    const agreed = compared
      .filter(isAgreed)
      .toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference));
    const facts = factsIn(result)
      .filter(({ values }) => values.every(Number.isFinite))
      .map(({ name, values }) => ` The ${name} is ${rangeText(values, 2)}.`);
    const [largest] = agreed;
    const example = largest
      ? ` The largest is ${largest.name}: ${fixed(largest.difference, 2)} on average (${rangeText(largest.differences, 2)}).`
      : '';
    return [
      `${titleOf(result)}: ${agreed.length} of ${count(compared.length, 'comparison')} ${agreed.length === 1 ? 'has' : 'have'} the same sign in ${allOf(networks)}.${example}${facts.join('')}${verdictText(result)}`,
    ];
  });
}

/** In how many networks the motif counts more or less, for the experiments that give a verdict. */
function verdictText(result: SharedResult): string {
  const networks = readoutsOfResult(result);
  const sentence = (where: string, verdicts: readonly Verdict[]): string => {
    const of = (verdict: Verdict) => verdicts.filter((each) => each === verdict).length;
    if (of('none') === networks.length)
      return ` Judged one by one, no network counts the motif more or less ${where}.`;
    return ` Judged one by one, ${of('more')} of ${networks.length} networks count the motif more ${where}, and ${of('less')} less.`;
  };
  if (result.experiment === 'hairpin')
    return sentence(
      'in the loops of hairpins',
      networks.map((network) => hairpinVerdict(result, network)),
    );
  if (result.experiment !== 'gc') return '';
  const each = networks.map((network) => gcVerdicts(result, network));
  return (
    sentence(
      'with GC at the 5′ end',
      each.map(({ gc5 }) => gc5),
    ) +
    sentence(
      'with GC at the 3′ end',
      each.map(({ gc3 }) => gc3),
    )
  );
}

/** A section with a table of comparisons for each experiment. */
export function sharedExperiments(files: Files, results: readonly SharedResult[], unit: string): Section[] {
  const parts = results.flatMap((result) => {
    const compared = comparedIn(result);
    if (compared.length === 0) return [];
    const networks = readoutsOfResult(result).length;
    const path = files.table(
      `${result.experiment}-networks`,
      compared.map(({ name, difference, ciLow, ciHigh, p, q, differences }) => ({
        comparison: name,
        difference,
        ci_low: ciLow,
        ci_high: ciHigh,
        p,
        q,
        ...Object.fromEntries(differences.map((value, e) => [`network_${e + 1}`, value])),
      })),
    );
    return [
      {
        id: `networks-${result.experiment}`,
        title: titleOf(result),
        body: `${numbersTable(factsIn(result))}${comparisonsTable(compared, networks)}<p><a href="${path}">Each network’s differences</a></p>`,
      },
    ];
  });
  if (parts.length === 0) return [];
  return [
    {
      id: 'networks-experiments',
      title: 'Experiments in all networks',
      body: paragraph(
        `Each experiment asks all networks about the same motif in the same backgrounds. A difference is the mean of the networks’ differences, in ${unit}; each network counts once.`,
      ),
      parts,
    },
  ];
}

const comparisonsTable = (compared: readonly Compared[], networks: number): string =>
  sortable(compared, [
    { heading: 'comparison', cell: ({ name }) => name },
    numberColumn<Compared>('difference', ({ difference }) => difference, 3, 'mean over networks'),
    { ...intervalColumn<Compared>(), hint: '95 % confidence interval of the mean over networks' },
    numberColumn<Compared>('lowest', ({ differences }) => Math.min(...differences), 3),
    numberColumn<Compared>('highest', ({ differences }) => Math.max(...differences), 3),
    {
      heading: 'above 0 in',
      hint: 'networks whose difference is above 0',
      value: ({ differences }) => positiveIn(differences),
      cell: ({ differences }) => `${positiveIn(differences)} of ${networks}`,
    },
    {
      heading: 'q',
      hint: HINTS.q.replace('backgrounds', 'networks'),
      cell: ({ q }) => probability(q, ''),
      value: ({ q }) => q,
    },
  ]);

const positiveIn = (differences: readonly number[]): number =>
  differences.filter((value) => value > 0).length;

/** Numbers of each network; empty where there are none. */
function numbersTable(facts: readonly Fact[]): string {
  if (facts.length === 0) return '';
  const known = ({ values }: Fact): readonly number[] => values.filter(Number.isFinite);
  const over = (fact: Fact, of: (values: readonly number[]) => number): number =>
    known(fact).length === 0 ? Number.NaN : of(known(fact));
  const column = (heading: string, of: (values: readonly number[]) => number) => ({
    heading,
    value: (fact: Fact) => over(fact, of),
    cell: (fact: Fact) => (known(fact).length === 0 ? '' : fixed(over(fact, of), 3)),
  });
  return sortable(facts, [
    { heading: 'number', cell: ({ name }) => name },
    column('mean', (values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    column('lowest', (values) => Math.min(...values)),
    column('highest', (values) => Math.max(...values)),
  ]);
}

/** `all 3 networks`, `both networks`. */
export const allOf = (networks: number): string =>
  networks === 2 ? 'both networks' : `all ${networks} networks`;

/** `0.81 to 0.85`, or one number where all are the same. */
export function rangeText(values: readonly number[], places: number): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => fixed(value, places));
  return low === high ? low! : `${low} to ${high}`;
}
