/**
 * What a report asks replicates: networks that were trained on the same probes from different seeds. All are
 * asked about one motif, in the same backgrounds, side by side.
 */

import { inRna, spell } from '../../data/sequences/letters.js';
import * as check from '../../device/check.js';
import { ShapeError } from '../../device/errors.js';
import {
  attributionOf,
  bySequence,
  type SequenceAttribution,
} from '../../gia/attribution/attribution-files.js';
import { mutagenesis } from '../../gia/attribution/mutagenesis.js';
import {
  acrossModels,
  affinity,
  atReadout,
  EXPERIMENTS,
  type ExperimentResult,
  type Labels,
  type ReplicatedComparison,
  type Skipped,
} from '../../gia/experiments/index.js';
import { sweep } from '../../gia/importance.js';
import { type Measured, measuredBeside } from '../../gia/measurement/measurements.js';
import { mean } from '../../gia/statistics/line.js';
import { type Treated, treatmentIn } from '../../gia/structure.js';
import { type ModelStatistics, resultTable, statisticsOf } from '../../gia/tables/result-table.js';
import type { StoredRow } from '../../gia/tables/table-reader.js';
import { besideSweep } from '../../kernels/precision.js';
import { agreement } from '../../nn/agreement.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import {
  bestOf,
  experimentsOf,
  type MeasuredAgreement,
  measuredAgreements,
  motifOf,
  type ReportQuestions,
  type TaskAnswers,
} from '../ask-model.js';

/** What replicates are asked: as one model, but a sweep of each that was computed before. */
export interface ReplicateQuestions extends Omit<ReportQuestions, 'sweep'> {
  /** Network by network. Default: all 6-mers, in the middle of the letters of probes. */
  readonly sweeps?: readonly (readonly StoredRow[])[] | undefined;
}

/** A pattern in all replicates. */
export interface SharedRow {
  readonly pattern: string;
  /** Mean of the networks' global importances. */
  readonly importance: number;
  /** Of each network. */
  readonly importances: readonly number[];
  /** From 1, among all patterns of each network. */
  readonly ranks: readonly number[];
}

/** The result of an experiment in all replicates; `across` tests its comparisons over them. */
export type SharedResult = ExperimentResult & { readonly across?: readonly ReplicatedComparison[] };

/** What replicates answered: together, then each. */
export interface ReplicatesAnswers extends Treated {
  /** By descending mean importance. */
  readonly sweep: readonly SharedRow[];
  /** Letters of the k-mer of the highest mean importance, which all experiments are about. */
  readonly motif: string;
  /** With the rows of all networks. */
  readonly experiments: readonly SharedResult[];
  readonly skipped: readonly Skipped[];
  /** Of the mean of all predictions. */
  readonly agreement?: MeasuredAgreement | undefined;
  /** Mean importances beside measurements. */
  readonly measured?: Measured | undefined;
  /** Network by network; `motif` is its own top k-mer, and the experiments are about that of all. */
  readonly replicates: readonly TaskAnswers[];
  readonly alphabet: TaskAnswers['alphabet'];
}

/**
 * Asks replicates what one model is asked by `askModel`, and what they have in common.
 *
 * @param model two or more networks of one output, side by side
 * @throws ShapeError for a single network, or for networks of several outputs; as `askModel`
 * @example
 * const answers = await report.askReplicates(await nn.uploadModels(gpu, files), { backgrounds, probes });
 * const { page } = await report.modelReport({ name: 'VTS1', facts: [], seeds: [1, 2, 3], ...answers });
 */
export async function askReplicates(
  model: ResidualBind,
  questions: ReplicateQuestions,
): Promise<ReplicatesAnswers> {
  check.object(questions, check.argument('questions'));
  if (model.models < 2 || model.outputs > 1)
    throw new ShapeError(
      `replicates are two or more networks of one output, not ${model.models} of ${model.outputs}`,
    );
  const { backgrounds, affinities, probes, measurements, signal, precision = 'f32' } = questions;
  const { method, memory, structure, allowPadding, onStep = (_, work) => work() } = questions;
  const computing = { method, memory, precision, structure, allowPadding, signal, backgrounds };
  const treated = treatmentIn(model, { structure });
  const bound =
    affinities &&
    (await onStep({ name: 'affinities' }, () => affinity(model, { ...computing, ...affinities })));
  const total = 4 ** 6 * backgrounds.count * model.models;
  const sweeps =
    questions.sweeps ??
    (await onStep({ name: 'sweep', total }, async (onProgress) =>
      sweepsOf(statisticsOf(await sweep(model, { ...computing, ...(onProgress && { onProgress }) }))),
    ));
  const shared = sharedSweep(sweeps);
  const { alphabet } = model;
  const motif = spell(inRna(motifOf(shared)), alphabet);
  const { experiments, skipped } = await onStep({ name: 'experiments' }, () =>
    experimentsOf(model, computing, { motif, task: undefined, experiments: EXPERIMENTS }, questions),
  );
  const held =
    probes &&
    (await onStep({ name: 'predictions', total: probes.probes.sequences.length }, (onProgress) =>
      measuredAgreements(model, probes, { precision: besideSweep(precision), signal, onProgress }),
    ));
  const together = held && meanAgreement(held);
  const shown = questions.sequences ?? (together && bestOf(together, questions.most ?? 5, model.length));
  const attributions =
    shown &&
    (await onStep({ name: 'sequences' }, async () => {
      const all = await mutagenesis(model, { codes: shown.codes }, { precision, structure, signal });
      return sweeps.map((_, e): readonly SequenceAttribution[] => bySequence(attributionOf(all, e), shown));
    }));
  const results = [...experiments, ...(bound ? [bound] : [])];
  return {
    sweep: shared,
    motif,
    experiments: results.map(withAcross),
    skipped,
    agreement: together,
    measured: measurements && measuredBeside(measurements, shared),
    replicates: sweeps.map((rows, e) => ({
      sweep: rows,
      motif: spell(inRna(motifOf(rows)), alphabet),
      experiments: results.map((result) => atReadout(result, { model: e })),
      skipped,
      agreement: held?.[e],
      measured: measurements && measuredBeside(measurements, rows),
      attributions: attributions?.[e],
      alphabet,
      ...treated,
    })),
    alphabet,
    ...treated,
  };
}

/** The rows of each model of one output. */
export const sweepsOf = (statistics: readonly ModelStatistics[]): Promise<(readonly StoredRow[])[]> =>
  Promise.all(statistics.map(async (own) => (await resultTable([own])).table.rows));

const withAcross = (result: ExperimentResult): SharedResult =>
  result.comparisons.length === 0 ? result : { ...result, across: acrossModels<Labels>(result.comparisons) };

/** All patterns with their importances in every network, by descending mean. */
export function sharedSweep(sweeps: readonly (readonly StoredRow[])[]): readonly SharedRow[] {
  const ranked = sweeps.map(
    (rows) =>
      new Map(
        [...rows]
          .sort((a, b) => b.importance - a.importance)
          .map(({ pattern, importance }, i) => [pattern, { importance, rank: i + 1 }]),
      ),
  );
  return sweeps[0]!
    .map(({ pattern }) => {
      const own = ranked.map((rows) => rows.get(pattern)!);
      const importances = own.map(({ importance }) => importance);
      return { pattern, importance: mean(importances), importances, ranks: own.map(({ rank }) => rank) };
    })
    .sort((a, b) => b.importance - a.importance);
}

/** The agreement of the mean of all predictions. */
function meanAgreement(all: readonly MeasuredAgreement[]): MeasuredAgreement {
  const { measured, sequences } = all[0]!;
  const predicted = Float32Array.from(measured as Float32Array, (_, i) =>
    mean(all.map((each) => each.predicted[i]!)),
  );
  return { measured, predicted, sequences, ...agreement(predicted, measured as Float32Array) };
}
