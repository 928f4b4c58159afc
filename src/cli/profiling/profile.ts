/**
 * `--profile` and `--trace`: a command's stages and the kernels of its GPU, as a table on stderr, as an
 * object for --json and manifests, and as a Chrome trace. Does nothing unless asked for.
 */

import { ResidualBindError } from '../../device/errors.js';
import type { Gpu } from '../../device/gpu.js';
import type { KernelTotals } from '../../device/profiling/kernel-ledger.js';
import type { ProfileReport } from '../../device/profiling/profiler.js';
import { chromeTrace } from '../../device/profiling/trace.js';
import { type Ceilings, measureCeilings } from '../../kernels/ceilings.js';
import { type KernelRate, rateOf } from '../../kernels/roofline.js';
import { type ProfileOptions, wantsProfile } from '../options.js';
import { checkFile, writeResult } from '../output/files.js';
import { aligned } from '../tables.js';
import { type Io, note } from '../terminal/io.js';
import { duration } from '../terminal/progress.js';
import { Stages, type StageTotals } from './stages.js';

/** What --json and manifests say of a profiled run. Rates are per second. */
export interface RunProfile {
  readonly hasTimestamps: boolean;
  /** Measured at the end of the run; null when it was cancelled or they could not be. */
  readonly ceilings: Ceilings | null;
  readonly kernels: readonly (KernelTotals & Partial<KernelRate>)[];
  readonly stages: readonly StageTotals[];
  readonly trace: string | null;
}

export class Profiling {
  readonly #wanted: boolean;
  readonly #stages = new Stages();
  #gpu: Gpu | undefined;

  private constructor(
    readonly io: Io,
    readonly options: ProfileOptions,
  ) {
    this.#wanted = wantsProfile(options);
  }

  /** @throws ResidualBindError when the trace cannot be written where it should go */
  static async start(io: Io, options: ProfileOptions): Promise<Profiling> {
    if (options.trace !== undefined) await checkFile(options.trace);
    return new Profiling(io, options);
  }

  /** Begins a stage and ends the one before. */
  stage(name: string): void {
    if (this.#wanted) this.#stages.begin(name);
  }

  /** Counts the work of a GPU that `openGpu` opened with the same options. */
  attach(gpu: Gpu): void {
    this.#gpu = gpu;
    this.#stages.attach(gpu);
  }

  /** Ends the last stage, prints the tables and writes the trace; `{}` when no profile was asked for. */
  async finish(): Promise<{ readonly profile?: RunProfile }> {
    const gpu = this.#gpu;
    const profiler = gpu?.profiler;
    if (!this.#wanted || !gpu || !profiler) return {};
    this.#stages.end();
    const report = await profiler.report();
    // What follows is not part of the run.
    gpu.profiler = undefined;
    profiler.dispose();
    const ceilings = this.io.signal.aborted
      ? undefined
      : await this.#attempt('measure ceilings', () => measureCeilings(gpu));
    const stages = this.#stages.totals;
    note(this.io, `\n${profileText(report, stages, ceilings)}`);
    const { trace } = this.options;
    if (trace !== undefined)
      await this.#attempt('write the trace', () => this.#writeTrace(trace, report, gpu));
    const profile = {
      hasTimestamps: report.hasTimestamps,
      ceilings: ceilings ?? null,
      kernels: report.kernels.map((totals) => ({ ...totals, ...rateOf(totals, ceilings) })),
      stages,
      trace: trace ?? null,
    };
    return { profile };
  }

  /** Prints an error of profiling instead of throwing it, so that the command still writes its results. */
  async #attempt<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ResidualBindError)) throw error;
      note(this.io, `could not ${what}: ${error.message}`);
      return undefined;
    }
  }

  async #writeTrace(path: string, { events, eventsDropped }: ProfileReport, { adapter }: Gpu): Promise<void> {
    const spans = [
      ...this.#stages.events.map(({ stage, start, milliseconds, work }) => ({
        track: 'stages',
        name: stage,
        start,
        milliseconds,
        args: { ...work },
      })),
      ...events.map(({ kernel, start, milliseconds, ...args }) => ({
        track: 'GPU',
        name: kernel,
        start,
        milliseconds,
        args,
      })),
    ];
    const trace = chromeTrace(spans, { adapter: adapter.name, eventsDropped });
    await writeResult(path, `${JSON.stringify(trace)}\n`);
    const dropped = eventsDropped > 0 ? `; ${eventsDropped} later dispatches were dropped` : '';
    note(this.io, `The trace is in ${path}${dropped}.`);
  }
}

/** Both tables, with what they mean. */
export function profileText(
  { hasTimestamps, kernels }: Pick<ProfileReport, 'hasTimestamps' | 'kernels'>,
  stages: readonly StageTotals[],
  ceilings: Ceilings | undefined,
): string {
  const seconds = kernels.reduce((sum, { timed }) => sum + timed.seconds, 0);
  const calls = kernels.reduce((sum, kernel) => sum + kernel.calls, 0);
  const timedCalls = kernels.reduce((sum, { timed }) => sum + timed.calls, 0);
  return [
    hasTimestamps
      ? 'Kernels, timed by timestamp queries, each dispatch in its own pass:'
      : 'Kernels, counted but not timed, since this adapter has no timestamp-query:',
    aligned([
      ['kernel', 'calls', 'ms', 'of time', 'GFLOP/s', 'GB/s', 'of ceiling'],
      ...kernels.map((totals) => {
        const rate = rateOf(totals, ceilings);
        const cells = rate
          ? [
              (1000 * totals.timed.seconds).toFixed(2),
              percent(totals.timed.seconds / seconds),
              giga(rate.flopsPerSecond),
              giga(rate.bytesPerSecond),
              rate.share === undefined ? '-' : percent(rate.share),
            ]
          : ['-', '-', '-', '-', '-'];
        return [totals.kernel, String(totals.calls), ...cells];
      }),
      ['total', String(calls), hasTimestamps ? (1000 * seconds).toFixed(2) : '-', '', '', '', ''],
    ]),
    ...(hasTimestamps && timedCalls < calls ? [`${calls - timedCalls} calls could not be timed.`] : []),
    ...(ceilings && hasTimestamps
      ? [
          ceilingsText(ceilings),
          'A share above 100 % means that data stayed in a cache, or that the machine was busier while ceilings were measured.',
        ]
      : []),
    '',
    'Stages, in wall-clock time, with the cost of profiling included:',
    aligned([
      ['stage', 'wall', 'dispatches', 'submits', 'bind groups', 'uploads', 'uploaded bytes'],
      ...stages.map((it) => [
        it.stage,
        ...[duration(it.seconds), it.dispatches, it.submits, it.bindGroups, it.uploads].map(String),
        it.uploadedBytes.toLocaleString('en'),
      ]),
    ]),
  ].join('\n');
}

export const ceilingsText = ({ arithmetic, bandwidth }: Ceilings): string =>
  `Ceilings measured here: ${giga(arithmetic.rate)} GFLOP/s, ${giga(bandwidth.rate)} GB/s (medians of ${arithmetic.samples} and ${bandwidth.samples}).`;

const giga = (rate: number): string => (rate / 1e9).toFixed(1);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
