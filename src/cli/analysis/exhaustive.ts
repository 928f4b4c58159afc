/**
 * `gia sweep` and `gia importance`: computes all patterns over all backgrounds, with checkpoints, and writes
 * a table with its manifest.
 */

import { count as counted } from '../../device/count.js';
import { SweepCheckpoint } from '../../gia/files/checkpoint.node.js';
import { partsCodec } from '../../gia/files/codecs.js';
import { importanceOfParts, PartsCancelledError, type PartsResult } from '../../gia/parts.js';
import type { SweepCosts, SweepState } from '../../gia/sweep/state.js';
import { withColumnNames } from '../../gia/tables/column-names.js';
import { statisticsOfParts } from '../../gia/tables/result-table.js';
import type { GiaRow, GiaTable } from '../../gia/tables/table.js';
import { inPrecision } from '../models/precision.js';
import { saveIfPossible } from '../output/files.js';
import { topOfEach, topTables } from '../tables.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { OrderlyLoop } from '../terminal/orderly.js';
import { duration } from '../terminal/progress.js';
import { type Analysis, AnalysisRun } from './analysis.js';
import { besideData, checkMeasured, readMeasured } from './beside-data.js';
import { withPairProgress } from './pairs.js';

/**
 * Runs an analysis from its options to its files.
 *
 * @throws UsageError, CancelledError, and whatever files and GPU throw
 */
export async function analyse(io: Io, analysis: Analysis): Promise<void> {
  const { out } = analysis.options;
  const { data, paths } = analysis;
  const probes = data === undefined ? undefined : await readMeasured(io, data, paths[0]!, analysis.options);
  using run = await AnalysisRun.open(io, analysis);
  if (probes) checkMeasured(run, probes);
  const { backgrounds, patterns, output } = run;
  const checkpoint = await checkpointOf(run);
  const pairs = { done: pairsOf(run, checkpoint?.state ?? []), total: pairsIn(run) };
  if (checkpoint?.state) {
    const share = Math.floor((100 * pairs.done) / pairs.total);
    note(
      io,
      `continuing after ${describe(checkpoint.state, backgrounds.count)}, ${share} % (${checkpoint.path})`,
    );
  }
  run.stage('embed and predict');
  const result = await importances(io, run, checkpoint, pairs).catch(async (error: unknown) => {
    if (error instanceof PartsCancelledError && output?.checkpoint)
      await keepReached(io, run, checkpoint, error.states);
    throw error;
  });
  run.stage('table');
  const { seconds } = run.session.watch;
  const { states, methods, work } = result;
  const reached = await run.table(statisticsOfParts(run.model, patterns, states));
  const beside = probes && (await besideData(io, run, probes, reached.table));
  const about = await run.finish({
    ...extentOf(run, states),
    ...beside?.json,
    method: methods.join(', '),
    pairs: work.pairs,
    multiplyAdds: work.multiplyAdds,
    dispatches: work.dispatches,
    ...(work.bytesPerPair !== undefined && { bytesPerPair: work.bytesPerPair }),
  });
  await output?.write(reached, about);
  await checkpoint?.remove();
  const how = `in ${duration(seconds)} (${methods.join(', ') || 'all resumed'}${inPrecision(run.known)})`;
  const { text, top } = shownOf(run, reached.table, how);
  const lines = [
    ...text,
    ...run.paddingNote,
    movedNote(work),
    ...(beside?.text ?? []),
    ...(out ? [`The whole table is in ${out}.`] : []),
  ];
  const printed = { ...about, out: out ?? null, top: top.map(withColumnNames) };
  printResult(output?.file.io ?? io, analysis.options.json, printed, lines.join('\n'));
}

type PartsCheckpoint = SweepCheckpoint<readonly SweepState[]>;

const keepsLocal = ({ analysis: { options } }: AnalysisRun): boolean =>
  options.local !== undefined || options.bootstrap !== undefined;

/**
 * The checkpoint of an analysis, perhaps with the state of an unfinished run; undefined where the output is
 * no file.
 */
async function checkpointOf(run: AnalysisRun): Promise<PartsCheckpoint | undefined> {
  const { output, patterns, model, backgrounds } = run;
  if (!output?.checkpoint) return undefined;
  const { models, outputs } = model;
  const size = { models, outputs, count: backgrounds.count, keepLocal: keepsLocal(run) };
  return await SweepCheckpoint.open(output.checkpoint, {
    work: run.work,
    fresh: run.analysis.options.fresh === true,
    codec: partsCodec(
      patterns.map(({ length }) => length),
      size,
    ),
  });
}

/** Pairs of a pattern and a background that states have seen. */
const pairsOf = ({ patterns }: AnalysisRun, states: readonly SweepState[]): number =>
  states.reduce((sum, state, i) => sum + state.backgrounds * patterns[i]!.length, 0);

const pairsIn = ({ patterns, backgrounds }: AnalysisRun): number =>
  patterns.reduce((sum, { length }) => sum + length * backgrounds.count, 0);

/** How far states have come, for the manifest. */
const extentOf = (run: AnalysisRun, states: readonly SweepState[]) => ({
  backgrounds: Math.min(...states.map((state) => state.backgrounds)),
  complete: pairsOf(run, states) === pairsIn(run),
});

/** Computes all parts, with progress and checkpoints. */
async function importances(
  io: Io,
  run: AnalysisRun,
  checkpoint: PartsCheckpoint | undefined,
  pairs: { readonly done: number; readonly total: number },
): Promise<PartsResult> {
  const loop = new OrderlyLoop();
  return await withPairProgress(io, pairs, (progress) =>
    importanceOfParts(run.model, run.patterns, run.backgrounds, {
      ...progress,
      ...run.computing,
      keepLocal: keepsLocal(run),
      resume: checkpoint?.state,
      checkpointSeconds: run.analysis.options.checkpoint,
      onProgress: (reached) => {
        loop.enter();
        progress.onProgress(reached);
      },
      onCheckpoint:
        checkpoint &&
        (async (states) => {
          await saveIfPossible(io, checkpoint.path, () => checkpoint.save(states));
          // Next, kernels of the next part are compiled; an interruption there loses nothing.
          loop.leave();
        }),
    }),
  );
}

/** Keeps what a cancelled run has reached: its state, and a table of the estimates so far. */
async function keepReached(
  io: Io,
  run: AnalysisRun,
  checkpoint: PartsCheckpoint | undefined,
  states: readonly SweepState[],
): Promise<void> {
  const { output, patterns, backgrounds } = run;
  if (checkpoint && pairsOf(run, states) > 0)
    await saveIfPossible(io, checkpoint.path, () => checkpoint.save(states));
  note(io, `${run.analysis.options.out} was not written`);
  const reached = states
    .filter((state) => state.backgrounds >= 2)
    .map((state) => ({ ...state, local: undefined }));
  if (reached.length === 0) return;
  const table = await run.table(statisticsOfParts(run.model, patterns, reached));
  const partial = await output!.writePartial(table, await run.record(extentOf(run, states)));
  note(
    io,
    `estimates over ${describe(states, backgrounds.count)} are in ${partial}; run the same command again to continue`,
  );
}

/** The top rows of each model and task, as text and as rows. */
function shownOf(
  { analysis: { shown }, patterns, backgrounds }: AnalysisRun,
  table: GiaTable,
  how: string,
): { readonly text: readonly string[]; readonly top: readonly GiaRow[] } {
  const count = patterns.reduce((sum, { length }) => sum + length, 0);
  const heading = `Global importance of ${counted(count, 'pattern')} over ${counted(backgrounds.count, 'background')}, ${how}`;
  const text = [shown < count ? `${heading}; the top ${shown}:` : `${heading}:`, ...topTables(table, shown)];
  return { text, top: topOfEach(table, shown) };
}

/** Dispatches and memory traffic of the work. */
function movedNote({ dispatches, bytesPerPair }: SweepCosts): string {
  const moved =
    bytesPerPair === undefined ? '' : `, ${(bytesPerPair / 1000).toFixed(1)} kB through memory per pair`;
  return `${counted(dispatches, 'dispatch', 'dispatches')}${moved}.`;
}

/** `12 of 100 backgrounds`, with the current part where there are several. */
function describe(states: readonly SweepState[], count: number): string {
  const last = states.at(-1)?.backgrounds ?? 0;
  const text = `${last} of ${counted(count, 'background')}`;
  return states.length > 1 ? `${text} of part ${states.length}` : text;
}
