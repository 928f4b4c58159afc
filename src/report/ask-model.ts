/**
 * What the report of a model asks it: sweep, experiments of the top k-mer, agreement with measurements, and
 * mutagenesis of single sequences. `model-report.ts` makes the page from the answers.
 */

import type { EvaluationSet } from '../data/experiment.js';
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
  type ExperimentResult,
  type MeasuredAffinity,
  runAll,
  type Skipped,
} from '../gia/experiments/index.js';
import { type ImportanceOptions, sweep } from '../gia/importance.js';
import { resultTable, statisticsOf } from '../gia/tables/result-table.js';
import { lettersOfName, type StoredRow, topRow } from '../gia/tables/table-reader.js';
import { besideSweep } from '../kernels/precision.js';
import { agreement } from '../nn/agreement.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { fixed } from './figures/svg.js';
import type { Agreement } from './sections/agreement-section.js';

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
  extends Pick<ImportanceOptions, 'method' | 'memory' | 'precision' | 'allowPadding' | 'signal'> {
  /** The sequences that patterns are embedded in. */
  readonly backgrounds: Backgrounds;
  /**
   * A sweep that was computed before. Default: all 6-mers, at 17 or in the middle of the letters of probes.
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
  /** Sequences to show letter by letter. Default: the best of `probes`. */
  readonly sequences?: EncodedSequences | undefined;
  /** How many of the best of `probes`. Default 5. */
  readonly most?: number | undefined;
  /** Runs a step, for instance under a progress bar. Default: runs it. */
  readonly onStep?:
    | (<T>(step: ReportStep, work: (onProgress?: OnStep) => Promise<T>) => Promise<T>)
    | undefined;
  /** Is called with every experiment of the motif that is done. */
  readonly onResult?: ((result: ExperimentResult, motif: string) => unknown) | undefined;
  /** Is called with every experiment that does not fit the letters of probes. */
  readonly onSkipped?: ((skipped: Skipped) => unknown) | undefined;
}

/** What a model answered; `modelReport` takes it with a name and facts. */
export interface ReportAnswers {
  readonly sweep: readonly StoredRow[];
  /** Letters of the most important k-mer, the subject of the experiments. */
  readonly motif: string;
  readonly experiments: readonly ExperimentResult[];
  readonly skipped: readonly Skipped[];
  readonly agreement?: MeasuredAgreement | undefined;
  readonly attributions?: readonly SequenceAttribution[] | undefined;
}

/** How well predictions agree with measurements, and both of them. */
export type MeasuredAgreement = Agreement &
  ReturnType<typeof agreement> & { readonly sequences: readonly string[] };

/**
 * Asks one model everything that its report shows.
 *
 * @throws ArgumentError where the top of the sweep is no k-mer; PaddingError where no experiment fits; what
 * `importance` and the experiments throw; CancelledError
 * @example
 * const answers = await report.askModel(model, { backgrounds, probes });
 * const { page, files } = await report.modelReport({ name: 'VTS1', facts: [], ...answers });
 */
export async function askModel(model: ResidualBind, questions: ReportQuestions): Promise<ReportAnswers> {
  check.object(questions, check.argument('questions'));
  const { backgrounds, affinities, probes, suboptimal, signal, precision = 'f32' } = questions;
  const { method, memory, allowPadding, most = 5, onStep = (_, work) => work() } = questions;
  const computing = { method, memory, precision, allowPadding, signal, backgrounds };
  // Before the sweep, which takes long, since variants may not fit the model.
  const bound =
    affinities &&
    (await onStep({ name: 'affinities' }, () => affinity(model, { ...computing, ...affinities })));
  const rows =
    questions.sweep ??
    (await onStep({ name: 'sweep', total: 4 ** 6 * backgrounds.count }, (onProgress) =>
      sixMers(model, { ...computing, ...(onProgress && { onProgress }) }),
    ));
  const motif = motifOf(rows);
  const skipped: Skipped[] = [];
  const experiments = await onStep({ name: 'experiments' }, () =>
    runAll(
      model,
      { ...computing, motif, suboptimal },
      (done) => questions.onResult?.(done, motif),
      (one) => {
        skipped.push(one);
        return questions.onSkipped?.(one);
      },
    ),
  );
  const held =
    probes &&
    (await onStep({ name: 'predictions', total: probes.scores.length }, (onProgress) =>
      measuredAgreement(model, probes, { precision: besideSweep(precision), signal, onProgress }),
    ));
  const shown = questions.sequences ?? (probes && held && bestOf(probes, held, most, model.length));
  const attributions =
    shown &&
    (await onStep({ name: 'sequences' }, async () =>
      bySequence(await mutagenesis(model, shown, { precision, signal }), shown),
    ));
  return {
    sweep: rows,
    motif,
    experiments: [...experiments, ...(bound ? [bound] : [])],
    skipped,
    agreement: held,
    attributions,
  };
}

/** The table of all 6-mers. */
async function sixMers(
  model: ResidualBind,
  options: Parameters<typeof sweep>[1],
): Promise<readonly StoredRow[]> {
  const { table } = await resultTable(statisticsOf(await sweep(model, options)));
  return table.rows;
}

/** The letters of the top pattern. @throws ArgumentError for a pattern that is no k-mer */
export function motifOf(rows: readonly StoredRow[]): string {
  const motif = lettersOfName(topRow(rows).pattern);
  if (!/^[ACGU]+$/.test(motif))
    throw new ArgumentError(
      'sweep',
      `the top pattern of the sweep is ${motif}, and experiments need a k-mer`,
    );
  return motif;
}

/**
 * How well a model predicts measurements.
 *
 * @throws as `ResidualBind.predict`
 */
export async function measuredAgreement(
  model: ResidualBind,
  { codes, scores, probes }: EvaluationSet,
  options: Pick<ImportanceOptions, 'precision' | 'signal'> & {
    readonly onProgress?: OnStep | undefined;
  } = {},
): Promise<MeasuredAgreement> {
  const { onProgress, ...how } = options;
  const told = onProgress && ((done: number, total: number) => onProgress({ done, total }));
  const predicted = await model.predict({ codes }, { ...how, onProgress: told });
  const { sequences } = probes;
  return { measured: scores, predicted, sequences, ...agreement(predicted, scores) };
}

/** The probes of the highest predictions; one that is there twice is shown once. */
function bestOf(
  { codes }: EvaluationSet,
  { measured, predicted, sequences }: MeasuredAgreement,
  most: number,
  length: number,
): EncodedSequences {
  const order = Array.from({ length: predicted.length }, (_, i) => i).sort(
    (a, b) => predicted[b]! - predicted[a]!,
  );
  const best = [...new Map(order.toReversed().map((i) => [sequences[i]!, i])).values()]
    .toReversed()
    .slice(0, most);
  return {
    names: best.map((i) => `Test sequence ${i + 1}, measured ${fixed(measured[i]!, 2)}`),
    sequences: best.map((i) => sequences[i]!),
    codes: Uint8Array.from(best.flatMap((i) => [...codes.subarray(i * length, (i + 1) * length)])),
  };
}
