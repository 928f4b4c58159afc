/** The report of one experiment of a study: its model is swept, asked, and shown as a page. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluationSet } from '../../data/experiment.js';
import { type ExperimentSet, probesOf } from '../../data/experiments/experiment-set.js';
import { breathing } from '../../device/breathe.js';
import { ConflictError, FormatError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import { versions } from '../../device/versions.node.js';
import { writeFiles } from '../../device/write-atomically.node.js';
import { type Backgrounds, makeBackgroundsInSteps } from '../../gia/backgrounds/backgrounds.js';
import { backgroundOptionsOf } from '../../gia/backgrounds/of-models.js';
import { SweepCheckpoint, workOf } from '../../gia/files/checkpoint.node.js';
import { partsCodec } from '../../gia/files/codecs.js';
import { kmerPatterns, kmerPosition } from '../../gia/importance.js';
import { measurementsInSteps } from '../../gia/measurement/measurements.js';
import { importanceOfParts } from '../../gia/parts.js';
import { statisticsOfParts } from '../../gia/tables/result-table.js';
import type { StoredRow } from '../../gia/tables/table-reader.js';
import { MANIFEST_FILE, type ModelFile, readModels, uploadModels } from '../../nn/files/model-files.node.js';
import { replicateFolder } from '../../nn/files/replicates.node.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import { answersByTask, askModel } from '../ask-model.js';
import { FOLDER } from '../figures/figure-files.js';
import { modelReport } from '../model-report.js';
import type { Theme } from '../page/page-style.js';
import { askReplicates, sweepsOf } from '../replicates/ask-replicates.js';
import { reportFacts, trainedAs, unitOf } from '../report-facts.js';
import { reportNumbers } from '../report-numbers.js';
import { resultFiles } from '../stored-report.js';
import { objectIn, REPORT_FOLDER, type StudyPlace, writeObject } from './study-files.node.js';

/** How the models of a study are asked. */
export interface StudyReportOptions {
  /** Sequences into which patterns are embedded. Default 1,000. */
  readonly backgrounds?: number | undefined;
  /** Seed of the backgrounds. */
  readonly seed?: number | undefined;
  /** Networks of each experiment. Default 1. */
  readonly replicates?: number | undefined;
  /** Colours of the pages. */
  readonly theme?: Theme | undefined;
  /** Ends the work with CancelledError. */
  readonly signal?: AbortSignal | undefined;
  /** Pairs of a pattern and a background that the sweep of a model has done. */
  readonly onSweep?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** Name of the page in the folder of a report. */
const PAGE = 'report.html';
/** What a killed sweep goes on from. */
const SWEEP_CHECKPOINT = 'sweep.checkpoint';
/** Seconds between its checkpoints. */
const CHECKPOINT_SECONDS = 10;

/**
 * Makes the report of an experiment, unless there is one of the same model and options.
 *
 * @returns whether one was made
 * @throws as `askModel`
 */
export async function reportOnPlace(
  gpu: Gpu,
  set: ExperimentSet,
  { name, folder }: StudyPlace,
  options: StudyReportOptions,
): Promise<boolean> {
  const { backgrounds: count = 1000, seed = 1, replicates = 1, theme, signal } = options;
  const files = await readModels(
    Array.from({ length: replicates }, (_, i) => replicateFolder(folder, i + 1)),
  );
  const [file, ...others] = files as [ModelFile, ...ModelFile[]];
  const out = join(folder, REPORT_FOLDER);
  const asked = {
    model: file.sha256,
    ...(others.length > 0 && { replicates: others.map(({ sha256 }) => sha256) }),
    backgrounds: count,
    seed,
    theme: theme ?? 'auto',
  };
  const before = await objectIn(join(out, MANIFEST_FILE));
  if (JSON.stringify(before?.asked) === JSON.stringify(asked)) return false;
  using model = await uploadModels(gpu, files);
  const backgrounds = await breathing(
    makeBackgroundsInSteps(backgroundOptionsOf(files, { count, seed })),
    signal,
  );
  const probes = probesOf(set, [name]);
  const { sweeps, checkpoint } = await swept(
    model,
    files,
    backgrounds,
    join(folder, SWEEP_CHECKPOINT),
    options,
  );
  const questions = {
    backgrounds,
    probes: evaluationSet(probes, file),
    measurements: await breathing(measurementsInSteps(probes, file), signal),
    signal,
  };
  const answers =
    sweeps.length > 1
      ? await askReplicates(model, { ...questions, sweeps })
      : await askModel(model, { ...questions, sweep: sweeps[0]! });
  const facts = reportFacts({
    model: file,
    others,
    backgrounds,
    sweep: answers.sweep,
    skipped: answers.skipped,
    adapter: gpu.adapter,
  });
  const { page, files: pictures } = await modelReport({
    ...answers,
    seeds: files.map((each, i) => each.facts.seed ?? i + 1),
    name,
    unit: unitOf(file),
    facts,
    ...(theme && { theme }),
  });
  // Those of an earlier report are other files where it was about another number of networks.
  await rm(join(out, MANIFEST_FILE), { force: true });
  await rm(join(out, FOLDER), { recursive: true, force: true });
  const tasks = 'replicates' in answers ? [answers] : answersByTask(answers);
  await writeFiles(out, [...pictures, ...resultFiles(tasks), { path: PAGE, contents: page }]);
  await writeObject(join(out, MANIFEST_FILE), {
    command: 'report',
    versions: await versions(),
    adapter: gpu.adapter,
    asked,
    name,
    models: files.map(({ path, sha256 }) => ({ path, sha256 })),
    trainedOn: file.facts.data ?? null,
    trained: trainedAs(file),
    backgrounds: backgrounds.count,
    patterns: answers.sweep.length,
    ...('tasks' in answers ? {} : { motif: answers.motif }),
    ...reportNumbers(answers),
  });
  await checkpoint.remove();
  return true;
}

/** All 6-mers over all backgrounds in every network, from where a killed run was. */
async function swept(
  model: ResidualBind,
  files: readonly ModelFile[],
  backgrounds: Backgrounds,
  path: string,
  { signal, onSweep }: StudyReportOptions,
): Promise<{
  readonly sweeps: readonly (readonly StoredRow[])[];
  readonly checkpoint: { remove(): Promise<void> };
}> {
  const parts = [kmerPatterns(6, kmerPosition(6, backgrounds), model.length)];
  const work = workOf(files, parts, backgrounds, { adapter: model.gpu.adapter.name });
  const size = {
    models: model.models,
    outputs: model.outputs,
    count: backgrounds.count,
    keepLocal: false,
  };
  const codec = partsCodec([parts[0]!.length], size);
  const checkpoint = await SweepCheckpoint.open(path, { work, codec }).catch((error: unknown) => {
    // Of an earlier model, or damaged: the sweep begins again.
    if (!(error instanceof ConflictError || error instanceof FormatError)) throw error;
    return SweepCheckpoint.open(path, { work, codec, fresh: true });
  });
  const { states } = await importanceOfParts(model, parts, backgrounds, {
    resume: checkpoint.state,
    checkpointSeconds: CHECKPOINT_SECONDS,
    onCheckpoint: (reached) => checkpoint.save(reached),
    ...(onSweep && { onProgress: onSweep }),
    signal,
  });
  return { sweeps: await sweepsOf(statisticsOfParts(model, parts, states)), checkpoint };
}
