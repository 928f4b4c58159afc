/**
 * What the experiments share: patterns that are computed together over the same backgrounds, tables of their
 * importances, and comparisons that are paired by background. An experiment chooses patterns and comparisons.
 * Its result is plain data that names what each row is by identifiers and numbers, never by sentences:
 * `src/report/experiments` makes sentences of them.
 */

import { ANY } from '../../data/sequences/letters.js';
import { canonicalSequence } from '../../data/sequences/sequence.js';
import * as check from '../../device/check.js';
import { echo } from '../../device/echo.js';
import { InvalidSequenceError, ShapeError } from '../../device/errors.js';
import { type Backgrounds, lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, lettersInPadding } from '../backgrounds/letters.js';
import { type ImportanceOptions, importance } from '../importance.js';
import type { Model, Written } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
import { type Box, boxOf } from '../statistics/box.js';
import { differences, type Effect, effectOf } from '../statistics/paired.js';
import { falseDiscoveryRates } from '../statistics/statistics.js';
import type { Treated } from '../structure.js';

/** The options that every experiment takes. */
export interface ExperimentOptions
  extends Pick<
    ImportanceOptions,
    'method' | 'memory' | 'structure' | 'signal' | 'onProgress' | 'allowPadding'
  > {
  /** The sequences that patterns are embedded in. */
  readonly backgrounds: Backgrounds;
}

/**
 * What a row or a comparison is: identifiers and numbers by the names of their columns. Each experiment has a
 * type of its own.
 */
export type Labels = Readonly<Record<string, string | number | undefined>>;

/** How many of a row's letters stand where no probe has one; absent where no row of the result has any. */
export type InPadding = {
  readonly inPadding?: number;
};

/** The model and the output that a row is of. */
export interface RowReadout {
  /** Place of the model on the E axis. */
  readonly model: number;
  /** Place of the output among the model's; absent where models have one output. */
  readonly output?: number;
  /** The output's name; absent where models have one output. */
  readonly task?: string;
}

/** Global importance of one pattern, and the box of its local importances. */
export interface ExperimentRow<Own = Labels> extends RowReadout, Omit<Effect, 'mean' | 'd'>, Box {
  readonly labels: Own;
  readonly importance: number;
  /** Benjamini and Hochberg's q over the experiment's rows of this model and output. */
  readonly q: number;
  /** Further numbers of some experiments, each a column of its own in tables. */
  readonly more?: Readonly<Record<string, number>>;
}

/** A mean difference of local importances, paired by background. */
export interface Comparison<Own = Labels> extends RowReadout, Omit<Effect, 'mean'> {
  readonly labels: Own;
  readonly difference: number;
  /** Benjamini and Hochberg's q over the experiment's comparisons of this model and output. */
  readonly q: number;
}

/** The result of one experiment; plain data, which JSON can hold. */
export interface StudyResult<
  Name extends string,
  Design,
  Row extends ExperimentRow,
  Compared extends Labels,
  Facts,
> extends Written,
    Treated {
  readonly experiment: Name;
  /** What was embedded, and where; positions count from 0. */
  readonly design: Design;
  /** Number of backgrounds. */
  readonly backgrounds: number;
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison<Compared>[];
  /**
   * Numbers of each model as a whole, such as slopes and ratios: model by model and output by output.
   * `model`, `output` and `task` are there where models have several outputs.
   */
  readonly facts: readonly (Facts & Partial<RowReadout>)[];
  /**
   * Patterns that stand where no probe has a letter, which the options allowed; absent where there are none.
   */
  readonly padding?: Padding;
}

/** The patterns that have letters outside the letters of probes. */
export interface Padding {
  /** Where probes have letters. */
  readonly letters: LetterRange;
  /** Names of the patterns that write elsewhere too. */
  readonly patterns: readonly string[];
  /** Number of patterns in the experiment. */
  readonly of: number;
}

/** How an experiment marks the patterns that stand where no probe has a letter. */
export interface PaddingMarks {
  /** For the labels of a row that embeds these patterns. */
  readonly mark: (...patterns: readonly Pattern[]) => InPadding;
  /** For the result. */
  readonly found: { readonly padding?: Padding };
}

export function paddingMarks(patterns: readonly Pattern[], backgrounds: Backgrounds): PaddingMarks {
  const letters = lettersIn(backgrounds);
  const outside = patterns.filter((one) => lettersInPadding(one, letters) > 0);
  if (outside.length === 0) return { mark: () => ({}), found: {} };
  const inPadding = (all: readonly Pattern[]): number =>
    all.reduce((sum, one) => sum + lettersInPadding(one, letters), 0);
  return {
    mark: (...all) => ({ inPadding: inPadding(all) }),
    found: { padding: { letters, patterns: outside.map(({ name }) => name), of: patterns.length } },
  };
}

/** Local importances in one output of one model. */
export interface Local {
  readonly readout: RowReadout;
  /** Of a pattern, by its name, [N]. */
  get(pattern: string): Float32Array;
}

/** Local importances model by model and output by output. */
export type Locals = readonly Local[];

/**
 * Local importances of patterns, all computed in one analysis.
 *
 * @throws ShapeError for two patterns with the same name; and what `importance` throws
 */
export async function localsOf(
  model: Model,
  patterns: readonly Pattern[],
  { backgrounds, ...options }: ExperimentOptions,
): Promise<Locals> {
  const names = patterns.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new ShapeError('two patterns of an experiment share a name');
  const { models } = await importance(model, patterns, backgrounds, { ...options, keepLocal: true });
  const { count } = backgrounds;
  return models.map(({ model: of, output, task, local }, e) => {
    const byName = new Map(names.map((name, p) => [name, local!.slice(p * count, (p + 1) * count)]));
    return {
      readout: output === undefined ? { model: e } : { model: of!, output, task: task! },
      get: (name) => byName.get(name)!,
    };
  });
}

/**
 * One row for each item and readout, readout by readout; q is over the rows of one readout.
 *
 * @param values an item's local importances in readout `e`, [N]
 */
export function rowsOf<Item, Own extends Labels>(
  locals: Locals,
  items: readonly Item[],
  values: (item: Item, e: number) => ArrayLike<number>,
  labels: (item: Item) => Own,
): ExperimentRow<Own>[] {
  return locals.flatMap(({ readout }, e) => {
    const samples = items.map((item) => values(item, e));
    const effects = samples.map((sample, i) => effectOf(sample, described(labels(items[i]!))));
    const q = falseDiscoveryRates(effects.map(({ p }) => p));
    return effects.map(({ mean, d: _d, ...spread }, i) => ({
      ...readout,
      labels: labels(items[i]!),
      importance: mean,
      ...spread,
      q: q[i]!,
      ...boxOf(samples[i]!, described(labels(items[i]!))),
    }));
  });
}

/**
 * One comparison for each item and readout, readout by readout; q is over the comparisons of one readout.
 *
 * @param values the two samples of local importances, [N] each; the difference is the first minus the second
 */
export function comparisonsOf<Item, Own extends Labels>(
  locals: Locals,
  items: readonly Item[],
  values: (item: Item, e: number) => readonly [ArrayLike<number>, ArrayLike<number>],
  labels: (item: Item) => Own,
): Comparison<Own>[] {
  return locals.flatMap(({ readout }, e) => {
    const effects = items.map((item) => {
      const [a, b] = values(item, e);
      return effectOf(differences(a, b), described(labels(item)));
    });
    const q = falseDiscoveryRates(effects.map(({ p }) => p));
    return effects.map(({ mean, ...rest }, i) => ({
      ...readout,
      labels: labels(items[i]!),
      difference: mean,
      ...rest,
      q: q[i]!,
    }));
  });
}

/** The rows of readout `e`, of rows that are ordered readout by readout. */
export function rowsAt<Row>(rows: readonly Row[], locals: Locals, e: number): readonly Row[] {
  const size = rows.length / locals.length;
  return rows.slice(e * size, (e + 1) * size);
}

/** Facts for each readout, which they name where models have several outputs. */
export const factsOf = <Facts extends object>(
  locals: Locals,
  facts: (e: number) => Facts,
): (Facts & Partial<RowReadout>)[] =>
  locals.map(({ readout }, e) => ({ ...(readout.output !== undefined && readout), ...facts(e) }));

/** Sum of samples, background by background. */
export function sumOf(samples: readonly ArrayLike<number>[]): Float64Array {
  const sum = new Float64Array(samples[0]?.length ?? 0);
  for (const sample of samples) for (let i = 0; i < sum.length; i++) sum[i]! += sample[i]!;
  return sum;
}

/** For error messages. */
const described = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/**
 * A motif's letters in upper case, with U for T.
 *
 * @throws InvalidSequenceError for an empty motif, or letters other than A, C, G, U, T and N
 */
export const motifOf = (letters: string): string =>
  canonicalSequence(check.text(letters, check.argument('motif')), `motif ${echo(letters)}`);

/**
 * The same for experiments that replace or pair letters, where N has no meaning.
 *
 * @throws InvalidSequenceError
 */
export function wholeMotif(letters: string): string {
  const motif = motifOf(letters);
  if (motif.includes(ANY))
    throw new InvalidSequenceError(
      `motif ${echo(letters)}: this experiment needs a single letter at every position, not N`,
    );
  return motif;
}

/** A pattern that is named after its sites: `UGCAUG@3+UGCAUG@10`. */
export const pattern = (...sites: readonly (readonly [letters: string, position: number])[]): Pattern => ({
  name: sites.map(([letters, position]) => `${letters}@${position}`).join('+'),
  sites: sites.map(([letters, position]) => ({ letters, position })),
});
