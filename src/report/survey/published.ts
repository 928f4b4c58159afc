/**
 * Published test correlations of other methods, experiment by experiment, and how they are joined with those
 * of surveyed models.
 */

import { parseDelimited, type Row } from '../../data/tables/delimited.js';
import { isMissing } from '../../data/tables/missing.js';
import { readNumber } from '../../data/tables/numbers.js';
import { echo } from '../../device/echo.js';
import { FormatError } from '../../device/errors.js';
import { MOST_PAIRS, signedRanks } from '../../nn/comparison/wilcoxon.js';
import type { SurveyedModel } from '../stored-report.js';

/** A table of published correlations. */
export interface Published {
  /** The file. */
  readonly source: string;
  /** Methods, as the columns are called. */
  readonly methods: readonly string[];
  /** By the name of the experiment: a correlation for each method, undefined where it is missing. */
  readonly experiments: ReadonlyMap<string, readonly (number | undefined)[]>;
}

/**
 * Reads a table with a header, the names of experiments in its first column, and a correlation for each
 * method in the others.
 *
 * @param source of the text, for errors
 * @throws FormatError naming file, line and column
 */
export function parsePublished(text: string, source: string): Published {
  const [header, ...rows] = parseDelimited(text, source).rows();
  const methods = header?.fields.slice(1) ?? [];
  if (methods.length === 0)
    throw new FormatError(
      `${source}: expected a header with a column of experiments and a column for each method`,
    );
  const bad = methods.findIndex((name, i) => name === '' || methods.indexOf(name) !== i);
  if (bad >= 0)
    throw new FormatError(
      `${source}:${header!.number}: column ${bad + 2} ${methods[bad] === '' ? 'has no name' : `repeats the name ${echo(methods[bad]!)}`}`,
    );
  const experiments = new Map<string, readonly (number | undefined)[]>();
  for (const row of rows) {
    const [name = '', ...fields] = row.fields;
    const where = `${source}:${row.number}`;
    if (fields.length !== methods.length)
      throw new FormatError(
        `${where}: ${row.fields.length} fields, but the header has ${methods.length + 1}`,
      );
    if (name === '') throw new FormatError(`${where}: the experiment has no name`);
    if (experiments.has(name)) throw new FormatError(`${where}: experiment ${echo(name)} is given twice`);
    experiments.set(name, correlationsIn(row, methods, where));
  }
  return { source, methods, experiments };
}

const correlationsIn = ({ fields }: Row, methods: readonly string[], where: string) =>
  methods.map((method, i) => {
    const field = fields[i + 1]!;
    if (isMissing(field)) return undefined;
    const r = readNumber(field);
    if (r === undefined || Math.abs(r) > 1)
      throw new FormatError(
        `${where}: ${echo(field)} in column ${echo(method)} is not a correlation from -1 to 1; keep only columns of correlations`,
      );
    return r;
  });

/** One experiment that has both a surveyed model and a published row. */
export interface JoinedExperiment {
  readonly experiment: string;
  /** Test r of the surveyed model; the mean where the experiment has several. */
  readonly own: number;
  readonly models: number;
  /** By method. */
  readonly published: readonly (number | undefined)[];
}

/** What a table and a survey have in common. */
export interface Join {
  readonly experiments: readonly JoinedExperiment[];
  /** Experiments of models whose name is not in the table. */
  readonly unpublished: readonly string[];
  /** Experiments of the table that have no model. */
  readonly untrained: readonly string[];
  /** Models without a correlation. */
  readonly unmeasured: readonly string[];
}

/** A model and the name of its experiment: its task, or its own name. */
export type NamedExperiment = Pick<SurveyedModel, 'pearson'> & { readonly experiment: string };

/** An experiment, and the names of its protein. */
export interface AliasedExperiment {
  readonly experiment: string;
  readonly aliases?: readonly string[] | undefined;
}

/**
 * The same table with the names of experiments where its rows are named after proteins. A row of a protein
 * that several of the experiments have stays as it is, since it could be of any of them.
 *
 * @returns also the rows that were renamed, and those that stayed although they name a protein
 */
export function keyedByExperiments(
  { source, methods, experiments: rows }: Published,
  experiments: readonly AliasedExperiment[],
): {
  readonly published: Published;
  readonly renamed: readonly string[];
  readonly unclear: readonly string[];
} {
  const owners = new Map<string, Set<string>>();
  for (const { experiment, aliases = [] } of experiments)
    if (!rows.has(experiment))
      for (const alias of aliases)
        owners.set(alias.toLowerCase(), (owners.get(alias.toLowerCase()) ?? new Set()).add(experiment));
  const own = new Set(experiments.map(({ experiment }) => experiment));
  const claims = [...rows.keys()].flatMap((name) =>
    own.has(name)
      ? []
      : [...(owners.get(name.toLowerCase()) ?? [])].map((experiment) => ({ name, experiment })),
  );
  // One row for one experiment: neither may be claimed twice.
  const isClear = (claim: (typeof claims)[number]) =>
    claims.every(
      (other) => other === claim || (other.name !== claim.name && other.experiment !== claim.experiment),
    );
  const renamed = new Map(claims.filter(isClear).map(({ name, experiment }) => [name, experiment]));
  return {
    published: {
      source,
      methods,
      experiments: new Map([...rows].map(([name, row]) => [renamed.get(name) ?? name, row])),
    },
    renamed: [...renamed.keys()],
    unclear: [...new Set(claims.map(({ name }) => name))].filter((name) => !renamed.has(name)),
  };
}

/** @throws FormatError if a table has none of the experiments */
export function checkPublished(
  { source, experiments: rows }: Published,
  experiments: readonly string[],
): void {
  if (!experiments.some((name) => rows.has(name)))
    throw new FormatError(
      `${source} and the reports have no experiment in common. The table has ${example([...rows.keys()])}; reports are of ${example(experiments)}. Name models after their experiments (residualbind report --name), or give a table that names their proteins (--names)`,
    );
}

/** @throws FormatError if no model has a row */
export function joinPublished(models: readonly NamedExperiment[], published: Published): Join {
  const { experiments } = published;
  const all = models.map(({ experiment }) => experiment);
  checkPublished(published, all);
  const own = new Map<string, number[]>();
  for (const { experiment, pearson } of models)
    if (pearson !== undefined) own.set(experiment, [...(own.get(experiment) ?? []), pearson]);
  const joined = [...own].flatMap(([experiment, correlations]): JoinedExperiment[] => {
    const row = experiments.get(experiment);
    const mean = correlations.reduce((sum, r) => sum + r, 0) / correlations.length;
    return row ? [{ experiment, own: mean, models: correlations.length, published: row }] : [];
  });
  const names = new Set(all);
  return {
    experiments: joined,
    unpublished: [...own.keys()].filter((name) => !experiments.has(name)),
    untrained: [...experiments.keys()].filter((name) => !names.has(name)),
    unmeasured: [...names].filter((name) => !own.has(name)),
  };
}

const example = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : new Set(names).size === 1 ? echo(names[0]!) : `${echo(names[0]!)} and others`;

/** A method over the experiments in which both it and the surveyed models have a correlation. */
export interface MethodComparison {
  readonly method: string;
  /** Experiments. */
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation; NaN for one experiment. */
  readonly deviation: number;
  /** Of the surveyed models in these experiments. */
  readonly ownMean: number;
  /** Mean of the surveyed models' r less the method's. */
  readonly difference: number;
  /** Experiments in which the surveyed models' r is greater. */
  readonly wins: number;
  /** Wilcoxon's signed-rank test, two-sided; NaN for more than 1,000 experiments. */
  readonly p: number;
}

/**
 * Compares the surveyed models with every method that has at least one joined experiment, highest mean first.
 */
export function compareWithPublished(
  { experiments }: Join,
  { methods }: Pick<Published, 'methods'>,
): MethodComparison[] {
  return methods
    .flatMap((method, i): MethodComparison[] => {
      const pairs = experiments.flatMap(({ own, published }) => {
        const r = published[i];
        return r === undefined ? [] : [{ own, r }];
      });
      if (pairs.length === 0) return [];
      const [ours, theirs] = [pairs.map(({ own }) => own), pairs.map(({ r }) => r)];
      const { wins, p } =
        pairs.length > MOST_PAIRS
          ? { wins: pairs.filter(({ own, r }) => own > r).length, p: Number.NaN }
          : signedRanks(ours, theirs);
      const [ownMean, { mean, deviation }] = [momentsOf(ours).mean, momentsOf(theirs)];
      return [{ method, n: pairs.length, mean, deviation, ownMean, difference: ownMean - mean, wins, p }];
    })
    .sort((a, b) => b.mean - a.mean);
}

/** Mean and sample standard deviation. */
export function momentsOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : Number.NaN };
}

/** A mean and a standard deviation over experiments, as the paper prints them. */
export interface PrintedMean {
  readonly method: string;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Test r over the 244 experiments of the 2013-RNAcompete data set as printed in the paper, sections
 * "ResidualBind yields state-of-the-art predictions" and, for inputs with secondary structure (PU: paired and
 * unpaired; PHIME: five kinds), "Secondary structure context does not help ResidualBind". Those of the second
 * section are of logarithms, and its value for sequences alone differs from that of the first. The paper
 * prints none for GraphProt.
 */
export const PRINTED_MEANS: readonly PrintedMean[] = [
  { method: 'ResidualBind, clipped scores', mean: 0.689, deviation: 0.17 },
  { method: 'ResidualBind, logarithms of scores', mean: 0.685, deviation: 0.172 },
  { method: 'ResidualBind, sequence and PU structure', mean: 0.684, deviation: 0.183 },
  { method: 'ResidualBind, sequence (beside structure)', mean: 0.683, deviation: 0.182 },
  { method: 'ResidualBind, sequence and PHIME structure', mean: 0.682, deviation: 0.183 },
  { method: 'ThermoNet', mean: 0.671, deviation: 0.171 },
  { method: 'DLPRB', mean: 0.628, deviation: 0.16 },
  { method: 'cDeepbind', mean: 0.582, deviation: 0.169 },
  { method: 'RCK', mean: 0.46, deviation: 0.14 },
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: it is the printed number, not a logarithm
  { method: 'RNAcontext', mean: 0.434, deviation: 0.13 },
  { method: 'DeepBind', mean: 0.409, deviation: 0.167 },
  { method: 'MATRIXReduce', mean: 0.353, deviation: 0.192 },
];

/** Names of the experiments that the printed means are over. */
export const isPrinted = (experiment: string): boolean => /^RNCMPT\d{5}$/.test(experiment);
