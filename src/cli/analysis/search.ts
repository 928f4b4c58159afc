/**
 * `gia sweep --top`: finds the most important patterns by successive elimination and writes a table with its
 * manifest.
 */

import { count } from '../../device/count.js';
import { type AdaptiveResult, type AdaptiveState, type Round, topPatterns } from '../../gia/adaptive.js';
import { SweepCheckpoint } from '../../gia/files/checkpoint.node.js';
import { roundsCodec } from '../../gia/files/codecs.js';
import { alphabetIn } from '../../gia/model.js';
import { withColumnNames } from '../../gia/tables/column-names.js';
import { inPrecision } from '../models/precision.js';
import { saveIfPossible } from '../output/files.js';
import { topTables } from '../tables.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { type Analysis, AnalysisRun } from './analysis.js';
import { withPairProgress } from './pairs.js';

/** How many patterns are wanted, and how surely. */
interface Wanted {
  readonly top: number;
  readonly confidence: number;
}

/** Runs a search from its options to its files. @throws as `analyse` */
export async function search(io: Io, analysis: Analysis, wanted: Wanted): Promise<void> {
  const { options } = analysis;
  const { out } = options;
  const { top } = wanted;
  using run = await AnalysisRun.open(io, analysis);
  const { backgrounds, output } = run;
  const patterns = run.patterns.flat();
  if (top > patterns.length)
    throw new UsageError(`--top must be between 1 and ${patterns.length}, the number of patterns`);
  const checkpoint = await checkpointOf(io, run, wanted);
  run.stage('embed and predict');
  const result = await searched(io, run, checkpoint, wanted);
  run.stage('table');
  const { seconds } = run.session.watch;
  const moments = result.models.map((each) => ({
    ...each,
    ...alphabetIn(result),
    n: each.patterns.map(() => backgrounds.count),
  }));
  const table = await run.table(moments, patterns.length);
  const share = shareOf(result);
  const guarantee = guaranteeOf(result, top);
  const about = await run.finish({
    backgrounds: backgrounds.count,
    complete: true,
    ...wanted,
    guarantee,
    rounds: result.rounds,
    pairs: pairsOf(result.rounds),
    ...share,
    exhaustive: result.isExhaustive,
  });
  await output?.write(table, about);
  await checkpoint?.remove();
  const percent = (100 * share.shareOfExhaustive).toFixed(1);
  const { rows } = table.table;
  const left = result.rounds.map(
    ({ backgrounds: n, patterns: p }) => `${count(n, 'background')}: ${p.toLocaleString('en')}`,
  );
  const text = [
    `The top ${top} of ${count(patterns.length, 'pattern')} over ${count(backgrounds.count, 'background')}, in ${duration(seconds)}${inPrecision(run.known)}, with ${percent} % of the full sweep's arithmetic:`,
    ...topTables(table.table, top),
    guarantee,
    ...run.paddingNote,
    `Patterns left after ${left.join(', ')}.`,
    ...(out ? [`The table is in ${out}.`] : []),
  ];
  const printed = { ...about, out: out ?? null, rows: rows.map(withColumnNames) };
  printResult(output?.file.io ?? io, options.json, printed, text.join('\n'));
}

/**
 * The checkpoint of a search, with a note where it continues an unfinished one; undefined where the output is
 * no file.
 */
async function checkpointOf(
  io: Io,
  { output, work, analysis, model, patterns, backgrounds }: AnalysisRun,
  wanted: Wanted,
): Promise<SweepCheckpoint<AdaptiveState> | undefined> {
  if (!output?.checkpoint) return undefined;
  const checkpoint = await SweepCheckpoint.open(output.checkpoint, {
    work: { ...work, ...wanted },
    fresh: analysis.options.fresh === true,
    codec: roundsCodec({
      models: model.models,
      outputs: model.outputs,
      patterns: patterns.flat().length,
      count: backgrounds.count,
      top: wanted.top,
    }),
  });
  const { state } = checkpoint;
  if (state) {
    const seen = state.rounds.at(-1)?.backgrounds ?? 0;
    note(
      io,
      `continuing with ${count(state.survivors.length, 'pattern')} after ${seen} of ${count(backgrounds.count, 'background')} (${checkpoint.path})`,
    );
  }
  return checkpoint;
}

/** Searches, with progress and checkpoints. */
async function searched(
  io: Io,
  { model, patterns: parts, backgrounds, computing }: AnalysisRun,
  checkpoint: SweepCheckpoint<AdaptiveState> | undefined,
  wanted: Wanted,
): Promise<AdaptiveResult> {
  const patterns = parts.flat();
  const pairs = {
    total: patterns.length * backgrounds.count,
    done: pairsOf(checkpoint?.state?.rounds ?? []),
  };
  return await withPairProgress(io, pairs, (progress) =>
    topPatterns(model, patterns, backgrounds, {
      ...progress,
      ...computing,
      ...wanted,
      resume: checkpoint?.state,
      onCheckpoint:
        checkpoint &&
        (async (state) => {
          await saveIfPossible(io, checkpoint.path, () => checkpoint.save(state));
        }),
    }),
  );
}

/** Arithmetic done, also as a share of a full sweep's. */
function shareOf({ rounds, exhaustiveMultiplyAdds }: AdaptiveResult) {
  const multiplyAdds = rounds.reduce((sum, round) => sum + round.multiplyAdds, 0);
  return { multiplyAdds, shareOfExhaustive: multiplyAdds / exhaustiveMultiplyAdds };
}

const pairsOf = (rounds: readonly Round[]): number => rounds.reduce((sum, { pairs }) => sum + pairs, 0);

const guaranteeOf = ({ confidence, backgrounds, isExhaustive }: AdaptiveResult, top: number): string =>
  isExhaustive
    ? `Dropping patterns early would not have saved arithmetic here, so the full sweep over ${count(backgrounds, 'background')} was computed, and these are its top ${top}. --top saves more with more backgrounds.`
    : `With probability ${confidence} or more these are the top ${top} of all patterns in a full sweep over the same ${count(backgrounds, 'background')} (paired t intervals, Bonferroni over all comparisons); their rows are computed over all of these backgrounds.`;
