/**
 * What the page over many models takes from the folder of a model's report; checked field by field, since it
 * is read from files.
 */

import { FormatError } from '../device/errors.js';
import {
  type ExperimentResult,
  GC_EVIDENCE,
  HAIRPIN_EVIDENCE,
  type HairpinComparison,
  type Verdict,
  verdictOf,
} from '../gia/experiments/index.js';
import { mean } from '../gia/statistics/line.js';
import { namedResult } from '../gia/tables/column-names.js';
import { fileNamesOf } from '../gia/tables/file-names.js';
import type { UndefinedCorrelation } from '../nn/agreement.js';
import { isBetterThanChance } from './correlation.js';
import { FOLDER, type ReportFile } from './figures/figure-files.js';

/** The manifest in a report's folder. */
const MANIFEST = 'manifest.json';

/**
 * The results of experiments as files of a report's folder, where a survey finds them.
 *
 * @param tasks of one model; each has a folder of its own where there are several
 */
export function resultFiles(
  tasks: readonly { readonly task?: string; readonly experiments: readonly ExperimentResult[] }[],
): ReportFile[] {
  const folders = foldersOf(tasks);
  return tasks.flatMap(({ experiments }, i) =>
    experiments.map((result) => ({
      path: `${folders[i]}/${result.experiment}.json`,
      contents: `${JSON.stringify(namedResult(result), null, 2)}\n`,
    })),
  );
}

/** Folders of figures and results in a report's folder: that of the only task, or one of each. */
export const foldersOf = (tasks: readonly { readonly task?: string | undefined }[]): readonly string[] => {
  const names = tasks.flatMap(({ task }) => task ?? []);
  return names.length === 0 ? [FOLDER] : fileNamesOf(names).map((name) => `${FOLDER}/${name}`);
};

/** How a model was trained, as its report says. Models of one experiment are compared by it. */
export interface TrainedAs {
  /** Of the scores, before the z-score. */
  readonly transform?: string | undefined;
  readonly preset?: string | undefined;
  /** Sizes of its layers. */
  readonly network?: string | undefined;
  readonly seed?: number | undefined;
}

/**
 * One model of a survey, or one task of it, or the networks of one experiment, whose numbers are means. What
 * its report does not say is undefined.
 */
export interface SurveyedModel {
  readonly name: string;
  /** Where the model has several. */
  readonly task?: string | undefined;
  /** Of the model's file; of several networks that of the first. */
  readonly sha256: string;
  /** How many networks the report is about, where it is about several. */
  readonly networks?: number | undefined;
  /** The lowest and the highest of the networks, where there are several. */
  readonly ranges?: Ranges | undefined;
  /** Top pattern of its sweep; of several networks that of the highest mean importance. */
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
  /**
   * Whether GC at an end makes the motif count more or less (`gcVerdicts`). Like `hairpins`, undefined for a
   * model that predicts no better than chance.
   */
  readonly gc5?: Verdict | undefined;
  readonly gc3?: Verdict | undefined;
  /** Whether the motif counts more or less in loops of hairpins (`hairpinVerdict`). */
  readonly hairpins?: Verdict | undefined;
  /** Absent in reports of earlier versions. */
  readonly trained?: TrainedAs | undefined;
}

/** Numbers of a surveyed model, as its columns are called. */
export type Measure = Exclude<
  keyof SurveyedModel,
  'name' | 'task' | 'sha256' | 'networks' | 'ranges' | 'motif' | 'n' | 'hasLearned' | 'trained' | Effect
>;

/** Whether the motif counts more or less: fields of a surveyed model that hold a verdict. */
export type Effect = 'gc5' | 'gc3' | 'hairpins';

/** Ranges over networks, by measure. */
export type Ranges = { readonly [Name in Measure]?: readonly [low: number, high: number] };

/** What the experiments found in a network. */
type Tested = Pick<
  SurveyedModel,
  'slope' | 'r2' | 'effect5' | 'effect3' | 'gcDifference' | 'loopOverStem' | Effect
>;

/**
 * Reads what a survey needs of a report: one entry, or one for each task of its model.
 *
 * @param source of the report, for errors: its folder
 * @param textOf contents of a file by its path in that folder; undefined for one that is not there
 * @throws FormatError naming file and field
 */
export async function surveyedModels(
  source: string,
  textOf: (path: string) => Promise<string | undefined>,
): Promise<readonly SurveyedModel[]> {
  const file = async (path: string): Promise<Fields | undefined> => {
    const text = await textOf(path);
    return text === undefined ? undefined : Fields.parse(`${source}/${path}`, text);
  };
  const manifest = await file(MANIFEST);
  const command = manifest?.text('command');
  if (!manifest || command !== 'report')
    throw new FormatError(
      `${source}: not a folder that residualbind report wrote${command === 'study' ? `; it holds a study, so name its reports: ${source}/experiments/*/report` : ''}`,
    );
  const model = manifest.list('models')[0];
  if (!model) throw new FormatError(`${source}/${MANIFEST}: no models`);
  const name =
    manifest.text('name') ??
    manifest.object('options')?.text('name') ??
    source.split(/[/\\]/).findLast((part) => part !== '') ??
    source;
  const sha256 = required(model.text('sha256'), `${source}/${MANIFEST}: models[0].sha256`);
  const trained = trainedIn(manifest.object('trained'));
  const named = manifest.list('byTask').map((each) => ({
    about: each,
    task: required(each.text('task'), `${each.where}: task`),
  }));
  const asked = named.length > 0 ? named : [{ about: manifest, task: undefined }];
  const folders = foldersOf(asked);
  return await Promise.all(
    asked.map(async ({ about, task }, i) => {
      const tested = testedIn(task, {
        multiplicity: await file(`${folders[i]}/multiplicity.json`),
        gc: await file(`${folders[i]}/gc.json`),
        hairpin: await file(`${folders[i]}/hairpin.json`),
      });
      const each = about.list('replicates').map((network, e) => ({
        importance: network.number('importance'),
        pearson: network.number('pearson'),
        spearman: network.number('spearman'),
        ...numbersOf(tested[e]),
      }));
      const found = foundIn(about);
      return {
        name,
        ...(task !== undefined && { task }),
        sha256,
        ...found,
        ...(each.length > 1
          ? { networks: each.length, ranges: rangesOf(each), ...together(tested.slice(0, each.length)) }
          : tested[0]!),
        ...(found.hasLearned === false && { hairpins: undefined, gc5: undefined, gc3: undefined }),
        ...(trained && { trained }),
      };
    }),
  );
}

const trainedIn = (about: Fields | undefined): TrainedAs | undefined =>
  about && {
    transform: about.text('transform'),
    preset: about.text('preset'),
    network: about.text('network'),
    seed: about.number('seed'),
  };

type Numbers = Partial<Record<Measure, number | undefined>>;

/** What was found in a network without its verdicts. */
function numbersOf(tested: Tested | undefined): Numbers {
  const { gc5: _, gc3: __, hairpins: ___, ...numbers } = tested ?? ({} as Partial<Tested>);
  return numbers;
}

/** What is known of each number, over all networks. */
function knownOf(networks: readonly Numbers[]): readonly (readonly [Measure, readonly number[]])[] {
  const names = Object.keys(networks[0]!) as Measure[];
  return names.map((name) => [name, networks.flatMap((network) => network[name] ?? [])] as const);
}

/** Means over networks, and the verdicts that all of them give. */
function together(networks: readonly Tested[]): Tested {
  const means = knownOf(networks.map(numbersOf)).map(([name, values]) => [
    name,
    values.length > 0 ? mean(values) : undefined,
  ]);
  const shared = (effect: Effect): Verdict | undefined => {
    const verdicts = networks.flatMap((network) => network[effect] ?? []);
    if (verdicts.length < networks.length) return undefined;
    return verdicts.every((verdict) => verdict === verdicts[0]) ? verdicts[0] : 'none';
  };
  return {
    ...(Object.fromEntries(means) as Omit<Tested, Effect>),
    gc5: shared('gc5'),
    gc3: shared('gc3'),
    hairpins: shared('hairpins'),
  };
}

const rangesOf = (networks: readonly Numbers[]): Ranges =>
  Object.fromEntries(
    knownOf(networks).flatMap(([name, values]) =>
      values.length > 0 ? [[name, [Math.min(...values), Math.max(...values)]]] : [],
    ),
  );

/** The top pattern and the agreement with measurements. */
function foundIn(about: Fields) {
  const agreement = about.object('agreement');
  return {
    motif: required(about.text('motif'), `${about.where}: motif`),
    importance: about.number('importance'),
    pearson: agreement?.number('pearson'),
    spearman: agreement?.number('spearman'),
    n: agreement?.number('n'),
    hasLearned: agreement && hasLearned(agreement),
  };
}

/** What the experiments found in each network, in one task of those that they asked. At least one entry. */
function testedIn(
  task: string | undefined,
  { multiplicity, gc, hairpin }: Readonly<Record<'multiplicity' | 'gc' | 'hairpin', Fields | undefined>>,
): readonly Tested[] {
  const isOwn = (each: Fields) => task === undefined || (each.text('task') ?? task) === task;
  const factsIn = (result: Fields | undefined) => result?.list('facts').filter(isOwn) ?? [];
  const [lines, ends] = [factsIn(multiplicity), factsIn(gc)];
  const named = (of: readonly Fields[], label: string, name: string) =>
    of.filter((each) => isOwn(each) && each.object('labels')?.text(label) === name);
  const [inHairpins, withGc] = [comparisonsIn(hairpin), gc?.list('comparisons') ?? []];
  const unpaired = hairpin?.list('rows').filter((each) => each.object('labels')?.text('arms') === 'unpaired');
  const inLoop = named(unpaired ?? [], 'place', 'loop');
  const alone = named(gc?.list('rows') ?? [], 'condition', 'motif');
  const loops = named(inHairpins, 'comparison', LOOP_OVER_STEM);
  const [with5, with3] = [GC_EVIDENCE.gc5, GC_EVIDENCE.gc3].map((name) =>
    named(withGc, 'comparison', name),
  ) as [Fields[], Fields[]];
  const evidence = HAIRPIN_EVIDENCE.map((name) => named(inHairpins, 'comparison', name));
  const networks = Math.max(1, lines.length, ends.length, loops.length);
  return Array.from({ length: networks }, (_, e) => ({
    slope: lines[e]?.number('slope'),
    r2: lines[e]?.number('r2'),
    effect5: ends[e]?.number('effect5'),
    effect3: ends[e]?.number('effect3'),
    gcDifference: ends[e]?.number('difference'),
    loopOverStem: loops[e]?.number('difference'),
    gc5: verdictIn([with5[e]], alone[e]),
    gc3: verdictIn([with3[e]], alone[e]),
    hairpins: verdictIn(
      evidence.map((each) => each[e]),
      inLoop[e],
    ),
  }));
}

/** Undefined where a number is missing. */
function verdictIn(
  evidence: readonly (Fields | undefined)[],
  alone: Fields | undefined,
): Verdict | undefined {
  const importance = alone?.number('importance');
  const differences = evidence.flatMap((each) => {
    const [difference, q] = [each?.number('difference'), each?.number('q')];
    return difference === undefined || q === undefined ? [] : [{ difference, q }];
  });
  return importance === undefined || differences.length < evidence.length
    ? undefined
    : verdictOf(differences, importance);
}

/** Whether predictions are better than chance; undefined where that is not known. */
function hasLearned(agreement: Fields): boolean | undefined {
  const [r, n] = [agreement.number('pearson'), agreement.number('n')];
  if (r !== undefined) return isBetterThanChance(r, n);
  return agreement.text('reason') === ('constant-predictions' satisfies UndefinedCorrelation)
    ? false
    : undefined;
}

/** Loop - stem in hairpins, without the effect of the two positions. */
const LOOP_OVER_STEM: HairpinComparison = 'paired-minus-unpaired-loop-minus-stem';

/** @throws FormatError for a result that names its comparisons by sentences, as earlier versions did */
function comparisonsIn(result: Fields | undefined): readonly Fields[] {
  if (result && !result.object('design'))
    throw new FormatError(
      `${result.where} was written by an earlier version of residualbind; make this report again with residualbind report`,
    );
  return result?.list('comparisons') ?? [];
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
