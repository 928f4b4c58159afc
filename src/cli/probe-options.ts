/** Options of every command that reads a probe table, and notes about records that were left out. */

import { type Command, Option } from 'commander';
import type { ColumnChoice, LeftOut, Probes, ReadProbesOptions } from '../data/index.node.js';
import { count } from '../device/count.js';
import { UsageError } from './terminal/errors.js';
import { type Io, note } from './terminal/io.js';

export interface LettersOptions {
  readonly iupacAsN?: boolean;
}

export interface ColumnOptions extends LettersOptions {
  /** An experiment of a data set, or a column of scores. */
  readonly experiment?: string;
  readonly sequenceColumn?: string;
  readonly scoreColumn?: string;
  readonly setColumn?: string;
}

export interface ProbeOptions extends ColumnOptions {
  /** A second file. */
  readonly scores?: string;
}

/** --iupac-as-n, on every command that reads sequences. */
export const withLetters = (command: Command): Command =>
  command.option(
    '--iupac-as-n',
    'read letters that stand for several bases (R, Y, S, W, K, M, B, D, H, V, X) as N',
  );

/** What several columns of scores are: tasks of one model, or experiments that have nothing in common. */
type Columns = 'tasks' | 'experiments';

/** Help of --experiment and --score-column. */
const SCORES: Readonly<Record<Columns, { readonly experiment: string; readonly column: string }>> = {
  tasks: {
    experiment:
      'the experiment of a data set or a table of many, such as RNCMPT00001; several, separated by commas, are tasks',
    column: "the table's column of scores; the same as --experiment",
  },
  experiments: {
    experiment:
      'read only these experiments of a data set or a table, separated by commas, such as RNCMPT00001,RNCMPT00002 (default: all)',
    column: "the table's columns of scores, an experiment each; the same as --experiment",
  },
};

/** --experiment, --sequence-column, --score-column, --set-column and --iupac-as-n. */
export const withColumns = (command: Command, columns: Columns = 'tasks'): Command =>
  withLetters(command)
    .option(
      '--sequence-column <name>',
      "the probe table's column of sequences, by name or by number (from 1)",
    )
    .addOption(
      new Option(
        columns === 'tasks' ? '--experiment <name>' : '--experiment <names>',
        SCORES[columns].experiment,
      ).conflicts('scoreColumn'),
    )
    .option(columns === 'tasks' ? '--score-column <name>' : '--score-column <names>', SCORES[columns].column)
    .option('--set-column <name>', "the table's column of sets A and B");

/** The same and --scores. */
export const withProbes = (command: Command, columns: Columns = 'tasks'): Command =>
  withColumns(
    command.option(
      '--scores <file>',
      'scores in a second file, one record for each record of the first, in the same order',
    ),
    columns,
  );

export const columnChoiceOf = ({
  sequenceColumn,
  experiment,
  scoreColumn,
  setColumn,
}: ColumnOptions): ColumnChoice => ({
  sequence: sequenceColumn,
  score: experiment ?? scoreColumn,
  set: setColumn,
});

export const readingOf = (options: ProbeOptions): ReadProbesOptions => ({
  columns: columnChoiceOf(options),
  iupacAsN: options.iupacAsN,
  scores: options.scores,
});

/**
 * Prints how many records of a table were left out, one line for each reason, and what was read as something
 * else.
 */
export function noteLeftOut(
  io: Io,
  source: string,
  leftOut: LeftOut | undefined,
  notes: readonly string[] = [],
): void {
  for (const line of notes) note(io, line);
  if (!leftOut) return;
  const reasons: readonly (readonly [keyof LeftOut, string])[] = [
    ['score', 'without a score'],
    ['sequence', 'without a sequence'],
    ['both', 'with neither a sequence nor a score'],
    ['infinite', 'with an infinite score'],
  ];
  for (const [reason, words] of reasons) {
    const found = leftOut[reason];
    if (found > 0)
      note(io, `${source}: ${count(found, 'record')} ${words} ${found === 1 ? 'was' : 'were'} left out`);
  }
}

/** @throws UsageError where the table has another number of scores than the model has outputs */
export function checkTasks({ source, tasks }: Probes, outputs: number, names: readonly string[] = []): void {
  const given = tasks?.length ?? 1;
  if (given !== outputs)
    throw new UsageError(
      outputs === 1
        ? `${source}: the model predicts one score, so choose one column with --score-column, not ${given}`
        : `${source}: the model predicts ${outputs} tasks (${names.join(', ')}), so choose as many columns, not ${given}, with --score-column ${names.join()}`,
    );
}
