/** What experiments are asked about: one motif, or the top motif of each task. */

import { join } from 'node:path';
import { inRna, isWord, spell } from '../../data/sequences/letters.js';
import { echo } from '../../device/echo.js';
import { readTable } from '../../gia/files/table-file.node.js';
import { fileNamesOf } from '../../gia/tables/file-names.js';
import { lettersOfName, type StoredRow, topRow } from '../../gia/tables/table-reader.js';
import { type TopKmer, topKmers } from '../../gia/top-kmer.js';
import { aboutTasks } from '../models/models.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';
import type { AnalysisRun } from './analysis.js';
import { withPairProgress } from './pairs.js';

/** A motif that all tasks are asked about. */
export interface Subject {
  /** Absent for experiments that take none. */
  readonly motif?: string;
  /** The task that it is the top of, where each of several has its own. */
  readonly task?: string;
  /** The folder of its files within that of the results. */
  readonly folder: string;
}

/** Where the motif comes from. */
export interface MotifChoice {
  /** Letters that the user named. */
  readonly motif?: string | undefined;
  /** Rows of a sweep's table. */
  readonly rows?: readonly StoredRow[] | undefined;
}

/** The options --motif and --table, checked and read. @throws UsageError; FormatError */
export async function motifChoice(
  motif: string | undefined,
  table: string | undefined,
): Promise<MotifChoice> {
  if (motif !== undefined) return { motif: checkedMotif(motif) };
  return table === undefined ? {} : { rows: (await readTable(table)).rows };
}

/**
 * The motifs of an analysis, in the alphabet of the model: one that is named, or the top of a table without
 * tasks. Where motifs have to be found, each task has its own.
 *
 * @throws UsageError where a table lacks a task of the model
 */
export async function subjectsOf(
  io: Io,
  run: AnalysisRun,
  choice: MotifChoice,
): Promise<readonly (Subject & { readonly motif: string })[]> {
  const subjects = await chosenSubjects(io, run, choice);
  return subjects.map((subject) => ({ ...subject, motif: spell(subject.motif, run.model.alphabet) }));
}

async function chosenSubjects(
  io: Io,
  run: AnalysisRun,
  { motif, rows }: MotifChoice,
): Promise<readonly (Subject & { readonly motif: string })[]> {
  if (motif !== undefined) return [{ motif, folder: '' }];
  const tasks = aboutTasks(run.files[0]!).tasks ?? [];
  if (rows && (tasks.length === 0 || rows.every(({ task }) => task === undefined)))
    return [{ motif: topOf(rowsOfOne(rows, run.analysis.options.task)), folder: '' }];
  const tops = rows ? tasks.map((task) => topOfTask(rows, task)) : await searched(io, run);
  if (tasks.length === 0) return [{ motif: tops[0]!, folder: '' }];
  const folders = fileNamesOf(tasks);
  return tasks.map((task, i) => ({ motif: tops[i]!, task, folder: folders[i]! }));
}

/** A subject's folder within that of the results. */
export const folderOf = (out: string, { folder }: Subject): string =>
  folder === '' ? out : join(out, folder);

/** @throws UsageError for letters that no experiment takes */
export function checkedMotif(text: string): string {
  const motif = inRna(text.trim());
  if (!isWord(motif)) throw new UsageError(`the motif ${echo(text)} must be letters A, C, G and U`);
  return motif;
}

/** The top pattern of a table. */
const topOf = (rows: readonly StoredRow[]): string => checkedMotif(lettersOfName(topRow(rows).pattern));

/** The rows for a model of one output: those of the task that was chosen, where a table has several. */
export function rowsOfOne(rows: readonly StoredRow[], task: string | undefined): readonly StoredRow[] {
  const tasks = new Set(rows.map((row) => row.task));
  if (tasks.size === 1) return rows;
  const own = rows.filter((row) => row.task === task);
  if (own.length === 0)
    throw new UsageError(
      `the table has rows of several tasks (${[...tasks].join(', ')}); choose one of them with --task, or name a --motif`,
    );
  return own;
}

function topOfTask(rows: readonly StoredRow[], task: string): string {
  const own = rows.filter((row) => row.task === task);
  if (own.length === 0)
    throw new UsageError(
      `the table has no rows of task ${echo(task)}; choose its tasks with --task, or name a --motif`,
    );
  return topOf(own);
}

/** The top 6-mer of each task, which it prints, where no motif is named. */
async function searched(io: Io, run: AnalysisRun): Promise<readonly string[]> {
  const { model, backgrounds, computing } = run;
  const pairs = { total: 4 ** 6 * backgrounds.count };
  const tops = await withPairProgress(io, pairs, (progress) =>
    topKmers(model, backgrounds, { ...computing, ...progress }),
  );
  const [path, ...others] = run.analysis.paths;
  const by = others.length > 0 ? `, by ${path}` : '';
  for (const { kmer, position, task } of tops)
    note(io, `${topText(task)} at ${position} is ${spell(kmer, model.alphabet)}${by}`);
  return tops.map(({ kmer }) => kmer);
}

const topText = (task: TopKmer['task']): string =>
  task === undefined ? 'the top 6-mer' : `the top 6-mer of ${task}`;
