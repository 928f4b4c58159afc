/**
 * What `gia sweep` and `gia importance` do with the patterns they were given: all of them over all
 * backgrounds, with checkpoints, into a table with its manifest.
 */

import { count as counted } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import { importanceOfParts, PartsCancelledError, type PartsResult } from '../../gia/parts.js';
import { checkState, type StateSize, type SweepState, type Work } from '../../gia/sweep/state.js';
import { withColumnNames } from '../../gia/tables/column-names.js';
import { topRows } from '../../gia/tables/table.js';
import { inPrecision } from '../models/precision.js';
import { importanceTable } from '../tables.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { OrderlyLoop } from '../terminal/orderly.js';
import { duration } from '../terminal/progress.js';
import { type Analysis, AnalysisRun } from './analysis.js';
import { Checkpoint, type Codec } from './checkpoint.js';
import { withPairProgress } from './pairs.js';
import { reachedTable } from './result-table.js';

/** States of the parts begun, of an analysis of parts of so many patterns. */
export const partsCodec = (
  sizes: readonly number[],
  size: Omit<StateSize, 'patterns'>,
): Codec<readonly SweepState[]> => ({
  save: (states) => ({
    facts: states.map(({ backgrounds }) => backgrounds),
    arrays: Object.fromEntries(
      states.flatMap(({ statistics, local }, i) => [
        [`statistics.${i}`, statistics],
        ...(local ? [[`local.${i}`, local] as const] : []),
      ]),
    ),
  }),
  load: ({ facts, arrays }) => {
    const begun: readonly unknown[] = Array.isArray(facts) ? facts : [];
    if (begun.length < 1 || begun.length > sizes.length)
      throw new FormatError(`the checkpoint is not of ${sizes.length} parts`);
    return begun.map((backgrounds, i) => {
      const [statistics, local] = [arrays[`statistics.${i}`], arrays[`local.${i}`]];
      if (typeof backgrounds !== 'number' || !statistics)
        throw new FormatError(`the checkpoint lacks part ${i + 1}`);
      const state = { backgrounds, statistics, ...(local && { local }) };
      checkState(state, { ...size, patterns: sizes[i]! });
      if (i < begun.length - 1 && backgrounds !== size.count)
        throw new FormatError(`the checkpoint began part ${i + 2} before the end of part ${i + 1}`);
      return state;
    });
  },
});

/**
 * Runs an analysis from its options to its files.
 *
 * @throws UsageError, CancelledError, and whatever files and GPU throw
 */
export async function analyse(io: Io, analysis: Analysis): Promise<void> {
  const { options, paths, shown } = analysis;
  const { out, local, bootstrap } = options;
  using run = await AnalysisRun.open(io, analysis);
  const { model, backgrounds, profiling, patterns, output } = run;
  const keepLocal = local !== undefined || bootstrap !== undefined;
  const checkpoint = output?.checkpoint
    ? await Checkpoint.open(io, output.checkpoint, {
        work: run.work,
        fresh: options.fresh === true,
        codec: partsCodec(
          patterns.map(({ length }) => length),
          { models: model.models, count: backgrounds.count, keepLocal },
        ),
      })
    : undefined;
  const resume = checkpoint?.state;
  const pairsOf = (states: readonly SweepState[]): number =>
    states.reduce((sum, state, i) => sum + state.backgrounds * patterns[i]!.length, 0);
  const total = patterns.reduce((sum, { length }) => sum + length * backgrounds.count, 0);
  if (resume) {
    const share = Math.floor((100 * pairsOf(resume)) / total);
    note(io, `continuing after ${describe(resume, backgrounds.count)}, ${share} % (${checkpoint.path})`);
  }

  profiling.stage('embed and predict');
  const record = (states: readonly SweepState[], about: object) =>
    run.record({
      backgrounds: Math.min(...states.map((state) => state.backgrounds)),
      complete: pairsOf(states) === total,
      ...about,
    });
  const loop = new OrderlyLoop();
  let result: PartsResult;
  try {
    result = await withPairProgress(io, { total, done: pairsOf(resume ?? []) }, (progress) =>
      importanceOfParts(model, patterns, backgrounds, {
        ...progress,
        ...run.computing,
        keepLocal,
        resume,
        checkpointSeconds: options.checkpoint,
        onProgress: (reached) => {
          loop.enter();
          progress.onProgress(reached);
        },
        onCheckpoint:
          checkpoint &&
          (async (states) => {
            await checkpoint.save(states);
            // The kernels of the next part are compiled now; nothing is lost with them.
            loop.leave();
          }),
      }),
    );
  } catch (error) {
    if (!(error instanceof PartsCancelledError) || !output?.checkpoint) throw error;
    const { states } = error;
    if (pairsOf(states) > 0) await checkpoint?.save(states);
    note(io, `${out} was not written`);
    const reached = states
      .filter((state) => state.backgrounds >= 2)
      .map((state) => ({ ...state, local: undefined }));
    if (reached.length === 0) throw error;
    const partial = await output.writePartial(await reachedTable(run, reached), await record(states, {}));
    note(
      io,
      `estimates over ${describe(states, backgrounds.count)} are in ${partial}; run the same command again to continue`,
    );
    throw error;
  }
  profiling.stage('table');
  const { seconds } = run.watch;
  const { states, methods, work } = result;
  const reached = await reachedTable(run, states);
  const about = {
    ...(await record(states, {
      method: methods.join(', '),
      pairs: work.pairs,
      multiplyAdds: work.multiplyAdds,
      dispatches: work.dispatches,
      ...(work.bytesPerPair !== undefined && { bytesPerPair: work.bytesPerPair }),
    })),
    ...(await profiling.finish()),
  };
  await output?.write(reached, about);
  await checkpoint?.remove();

  const { table } = reached;
  const tops = paths.map((path) => ({
    path,
    rows: topRows({ rows: table.rows.filter((row) => row.model === undefined || row.model === path) }, shown),
  }));
  const count = patterns.reduce((sum, { length }) => sum + length, 0);
  const heading = `Global importance of ${counted(count, 'pattern')} over ${counted(backgrounds.count, 'background')}, in ${duration(seconds)} (${methods.join(', ') || 'all resumed'}${inPrecision(run.known)})`;
  const text = [
    shown < count ? `${heading}; the top ${shown}:` : `${heading}:`,
    ...tops.flatMap(({ path, rows }) => [...(paths.length > 1 ? [`${path}:`] : []), importanceTable(rows)]),
    ...run.paddingNote,
    movedNote(work),
    ...(out ? [`The whole table is in ${out}.`] : []),
  ];
  printResult(
    output?.file.io ?? io,
    options.json,
    { ...about, out: out ?? null, top: tops.flatMap(({ rows }) => rows.map(withColumnNames)) },
    text.join('\n'),
  );
}

/** How much the GPU was asked for, beside the arithmetic. */
function movedNote({ dispatches, bytesPerPair }: Work): string {
  const moved =
    bytesPerPair === undefined ? '' : `, ${(bytesPerPair / 1000).toFixed(1)} kB through memory per pair`;
  return `${counted(dispatches, 'dispatch', 'dispatches')}${moved}.`;
}

/** `12 of 100 backgrounds`, of the part at work where there are several. */
function describe(states: readonly SweepState[], count: number): string {
  const last = states.at(-1)?.backgrounds ?? 0;
  const text = `${last} of ${counted(count, 'background')}`;
  return states.length > 1 ? `${text} of part ${states.length}` : text;
}
