/** Where a study keeps what it has of each experiment, and what has come of it so far. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../../device/write-atomically.node.js';
import { fileNamesOf } from '../../gia/tables/file-names.js';
import { MANIFEST_FILE } from '../../nn/files/model-files.node.js';
import { replicateFolder } from '../../nn/files/replicates.node.js';
import type { FitResult } from '../../nn/training/fit.js';
import { isBetterThanChance } from '../correlation.js';

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

/** A network of an experiment that has several. */
export interface StudyReplicate {
  readonly folder: string;
  readonly training: StudyTraining;
  /** Its own most important 6-mer. */
  readonly motif?: string;
  /** With measurements that it was not trained on. */
  readonly pearson?: number;
  /** Whether these are predicted better than chance; absent where that is not known. */
  readonly hasLearned?: boolean;
}

/** How far an experiment has come. */
export interface StudyEntry extends StudyPlace {
  readonly status: 'reported' | 'failed' | 'trained' | 'waiting';
  /** Of the only network, or of the first. */
  readonly training?: StudyTraining;
  /** The most important 6-mer; of several networks that of the highest mean importance. */
  readonly motif?: string;
  /** With measurements that the model was not trained on; of several networks the mean. */
  readonly pearson?: number;
  /**
   * Whether the model, or one of its networks, predicts these better than chance; absent where that is not
   * known.
   */
  readonly hasLearned?: boolean;
  /** Those that are trained, where there are several. */
  readonly replicates?: readonly StudyReplicate[];
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

/**
 * How far the experiments of a study have come, from their folders.
 *
 * @param replicates networks of each experiment; more are counted where a report is about more. Default 1
 */
export async function studyEntries(
  places: readonly StudyPlace[],
  replicates = 1,
): Promise<readonly StudyEntry[]> {
  return await Promise.all(places.map((place) => entryOf(place, replicates)));
}

type Manifest = Readonly<Record<string, unknown>>;

async function entryOf(place: StudyPlace, replicates: number): Promise<StudyEntry> {
  const [failure, stored] = await Promise.all(
    [FAILURE_FILE, join(REPORT_FOLDER, MANIFEST_FILE)].map((file) => objectIn(join(place.folder, file))),
  );
  const reported = Array.isArray(stored?.models) ? stored.models.length : 0;
  const networks = Math.max(replicates, reported);
  const trained = await trainedIn(place, networks);
  // A report of fewer networks than are asked for is made again.
  const report = reported === networks ? stored : undefined;
  const known = {
    ...place,
    ...(trained[0] && { training: trained[0].training }),
    ...(networks > 1 && { replicates: trained.map((each, i) => ({ ...each, ...foundIn(report, i) })) }),
  };
  if (failure) return { ...known, status: 'failed', message: String(failure.message) };
  if (!report) return { ...known, status: trained.length === networks ? 'trained' : 'waiting' };
  const { pearson, hasLearned } = agreementIn(report.agreement);
  const learned = known.replicates ? anyHasLearned(known.replicates) : hasLearned;
  return {
    ...known,
    status: 'reported',
    motif: String(report.motif),
    ...(pearson !== undefined && { pearson }),
    ...(learned !== undefined && { hasLearned: learned }),
  };
}

/** The networks that are trained. */
async function trainedIn({ folder }: StudyPlace, networks: number): Promise<readonly StudyReplicate[]> {
  const folders = Array.from({ length: networks }, (_, i) => replicateFolder(folder, i + 1));
  const manifests = await Promise.all(folders.map((each) => objectIn(join(each, MANIFEST_FILE))));
  return manifests.flatMap((manifest, i) =>
    manifest ? [{ folder: folders[i]!, training: manifest.training as StudyTraining }] : [],
  );
}

/** What a report says of a network. */
function foundIn(report: Manifest | undefined, network: number) {
  const found = (report?.replicates as readonly Manifest[] | undefined)?.[network];
  return found && { motif: String(found.motif), ...agreementIn(found) };
}

/** r, and whether it is better than chance, as far as a report says. */
function agreementIn(agreement: unknown): { readonly pearson?: number; readonly hasLearned?: boolean } {
  const { pearson, n, reason } = (agreement ?? {}) as Manifest;
  if (typeof pearson !== 'number') return reason === 'constant-predictions' ? { hasLearned: false } : {};
  return { pearson, hasLearned: isBetterThanChance(pearson, typeof n === 'number' ? n : undefined) };
}

/** Undefined where none is known to have learned and of some it is not known. */
function anyHasLearned(networks: readonly { readonly hasLearned?: boolean }[]): boolean | undefined {
  if (networks.some(({ hasLearned }) => hasLearned === true)) return true;
  return networks.every(({ hasLearned }) => hasLearned === false) ? false : undefined;
}
