/** Runs experiments from a command's options to its files: one table of importances, one of comparisons and one JSON file each. */

import { extname, join } from 'node:path';
import { readText } from '../data/index.node.js';
import { topPatterns } from '../gia/adaptive.js';
import type { ExperimentOptions, ExperimentResult, Labels } from '../gia/experiments/index.js';
import { kmerPatterns } from '../gia/importance.js';
import { parseTableJson, parseTsv, type StoredTable } from '../gia/table-reader.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { type AnalysisOptions, AnalysisRun } from './analysis.js';
import { UsageError } from './errors.js';
import { checkFolder, writeResult } from './files.js';
import { type Io, note, printResult } from './io.js';
import { withPairProgress } from './pairs.js';
import { duration } from './progress.js';
import { aligned } from './tables.js';

type Library = typeof import('../gia/experiments/index.js');

export interface ExperimentCommandOptions extends AnalysisOptions {
  readonly motif?: string;
  readonly table?: string;
  /** A folder. */
  readonly out?: string;
}

export interface ExperimentCommand {
  readonly command: string;
  readonly path: string;
  readonly options: ExperimentCommandOptions;
  readonly run: (
    library: Library,
    model: ResidualBind,
    options: ExperimentOptions & { readonly motif: string },
  ) => Promise<readonly ExperimentResult[]>;
}

/** @throws UsageError, CancelledError, and whatever files and GPU throw */
export async function experiment(
  io: Io,
  { command, path, options, run: work }: ExperimentCommand,
): Promise<void> {
  const { out, ...rest } = options;
  if (out) await checkFolder(out);
  const listed = options.table === undefined ? undefined : await topOf(options.table);
  using run = await AnalysisRun.open(io, {
    command,
    paths: [path],
    options: rest,
    parts: () => [],
    shown: 0,
  });
  const { model, backgrounds, profiling } = run;
  profiling.stage('embed and predict');
  const motif = (options.motif ?? listed ?? (await searched(io, run))).toUpperCase().replaceAll('T', 'U');
  if (!/^[ACGU]+$/.test(motif)) throw new UsageError(`the motif "${motif}" must be letters A, C, G and U`);
  const library = await import('../gia/experiments/index.js');
  const results = await withPairProgress(io, { total: 1 }, (progress) =>
    work(library, model, { ...run.computing, ...progress, backgrounds, motif }),
  );
  profiling.stage('table');
  const about = {
    ...(await run.record({ motif, backgrounds: backgrounds.count, patterns: undefined })),
    ...(await profiling.finish()),
  };
  if (out) {
    for (const result of results) await save(out, result);
    await writeResult(join(out, 'manifest.json'), `${JSON.stringify(about, null, 2)}\n`);
  }
  const text = [
    ...results.map(asText),
    `${backgrounds.count} backgrounds, ${duration(run.watch.seconds)}, ${run.gpu.adapter.name}${out ? `; tables and JSON in ${out}` : ''}`,
  ];
  printResult(io, options.json, { ...about, results }, text.join('\n\n'));
}

/** A table that gia sweep wrote, .json or tab-separated. @throws FormatError naming file and line */
export async function readTable(path: string): Promise<StoredTable> {
  const { text } = await readText(path);
  return extname(path).toLowerCase() === '.json' ? parseTableJson(text, path) : parseTsv(text, path);
}

/** The top pattern of a table. */
async function topOf(path: string): Promise<string> {
  const { rows } = await readTable(path);
  const top = rows.reduce((best, row) => (row.importance > best.importance ? row : best), rows[0]!);
  return top.pattern.replace(/@\d+$/, '');
}

async function searched(io: Io, run: AnalysisRun): Promise<string> {
  const { model, backgrounds } = run;
  const patterns = kmerPatterns(6, 17, model.architecture.length);
  const { models } = await withPairProgress(io, { total: patterns.length * backgrounds.count }, (progress) =>
    topPatterns(model, patterns, backgrounds, { ...run.computing, ...progress, top: 1 }),
  );
  const motif = models[0]!.patterns[0]!;
  note(io, `the top 6-mer at 17 is ${motif}`);
  return motif;
}

async function save(folder: string, result: ExperimentResult): Promise<void> {
  const { experiment: name, rows, comparisons } = result;
  await writeResult(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  await writeResult(join(folder, `${name}.tsv`), tsv(rows));
  if (comparisons.length > 0) await writeResult(join(folder, `${name}.comparisons.tsv`), tsv(comparisons));
}

/** Labels become columns of their own. */
function tsv(rows: readonly ({ readonly labels: Labels } & object)[]): string {
  const flat = rows.map(
    ({ labels, ...numbers }) => ({ ...labels, ...numbers }) as Record<string, string | number>,
  );
  const columns = Object.keys(flat[0] ?? {});
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? String(Number(value.toPrecision(9))) : (value ?? '');
  return `${[columns.map(snake), ...flat.map((row) => columns.map((column) => cell(row[column])))].map((line) => line.join('\t')).join('\n')}\n`;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Rows that a terminal shows of a table. */
const MOST = 24;

function asText({ what, rows, comparisons, facts }: ExperimentResult): string {
  const lines = [`${what[0]!.toUpperCase()}${what.slice(1)}:`];
  lines.push(
    table(rows, 'importance', ({ importance, ciLow, ciHigh }) => [
      importance.toFixed(4),
      `${ciLow.toFixed(4)} to ${ciHigh.toFixed(4)}`,
    ]),
  );
  if (comparisons.length > 0) {
    lines.push('Paired by background:');
    lines.push(
      table(
        comparisons,
        'difference',
        ({ difference, ciLow, ciHigh, p, q }) => [
          difference.toFixed(4),
          `${ciLow.toFixed(4)} to ${ciHigh.toFixed(4)}`,
          p.toExponential(1),
          q.toExponential(1),
        ],
        ['p', 'q'],
      ),
    );
  }
  const known = Object.entries(facts[0] ?? {});
  if (known.length > 0) {
    const numbers = (value: number | readonly number[]) =>
      [value].flat().map((x) => Number(x.toPrecision(4)));
    lines.push(known.map(([name, value]) => `${name} ${numbers(value).join(', ')}`).join('; '));
  }
  return lines.join('\n');
}

function table<Row extends { readonly labels: Labels }>(
  rows: readonly Row[],
  value: string,
  cells: (row: Row) => string[],
  more: readonly string[] = [],
): string {
  const names = Object.keys(rows[0]?.labels ?? {});
  const shown = aligned([
    [...names, value, '95 % interval', ...more],
    ...rows.slice(0, MOST).map((row) => [
      ...names.map((name) => {
        const label = row.labels[name] ?? '';
        return typeof label === 'number' ? String(Number(label.toPrecision(5))) : label;
      }),
      ...cells(row),
    ]),
  ]);
  return rows.length > MOST ? `${shown}\n  … and ${rows.length - MOST} more` : shown;
}
