/**
 * What the report of a model asks it: sweep, experiments of the top k-mer, agreement with measurements, and
 * mutagenesis of single sequences. `model-report.ts` makes the page from the answers.
 */

import type { EvaluationSet } from '../data/experiment.js';
import { type Alphabet, inRna, isWord, spell } from '../data/sequences/letters.js';
import { encodeSequences } from '../data/sequences/sequence.js';
import * as check from '../device/check.js';
import { ArgumentError } from '../device/errors.js';
import {
  bySequence,
  type GivenSequences,
  type SequenceAttribution,
} from '../gia/attribution/attribution-files.js';
import { mutagenesis } from '../gia/attribution/mutagenesis.js';
import type { Backgrounds } from '../gia/backgrounds/backgrounds.js';
import {
  affinity,
  type Experiment,
  type ExperimentResult,
  type MeasuredAffinity,
  oncePerMotif,
  runAll,
  type Skipped,
} from '../gia/experiments/index.js';
import { type ImportanceOptions, sweep } from '../gia/importance.js';
import { type Measured, type Measurements, measuredBeside } from '../gia/measurement/measurements.js';
import { type AskedModel, checkModel, type Model, readoutAt } from '../gia/model.js';
import { type Treated, treatmentIn } from '../gia/structure.js';
import { predictBare } from '../gia/sweep/bare-predictions.js';
import { resultTable, statisticsOf } from '../gia/tables/result-table.js';
import { lettersOfName, rowsOfTask, type StoredRow, topRow } from '../gia/tables/table-reader.js';
import { besideSweep } from '../kernels/precision.js';
import { agreement } from '../nn/agreement.js';
import { ResidualBind } from '../nn/residualbind.js';
import { fixed } from './figures/svg.js';
import type { TaskAgreement } from './sections/agreement-section.js';

/** Sequences and their base codes [N * length]. */
export type EncodedSequences = GivenSequences & { readonly codes: Uint8Array };

/** A step of the work: its name, and how many units it has where that is known. */
export interface ReportStep {
  readonly name: 'affinities' | 'sweep' | 'experiments' | 'predictions' | 'sequences';
  /** Pairs of a sweep, sequences of predictions. */
  readonly total?: number;
}

/** Progress within a step. */
export type OnStep = (progress: { readonly done: number; readonly total: number }) => void;

/** What a model is asked, and how the answers are computed. */
export interface ReportQuestions
  extends Pick<
    ImportanceOptions,
    'method' | 'memory' | 'precision' | 'structure' | 'allowPadding' | 'signal'
  > {
  /** The sequences that patterns are embedded in. */
  readonly backgrounds: Backgrounds;
  /**
   * A sweep that was computed before. Default: all 6-mers, in the middle of the letters of probes.
   */
  readonly sweep?: readonly StoredRow[] | undefined;
  /** For `multiplicity`. Default: the variant that mutagenesis finds about half as important. */
  readonly suboptimal?: string | undefined;
  /** Measured affinities, for their own experiment. */
  readonly affinities?:
    | { readonly measured: readonly MeasuredAffinity[]; readonly unit?: string | undefined }
    | undefined;
  /** Measurements to compare predictions with. */
  readonly probes?: EvaluationSet | undefined;
  /** Measurements to put the sweep beside. */
  readonly measurements?: Measurements | undefined;
  /** Sequences to show letter by letter. Default: the best of `probes`. */
  readonly sequences?: EncodedSequences | undefined;
  /** How many of the best of `probes`. Default 5. */
  readonly most?: number | undefined;
  /** Runs a step, for instance under a progress bar. Default: runs it. */
  readonly onStep?:
    | (<T>(step: ReportStep, work: (onProgress?: OnStep) => Promise<T>) => Promise<T>)
    | undefined;
  /** Is called with every experiment that is done, with its motif, and the task whose motif that is. */
  readonly onResult?:
    | ((result: ExperimentResult, motif: string, task: string | undefined) => unknown)
    | undefined;
  /** Is called with every experiment that does not fit the letters of probes. */
  readonly onSkipped?: ((skipped: Skipped) => unknown) | undefined;
}

/** What a model answered, or of several tasks one. */
export interface TaskAnswers extends Treated {
  readonly sweep: readonly StoredRow[];
  /** Letters of the most important k-mer, the subject of the experiments, in the alphabet of the model. */
  readonly motif: string;
  /** With several tasks, each asks all of them. */
  readonly experiments: readonly ExperimentResult[];
  readonly skipped: readonly Skipped[];
  readonly agreement?: MeasuredAgreement | undefined;
  /** The sweep beside measurements, where there are any and its patterns are k-mers. */
  readonly measured?: Measured | undefined;
  readonly attributions?: readonly SequenceAttribution[] | undefined;
  /** Which letters the page is written in. */
  readonly alphabet: Alphabet;
}

/** What a model of several tasks answered. */
export interface TasksAnswers extends Treated {
  /** Of all tasks. */
  readonly sweep: readonly StoredRow[];
  readonly skipped: readonly Skipped[];
  /** Each about its own most important k-mer. */
  readonly tasks: readonly (TaskAnswers & { readonly task: string })[];
  /** Which letters the page is written in. */
  readonly alphabet: Alphabet;
}

/** What a model answered; `modelReport` takes it with a name and facts. */
export type ReportAnswers = TaskAnswers | TasksAnswers;

/** The answers of every task; of a model with one output those of its only one, which has no name. */
export const answersByTask = (
  answers: ReportAnswers,
): readonly (TaskAnswers & { readonly task?: string })[] => ('tasks' in answers ? answers.tasks : [answers]);

/** How well predictions agree with measurements, and both of them. */
export type MeasuredAgreement = TaskAgreement &
  ReturnType<typeof agreement> & { readonly sequences: readonly string[] };

/**
 * Asks one model everything that its report shows. With several tasks, all are asked at once; experiments are
 * of the top k-mer of each task.
 *
 * @param given a single model: a `ResidualBind`, or whatever else predicts
 * @throws ArgumentError where the top of the sweep is no k-mer; FormatError for a sweep of other tasks;
 * PaddingError where no experiment fits; ArgumentError for several models; what `importance` and the
 * experiments throw; CancelledError
 * @example
 * const answers = await report.askModel(model, { backgrounds, probes });
 * const { page, files } = await report.modelReport({ name: 'VTS1', facts: [], ...answers });
 */
export async function askModel(given: Model, questions: ReportQuestions): Promise<ReportAnswers> {
  check.object(questions, check.argument('questions'));
  const model = oneModel(given, questions.backgrounds.length);
  const { backgrounds, affinities, probes, measurements, signal, precision = 'f32' } = questions;
  const { method, memory, structure, allowPadding, onStep = (_, work) => work() } = questions;
  const computing = { method, memory, precision, structure, allowPadding, signal, backgrounds };
  const treated = treatmentIn(model, { structure });
  // Before the sweep, which takes long, since variants may not fit the model.
  const bound =
    affinities &&
    (await onStep({ name: 'affinities' }, () => affinity(model, { ...computing, ...affinities })));
  const rows =
    questions.sweep ??
    (await onStep({ name: 'sweep', total: 4 ** 6 * backgrounds.count }, (onProgress) =>
      sixMers(model, { ...computing, ...(onProgress && { onProgress }) }),
    ));
  const { alphabet = 'rna' } = model;
  const tasks = tasksOf(model).map((task) => {
    const sweep = rowsOfTask(rows, task);
    return { task, sweep, motif: spell(inRna(motifOf(sweep)), alphabet) };
  });
  const tested = await onStep({ name: 'experiments' }, async () => {
    const each: Tested[] = [];
    const experiments = oncePerMotif();
    for (const { motif, task } of tasks)
      each.push(await experimentsOf(model, computing, { motif, task, experiments }, questions));
    return each;
  });
  const held =
    probes &&
    (await onStep({ name: 'predictions', total: probes.probes.sequences.length }, (onProgress) =>
      measuredAgreements(model, probes, { precision: besideSweep(precision), signal, onProgress }),
    ));
  const shown = sequencesOf(questions, model, tasks.length, held);
  const attributions =
    shown &&
    (await onStep({ name: 'sequences' }, () =>
      attributionsOf(model, shown, { precision, structure, signal }),
    ));
  const answers = tasks.map(({ task, sweep, motif }, t) => ({
    ...(task !== undefined && { task }),
    sweep,
    motif,
    experiments: [...tested[t]!.experiments, ...(bound ? [bound] : [])],
    skipped: tested[t]!.skipped,
    agreement: held?.[t],
    measured: measurements && measuredBeside(measurements, sweep, t),
    attributions: attributions?.[t],
    alphabet,
    ...treated,
  }));
  if (answers.length === 1) return answers[0]!;
  const skipped = new Map(answers.flatMap((each) => each.skipped.map((one) => [one.reason, one])));
  return {
    sweep: rows,
    skipped: [...skipped.values()],
    tasks: answers as TasksAnswers['tasks'],
    alphabet,
    ...treated,
  };
}

/**
 * @param length letters of a sequence, for a function that does not say
 *
 * @throws ArgumentError for several models
 */
function oneModel(given: Model, length: number): AskedModel {
  const model = checkModel(given, length);
  if (model.models !== 1)
    throw new ArgumentError(
      'model',
      `askModel is about one model, and these are ${model.models}; askReplicates asks several`,
    );
  return model;
}

/** Names of the outputs; of one output no name. */
const tasksOf = (model: AskedModel): readonly (string | undefined)[] =>
  Array.from({ length: model.outputs ?? 1 }, (_, output) => readoutAt(model, output)?.task);

/** The table of all 6-mers. */
async function sixMers(
  model: AskedModel,
  options: Parameters<typeof sweep>[1],
): Promise<readonly StoredRow[]> {
  const { table } = await resultTable(statisticsOf(await sweep(model, options)));
  return table.rows;
}

/** The letters of the top pattern. @throws ArgumentError for a pattern that is no k-mer */
export function motifOf(rows: readonly Pick<StoredRow, 'pattern' | 'importance'>[]): string {
  const motif = lettersOfName(topRow(rows).pattern);
  if (!isWord(motif))
    throw new ArgumentError(
      'sweep',
      `the top pattern of the sweep is ${motif}, and experiments need a k-mer`,
    );
  return motif;
}

/** Experiments of a motif. */
type Tested = Pick<TaskAnswers, 'experiments' | 'skipped'>;

/** The motif of a task, and what is asked about it. */
interface Subject {
  readonly motif: string;
  readonly task: string | undefined;
  readonly experiments: Readonly<Record<string, Experiment>>;
}

/** Asks all tasks about the motif of one. */
export async function experimentsOf(
  model: AskedModel,
  computing: ImportanceOptions & { readonly backgrounds: Backgrounds },
  { motif, task, experiments: runs }: Subject,
  { suboptimal, onResult, onSkipped }: ReportQuestions,
): Promise<Tested> {
  const skipped: Skipped[] = [];
  const experiments = await runAll(
    model,
    { ...computing, motif, suboptimal, task },
    (done) => onResult?.(done, motif, task),
    (one) => {
      skipped.push(one);
      return onSkipped?.(one);
    },
    runs,
  );
  return { experiments, skipped };
}

/**
 * How well each output of each model predicts measurements, model by model. Those that are missing are left
 * out.
 *
 * @throws as `ResidualBind.predict`, or whatever else predicts
 */
export async function measuredAgreements(
  given: Model,
  { codes, profile, scores, probes: { sequences } }: EvaluationSet,
  options: Pick<ImportanceOptions, 'precision' | 'signal'> & {
    readonly onProgress?: OnStep | undefined;
  } = {},
): Promise<readonly MeasuredAgreement[]> {
  const { onProgress, ...how } = options;
  const count = sequences.length;
  const model = checkModel(given, codes.length / count);
  const told = onProgress && ((done: number, total: number) => onProgress({ done, total }));
  const predictions =
    model instanceof ResidualBind
      ? await model.predict({ codes, ...(profile && { profile }) }, { ...how, onProgress: told })
      : await predictBare(model, { codes, count, profile }, how.precision ?? 'f32', how.signal);
  const { models, outputs = 1 } = model;
  return Array.from({ length: models * outputs }, (_, readout) => {
    const score = (i: number) => scores[i * outputs + (readout % outputs)]!;
    const known = [...sequences.keys()].filter((i) => !Number.isNaN(score(i)));
    const measured = Float32Array.from(known, score);
    const predicted = Float32Array.from(known, (i) => predictions[readout * count + i]!);
    return {
      measured,
      predicted,
      sequences: known.map((i) => sequences[i]!),
      ...agreement(predicted, measured),
    };
  });
}

/** The sequences to show of every task: those that are asked for, or the best of its measured ones. */
function sequencesOf(
  { sequences, most = 5 }: ReportQuestions,
  { length }: AskedModel,
  tasks: number,
  held: readonly MeasuredAgreement[] | undefined,
): readonly EncodedSequences[] | undefined {
  if (sequences) return Array.from({ length: tasks }, () => sequences);
  return held?.map((each) => bestOf(each, most, length));
}

/** The probes of the highest predictions; one that is there twice is shown once. */
export function bestOf(
  { measured, predicted, sequences }: MeasuredAgreement,
  most: number,
  length: number,
): EncodedSequences {
  const order = [...sequences.keys()].sort((a, b) => predicted[b]! - predicted[a]!);
  const best = [...new Map(order.toReversed().map((i) => [sequences[i]!, i])).values()]
    .toReversed()
    .slice(0, most);
  const shown = best.map((i) => sequences[i]!);
  return {
    names: best.map((i) => `Test sequence ${i + 1}, measured ${fixed(measured[i]!, 2)}`),
    sequences: shown,
    codes: encodeSequences(shown, length),
  };
}

/** Mutagenesis of the sequences of every task, all in one go; of each task in its own output. */
async function attributionsOf(
  model: AskedModel,
  shown: readonly EncodedSequences[],
  options: Parameters<typeof mutagenesis>[2],
): Promise<readonly (readonly SequenceAttribution[])[]> {
  const all = shown.every((each) => each === shown[0]) ? [shown[0]!] : shown;
  const codes = Uint8Array.from(all.flatMap((each) => [...each.codes]));
  const found = bySequence(await mutagenesis(model, { codes }, options), {
    names: all.flatMap(({ names }) => names),
    sequences: all.flatMap(({ sequences }) => sequences),
    structures: all.flatMap(({ sequences, structures }) => structures ?? sequences.map(() => undefined)),
  });
  // Sequence by sequence, and of each sequence output by output.
  const outputs = shown.length;
  let first = 0;
  return shown.map(({ sequences }, output) => {
    const start = all.length === 1 ? 0 : first;
    first += sequences.length;
    return sequences.map((_, i) => found[(start + i) * outputs + output]!);
  });
}
