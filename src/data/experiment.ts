/**
 * Splits, normalises and encodes a probe table for training and evaluation (docs/method.md, Data and
 * normalisation). Of the network it needs only the length of the input and the kind of score.
 */
import { count } from '../device/count.js';
import { ArgumentError, DataError, FormatError } from '../device/errors.js';
import { profileOf } from './sequences/profile.js';
import { encodeSequences, INPUT_LENGTH, MOST_INPUT_LENGTH } from './sequences/sequence.js';
import { type ProbeSplit, splitProbes } from './split.js';
import { contextsIn } from './structure/contexts.js';
import { placedProfiles } from './structure/profiles.js';
import { inTaskOrder, type Probes, splitBySet, subset } from './tables/probes.js';
import {
  applyTransform,
  type FittedTransform,
  type NormaliseOptions,
  normaliseSplits,
  type Splits,
} from './transform.js';

/**
 * Which scores a normalisation's numbers were fitted on, and the numbers. Null: scores are used as they are.
 */
export type Normalisation = {
  readonly scope: 'train' | 'all' | 'split';
  /** Of the only task, or of the first. */
  readonly fitted: Splits<FittedTransform>;
  /** Of the other tasks, in order, where there are several. */
  readonly others?: readonly Splits<FittedTransform>[];
} | null;

/** How `experiment` divides and normalises probes. */
export interface PreparationOptions {
  /** Share of validation among the training probes. Default 0.1. */
  readonly validation?: number;
  /** Seed of that division. Default 1. */
  readonly seed?: number;
  /** Ignored for classification, whose scores must be 0 and 1 and stay so. */
  readonly normalise?: NormaliseOptions;
  /** Probes to test on, in place of set B. */
  readonly test?: Probes | undefined;
}

/** The input that the probes are for. */
export interface ExperimentInput {
  /** Positions of the network's input, nt. */
  readonly length: number;
  readonly head: 'regression' | 'classification';
  /** 6 or 9 for a network that takes structure profiles, which are those of the probes. Default 4. */
  readonly channels?: number;
}

/** Base codes and scores, as `fit` takes them. */
export interface ExperimentPart {
  /** [N * length] */
  readonly codes: Uint8Array;
  /**
   * Structure profiles [N * length * contexts], where the network takes them and the probes have them
   * (`withProfiles`). Without them the sequences are folded.
   */
  readonly profile?: Float32Array;
  /** [N], or [N * tasks] record by record, NaN where one is missing. */
  readonly scores: Float32Array;
}

/** Probes divided and normalised for training: what `train` and `report` work on. */
export interface Experiment {
  /** Names of the tasks, where there are several. */
  readonly tasks?: readonly string[];
  readonly train: ExperimentPart;
  readonly valid: ExperimentPart;
  /** Absent when there is nothing to test on. */
  readonly test?: ExperimentPart;
  /** Numbers of the probes that train and validate, in the order of these parts. */
  readonly records: { readonly train: Uint32Array; readonly valid: Uint32Array };
  readonly normalisation: Normalisation;
  /** Nucleotide frequencies of the training sequences [length * 4]. */
  readonly profile: Float64Array;
  readonly counts: ExperimentCounts;
  /** Whether the rarer scores were divided apart, since a plain split left a part with a single score. */
  readonly stratified: boolean;
}

/** How many records went where. */
export interface ExperimentCounts {
  readonly train: number;
  readonly valid: number;
  readonly test: number;
  /** Records without a set, where others have one: neither trained nor tested on. */
  readonly unassigned: number;
  /** Records without a sequence or a finite score. */
  readonly dropped: number;
  /** Records that train or validate and whose sequence stands in an earlier one of them too. */
  readonly repeated: number;
  /** Records of the test whose sequence trains or validates. */
  readonly shared: number;
}

/** What to do about a probe that is longer than the input. */
const TRAINED =
  'cut it, or leave out --length (and "length" in a network file), so that the input takes the longest probe';
const EVALUATED = 'cut it, or train a model with a longer input: train --length';

/**
 * Set A trains and validates, set B tests. Without sets everything trains and validates. All records of one
 * sequence stand on the same side of the division between training and validation.
 *
 * @throws DataError when there is too little to train or validate on (see `splitProbes`), FormatError for a
 * class that is not 0 or 1, InvalidSequenceError or NotFiniteError naming the record
 */
export function prepareExperiment(
  probes: Probes,
  { length, head, channels = 4 }: ExperimentInput,
  { validation = 0.1, seed = 1, normalise = {}, test: other }: PreparationOptions = {},
): Experiment {
  const divided = divideExperiment(probes, head, { validation, seed, normalise, test: other });
  const { parts, split, usable, records, unassigned, normalisation } = divided;
  const { train, valid, test } = divided.scores;
  const input = { length, channels, tooLong: TRAINED };
  const trained = { ...encodedProbes(parts.train, input), scores: train };
  return {
    ...(probes.tasks && { tasks: probes.tasks }),
    train: trained,
    valid: { ...encodedProbes(parts.valid, input), scores: valid },
    ...(test.length > 0 ? { test: { ...encodedProbes(parts.test, input), scores: test } } : {}),
    records,
    normalisation,
    profile: profileOf(trained.codes, length),
    counts: {
      train: parts.train.sequences.length,
      valid: parts.valid.sequences.length,
      test: parts.test.sequences.length,
      unassigned,
      dropped: probes.dropped,
      repeated: split.repeated,
      shared: sharedWith(parts.test, usable),
    },
    stratified: split.stratified,
  };
}

/** Codes of probes, and their structure profiles where the input takes them and the probes have them. */
function encodedProbes(
  probes: Probes,
  { length, channels, tooLong }: { length: number; channels: number; tooLong: string },
): Omit<ExperimentPart, 'scores'> {
  const codes = encodeSequences(probes.sequences, length, { ...probes, tooLong });
  const { structure } = probes;
  const contexts = contextsIn(channels);
  if (!structure || !contexts) return { codes };
  return { codes, profile: placedProfiles(structure.profiles, structure.at, { length, contexts }) };
}

/** An experiment divided and normalised, before its sequences are encoded. */
export interface DividedExperiment {
  readonly parts: Splits<Probes>;
  /** Of `usable`. */
  readonly split: ProbeSplit;
  /** Records that train or validate: set A, or all where there are no sets. */
  readonly usable: Probes;
  /** Numbers of the probes that train and validate, in the order of these parts. */
  readonly records: Experiment['records'];
  /** Records without a set, where others have one. */
  readonly unassigned: number;
  /** Of the parts. */
  readonly scores: Splits<Float32Array>;
  readonly normalisation: Normalisation;
}

/** The first half of `prepareExperiment`, and what it throws. */
export function divideExperiment(
  probes: Probes,
  head: ExperimentInput['head'],
  { validation = 0.1, seed = 1, normalise = {}, test: other }: PreparationOptions = {},
): DividedExperiment {
  checkTasks(probes, other);
  const { A, B, none } = splitBySet(probes);
  const hasSets = A.sequences.length + B.sequences.length > 0;
  const named = hasSets ? { ...A, source: `${A.source}, set A` } : none;
  const split = splitProbes(named, { fraction: validation, seed });
  const usable = hasSets ? A : none;
  const parts = {
    train: subset(usable, split.train),
    valid: subset(usable, split.valid),
    test: other && probes.tasks ? inTaskOrder(other, probes.tasks) : (other ?? B),
  };
  const { fitted, ...scores } = head === 'classification' ? classes(parts) : normalised(parts, normalise);
  return {
    parts,
    split,
    usable,
    records: recordsOf(probes, hasSets, split),
    unassigned: hasSets ? none.sequences.length : 0,
    scores,
    normalisation: fitted && {
      scope: normalise.scope ?? 'train',
      fitted: fitted[0]!,
      ...(fitted.length > 1 && { others: fitted.slice(1) }),
    },
  };
}

/** A division of set A, or of the probes without a set, as numbers among all probes. */
function recordsOf(
  { sets }: Probes,
  hasSets: boolean,
  { train, valid }: Experiment['records'],
): Experiment['records'] {
  const usable = [...sets.keys()].filter((record) => sets[record] === (hasSets ? 'A' : ''));
  const numbers = (part: Uint32Array): Uint32Array => part.map((at) => usable[at]!);
  return { train: numbers(train), valid: numbers(valid) };
}

/**
 * What the file of a model says of the data that trained it, for `saveModel` and `fitInFolder`: later
 * analyses take their backgrounds and the unit of predictions from it.
 *
 * @param data the table
 */
export const trainingFacts = (
  { tasks, normalisation, profile }: Pick<Experiment, 'tasks' | 'normalisation' | 'profile'>,
  data?: { readonly path: string; readonly sha256: string },
) => ({
  ...(tasks && { tasks }),
  normalisation,
  profile: Array.from(profile),
  ...(data && { data }),
});

/** @throws DataError where a table to test on has another number of tasks */
function checkTasks(probes: Probes, other: Probes | undefined): void {
  const [mine, others] = [probes.tasks?.length ?? 1, other?.tasks?.length ?? 1];
  if (other && mine !== others)
    throw new DataError(
      `${other.source} has ${count(others, 'score')} a record, but ${probes.source} has ${mine}; choose as many columns`,
    );
}

/** How many of the probes have a sequence that stands among `others`. */
export function sharedWith(probes: Probes, others: Probes): number {
  const known = new Set(others.sequences);
  return probes.sequences.filter((sequence) => known.has(sequence)).length;
}

/**
 * The input length that probes ask for: the paper's 41, or the longest probe where that is longer.
 * @throws DataError for a probe of more than 2,048 letters, naming its line
 */
export function inputLength(...tables: readonly Probes[]): number {
  let longest = INPUT_LENGTH;
  for (const { source, lines, sequences } of tables) {
    sequences.forEach(({ length }, record) => {
      if (length > MOST_INPUT_LENGTH)
        throw new DataError(
          `${source}:${lines[record]}: the sequence has ${length} letters; a model takes at most ${MOST_INPUT_LENGTH}, so cut longer sequences into windows`,
        );
      longest = Math.max(longest, length);
    });
  }
  return longest;
}

/** Scores as a model with this normalisation was trained on; set B's own fit where every split has one. */
export function normalisedScores(
  probes: Probes,
  normalisation: Normalisation,
  isTest: boolean,
): Float32Array {
  if (!normalisation) return classesOf(probes);
  const fits = [normalisation.fitted, ...(normalisation.others ?? [])];
  return byTask(probes, (scores, task) => {
    const { train, test } = fits[task]!;
    return applyTransform(isTest ? test : train, scores);
  });
}

/** Every task is fitted by itself, on the scores that it has. */
function normalised({ train, valid, test }: Splits<Probes>, options: NormaliseOptions) {
  const tasks = train.tasks?.length ?? 1;
  const fits = Array.from({ length: tasks }, (_, task) =>
    normaliseSplits(
      { train: taskScores(train, task), valid: taskScores(valid, task), test: taskScores(test, task) },
      options,
    ),
  );
  const of = (part: keyof Splits<Probes>, probes: Probes) => byTask(probes, (_, task) => fits[task]![part]);
  return {
    train: of('train', train),
    valid: of('valid', valid),
    test: of('test', test),
    fitted: fits.map(({ fitted }) => fitted),
  };
}

/** Scores of a task that are there. */
function taskScores({ scores, tasks }: Probes, task: number): Float64Array {
  if (!tasks) return scores;
  return scores.filter((score, i) => i % tasks.length === task && !Number.isNaN(score));
}

/** What a function makes of the scores of each task, put back where they stood; NaN where one is missing. */
function byTask(probes: Probes, of: (scores: Float64Array, task: number) => Float32Array): Float32Array {
  const { scores, tasks } = probes;
  if (!tasks) return of(scores, 0);
  const result = new Float32Array(scores.length).fill(Number.NaN);
  tasks.forEach((_, task) => {
    const values = of(taskScores(probes, task), task);
    let next = 0;
    for (let i = task; i < scores.length; i += tasks.length)
      if (!Number.isNaN(scores[i]!)) result[i] = values[next++]!;
  });
  return result;
}

const classes = ({ train, valid, test }: Splits<Probes>) => ({
  train: classesOf(train),
  valid: classesOf(valid),
  test: classesOf(test),
  fitted: null,
});

function classesOf({ scores, source, lines, tasks }: Probes): Float32Array {
  const isMissing = (score: number): boolean => tasks !== undefined && Number.isNaN(score);
  const bad = scores.findIndex((score) => score !== 0 && score !== 1 && !isMissing(score));
  if (bad >= 0)
    throw new FormatError(
      `${source}:${lines[Math.floor(bad / (tasks?.length ?? 1))]}: a class must be 0 or 1, not ${scores[bad]}; for other scores train with --head regression, or with the loss regression in a network file`,
    );
  return Float32Array.from(scores);
}

/** Which probes of a table a model is evaluated on. */
export type EvaluatedSet = 'A' | 'B' | 'all';

/** Probes to evaluate a trained model on: encoded, and with scores as in its training. */
export interface EvaluationSet extends ExperimentPart {
  readonly probes: Probes;
  readonly set: EvaluatedSet;
  /** Probes of set B whose sequence stands in set A too; the result is not independent of those. */
  readonly shared: number;
}

/** What evaluation depends on in a model; a `ModelFile` has it. */
export interface EvaluatedModel {
  readonly architecture: { readonly length: number; readonly channels?: number };
  readonly facts: {
    readonly normalisation?: Normalisation | undefined;
    /** Names of the tasks, where there are several. */
    readonly tasks?: readonly string[] | undefined;
  };
}

/**
 * The probes of a table to evaluate a trained model on, encoded and normalised as its file says.
 *
 * @param set default: B where the table has sets, else all
 * @throws ArgumentError where the file does not say how scores were normalised; FormatError where the set is
 * empty, or for a class that is not 0 or 1; DataError for tasks of other names; InvalidSequenceError naming
 * the record
 * @example
 * const file = await readModel('run');
 * const { codes, scores } = data.evaluationSet(await readProbes('probes.tsv'), file);
 */
export function evaluationSet(
  all: Probes,
  { architecture: { length, channels = 4 }, facts: { normalisation, tasks } }: EvaluatedModel,
  set: EvaluatedSet = all.sets.includes('B') ? 'B' : 'all',
): EvaluationSet {
  if (normalisation === undefined)
    throw new ArgumentError(
      'model',
      'its file does not say how scores were normalised; take a model that train or fitInFolder saved with the facts of its training',
    );
  const sets = splitBySet(all);
  const probes = set === 'all' ? all : sets[set];
  if (probes.sequences.length === 0)
    throw new FormatError(`${all.source}: there are no probes in set ${set}; --set all takes every probe`);
  const ordered = tasks ? inTaskOrder(probes, tasks) : probes;
  return {
    ...encodedProbes(probes, { length, channels, tooLong: EVALUATED }),
    scores: normalisedScores(ordered, normalisation, set === 'B'),
    probes,
    set,
    shared: set === 'B' ? sharedWith(probes, sets.A) : 0,
  };
}
