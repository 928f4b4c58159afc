/** `gia motifs`: asks models about a motif database, with checkpoints, and writes table and page. */

import { createHash } from 'node:crypto';
import { count as counted } from '../../device/count.js';
import { lettersIn } from '../../gia/backgrounds/backgrounds.js';
import {
  encodeMotifTable,
  type MotifDatabaseOptions,
  type MotifDatabaseResult,
  motifColumns,
  motifDatabase,
  type PlacedMotifs,
  patternsOfDatabase,
  placeMotifs,
} from '../../gia/databases/index.js';
import { SweepCheckpoint } from '../../gia/files/checkpoint.node.js';
import { partsCodec } from '../../gia/files/codecs.js';
import { readTable } from '../../gia/files/table-file.node.js';
import { SweepCancelledError, type SweepState } from '../../gia/sweep/state.js';
import { rowsOfColumns } from '../../gia/tables/columns.js';
import type { Theme } from '../../report/page/page-style.js';
import { knownRecord, type NamedMotifs, readKnown } from '../known-motifs.js';
import { inPrecision } from '../models/precision.js';
import { saveIfPossible } from '../output/files.js';
import { lockFolder } from '../output/output.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { OrderlyLoop } from '../terminal/orderly.js';
import { duration } from '../terminal/progress.js';
import { type AnalysisOptions, AnalysisRun } from './analysis.js';
import { PAGE_FILES, writeDatabasePage } from './database-page.js';
import { databaseText } from './database-text.js';
import { parsePositions } from './kmer-positions.js';
import { withPairProgress } from './pairs.js';

export interface DatabaseOptions extends AnalysisOptions {
  /** Further models. */
  readonly model?: readonly string[];
  readonly positions?: string;
  readonly top: number;
  /** The table of a sweep. */
  readonly table?: string;
  /** A folder. */
  readonly report?: string;
  readonly theme?: Theme;
}

/** @throws UsageError, CancelledError, and whatever files and GPU throw */
export async function askDatabase(
  io: Io,
  path: string,
  databases: readonly string[],
  options: DatabaseOptions,
): Promise<void> {
  const { method, report, out, json, top, table, model: others = [] } = options;
  if (method !== undefined && method !== 'naive')
    throw new UsageError(
      `--method ${method} is for patterns that share work; leave it out, because every site of a motif is embedded and predicted`,
    );
  if (table !== undefined && report === undefined)
    throw new UsageError('--table is shown on the page; name a folder for it with --report, or leave it out');
  const sweep = table === undefined ? undefined : { path: table, ...(await readTable(table)) };
  using _lock = report === undefined ? undefined : await lockFolder(report, PAGE_FILES);
  const database = await readKnown(io, databases);
  const analysis = {
    command: 'gia motifs',
    paths: [path, ...others],
    parts: () => [],
    swept: 2 * database.motifs.length,
    inputs: { databases },
    sweep,
    shown: top,
  };
  using run = await AnalysisRun.open(io, { ...analysis, options });
  const { paths } = run.analysis;
  const asked = askedOf(run, database, options);
  const checkpoint = await checkpointOf(run, database, asked);
  const result = await ask(io, run, database, asked, checkpoint);
  const record = await run.finish(aboutResult(result, database));
  const named = { names: paths, manifest: record };
  await run.output?.writeAs((format) => encodeMotifTable(result, format, named), record);
  if (report !== undefined)
    await writeDatabasePage(run, { result, database, record, sweep: sweep?.rows }, report, options.theme);
  await checkpoint?.remove();
  const how = `in ${duration(run.session.watch.seconds)}${inPrecision(run.known)}`;
  const text = [
    ...databaseText(result, paths, top, how),
    ...(out ? [`The whole table is in ${out}.`] : []),
    ...(report ? [`The page is in ${report}.`] : []),
  ];
  const rows = rowsOfColumns(motifColumns(result, paths)).filter(({ rank }) => Number(rank) <= top);
  const printed = { ...record, out: out ?? null, report: report ?? null, top: rows };
  printResult(run.output?.file.io ?? io, json, printed, text.join('\n'));
}

/** What a database is asked with, and which of its motifs fit. */
interface Asked extends PlacedMotifs {
  readonly options: Pick<
    MotifDatabaseOptions,
    'positions' | 'seed' | 'allowPadding' | 'precision' | 'structure'
  >;
}

/** @throws UsageError for positions outside the sequences */
function askedOf(
  { model, backgrounds }: AnalysisRun,
  { motifs }: NamedMotifs,
  { positions: text, seed, allowPadding, precision, structure }: DatabaseOptions,
): Asked {
  const { length } = model;
  const positions = text === undefined ? undefined : parsePositions(text, length - 1);
  const options = { positions, seed, allowPadding, precision, structure };
  return { options, ...placeMotifs(motifs, length, lettersIn(backgrounds), options) };
}

type Checkpoint = SweepCheckpoint<readonly SweepState[]>;

/** The checkpoint of the run; undefined where there is no output file. */
async function checkpointOf(
  run: AnalysisRun,
  { motifs }: NamedMotifs,
  { placed, options }: Asked,
): Promise<Checkpoint | undefined> {
  const path = run.output?.checkpoint;
  if (path === undefined) return undefined;
  const { models, outputs } = run.model;
  const size = { models, outputs, count: run.backgrounds.count, keepLocal: true };
  const digest = createHash('sha256')
    .update(JSON.stringify(motifs.map(({ name, pwm }) => [name, pwm])))
    .digest('hex');
  return await SweepCheckpoint.open(path, {
    work: { ...run.work, motifs: digest, ...options },
    fresh: run.analysis.options.fresh === true,
    codec: partsCodec([patternsOfDatabase(placed)], size),
  });
}

/** Asks, with progress and checkpoints. */
async function ask(
  io: Io,
  run: AnalysisRun,
  { motifs }: NamedMotifs,
  { placed, leftOut, options }: Asked,
  checkpoint: Checkpoint | undefined,
): Promise<MotifDatabaseResult> {
  const { count } = run.backgrounds;
  for (const { name, reason } of leftOut) note(io, `motif ${name} is left out: ${reason}`);
  const [resume] = checkpoint?.state ?? [];
  const patterns = patternsOfDatabase(placed);
  const pairs = { total: patterns * count, done: patterns * (resume?.backgrounds ?? 0) };
  if (resume)
    note(
      io,
      `continuing after ${resume.backgrounds} of ${counted(count, 'background')} (${checkpoint!.path})`,
    );
  run.stage('embed and predict');
  const loop = new OrderlyLoop();
  const save = async (state: SweepState): Promise<void> => {
    await saveIfPossible(io, checkpoint!.path, () => checkpoint!.save([state]));
    loop.leave();
  };
  const running = withPairProgress(io, pairs, (progress) =>
    motifDatabase(run.model, motifs, run.backgrounds, {
      ...progress,
      ...options,
      resume,
      checkpointSeconds: run.analysis.options.checkpoint,
      onProgress: (reached) => {
        loop.enter();
        progress.onProgress(reached);
      },
      ...(checkpoint && { onCheckpoint: save }),
    }),
  );
  const result = await running.catch(async (error: unknown) => {
    if (error instanceof SweepCancelledError && checkpoint && error.state.backgrounds > 0) {
      await save(error.state);
      note(io, `${run.analysis.options.out} was not written; run the same command again to continue`);
    }
    throw error;
  });
  run.stage('table');
  return result;
}

/** What the manifest says of the result. */
const aboutResult = ({ leftOut, backgrounds, work }: MotifDatabaseResult, database: NamedMotifs) => ({
  database: knownRecord(database),
  leftOut,
  backgrounds,
  patterns: undefined,
  pairs: work.pairs,
  multiplyAdds: work.multiplyAdds,
  dispatches: work.dispatches,
});
