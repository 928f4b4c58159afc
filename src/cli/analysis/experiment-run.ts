/**
 * Runs experiments from a command's options to its files: a table of importances, one of comparisons, a JSON
 * file and a manifest each, written as soon as the experiment is done.
 */

import { join } from 'node:path';
import { echo } from '../../device/echo.js';
import type {
  AllOptions,
  Experiment,
  ExperimentResult,
  Labels,
  ReplicatedComparison,
  Skipped,
} from '../../gia/experiments/index.js';
import { readTable } from '../../gia/files/table-file.node.js';
import { namedResult } from '../../gia/tables/column-names.js';
import { EXPERIMENT_FILES, experimentFiles } from '../../gia/tables/experiment-files.js';
import { lettersOfName, topRow } from '../../gia/tables/table-reader.js';
import { topKmer } from '../../gia/top-kmer.js';
import { skippedText } from '../../report/report-facts.js';
import { count } from '../../report/wording.js';
import { inPrecision } from '../models/precision.js';
import { writeResult } from '../output/files.js';
import { jsonText, lockFolder, MANIFEST } from '../output/output.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { type AnalysisOptions, AnalysisRun } from './analysis.js';
import { experimentText } from './experiment-text.js';
import { withPairProgress } from './pairs.js';

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
  using _lock = out === undefined ? undefined : await lockFolder(out, filesOf(command, library));
  const given = options.motif ?? (options.table === undefined ? undefined : await topOf(options.table));
  const named = given === undefined ? undefined : checkedMotif(given);
  const suboptimal = options.suboptimal === undefined ? undefined : checkedMotif(options.suboptimal);
  using run = await AnalysisRun.open(io, {
    command,
    paths,
    options: rest,
    parts: () => [],
    keepsLocal: true,
    shown: 0,
  });
  run.stage('embed and predict');
  const motif = needsMotif ? (named ?? (await searched(io, run))) : undefined;
  const about = {
    ...(motif && { motif }),
    backgrounds: run.backgrounds.count,
    patterns: undefined,
  };
  const asked = { motif: motif ?? '', ...(suboptimal && { suboptimal }) };
  const { results, skipped } = await runThem(io, run, library, {
    experiments: runs(library),
    asked,
    about,
    out,
  });
  const record = await run.finish(about);
  if (out && 'profile' in record)
    for (const { experiment: name } of results) await saveManifest(out, name, record);
  const time = duration(run.session.watch.seconds);
  const text = [
    ...results.map((result) => experimentText(result, paths, result.across)),
    ...skipped.map(skippedText),
    `${count(run.backgrounds.count, 'background')}, ${time}${inPrecision(run.known)}, ${run.gpu.adapter.name}${out ? `; tables, JSON and manifests in ${out}` : ''}`,
  ];
  printResult(
    io,
    options.json,
    { ...record, results: results.map(namedResult), ...(skipped.length > 0 && { skipped }) },
    text.join('\n\n'),
  );
}

/** Experiments, what they are asked, and where their results go. */
interface Asked {
  readonly experiments: Readonly<Record<string, Experiment>>;
  readonly asked: Pick<AllOptions, 'motif' | 'suboptimal'>;
  /** For manifests. */
  readonly about: object;
  readonly out: string | undefined;
}

/** Runs experiments with a progress bar each, and writes the files of each as soon as it is done. */
async function runThem(
  io: Io,
  run: AnalysisRun,
  library: Library,
  { experiments, asked, about, out }: Asked,
): Promise<{ readonly results: readonly Result[]; readonly skipped: readonly Skipped[] }> {
  const results: Result[] = [];
  const skipped: Skipped[] = [];
  const several = run.model.models > 1;
  const withProgress = Object.entries(experiments).map(([name, work]): [string, Experiment] => [
    name,
    (model, options, before) =>
      withPairProgress(io, { total: 1 }, (progress) => work(model, { ...options, ...progress }, before)),
  ]);
  const done = async (found: ExperimentResult): Promise<void> => {
    const isShared = several && found.comparisons.length > 0;
    const across = isShared && { across: library.acrossModels<Labels>(found.comparisons) };
    const result: Result = { ...found, ...across };
    results.push(result);
    const manifest = { ...(await run.record(about)), ...(found.padding && { padding: found.padding }) };
    if (out) await save(out, result, manifest);
  };
  const leftOut = (one: Skipped): void => {
    skipped.push(one);
    // Where there is only one experiment, its error is thrown and printed.
    if (withProgress.length > 1) note(io, skippedText(one));
  };
  const options = { ...run.computing, ...asked, backgrounds: run.backgrounds };
  try {
    await library.runAll(run.model, options, done, leftOut, Object.fromEntries(withProgress));
  } catch (error) {
    const names = results.map(({ experiment: name }) => name);
    if (out && names.length > 0) note(io, `${out} has ${names.join(', ')}, which were done before`);
    throw error;
  }
  return { results, skipped };
}

/** Files that a command may write. */
function filesOf(command: string, { EXPERIMENTS }: Library): string[] {
  const name = command.replace('gia ', '');
  const names = name === 'all' ? Object.keys(EXPERIMENTS) : [name];
  return names.flatMap((each) => [...EXPERIMENT_FILES, MANIFEST].map((ending) => `${each}${ending}`));
}

/** @throws UsageError for letters that no experiment takes */
export function checkedMotif(text: string): string {
  const motif = text.trim().toUpperCase().replaceAll('T', 'U');
  if (!/^[ACGU]+$/.test(motif)) throw new UsageError(`the motif ${echo(text)} must be letters A, C, G and U`);
  return motif;
}

/** The top pattern of a table. */
const topOf = async (path: string): Promise<string> =>
  lettersOfName(topRow((await readTable(path)).rows).pattern);

/** The top 6-mer, which it prints, where no motif is named. */
async function searched(io: Io, run: AnalysisRun): Promise<string> {
  const { model, backgrounds, computing } = run;
  const pairs = { total: 4 ** 6 * backgrounds.count };
  const { kmer, position } = await withPairProgress(io, pairs, (progress) =>
    topKmer(model, backgrounds, { ...computing, ...progress }),
  );
  const [path, ...others] = run.analysis.paths;
  note(io, `the top 6-mer at ${position} is ${kmer}${others.length > 0 ? `, by ${path}` : ''}`);
  return kmer;
}

async function save(folder: string, result: Result, about: object): Promise<void> {
  for (const { path, contents } of experimentFiles(result, about))
    await writeResult(join(folder, path), contents);
  await saveManifest(folder, result.experiment, about);
}

const saveManifest = (folder: string, name: string, about: object): Promise<void> =>
  writeResult(join(folder, `${name}${MANIFEST}`), jsonText(about));
