/**
 * What every analysis of a model by backgrounds begins with: adapter, models, backgrounds, profile and
 * manifest. `exhaustive.ts` and `search.ts` do the work.
 */

import { createHash } from 'node:crypto';
import type { Gpu } from '../../device/gpu.js';
import { type Backgrounds, lettersIn } from '../../gia/backgrounds/backgrounds.js';
import {
  checkInLetters,
  describeRange,
  type LetterRange,
  lettersOfCodes,
  widthOf,
} from '../../gia/backgrounds/letters.js';
import { kmerPatterns, kmerPosition } from '../../gia/importance.js';
import { costOf, type Method } from '../../gia/method.js';
import { checkMemory, checkNeeds } from '../../gia/needs.js';
import type { Pattern } from '../../gia/patterns/patterns.js';
import { importanceCost } from '../../gia/precision-cost.js';
import { checkBootstrap } from '../../gia/statistics/bootstrap.js';
import type { ModelFacts } from '../../nn/files/model-facts.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import type { StorageFormat } from '../../tensor/fused.js';
import { openModels } from '../models/models.js';
import { type PrecisionRecord, precisionRecord } from '../models/precision.js';
import type { GpuOptions, ProfileOptions } from '../options.js';
import { manifest, Stopwatch } from '../output/manifest.js';
import { noteLeftOut } from '../probe-options.js';
import { Profiling } from '../profiling/profile.js';
import { openGpu } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';
import { type BackgroundsAsked, prepareBackgrounds } from './drawn-backgrounds.js';
import { TableOutput } from './table-output.js';

export interface AnalysisOptions extends GpuOptions, ProfileOptions, BackgroundsAsked {
  readonly method?: Method;
  /** MiB. */
  readonly memory?: number;
  /** Seconds between checkpoints. */
  readonly checkpoint?: number;
  /** How local importances are kept. */
  readonly local?: StorageFormat;
  readonly bootstrap?: number;
  readonly fresh?: boolean;
  readonly out?: string;
}

export interface Analysis {
  readonly command: string;
  /** The models'. */
  readonly paths: readonly string[];
  readonly options: AnalysisOptions & { readonly patterns?: readonly string[] };
  /**
   * Patterns for sequences of a length with letters in a range, in parts that are worked on one after the
   * other.
   */
  readonly parts: (length: number, letters: LetterRange) => readonly (readonly Pattern[])[];
  /** Whether all local importances are kept, whatever the options say. Default false. */
  readonly keepsLocal?: boolean;
  /** Rows to print of each model. */
  readonly shown: number;
}

/** An analysis that has begun. */
export class AnalysisRun implements Disposable {
  private constructor(
    readonly gpu: Gpu,
    readonly model: ResidualBind,
    readonly facts: ModelFacts,
    readonly analysis: Analysis,
    readonly patterns: readonly (readonly Pattern[])[],
    readonly backgrounds: Backgrounds,
    /** Letters that patterns write where no probe has one, by name; absent where none do. */
    readonly inPadding: ReadonlyMap<string, number> | undefined,
    readonly profiling: Profiling,
    readonly watch: Stopwatch,
    /** What is known from the start, for the manifest. */
    readonly known: Readonly<Record<string, unknown>> &
      PrecisionRecord & {
        readonly models: readonly { readonly sha256: string }[];
      },
    /** The table's file, where one is asked for. */
    readonly output: TableOutput | undefined,
  ) {}

  /** @throws UsageError for options that do not go together, and whatever files and GPU throw */
  static async open(io: Io, analysis: Analysis): Promise<AnalysisRun> {
    const { options, paths, parts } = analysis;
    if (options.backgrounds < 2)
      throw new UsageError('--backgrounds must be at least 2; with one there is no confidence interval');
    for (const path of paths)
      if (paths.length > 1 && /[\t\r\n]/.test(path))
        throw new UsageError(
          `${path}: the path of a model must have no tab and no line break, since tables hold it; rename the file or folder`,
        );
    const output =
      options.out === undefined ? undefined : await TableOutput.open(io, options.out, options.local);
    let gpu: Gpu | undefined;
    try {
      const profiling = await Profiling.start(io, options);
      profiling.stage('open');
      gpu = await openGpu(io, options, 'sweeps');
      profiling.attach(gpu);
      const watch = new Stopwatch(gpu);
      const opened = await openModels(gpu, paths);
      const { model, facts, origins } = opened;
      profiling.stage('backgrounds');
      const { letters, sequences, draw } = await prepareBackgrounds(options, opened, io.signal);
      if (sequences) noteLeftOut(io, sequences.path, sequences.leftOut, sequences.notes);
      const { length } = model.architecture;
      if (widthOf(letters) < length)
        note(
          io,
          `probes have letters at positions ${describeRange(letters)} of 0–${length - 1}; patterns and backgrounds stay within`,
        );
      const patterns = parts(length, letters);
      const all = patterns.flat();
      const counts = checkInLetters(all, letters, options.allowPadding);
      const inPadding = counts && new Map(all.map(({ name }, i) => [name, counts[i]!]));
      checkAffordable(model, patterns, analysis);
      const backgrounds = await draw();
      const own = lettersOfCodes(backgrounds.codes, length);
      const reach = own.start < letters.start || own.end > letters.end;
      if (reach)
        note(
          io,
          `backgrounds have letters at positions ${describeRange(own)}, also where no training probe has one`,
        );
      const computed = await precisionRecord(io, options.precision, (precision) => {
        // Experiments say only later which their patterns are.
        const [compared = kmerPatterns(3, kmerPosition(3, backgrounds), length)] = patterns;
        return importanceCost(model, compared, backgrounds, precision, {
          ...computingOf(options),
          signal: io.signal,
        });
      });
      const known = {
        seed: options.seed,
        ...(backgrounds.order !== undefined && { order: backgrounds.order }),
        preset: facts.preset ?? null,
        models: origins,
        ...computed,
        trainedOn: facts.data ?? null,
        normalisation: facts.normalisation ?? null,
        sequences,
        letters: { first: letters.start, last: letters.end - 1 },
        ...(reach && { backgroundsInPadding: true }),
        ...(inPadding && { patternsInPadding: [...inPadding.values()].filter((n) => n > 0).length }),
      };
      return new AnalysisRun(
        gpu,
        model,
        facts,
        analysis,
        patterns,
        backgrounds,
        inPadding,
        profiling,
        watch,
        known,
        output,
      );
    } catch (error) {
      gpu?.dispose();
      output?.dispose();
      throw error;
    }
  }

  get signal(): AbortSignal {
    return this.profiling.io.signal;
  }

  /** Everything that the result depends on. */
  get work(): object {
    const { method, precision, local = false, bootstrap = 0 } = this.analysis.options;
    return {
      models: this.known.models.map(({ sha256 }) => sha256),
      patterns: digest(JSON.stringify(this.patterns)),
      backgrounds: digest(this.backgrounds.codes),
      adapter: this.gpu.adapter.name,
      method,
      precision,
      local: local !== false || bootstrap > 0,
    };
  }

  /** What `importance` takes of the options. */
  get computing() {
    return computingOf(this.analysis.options);
  }

  /** Says for the terminal that patterns stand where no probe has a letter; nothing where none do. */
  get paddingNote(): readonly string[] {
    if (!this.inPadding) return [];
    const outside = [...this.inPadding.values()].filter((count) => count > 0).length;
    return [
      `${outside} of ${this.inPadding.size} patterns have letters where no training probe has one (probes have letters at positions ${describeRange(lettersIn(this.backgrounds))} only); the column in_padding counts them.`,
    ];
  }

  /** The manifest. */
  async record(about: object): Promise<object> {
    const { command, paths, options } = this.analysis;
    const patterns = this.patterns.reduce((sum, { length }) => sum + length, 0);
    return {
      ...(await manifest(command, { models: paths, ...options }, this.watch)),
      ...this.known,
      patterns,
      ...about,
    };
  }

  dispose(): void {
    this.model.dispose();
    this.gpu.dispose();
    this.output?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const computingOf = ({ method, precision, memory, allowPadding }: AnalysisOptions) => ({
  method,
  precision,
  allowPadding,
  memory: memory === undefined ? undefined : memory * 2 ** 20,
});

/**
 * Patterns of an experiment, at least, whose local importances are kept; it says only later which they are.
 */
const OF_EXPERIMENT = 8;

/**
 * Refuses what needs more than there is, while nothing has been drawn.
 *
 * @throws ShapeError or OutOfMemoryError
 */
function checkAffordable(
  { architecture, models, gpu }: ResidualBind,
  parts: readonly (readonly Pattern[])[],
  { options, keepsLocal = false }: Analysis,
): void {
  const { backgrounds, bootstrap, local } = options;
  const [largest = []] = [...parts].sort((a, b) => b.length - a.length);
  const { length } = architecture;
  const keepLocal = keepsLocal || local !== undefined || bootstrap !== undefined;
  const needs = {
    backgrounds,
    length,
    models,
    keepLocal,
    bindable: gpu.limits.maxStorageBufferBindingSize,
    multiplyAdds: () =>
      costOf({ architecture }, largest, { count: backgrounds, length }, options).multiplyAdds,
  };
  // Pairs are numbered part by part, and all parts' statistics are in memory together.
  checkNeeds({ ...needs, patterns: largest.length || OF_EXPERIMENT });
  const all = parts.reduce((sum, part) => sum + part.length, 0);
  checkMemory({ ...needs, patterns: all });
  if (bootstrap !== undefined) checkBootstrap(backgrounds, bootstrap);
}

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
