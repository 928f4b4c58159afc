/**
 * What `gia sweep --top` does: the most important patterns by successive elimination, into a table with its
 * manifest.
 */

import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import {
  type AdaptiveResult,
  type AdaptiveSize,
  type AdaptiveState,
  checkAdaptiveState,
  type Round,
  topPatterns,
} from '../../gia/adaptive.js';
import { withColumnNames } from '../../gia/tables/column-names.js';
import { inPrecision } from '../models/precision.js';
import { importanceTable } from '../tables.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note, printResult } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { type Analysis, AnalysisRun } from './analysis.js';
import { Checkpoint, type Codec } from './checkpoint.js';
import { withPairProgress } from './pairs.js';
import { resultTable } from './result-table.js';

export const roundsCodec = (size: AdaptiveSize): Codec<AdaptiveState> => ({
  save: ({ rounds, survivors, local }) => ({
    facts: rounds,
    arrays: { survivors: Float32Array.from(survivors), local },
  }),
  load: ({ facts, arrays: { survivors, local } }) => {
    if (!Array.isArray(facts) || !survivors || !local)
      throw new FormatError('the checkpoint is not of a search for the top patterns');
    if (survivors.some((pattern) => !Number.isInteger(pattern) || pattern < 0))
      throw new FormatError('the checkpoint names patterns that do not exist');
    const state = { rounds: facts as Round[], survivors: Uint32Array.from(survivors), local };
    checkAdaptiveState(state, size);
    return state;
  },
});

/** Runs a search from its options to its files. @throws as `analyse` */
export async function search(
  io: Io,
  analysis: Analysis,
  { top, confidence }: { readonly top: number; readonly confidence: number },
): Promise<void> {
  const { options, paths } = analysis;
  const { out } = options;
  using run = await AnalysisRun.open(io, analysis);
  const { model, backgrounds, profiling, output } = run;
  const patterns = run.patterns.flat();
  if (top > patterns.length)
    throw new UsageError(`--top must be between 1 and ${patterns.length}, the number of patterns`);
  const checkpoint = output?.checkpoint
    ? await Checkpoint.open(io, output.checkpoint, {
        work: { ...run.work, top, confidence },
        fresh: options.fresh === true,
        codec: roundsCodec({
          models: model.models,
          patterns: patterns.length,
          count: backgrounds.count,
          top,
        }),
      })
    : undefined;
  const resume = checkpoint?.state;
  const done = pairsOf(resume?.rounds ?? []);
  if (resume) {
    const seen = resume.rounds.at(-1)?.backgrounds ?? 0;
    note(
      io,
      `continuing with ${count(resume.survivors.length, 'pattern')} after ${seen} of ${count(backgrounds.count, 'background')} (${checkpoint.path})`,
    );
  }
  profiling.stage('embed and predict');
  const total = patterns.length * backgrounds.count;
  const result = await withPairProgress(io, { total, done }, (progress) =>
    topPatterns(model, patterns, backgrounds, {
      ...progress,
      ...run.computing,
      top,
      confidence,
      resume,
      onCheckpoint: checkpoint && ((state) => checkpoint.save(state)),
    }),
  );
  profiling.stage('table');
  const { seconds } = run.watch;
  const table = await resultTable(
    run,
    result.models.map((each) => ({ ...each, n: each.patterns.map(() => backgrounds.count) })),
    patterns.length,
  );
  const whole = result.exhaustiveMultiplyAdds;
  const multiplyAdds = result.rounds.reduce((sum, round) => sum + round.multiplyAdds, 0);
  const guarantee = guaranteeOf(result, top);
  const about = {
    ...(await run.record({
      backgrounds: backgrounds.count,
      complete: true,
      top,
      confidence,
      guarantee,
      rounds: result.rounds,
      pairs: pairsOf(result.rounds),
      multiplyAdds,
      shareOfExhaustive: multiplyAdds / whole,
      exhaustive: result.isExhaustive,
    })),
    ...(await profiling.finish()),
  };
  await output?.write(table, about);
  await checkpoint?.remove();
  const percent = ((100 * multiplyAdds) / whole).toFixed(1);
  const rowsOf = (path: string) =>
    table.table.rows.filter(({ model: of }) => of === undefined || of === path);
  const text = [
    `The top ${top} of ${count(patterns.length, 'pattern')} over ${count(backgrounds.count, 'background')}, in ${duration(seconds)}${inPrecision(run.known)}, with ${percent} % of the full sweep's arithmetic:`,
    ...paths.flatMap((path) => [...(paths.length > 1 ? [`${path}:`] : []), importanceTable(rowsOf(path))]),
    guarantee,
    ...run.paddingNote,
    `Patterns left after ${result.rounds.map(({ backgrounds: n, patterns: p }) => `${count(n, 'background')}: ${p.toLocaleString('en')}`).join(', ')}.`,
    ...(out ? [`The table is in ${out}.`] : []),
  ];
  printResult(
    output?.file.io ?? io,
    options.json,
    { ...about, out: out ?? null, rows: table.table.rows.map(withColumnNames) },
    text.join('\n'),
  );
}

const pairsOf = (rounds: readonly Round[]): number => rounds.reduce((sum, { pairs }) => sum + pairs, 0);

const guaranteeOf = ({ confidence, backgrounds, isExhaustive }: AdaptiveResult, top: number): string =>
  isExhaustive
    ? `Dropping patterns early would not have saved arithmetic here, so the full sweep over ${count(backgrounds, 'background')} was computed, and these are its top ${top}. --top saves more with more backgrounds.`
    : `With probability ${confidence} or more these are the top ${top} of all patterns in a full sweep over the same ${count(backgrounds, 'background')} (paired t intervals, Bonferroni over all comparisons); their rows are computed over all of these backgrounds.`;
