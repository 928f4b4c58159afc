/**
 * What every analysis of a model by backgrounds begins with: adapter, models, backgrounds, profile and
 * manifest. `exhaustive.ts` and `search.ts` do the work.
 */

import type { Gpu } from '../../device/gpu.js';
import { Owned } from '../../device/owned.js';
import { type Backgrounds, lettersIn } from '../../gia/backgrounds/backgrounds.js';
import {
  checkInLetters,
  describeRange,
  type LetterRange,
  lettersOfCodes,
  widthOf,
} from '../../gia/backgrounds/letters.js';
import { workOf } from '../../gia/files/checkpoint.node.js';
import { checkTableOf } from '../../gia/files/table-models.node.js';
import { kmerPatterns, kmerPosition } from '../../gia/importance.js';
import type { Method } from '../../gia/method.js';
import { alphabetIn } from '../../gia/model.js';
import { checkPartsNeeds } from '../../gia/parts-needs.js';
import type { Pattern } from '../../gia/patterns/patterns.js';
import { importanceCost } from '../../gia/precision-cost.js';
import { type Treatment, treatmentIn } from '../../gia/structure.js';
import { type ModelStatistics, type ResultTable, resultTable } from '../../gia/tables/result-table.js';
import type { StoredTable } from '../../gia/tables/table-reader.js';
import { type ModelFile, readModels } from '../../nn/files/model-files.node.js';
import type { ResidualBind } from '../../nn/residualbind.js';
import type { StorageFormat } from '../../tensor/fused.js';
import { aboutTasks, chosenTasks, networksOf, originOf, type TaskOptions } from '../models/models.js';
import { type PrecisionRecord, precisionRecord } from '../models/precision.js';
import type { GpuFlags, ProfileOptions } from '../options.js';
import { noteLeftOut } from '../probe-options.js';
import { Session } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, note } from '../terminal/io.js';
import { type BackgroundsAsked, type PreparedBackgrounds, prepareBackgrounds } from './drawn-backgrounds.js';
import { checkStructure, noteStructure, structureRecord } from './structure.js';
import { TableOutput } from './table-output.js';

export interface AnalysisOptions extends GpuFlags, ProfileOptions, BackgroundsAsked, TaskOptions {
  readonly method?: Method;
  readonly structure?: Treatment;
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
  /** Paths of the models. */
  readonly paths: readonly string[];
  readonly options: AnalysisOptions & { readonly patterns?: readonly string[] };
  /**
   * Patterns for sequences of a length with letters in a range, in parts that are worked on one after the
   * other.
   */
  readonly parts: (length: number, letters: LetterRange) => readonly (readonly Pattern[])[];
  /** Patterns of a sweep or search that the command makes beside its parts, at most. */
  readonly swept?: number;
  /** A table of probes to put the patterns beside. */
  readonly data?: string | undefined;
  /** Whether all local importances are kept, whatever the options say. Default false. */
  readonly keepsLocal?: boolean;
  /** Other files to read, by the names of their arguments. */
  readonly inputs?: Readonly<Record<string, readonly string[]>>;
  /** A table of a sweep that must be of the same models. */
  readonly sweep?: SweepTable | undefined;
  /** Rows to print of each model and task. */
  readonly shown: number;
}

/** A table of a sweep that was made before. */
export type SweepTable = StoredTable & { readonly path: string };

/** What is known from the start, for the manifest. */
type Known = Readonly<Record<string, unknown>> &
  PrecisionRecord & { readonly models: readonly { readonly sha256: string }[] };

/** Patterns and backgrounds of an analysis, as far as they follow from models and options, without a GPU. */
interface Prepared {
  readonly patterns: readonly (readonly Pattern[])[];
  readonly backgrounds: PreparedBackgrounds;
  /** Letters that patterns write where no probe has one, by name; absent where none do. */
  readonly inPadding: ReadonlyMap<string, number> | undefined;
}

/** An analysis that has begun. */
export class AnalysisRun implements Disposable {
  private constructor(
    readonly session: Session,
    readonly analysis: Analysis,
    readonly model: ResidualBind,
    readonly files: readonly ModelFile[],
    readonly backgrounds: Backgrounds,
    readonly prepared: Prepared,
    readonly known: Known,
    /** The table's file, where one is asked for. */
    readonly output: TableOutput | undefined,
  ) {}

  /** @throws UsageError for options that do not go together, and whatever files and GPU throw */
  static async open(io: Io, given: Analysis): Promise<AnalysisRun> {
    const { command, options } = given;
    const analysis = { ...given, paths: await networksOf(io, given.paths) };
    const { paths } = analysis;
    checkOptions(analysis);
    using made = new Owned();
    const { out, local } = options;
    const output = out === undefined ? undefined : made.own(await TableOutput.open(io, out, local));
    const session = made.own(
      await Session.start(io, { command, given: { models: given.paths, ...given.inputs }, options }),
    );
    const files = (await readModels(paths)).map((file) => chosenTasks(file, options));
    if (given.sweep) await checkSweep(io, given.sweep, files);
    checkStructure(files[0]!, options);
    const prepared = await prepare(io, analysis, files);
    await session.open('sweeps');
    const model = await session.upload(...files);
    checkPartsNeeds(model, prepared.patterns, {
      ...options,
      keepLocal: keepsLocal(analysis),
    });
    session.stage('backgrounds');
    const backgrounds = await prepared.backgrounds.draw();
    const known = prepared.patterns.reduce((sum, { length }) => sum + length, analysis.swept ?? 0);
    await noteStructure(io, model, backgrounds, known, options, files);
    const computed = await precisionOf(io, analysis, model, prepared, backgrounds);
    const reach = noteReach(io, backgrounds, prepared.backgrounds.letters);
    const about = aboutAnalysis(options, files, prepared, backgrounds, reach);
    const record = { ...about, ...alphabetIn(model), ...structureRecord(files[0]!, options), ...computed };
    made.release();
    return new AnalysisRun(session, analysis, model, files, backgrounds, prepared, record, output);
  }

  get gpu(): Gpu {
    return this.session.gpu;
  }

  get patterns(): readonly (readonly Pattern[])[] {
    return this.prepared.patterns;
  }

  /** Begins a stage of the profile. */
  stage(name: string): void {
    this.session.stage(name);
  }

  /**
   * The table of what was found, model by model.
   *
   * @param hypotheses patterns tested, where more than are given
   */
  async table(statistics: readonly ModelStatistics[], hypotheses?: number): Promise<ResultTable> {
    const { bootstrap, seed, local } = this.analysis.options;
    return await resultTable(statistics, {
      names: this.analysis.paths,
      ...(bootstrap !== undefined && { bootstrap: { resamples: bootstrap, seed } }),
      hypotheses,
      inPadding: this.prepared.inPadding,
      local,
      signal: this.signal,
    });
  }

  get signal(): AbortSignal {
    return this.session.io.signal;
  }

  /** Everything that the result depends on. */
  get work(): object {
    const { method, precision, structure, local, bootstrap = 0, task } = this.analysis.options;
    const work = workOf(this.known.models, this.patterns, this.backgrounds, {
      adapter: this.gpu.adapter.name,
      method,
      precision,
      ...treatmentIn(this.model, { structure }),
      local: local !== undefined || bootstrap > 0,
    });
    return task === undefined ? work : { ...work, task };
  }

  /** What `importance` takes of the options. */
  get computing() {
    return computingOf(this.analysis.options);
  }

  /** Says for the terminal that patterns stand where no probe has a letter; nothing where none do. */
  get paddingNote(): readonly string[] {
    const { inPadding } = this.prepared;
    if (!inPadding) return [];
    return [
      `${outsideOf(inPadding)} of ${inPadding.size} patterns have letters where no training probe has one (probes have letters at positions ${describeRange(lettersIn(this.backgrounds))} only); the column in_padding counts them.`,
    ];
  }

  /** The manifest. @param about what the command adds */
  async record(about: object) {
    const patterns = this.patterns.reduce((sum, { length }) => sum + length, 0);
    return await this.session.record({ ...this.known, patterns, ...about });
  }

  /** The manifest at the end, with the profile, which is printed. */
  async finish(about: object) {
    return { ...(await this.record(about)), ...(await this.session.profiling.finish()) };
  }

  dispose(): void {
    this.session.dispose();
    this.output?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** @throws UsageError for options that no analysis takes */
function checkOptions({ options, paths }: Analysis): void {
  if (options.backgrounds < 2)
    throw new UsageError('--backgrounds must be at least 2; with one there is no confidence interval');
  for (const path of paths)
    if (paths.length > 1 && /[\t\r\n]/.test(path))
      throw new UsageError(
        `${path}: the path of a model must have no tab and no line break, since tables hold it; rename the file or folder`,
      );
}

/** @throws FormatError for a table of other models */
async function checkSweep(io: Io, table: SweepTable, files: readonly ModelFile[]): Promise<void> {
  const unknown = await checkTableOf(table.path, table, files);
  if (unknown !== undefined) note(io, unknown);
}

const keepsLocal = ({ options: { local, bootstrap }, keepsLocal: all = false }: Analysis): boolean =>
  all || local !== undefined || bootstrap !== undefined;

/** Reads and checks what follows from models and options. */
async function prepare(io: Io, { options, parts }: Analysis, files: readonly ModelFile[]): Promise<Prepared> {
  const backgrounds = await prepareBackgrounds(options, files, io.signal);
  const { letters, sequences } = backgrounds;
  if (sequences) noteLeftOut(io, sequences.path, sequences.leftOut, sequences.notes);
  const { length } = files[0]!.architecture;
  if (widthOf(letters) < length)
    note(
      io,
      `probes have letters at positions ${describeRange(letters)} of 0–${length - 1}; patterns and backgrounds stay within`,
    );
  const patterns = parts(length, letters);
  const all = patterns.flat();
  const counts = checkInLetters(all, letters, options.allowPadding);
  const inPadding = counts && new Map(all.map(({ name }, i) => [name, counts[i]!]));
  return { patterns, backgrounds, inPadding };
}

/** Says that backgrounds have letters where no training probe has one. @returns whether they have */
function noteReach(io: Io, { codes, length }: Backgrounds, letters: LetterRange): boolean {
  const own = lettersOfCodes(codes, length);
  const reach = own.start < letters.start || own.end > letters.end;
  if (reach)
    note(
      io,
      `backgrounds have letters at positions ${describeRange(own)}, also where no training probe has one`,
    );
  return reach;
}

/** Measures and says what the precision costs. */
const precisionOf = (
  io: Io,
  { options }: Analysis,
  model: ResidualBind,
  { patterns }: Prepared,
  backgrounds: Backgrounds,
): Promise<PrecisionRecord> =>
  precisionRecord(io, options.precision, (precision) => {
    // The patterns of experiments are not known yet.
    const [compared = kmerPatterns(3, kmerPosition(3, backgrounds), model.length)] = patterns;
    return importanceCost(model, compared, backgrounds, precision, {
      ...computingOf(options),
      signal: io.signal,
    });
  });

/** What the manifest says of models, backgrounds and letters. */
function aboutAnalysis(
  { seed }: AnalysisOptions,
  files: readonly ModelFile[],
  { backgrounds: { letters, sequences }, inPadding }: Prepared,
  { order }: Backgrounds,
  reach: boolean,
) {
  const { preset, data, normalisation } = files[0]!.facts;
  return {
    seed,
    ...(order !== undefined && { order }),
    preset: preset ?? null,
    models: files.map(originOf),
    ...aboutTasks(files[0]!),
    trainedOn: data ?? null,
    normalisation: normalisation ?? null,
    sequences,
    letters: { first: letters.start, last: letters.end - 1 },
    ...(reach && { backgroundsInPadding: true }),
    ...(inPadding && { patternsInPadding: outsideOf(inPadding) }),
  };
}

/** Patterns that have letters where no probe has one. */
const outsideOf = (inPadding: ReadonlyMap<string, number>): number =>
  [...inPadding.values()].filter((count) => count > 0).length;

const computingOf = ({ method, precision, structure, memory, allowPadding }: AnalysisOptions) => ({
  method,
  precision,
  structure,
  allowPadding,
  memory: memory === undefined ? undefined : memory * 2 ** 20,
});
