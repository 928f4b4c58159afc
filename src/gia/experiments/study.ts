/**
 * What experiments share: patterns computed together over the same backgrounds, rows of their importances, and
 * comparisons paired by background. An experiment is a choice of patterns and comparisons.
 */

import { canonicalSequence } from '../../data/sequences/sequence.js';
import * as check from '../../device/check.js';
import { echo } from '../../device/echo.js';
import { InvalidSequenceError, ShapeError } from '../../device/errors.js';
import { type Backgrounds, lettersIn } from '../backgrounds/backgrounds.js';
import { describeRange, type LetterRange, lettersInPadding } from '../backgrounds/letters.js';
import { type ImportanceOptions, importance } from '../importance.js';
import type { Model } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
import { type Box, boxOf } from '../statistics/box.js';
import { differences, type Effect, effectOf } from '../statistics/paired.js';
import { falseDiscoveryRates } from '../statistics/statistics.js';

/** What every experiment takes. */
export interface ExperimentOptions
  extends Pick<ImportanceOptions, 'method' | 'memory' | 'signal' | 'onProgress' | 'allowPadding'> {
  /** The sequences that patterns are embedded in. */
  readonly backgrounds: Backgrounds;
}

/** How a row or a comparison is told apart from others: names of columns and their values. */
export type Labels = Readonly<Record<string, string | number>>;

/** Global importance of one pattern, and the box of its local importances. */
export interface ExperimentRow extends Omit<Effect, 'mean' | 'd'>, Box {
  /** Place of the model on the E axis. */
  readonly model: number;
  readonly labels: Labels;
  readonly importance: number;
  /** Benjamini and Hochberg's q over the experiment's rows of this model. */
  readonly q: number;
  /** Further numbers of some experiments, each a column of its own in tables. */
  readonly more?: Readonly<Record<string, number>>;
}

/** A mean difference of local importances, paired by background. */
export interface Comparison extends Omit<Effect, 'mean'> {
  readonly model: number;
  readonly labels: Labels;
  readonly difference: number;
  /** Benjamini and Hochberg's q over the experiment's comparisons of this model. */
  readonly q: number;
}

/** What one experiment found; plain data. */
export interface ExperimentResult {
  readonly experiment: string;
  /** What was done, in a sentence, for captions. */
  readonly what: string;
  readonly backgrounds: number;
  readonly rows: readonly ExperimentRow[];
  readonly comparisons: readonly Comparison[];
  /** Numbers of a model as a whole, by name: slopes, ratios. */
  readonly facts: readonly Readonly<Record<string, number | readonly number[]>>[];
  /** Patterns that stand where no probe has a letter, as was allowed; absent where none do. */
  readonly padding?: Padding;
}

/** What was asked for outside the letters of probes. */
export interface Padding {
  /** Where probes have letters. */
  readonly letters: LetterRange;
  /** Names of the patterns that write elsewhere too. */
  readonly patterns: readonly string[];
}

/** How an experiment marks the patterns that stand where no probe has a letter. */
export interface PaddingMarks {
  /**
   * The label `inPadding`, the letters that patterns write there; no label where the experiment has none of
   * them.
   */
  readonly mark: (...patterns: readonly Pattern[]) => Labels;
  /** Ends the sentence that says what was done. */
  readonly note: string;
  /** For the result. */
  readonly found: Pick<ExperimentResult, 'padding'>;
}

export function paddingMarks(patterns: readonly Pattern[], backgrounds: Backgrounds): PaddingMarks {
  const letters = lettersIn(backgrounds);
  const outside = patterns.filter((one) => lettersInPadding(one, letters) > 0);
  if (outside.length === 0) return { mark: () => ({}), note: '', found: {} };
  const inPadding = (all: readonly Pattern[]): number =>
    all.reduce((sum, one) => sum + lettersInPadding(one, letters), 0);
  return {
    mark: (...all) => ({ inPadding: inPadding(all) }),
    note: `; ${outside.length} of ${patterns.length} patterns have letters where no probe has one (probes have letters at positions ${describeRange(letters)} only)`,
    found: { padding: { letters, patterns: outside.map(({ name }) => name) } },
  };
}

/** Local importances by pattern, [N] each, model by model. */
export type Locals = readonly ReadonlyMap<string, Float32Array>[];

/**
 * Local importances of patterns, all in one analysis.
 *
 * @throws ShapeError for two patterns of one name; and as `importance`
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
  return models.map(
    ({ local }) => new Map(names.map((name, p) => [name, local!.slice(p * count, (p + 1) * count)])),
  );
}

/** Rows of chosen samples, for every model, with q over each model's own. `values` gives a model's local importances. */
export function rowsOf<Item>(
  models: number,
  items: readonly Item[],
  values: (item: Item, model: number) => ArrayLike<number>,
  labels: (item: Item) => Labels,
): ExperimentRow[] {
  return Array.from({ length: models }, (_, model) => {
    const samples = items.map((item) => values(item, model));
    const effects = samples.map((sample, i) => effectOf(sample, described(labels(items[i]!))));
    const q = falseDiscoveryRates(effects.map(({ p }) => p));
    return effects.map(({ mean, d: _d, ...spread }, i) => ({
      model,
      labels: labels(items[i]!),
      importance: mean,
      ...spread,
      q: q[i]!,
      ...boxOf(samples[i]!, described(labels(items[i]!))),
    }));
  }).flat();
}

/** Comparisons of pairs of samples, for every model, with q over each model's own. */
export function comparisonsOf<Item>(
  models: number,
  items: readonly Item[],
  values: (item: Item, model: number) => readonly [ArrayLike<number>, ArrayLike<number>],
  labels: (item: Item) => Labels,
): Comparison[] {
  return Array.from({ length: models }, (_, model) => {
    const effects = items.map((item) => {
      const [a, b] = values(item, model);
      return effectOf(differences(a, b), described(labels(item)));
    });
    const q = falseDiscoveryRates(effects.map(({ p }) => p));
    return effects.map(({ mean, ...rest }, i) => ({
      model,
      labels: labels(items[i]!),
      difference: mean,
      ...rest,
      q: q[i]!,
    }));
  }).flat();
}

/** Sum of samples, pair by pair. */
export function sumOf(samples: readonly ArrayLike<number>[]): Float64Array {
  const sum = new Float64Array(samples[0]?.length ?? 0);
  for (const sample of samples) for (let i = 0; i < sum.length; i++) sum[i]! += sample[i]!;
  return sum;
}

const described = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** A motif's letters in upper case with U for T. @throws InvalidSequenceError for none, or others than A, C, G, U, T and N */
export const motifOf = (letters: string): string =>
  canonicalSequence(check.text(letters, check.argument('motif')), `motif ${echo(letters)}`);

/** The same where N means nothing: it has neither variants nor a partner. @throws InvalidSequenceError */
export function wholeMotif(letters: string): string {
  const motif = motifOf(letters);
  if (motif.includes('N'))
    throw new InvalidSequenceError(`motif ${echo(letters)}: N stands for no single letter here`);
  return motif;
}

/** A pattern of sites, named after them. */
export const pattern = (...sites: readonly (readonly [letters: string, position: number])[]): Pattern => ({
  name: sites.map(([letters, position]) => `${letters}@${position}`).join('+'),
  sites: sites.map(([letters, position]) => ({ letters, position })),
});
