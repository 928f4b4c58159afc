/** The state of a training run after a whole number of epochs, and whether what claims to be one is sound. */

import * as check from '../../device/check.js';
import { firstNotFinite } from '../finite.js';
import type { ScheduleState } from './schedule.js';

/** What one epoch reached. */
export interface EpochReport {
  /** 1-based. */
  readonly epoch: number;
  /** Mean training loss over the epoch's steps. */
  readonly loss: number;
  /** Pearson's r on validation; NaN where predictions are constant. */
  readonly validation: number;
  readonly learningRate: number;
  readonly improved: boolean;
}

/** Everything that decides how training goes on, after a whole number of epochs. */
export interface TrainingState {
  readonly epoch: number;
  readonly steps: number;
  readonly schedule: ScheduleState;
  readonly history: readonly EpochReport[];
  /** Flat buffers, gaps included: current and best parameters and running statistics, and Adam's moments. */
  readonly tensors: Readonly<Record<StateTensor, Float32Array>>;
}

export const STATE_TENSORS = [
  'parameters',
  'statistics',
  'bestParameters',
  'bestStatistics',
  'adamM',
  'adamV',
] as const;

export type StateTensor = (typeof STATE_TENSORS)[number];

const correlation = check.number({ least: -1, most: 1 });
const rate = check.number({ above: 0 });

const finite: check.Check<Float32Array> = (value, place) => {
  const floats = check.floats(value, place);
  const bad = firstNotFinite(floats);
  if (bad >= 0) throw place.error(`${place.name} holds ${floats[bad]} at element ${bad}`);
  return floats;
};

const fields = check.record<TrainingState>({
  epoch: check.whole(1),
  steps: check.whole(1),
  schedule: check.record<ScheduleState>({
    learningRate: rate,
    best: check.nullable(correlation),
    bestEpoch: check.whole(0),
    sinceBest: check.whole(0),
    sinceDecay: check.whole(0),
    stop: check.flag,
  }),
  history: check.list(
    check.record<EpochReport>({
      epoch: check.whole(1),
      loss: check.number({ least: 0 }),
      // JSON has no NaN.
      validation: (value, place) =>
        value === null || Number.isNaN(value) ? Number.NaN : correlation(value, place),
      learningRate: rate,
      improved: check.flag,
    }),
  ),
  tensors: check.record<TrainingState['tensors']>({
    parameters: finite,
    statistics: finite,
    bestParameters: finite,
    bestStatistics: finite,
    adamM: finite,
    adamV: finite,
  }),
});

/** A training state whose fields are all there, finite, and agree with each other. */
export const checkTrainingState: check.Check<TrainingState> = (value, place) => {
  const state = fields(value, place);
  const disagreement = disagreementIn(state);
  if (disagreement !== undefined) throw place.error(`${place.name}: ${disagreement}`);
  return state;
};

function disagreementIn({ epoch, steps, schedule, history, tensors }: TrainingState): string | undefined {
  if (history.length !== epoch) return `${epoch} epochs have a history of ${history.length}`;
  const misplaced = history.findIndex((report, i) => report.epoch !== i + 1);
  if (misplaced >= 0) return `history[${misplaced}] is of epoch ${history[misplaced]!.epoch}`;
  if (steps % epoch !== 0) return `${steps} steps are no whole number for each of ${epoch} epochs`;
  return scheduleDisagreement(schedule, history) ?? sizeDisagreement(tensors);
}

/** The best epoch follows from the history. */
function scheduleDisagreement(
  { best, bestEpoch, sinceBest, sinceDecay }: ScheduleState,
  history: readonly EpochReport[],
): string | undefined {
  let [highest, at] = [Number.NEGATIVE_INFINITY, 0];
  for (const { epoch, validation, improved } of history) {
    if (improved !== validation > highest) return `history[${epoch - 1}].improved is ${improved}`;
    if (improved) [highest, at] = [validation, epoch];
  }
  if (bestEpoch !== at) return `schedule.bestEpoch is ${bestEpoch}, but epoch ${at} was the best`;
  if (best !== (at === 0 ? null : highest)) return `schedule.best is ${best}, not that of epoch ${at}`;
  if (sinceBest !== history.length - at) return `schedule.sinceBest is ${sinceBest}`;
  return sinceDecay > sinceBest ? `schedule.sinceDecay is ${sinceDecay}` : undefined;
}

function sizeDisagreement(tensors: TrainingState['tensors']): string | undefined {
  for (const [name, like] of [
    ['bestParameters', 'parameters'],
    ['adamM', 'parameters'],
    ['adamV', 'parameters'],
    ['bestStatistics', 'statistics'],
  ] as const) {
    if (tensors[name].length !== tensors[like].length)
      return `${name} has ${tensors[name].length} numbers, ${like} ${tensors[like].length}`;
  }
  return undefined;
}
