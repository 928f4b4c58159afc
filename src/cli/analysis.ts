/**
 * What `gia sweep` and `gia importance` do with the patterns they were given: open models, draw backgrounds, run with
 * checkpoints, and write the table with its manifest.
 */

import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { encodeSequences, readSequences } from '../data/index.node.js';
import { type BackgroundKind, type Backgrounds, makeBackgrounds } from '../gia/backgrounds.js';
import { type ImportanceResult, importance, type Method } from '../gia/importance.js';
import type { Pattern } from '../gia/patterns.js';
import { importancesOf, type ModelImportance, SweepCancelledError } from '../gia/runner.js';
import { type GiaTable, giaTable, joinTables, topRows } from '../gia/table.js';
import { encodeTable, formatOf, type TableFormat } from '../gia/table-files.js';
import type { StorageFormat } from '../nn/evaluation.js';
import type { ResidualBind } from '../nn/residualbind.js';
import { Checkpoint } from './checkpoint.js';
import { UsageError } from './errors.js';
import { checkFile, writeResult } from './files.js';
import { type Io, note, printResult } from './io.js';
import { manifest, Stopwatch } from './manifest.js';
import { type ModelFacts, openModels, printStorageError } from './models.js';
import type { GpuOptions, ProfileOptions, SeededOptions } from './options.js';
import { withPairProgress } from './pairs.js';
import { Profiling } from './profile.js';
import { duration } from './progress.js';
import { openGpu } from './session.js';
import { importanceTable } from './tables.js';

export interface AnalysisOptions extends GpuOptions, ProfileOptions, SeededOptions {
  readonly backgrounds: number;
  readonly null: BackgroundKind;
  readonly sequences?: string;
  readonly storage?: StorageFormat;
  readonly method?: Method;
  /** MiB. */
  readonly memory?: number;
  readonly local?: boolean;
  readonly fresh?: boolean;
  readonly out?: string;
}

export interface Analysis {
  readonly command: string;
  /** The models'. */
  readonly paths: readonly string[];
  readonly options: AnalysisOptions & { readonly patterns?: readonly string[] };
  /** For sequences of a length. */
  readonly patterns: (length: number) => readonly Pattern[];
  /** Rows to print of each model. */
  readonly shown: number;
}

/** Runs an analysis from its options to its files. @throws UsageError, CancelledError, and whatever files and GPU throw */
export async function analyse(
  io: Io,
  { command, paths, options, patterns: patternsFor, shown }: Analysis,
): Promise<void> {
  const { out, local = false } = options;
  if (options.backgrounds < 2)
    throw new UsageError('--backgrounds must be at least 2, or there is no interval');
  const format = out === undefined ? undefined : formatOf(out);
  if (local && format !== 'npz') throw new UsageError('--local goes with --out <file>.npz, which holds them');
  if (out) await checkFile(out);
  const profiling = await Profiling.start(io, options);
  profiling.stage('open');
  using gpu = await openGpu(io, options);
  profiling.attach(gpu);
  const watch = new Stopwatch(gpu);
  const { model, facts, origins } = await openModels(gpu, paths);
  using _model = model;
  const patterns = patternsFor(model.architecture.length);
  profiling.stage('backgrounds');
  const { backgrounds, sequences } = await drawBackgrounds(options, model, facts);
  const storageError = await printStorageError(io, model, backgrounds.codes, options.storage);
  const { method, storage, memory } = options;
  const work = {
    models: origins.map(({ sha256 }) => sha256),
    patterns: digest(JSON.stringify(patterns)),
    backgrounds: digest(backgrounds.codes),
    adapter: gpu.adapter.name,
    method,
    storage,
    local,
  };
  const checkpoint = out
    ? await Checkpoint.open(`${out}.checkpoint`, work, options.fresh === true)
    : undefined;
  const resume = checkpoint?.state;
  if (resume)
    note(io, `going on after ${resume.backgrounds} of ${backgrounds.count} backgrounds (${checkpoint.path})`);

  profiling.stage('embed and predict');
  const names = patterns.map(({ name }) => name);
  const record = async (n: number, result?: ImportanceResult) => ({
    ...(await manifest(command, { models: paths, ...options }, watch)),
    seed: options.seed,
    preset: facts.preset ?? null,
    models: origins,
    storageError: storageError ?? null,
    trainedOn: facts.data ?? null,
    normalisation: facts.normalisation ?? null,
    sequences,
    patterns: names.length,
    backgrounds: n,
    complete: n === backgrounds.count,
    ...(result && {
      method: result.method,
      pairs: result.work.pairs,
      multiplyAdds: result.work.multiplyAdds,
    }),
  });
  const save = async (
    path: string,
    as: TableFormat,
    models: readonly ModelImportance[],
    n: number,
    about: object,
  ) => {
    const table = await tableOf(names, models, paths, n);
    const locals = local ? localsOf(table, names, models, paths) : undefined;
    await writeResult(path, await encodeTable(table, as, { manifest: about, local: locals }));
    await writeResult(`${path}.manifest.json`, `${JSON.stringify(about, null, 2)}\n`);
    return table;
  };
  const partial = out === undefined ? undefined : out.replace(/(\.[^.]*)$/, '.partial$1');
  const total = names.length * backgrounds.count;
  let result: ImportanceResult;
  try {
    result = await withPairProgress(
      io,
      { total, done: (resume?.backgrounds ?? 0) * names.length },
      (progress) =>
        importance(model, patterns, backgrounds, {
          ...progress,
          method,
          storage,
          memory: memory === undefined ? undefined : memory * 2 ** 20,
          keepLocal: local,
          resume,
          onCheckpoint: checkpoint && ((state) => checkpoint.save(state)),
        }),
    );
  } catch (error) {
    if (!(error instanceof SweepCancelledError) || !out) throw error;
    const { state } = error;
    await checkpoint?.save(state);
    note(io, `${out} was not written`);
    if (state.backgrounds < 2 || !partial) throw error;
    await save(
      partial,
      format!,
      importancesOf({ ...state, local: undefined }, model.models),
      state.backgrounds,
      await record(state.backgrounds),
    );
    note(
      io,
      `estimates over ${state.backgrounds} of ${backgrounds.count} backgrounds are in ${partial}; the same command goes on from there`,
    );
    throw error;
  }
  profiling.stage('table');
  const { seconds } = watch;
  const about = { ...(await record(backgrounds.count, result)), ...(await profiling.finish()) };
  const table = out
    ? await save(out, format!, result.models, backgrounds.count, about)
    : await tableOf(names, result.models, paths, backgrounds.count);
  await checkpoint?.remove();
  if (partial) for (const path of [partial, `${partial}.manifest.json`]) await rm(path, { force: true });

  const tops = paths.map((path) => ({
    path,
    rows: topRows({ rows: table.rows.filter((row) => row.model === undefined || row.model === path) }, shown),
  }));
  const heading = `Global importance of ${names.length} patterns over ${backgrounds.count} backgrounds, in ${duration(seconds)} (${result.method})`;
  const text = [
    shown < names.length ? `${heading}; the top ${shown}:` : `${heading}:`,
    ...tops.flatMap(({ path, rows }) => [...(paths.length > 1 ? [`${path}:`] : []), importanceTable(rows)]),
    ...(out ? [`The whole table is in ${out}.`] : []),
  ];
  printResult(
    io,
    options.json,
    { ...about, out: out ?? null, top: tops.flatMap(({ rows }) => rows) },
    text.join('\n'),
  );
}

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** One table, with a column for the model where there are several. */
async function tableOf(
  names: readonly string[],
  models: readonly ModelImportance[],
  paths: readonly string[],
  n: number,
): Promise<GiaTable> {
  const tables = await Promise.all(
    models.map(async ({ mean, variance, min, max }, e) => ({
      model: paths[e]!,
      table: await giaTable(names, { mean, variance, min, max, n }),
    })),
  );
  return tables.length === 1 ? tables[0]!.table : joinTables(tables);
}

/** Local importances in the order of a table's rows. */
function localsOf(
  { rows }: GiaTable,
  names: readonly string[],
  models: readonly ModelImportance[],
  paths: readonly string[],
): Float32Array | undefined {
  const count = (models[0]?.local?.length ?? 0) / names.length;
  if (count === 0) return undefined;
  const places = new Map(names.map((name, p) => [name, p]));
  const all = new Float32Array(rows.length * count);
  rows.forEach(({ pattern, model }, i) => {
    const e = model === undefined ? 0 : paths.indexOf(model);
    const p = places.get(pattern)!;
    all.set(models[e]!.local!.subarray(p * count, (p + 1) * count), i * count);
  });
  return all;
}

/** Backgrounds and the file they were made from, if any. */
export async function drawBackgrounds(
  { null: kind, backgrounds: count, seed, sequences: path }: AnalysisOptions,
  { architecture: { length } }: ResidualBind,
  { profile }: ModelFacts,
): Promise<{ backgrounds: Backgrounds; sequences: { path: string; sha256: string; count: number } | null }> {
  const given = path === undefined ? undefined : await readSequences(path);
  if (given && kind === 'uniform')
    throw new UsageError('--null uniform uses no sequences; leave out --sequences');
  if (!given && kind === 'profile' && !profile)
    throw new UsageError('this model carries no nucleotide profile; give --sequences or --null uniform');
  if (!given && kind !== 'profile' && kind !== 'uniform')
    throw new UsageError(`--null ${kind} needs --sequences <file>`);
  const backgrounds = makeBackgrounds({
    kind,
    count,
    length,
    seed,
    ...(given
      ? { sequences: encodeSequences(given.sequences, length, given) }
      : profile
        ? { profile: Float64Array.from(profile) }
        : {}),
  });
  return {
    backgrounds,
    sequences: given && path ? { path, sha256: given.sha256, count: given.names.length } : null,
  };
}
