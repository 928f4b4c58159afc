/**
 * What the page over many models takes from the folder of a model's report; checked field by field, since it
 * is read from files.
 */

import { FormatError } from '../device/errors.js';
import type { HairpinComparison } from '../gia/experiments/index.js';
import type { UndefinedCorrelation } from '../nn/agreement.js';

/** Paths in a report's folder; only the manifest must be there. */
export const STORED = {
  manifest: 'manifest.json',
  multiplicity: 'figures/multiplicity.json',
  hairpin: 'figures/hairpin.json',
  gc: 'figures/gc.json',
} as const;

/** One model of a survey. What its report does not say is undefined. */
export interface SurveyedModel {
  readonly name: string;
  /** Of the model's file. */
  readonly sha256: string;
  /** Top pattern of its sweep. */
  readonly motif: string;
  readonly importance: number | undefined;
  /** With measurements that it was not trained on. */
  readonly pearson: number | undefined;
  readonly spearman: number | undefined;
  /** Number of these measurements. */
  readonly n: number | undefined;
  /** Whether it predicts them better than chance (`isBetterThanChance`). */
  readonly hasLearned: boolean | undefined;
  /** Line of importance over copies: importance per copy, and share of the variance explained. */
  readonly slope: number | undefined;
  readonly r2: number | undefined;
  /** Importance with GC at an end over importance of the motif alone; and 5' - 3' of them. */
  readonly effect5: number | undefined;
  readonly effect3: number | undefined;
  readonly gcDifference: number | undefined;
  /** Loop - stem in hairpins beyond what it is without them. */
  readonly loopOverStem: number | undefined;
}

/** Numbers of a surveyed model, as its columns are called. */
export type Measure = Exclude<keyof SurveyedModel, 'name' | 'sha256' | 'motif' | 'n' | 'hasLearned'>;

/**
 * Reads what a survey needs.
 *
 * @param source of the report, for errors: its folder
 * @param texts contents of the files in `STORED`; undefined for one that is not there
 * @throws FormatError naming file and field
 */
export function surveyedModel(
  source: string,
  texts: Readonly<Record<keyof typeof STORED, string | undefined>>,
): SurveyedModel {
  const file = (which: keyof typeof STORED): Fields | undefined => {
    const text = texts[which];
    const path = `${source}/${STORED[which]}`;
    return text === undefined ? undefined : Fields.parse(path, text);
  };
  const manifest = file('manifest');
  if (manifest?.text('command') !== 'report')
    throw new FormatError(`${source}: not a folder that residualbind report wrote`);
  const model = manifest.list('models')[0];
  if (!model) throw new FormatError(`${source}/${STORED.manifest}: no models`);
  const options = manifest.object('options');
  const agreement = manifest.object('agreement');
  const line = file('multiplicity')?.list('facts')[0];
  const gc = file('gc')?.list('facts')[0];
  const loop = comparisonIn(file('hairpin'), LOOP_OVER_STEM);
  return {
    name:
      manifest.text('name') ??
      options?.text('name') ??
      source.split(/[/\\]/).findLast((part) => part !== '') ??
      source,
    sha256: required(model.text('sha256'), `${source}/${STORED.manifest}: models[0].sha256`),
    motif: required(manifest.text('motif'), `${source}/${STORED.manifest}: motif`),
    importance: manifest.number('importance'),
    pearson: agreement?.number('pearson'),
    spearman: agreement?.number('spearman'),
    n: agreement?.number('n'),
    hasLearned: agreement && isBetterThanChance(agreement),
    slope: line?.number('slope'),
    r2: line?.number('r2'),
    effect5: gc?.number('effect5'),
    effect3: gc?.number('effect3'),
    gcDifference: gc?.number('difference'),
    loopOverStem: loop?.number('difference'),
  };
}

/** The least correlation of a model that has learned something: below it, it explains less than 1 % of the variance. */
const LEAST_R = 0.1;

/**
 * Whether predictions are better than chance: r is at least 0.1, and its 95 % interval (Fisher's z) lies above 0.
 * Undefined where that is not known.
 */
function isBetterThanChance(agreement: Fields): boolean | undefined {
  const [r, n] = [agreement.number('pearson'), agreement.number('n')];
  if (r === undefined)
    return agreement.text('reason') === ('constant-predictions' satisfies UndefinedCorrelation)
      ? false
      : undefined;
  return r >= LEAST_R && (n === undefined || Math.atanh(Math.min(r, 1)) * Math.sqrt(n - 3) > 1.96);
}

/** Loop - stem in hairpins, without the effect of the two positions. */
const LOOP_OVER_STEM: HairpinComparison = 'paired-minus-unpaired-loop-minus-stem';

/** @throws FormatError for a result that names its comparisons by sentences, as earlier versions did */
function comparisonIn(result: Fields | undefined, name: string): Fields | undefined {
  if (result && !result.object('design'))
    throw new FormatError(
      `${result.where} was written by an earlier version of residualbind; make this report again with residualbind report`,
    );
  return result?.list('comparisons').find((each) => each.object('labels')?.text('comparison') === name);
}

function required<T>(value: T | undefined, where: string): T {
  if (value === undefined) throw new FormatError(`${where} is missing`);
  return value;
}

/** An object of JSON whose fields are checked as they are asked for; null reads as missing. */
class Fields {
  private constructor(
    readonly where: string,
    readonly values: Readonly<Record<string, unknown>>,
  ) {}

  static parse(path: string, text: string): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new FormatError(`${path}: not JSON (${(cause as Error).message})`, { cause });
    }
    return Fields.of(path, value);
  }

  private static of(where: string, value: unknown): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new FormatError(`${where} is not an object`);
    return new Fields(where, value as Record<string, unknown>);
  }

  text(name: string): string | undefined {
    const value = this.values[name] ?? undefined;
    if (value !== undefined && typeof value !== 'string') throw this.#wrong(name, 'a text');
    return value;
  }

  number(name: string): number | undefined {
    const value = this.values[name] ?? undefined;
    if (value !== undefined && !Number.isFinite(value)) throw this.#wrong(name, 'a number');
    return value as number | undefined;
  }

  object(name: string): Fields | undefined {
    const value = this.values[name] ?? undefined;
    return value === undefined ? undefined : Fields.of(`${this.where}: ${name}`, value);
  }

  list(name: string): readonly Fields[] {
    const value = this.values[name] ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, 'a list');
    return value.map((each, i) => Fields.of(`${this.where}: ${name}[${i}]`, each));
  }

  #wrong(name: string, what: string): FormatError {
    return new FormatError(`${this.where}: ${name} is not ${what}`);
  }
}
