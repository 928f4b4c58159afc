/** Where a study keeps what it has of each experiment, and what has come of it so far. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { fileNamesOf } from '../../gia/tables/file-names.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import type { FitResult } from '../../nn/training/fit.js';

/** An experiment of a study, and its folder. */
export interface StudyPlace {
  readonly name: string;
  /** Has model, checkpoint and manifest of the training, and the report in `report/`. */
  readonly folder: string;
}

/** Why an experiment has no report. */
export const FAILURE_FILE = 'failure.json';
/** The folder of all experiments. */
export const EXPERIMENTS_FOLDER = 'experiments';
/** The folder of a report. */
export const REPORT_FOLDER = 'report';

/** The folders of experiments in that of a study. @param all names of all experiments of the data */
export const studyPlaces = (folder: string, all: readonly string[]): readonly StudyPlace[] => {
  const isPlain = fileNamesOf(all) === all;
  return all.map((name, i) => ({
    name,
    folder: join(folder, EXPERIMENTS_FOLDER, isPlain ? name : `experiment-${i + 1}`),
  }));
};

/** What came of the training of an experiment. */
export interface StudyTraining {
  readonly epochs: number;
  readonly bestEpoch: number;
  /** Pearson's r on the validation part. */
  readonly validation: number | null;
  readonly reason: FitResult['reason'];
}

/** How far an experiment has come. */
export interface StudyEntry extends StudyPlace {
  readonly status: 'reported' | 'failed' | 'trained' | 'waiting';
  readonly training?: StudyTraining;
  /** The most important 6-mer. */
  readonly motif?: string;
  /** With measurements that the model was not trained on. */
  readonly pearson?: number;
  /** Why it failed. */
  readonly message?: string;
}

/** A JSON object in a file; undefined where there is none, or another text. */
export async function objectIn(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export const writeObject = (path: string, about: object): Promise<void> =>
  writeAtomically(path, `${JSON.stringify(about, null, 2)}\n`);

/** Keeps why an experiment failed, until a later run does better. */
export const writeFailure = ({ name, folder }: StudyPlace, message: string): Promise<void> =>
  writeObject(join(folder, FAILURE_FILE), { experiment: name, message });

export const removeFailure = ({ folder }: StudyPlace): Promise<void> =>
  rm(join(folder, FAILURE_FILE), { force: true });

/** How far the experiments of a study have come, from their folders. */
export async function studyEntries(places: readonly StudyPlace[]): Promise<readonly StudyEntry[]> {
  return await Promise.all(places.map(entryOf));
}

async function entryOf(place: StudyPlace): Promise<StudyEntry> {
  const [failure, report, trained] = await Promise.all(
    [FAILURE_FILE, join(REPORT_FOLDER, MANIFEST_FILE), MANIFEST_FILE].map((file) =>
      objectIn(join(place.folder, file)),
    ),
  );
  const training = trained && { training: trained.training as StudyTraining };
  if (failure) return { ...place, status: 'failed', ...training, message: String(failure.message) };
  if (!report) return { ...place, status: trained ? 'trained' : 'waiting', ...training };
  const agreement = report.agreement as { pearson?: number | null } | undefined;
  const pearson = agreement?.pearson ?? undefined;
  return {
    ...place,
    status: 'reported',
    ...training,
    motif: String(report.motif),
    ...(pearson !== undefined && { pearson }),
  };
}
