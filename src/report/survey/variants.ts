/**
 * Variants: models of the same experiments that were trained in different ways, such as with clipped scores
 * and with logarithms (paper, figures 1d to 1f). This finds what differs, and compares variants pair by pair.
 */

import { MOST_PAIRS, signedRanks } from '../../nn/comparison/wilcoxon.js';
import type { TrainedAs } from '../stored-report.js';
import { experimentOf, groupsOf, type Surveyed } from './surveyed.js';

/** How the facts of a model are called in the name of its variant. */
const TEXTS: Readonly<Record<keyof TrainedAs, (value: string) => string>> = {
  transform: (value) => (value === 'none' ? 'no transform' : `${value} transform`),
  preset: (value) => `${value} network`,
  network: (value) => value,
  seed: (value) => `seed ${value}`,
};

/** What makes a variant, in this order. Seeds make one only where nothing else does. */
const FACTS = ['transform', 'preset', 'network'] as const;

/**
 * The variant of each model: what differs between models of the same experiment. Where no fact does, it is
 * where their reports are from. Undefined where no experiment has models of several variants.
 */
export function variantsOf(models: readonly Surveyed[]): readonly string[] | undefined {
  const groups = groupsOf(models, experimentOf);
  const shared = [...groups.values()].filter((group) => group.length > 1);
  if (shared.length === 0) return undefined;
  const differs = (value: (model: Surveyed) => string | undefined): boolean =>
    models.every((model) => value(model) !== undefined) &&
    shared.some((group) => new Set(group.map(value)).size > 1);
  const fact = (name: keyof TrainedAs) => (model: Surveyed) => {
    const value = model.trained?.[name];
    return value === undefined ? undefined : TEXTS[name](String(value));
  };
  const networkOf = shortNetwork(models);
  const chosen: ((model: Surveyed) => string | undefined)[] = [];
  const label = (model: Surveyed) => chosen.map((value) => value(model)).join(', ');
  const kinds = (value: (model: Surveyed) => unknown) => new Set(models.map(value)).size;
  for (const name of FACTS) {
    const value = name === 'network' ? networkOf : fact(name);
    // A fact that divides the models no further than the ones before says nothing new.
    const finer = (model: Surveyed) => JSON.stringify([label(model), value(model)]);
    if (differs(value) && kinds(finer) > kinds(label)) chosen.push(value);
  }
  if (chosen.length === 0) {
    const other = [fact('seed'), shortSource(models)].find(differs);
    if (!other) return undefined;
    chosen.push(other);
  }
  return models.map(label);
}

/**
 * The sizes of a network that not all models have: `16 filters` of `16 filters, dilations 1, 2, 4, 32 hidden
 * units`.
 */
function shortNetwork(models: readonly Surveyed[]): (model: Surveyed) => string | undefined {
  const parts = ({ trained }: Surveyed) => trained?.network?.split(/, (?=[a-z]|\d+ \D)/) ?? [];
  const all = models.map(parts);
  return (model) => {
    const own = parts(model).filter((part) => !all.every((others) => others.includes(part)));
    return own.length > 0 ? own.join(', ') : model.trained?.network;
  };
}

/** Where a report is from, without the folders that all have in common. */
function shortSource(models: readonly Surveyed[]): (model: Surveyed) => string | undefined {
  const parts = ({ source }: Surveyed) => source?.split(/[/\\]/) ?? [];
  const all = models.map(parts);
  const first = all[0] ?? [];
  const differing = first.findIndex((part, i) => all.some((each) => each[i] !== part));
  const common = differing < 0 ? first.length : differing;
  return (model) =>
    model.source === undefined
      ? undefined
      : parts(model).slice(common).join('/') || (parts(model).at(-1) ?? '');
}

/** Test correlations of variants, experiment by experiment. */
export interface VariantTable {
  /** In the order of the models. */
  readonly variants: readonly string[];
  readonly experiments: readonly {
    readonly experiment: string;
    /** As the page names it. */
    readonly name: string;
    /** By variant: the mean r of its models; undefined where there is none. */
    readonly correlations: readonly (number | undefined)[];
  }[];
  /** Experiments in which a variant has several models, whose mean counts. */
  readonly averaged: number;
}

/** The experiments that have test correlations of two variants or more. */
export function variantTable(models: readonly Surveyed[], labels: readonly string[]): VariantTable {
  const variants = [...new Set(labels)];
  const rows = new Map<string, { name: string; found: number[][] }>();
  models.forEach((model, i) => {
    const experiment = experimentOf(model);
    const name = model.protein ? `${model.protein.name} (${experiment})` : experiment;
    const row = rows.get(experiment) ?? { name, found: variants.map(() => []) };
    rows.set(experiment, row);
    if (model.pearson !== undefined) row.found[variants.indexOf(labels[i]!)]!.push(model.pearson);
  });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const compared = [...rows].filter(([, { found }]) => found.filter(({ length }) => length > 0).length > 1);
  return {
    variants,
    experiments: compared.map(([experiment, { name, found }]) => ({
      experiment,
      name,
      correlations: found.map((values) => (values.length === 0 ? undefined : mean(values))),
    })),
    averaged: compared.filter(([, { found }]) => found.some(({ length }) => length > 1)).length,
  };
}

/** Two variants over the experiments in which both have a test correlation. */
export interface VariantPair {
  readonly first: string;
  readonly second: string;
  readonly pairs: readonly {
    readonly experiment: string;
    readonly name: string;
    readonly first: number;
    readonly second: number;
  }[];
  readonly firstMedian: number;
  readonly secondMedian: number;
  /** Median of the differences, second less first. */
  readonly difference: number;
  /** Experiments in which the second has the higher r. */
  readonly wins: number;
  /** Wilcoxon's signed-rank test, two-sided; NaN for more than 1,000 experiments. */
  readonly p: number;
}

/** Every two variants that have an experiment in common. */
export function comparePairs({ variants, experiments }: VariantTable): readonly VariantPair[] {
  return variants.flatMap((first, i) =>
    variants.slice(i + 1).flatMap((second, j): VariantPair[] => {
      const pairs = experiments.flatMap(({ experiment, name, correlations }) => {
        const [a, b] = [correlations[i], correlations[i + 1 + j]];
        return a === undefined || b === undefined ? [] : [{ experiment, name, first: a, second: b }];
      });
      if (pairs.length === 0) return [];
      const [a, b] = [pairs.map((pair) => pair.first), pairs.map((pair) => pair.second)];
      return [
        {
          first,
          second,
          pairs,
          firstMedian: median(a),
          secondMedian: median(b),
          difference: median(pairs.map((pair) => pair.second - pair.first)),
          wins: pairs.filter((pair) => pair.second > pair.first).length,
          p: pairs.length > MOST_PAIRS ? Number.NaN : signedRanks(b, a).p,
        },
      ];
    }),
  );
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
