/**
 * Runs experiments from a command's options to its files: a table of importances, one of comparisons, a JSON
 * file and a manifest each, written as soon as the experiment is done.
 */

import { join } from 'node:path';
import type {
  Experiment,
  ExperimentResult,
  Labels,
  ReplicatedComparison,
  Skipped,
} from '../../gia/experiments/index.js';
import { namedResult } from '../../gia/tables/column-names.js';
import { EXPERIMENT_FILES, experimentFiles } from '../../gia/tables/experiment-files.js';
import { spelledResult } from '../../gia/tables/spelling.js';
import { skippedText } from '../../report/report-facts.js';
import { count } from '../../report/wording.js';
import { inPrecision } from '../models/precision.js';
import { checkFolder, writeResult } from '../output/files.js';
import { jsonText, lockFolder, MANIFEST } from '../output/output.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { type AnalysisOptions, AnalysisRun } from './analysis.js';
import { besideText, experimentText } from './experiment-text.js';
import { withPairProgress } from './pairs.js';
import { checkedMotif, folderOf, motifChoice, type Subject, subjectsOf } from './subjects.js';

type Library = typeof import('../../gia/experiments/index.js');

export interface ExperimentCommandOptions extends AnalysisOptions {
  readonly motif?: string;
  /** The sub-optimal motif of `multiplicity`. */
  readonly suboptimal?: string;
  readonly table?: string;
  /** What `affinity` read, for the manifest. */
  readonly affinities?: { readonly path: string; readonly sha256: string };
  /** A folder. */
  readonly out?: string;
}

export interface ExperimentCommand {
  readonly command: string;
  /** Paths of the models. */
  readonly paths: readonly string[];
  readonly options: ExperimentCommandOptions;
  /** False for an experiment that takes no motif. Default true. */
  readonly needsMotif?: boolean;
  /** By name, in order. Where there are several, those that do not fit the letters of probes are left out. */
  readonly runs: (library: Library) => Readonly<Record<string, Experiment>>;
}

/** A result with what several models have in common. */
type Result = ExperimentResult & { readonly across?: readonly ReplicatedComparison[] };

/** @throws UsageError, CancelledError, and whatever files and GPU throw */
export async function experiment(io: Io, wanted: ExperimentCommand): Promise<void> {
  const { command, paths, options, needsMotif = true, runs } = wanted;
  const { out, ...rest } = options;
  const library = await import('../../gia/experiments/index.js');
  const files = filesOf(command, library);
  using _lock = out === undefined ? undefined : await lockFolder(out, files);
  const choice = await motifChoice(options.motif, options.table);
  const suboptimal = options.suboptimal === undefined ? undefined : checkedMotif(options.suboptimal);
  using run = await AnalysisRun.open(io, {
    command,
    paths,
    options: rest,
    parts: () => [],
    ...(needsMotif && !choice.motif && !choice.rows && { swept: 4 ** 6 }),
    keepsLocal: true,
    shown: 0,
  });
  run.stage('embed and predict');
  const subjects = needsMotif ? await subjectsOf(io, run, choice) : [{ folder: '' } satisfies Subject];
  const found: Found[] = [];
  const experiments = library.oncePerMotif(runs(library));
  for (const subject of subjects) {
    const folder = out === undefined ? undefined : folderOf(out, subject);
    if (folder !== undefined && folder !== out) await checkFolder(folder, files);
    found.push(await runThem(io, run, library, { experiments, suboptimal, subject, folder }));
  }
  const record = await run.finish(aboutAll(run, subjects));
  if ('profile' in record) await saveManifests(record, found);
  const time = duration(run.session.watch.seconds);
  const text = [
    ...found.flatMap((each) => textOf(each, run.analysis.paths)),
    `${count(run.backgrounds.count, 'background')}, ${time}${inPrecision(run.known)}, ${run.gpu.adapter.name}${out ? `; tables, JSON and manifests in ${out}` : ''}`,
  ];
  const results = found.flatMap((each) =>
    each.results.map((one) => ({ ...ofTask(each), ...namedResult(one) })),
  );
  const skipped = found.flatMap((each) => each.skipped.map((one) => ({ ...ofTask(each), ...one })));
  printResult(
    io,
    options.json,
    { ...record, results, ...(skipped.length > 0 && { skipped }) },
    text.join('\n\n'),
  );
}

/** Experiments, what they are asked about, and where their results go. */
interface Asked {
  readonly experiments: Readonly<Record<string, Experiment>>;
  readonly suboptimal: string | undefined;
  readonly subject: Subject;
  readonly folder: string | undefined;
}

/** What was found about a subject, and where its files are. */
interface Found extends Pick<Asked, 'subject' | 'folder'> {
  readonly results: readonly Result[];
  readonly skipped: readonly Skipped[];
}

/** What a manifest says of a subject. */
const aboutSubject = ({ backgrounds }: AnalysisRun, { motif, task }: Subject) => ({
  ...(task !== undefined && { task }),
  ...(motif !== undefined && { motif }),
  backgrounds: backgrounds.count,
  patterns: undefined,
});

/** The same of all subjects: the motif, or that of each task. */
function aboutAll(run: AnalysisRun, subjects: readonly Subject[]) {
  const [first, ...others] = subjects.map((subject) => aboutSubject(run, subject));
  if (others.length === 0) return first!;
  const { backgrounds, patterns } = first!;
  return { motifs: subjects.map(({ task, motif }) => ({ task, motif })), backgrounds, patterns };
}

/** The task and motif of a result, where results are of motifs that each task has of its own. */
const ofTask = ({ subject: { task, motif } }: Found) => (task === undefined ? {} : { task, motif });

/**
 * Results as text. Where each task has a motif of its own, those in this task, and the motif in the others.
 */
function textOf({ subject: { task, motif }, results, skipped }: Found, paths: readonly string[]): string[] {
  return [
    ...(task === undefined ? [] : [`Task ${task}, motif ${motif}`]),
    ...results.map((result) => experimentText(result, paths, task)),
    ...(task === undefined ? [] : results.flatMap((result) => besideText(result, paths, task))),
    ...skipped.map(skippedText),
  ];
}

/** Runs experiments with a progress bar each, and writes the files of each as soon as it is done. */
async function runThem(
  io: Io,
  run: AnalysisRun,
  library: Library,
  { experiments, suboptimal, subject, folder }: Asked,
): Promise<Found> {
  const { motif = '', task } = subject;
  const { model } = run;
  const results: Result[] = [];
  const skipped: Skipped[] = [];
  const withProgress = Object.entries(experiments).map(([name, work]): [string, Experiment] => [
    name,
    (asked, options, before) =>
      withPairProgress(io, { total: 1 }, (progress) => work(asked, { ...options, ...progress }, before)),
  ]);
  const done = async (found: ExperimentResult): Promise<void> => {
    const isShared = model.models > 1 && found.comparisons.length > 0;
    const across = isShared && { across: library.acrossModels<Labels>(found.comparisons) };
    const result: Result = { ...found, ...across };
    results.push(result);
    const { padding } = spelledResult(found);
    const manifest = await run.record({ ...aboutSubject(run, subject), ...(padding && { padding }) });
    if (folder) await save(folder, result, manifest);
  };
  const leftOut = (one: Skipped): void => {
    skipped.push(one);
    // Where there is only one experiment, its error is thrown and printed.
    if (withProgress.length > 1) note(io, skippedText(one));
  };
  const options = {
    ...run.computing,
    motif,
    ...(task !== undefined && { task }),
    ...(suboptimal !== undefined && { suboptimal }),
    backgrounds: run.backgrounds,
  };
  try {
    await library.runAll(model, options, done, leftOut, Object.fromEntries(withProgress));
  } catch (error) {
    const names = results.map(({ experiment: name }) => name);
    if (folder && names.length > 0) note(io, `${folder} has ${names.join(', ')}, which were done before`);
    throw error;
  }
  return { results, skipped, subject, folder };
}

/** Files that a command may write. */
function filesOf(command: string, { EXPERIMENTS }: Library): string[] {
  const name = command.replace('gia ', '');
  const names = name === 'all' ? Object.keys(EXPERIMENTS) : [name];
  return names.flatMap((each) => [...EXPERIMENT_FILES, MANIFEST].map((ending) => `${each}${ending}`));
}

async function save(folder: string, result: Result, about: object): Promise<void> {
  for (const { path, contents } of experimentFiles(result, about))
    await writeResult(join(folder, path), contents);
  await saveManifest(folder, result.experiment, about);
}

const saveManifest = (folder: string, name: string, about: object): Promise<void> =>
  writeResult(join(folder, `${name}${MANIFEST}`), jsonText(about));

/** Manifests with the profile, which is complete only at the end. */
async function saveManifests(record: object, found: readonly Found[]): Promise<void> {
  for (const each of found)
    for (const { experiment: name } of each.results)
      if (each.folder) await saveManifest(each.folder, name, { ...record, ...ofTask(each) });
}
