/** `predict --windows` and `predict --bed`: predictions of parts of long sequences, written as they come. */

import { spell, tsvField, type Window, type WindowBatch } from '../data/index.node.js';
import { letterOf } from '../data/sequences/letters.js';
import { count } from '../device/count.js';
import { describeRange, lettersOfProfile, reachesOut } from '../gia/backgrounds/letters.js';
import { readoutAt } from '../gia/model.js';
import { type ModelFile, readModel } from '../nn/files/model-files.node.js';
import { predictBatches } from '../nn/prediction/windows.js';
import type { ResidualBind } from '../nn/residualbind.js';
import {
  aboutModel,
  aboutTasks,
  chosenTasks,
  noteFirst,
  noteInPadding,
  notePredictionCost,
  type TaskOptions,
} from './models/models.js';
import type { PrecisionRecord } from './models/precision.js';
import { type ProfilesOptions, profilesOf } from './models/structure.js';
import type { GpuFlags, ProfileOptions } from './options.js';
import { OutputFile } from './output/output.js';
import { Session } from './session.js';
import { UsageError } from './terminal/errors.js';
import { type Io, note, printResult, shown } from './terminal/io.js';
import { type PartOptions, type Parts, partsOf, placeIn } from './windows.js';

export interface PredictPartsOptions
  extends GpuFlags,
    ProfileOptions,
    ProfilesOptions,
    TaskOptions,
    PartOptions {
  /** A row for each sequence instead of one for each window. */
  readonly perSequence?: boolean;
  readonly out?: string;
}

/** Predicts parts of the sequences of a file and prints or writes a table of them. */
export async function predictParts(
  io: Io,
  path: string,
  file: string,
  options: PredictPartsOptions,
): Promise<void> {
  const { out, json, perSequence = false } = options;
  using output = out === undefined ? undefined : await OutputFile.open(io, out);
  using session = await Session.start(io, {
    command: 'predict',
    given: { model: path, sequences: file },
    options,
  });
  await noteFirst(io, path);
  const read = chosenTasks(await readModel(path), options);
  const { length } = read.architecture;
  await noteFolding(io, read, options);
  const parts = await partsOf(io, file, length, options);
  await session.open('predictions');
  const model = await session.upload(read);
  if (options.windows) noteWindowsInPadding(io, read);
  const inPadding = parts.whole && noteInPadding(io, read, parts.whole);
  session.stage('predict');
  const run = new PartsRun(io, model, parts, options);
  const about = async () =>
    await session.finish({
      ...aboutModel(read),
      ...aboutTasks(read),
      ...run.computed,
      normalisation: read.facts.normalisation ?? null,
      ...parts.finish(),
      ...inPadding,
      rows: run.written,
    });
  const rows = () => (perSequence ? summaries(run) : run.rows());
  const predictions: object[] = [];
  if (output) {
    let record: object = {};
    await output.writeInParts(
      () => textOf(rows(), json ? predictions : undefined),
      async () => {
        record = await about();
        return record;
      },
    );
    note(io, `${count(run.written, 'prediction is', 'predictions are')} in ${out}`);
    if (json) printResult(output.io, json, { ...record, out, predictions }, '');
    return;
  }
  for await (const text of textOf(rows(), json ? predictions : undefined))
    if (!json) await writePiece(io, text);
  const record = await about();
  if (json) printResult(io, json, { ...record, out: null, predictions }, '');
}

/** Says that each part is folded by itself. @throws UsageError for profiles, which are of whole sequences */
async function noteFolding(io: Io, file: ModelFile, options: PredictPartsOptions): Promise<void> {
  if (options.profiles)
    throw new UsageError(
      '--windows and --bed fold each part by itself, so they take no --profiles; cut the sequences, and predict the parts with --profiles',
    );
  await profilesOf(io, file, options);
}

/** One prediction of all parts. */
class PartsRun {
  /** Rows so far. */
  written = 0;
  computed: PrecisionRecord | undefined;

  constructor(
    readonly io: Io,
    readonly model: ResidualBind,
    readonly parts: Parts,
    readonly options: PredictPartsOptions,
  ) {}

  /** Parts with their predictions [outputs * N], batch by batch. */
  async *batches(): AsyncGenerator<{ readonly batch: WindowBatch; readonly predictions: Float32Array }> {
    const { io, model, parts } = this;
    const { precision } = this.options;
    this.written = 0;
    const costed = async function* (run: PartsRun) {
      for await (const batch of parts.batches()) {
        run.computed ??= await notePredictionCost(io, model, { codes: batch.codes }, precision);
        yield batch;
      }
    };
    yield* predictBatches(model, costed(this), { precision, signal: io.signal });
  }

  /** A row for each part and task. */
  async *rows(): AsyncGenerator<readonly object[]> {
    const { model, parts, options } = this;
    const { alphabet } = model;
    for await (const { batch, predictions } of this.batches()) {
      const { windows, codes } = batch;
      yield this.counted(
        windows.flatMap((window, i) =>
          Array.from({ length: model.outputs }, (_, output) => ({
            ...parts.row(window),
            ...taskOf(model, output),
            ...(!options.windows && { sequence: spell(lettersOf(codes, i, window, model), alphabet) }),
            prediction: predictions[output * windows.length + i]!,
          })),
        ),
      );
    }
  }

  counted<Row>(rows: readonly Row[]): readonly Row[] {
    this.written += rows.length;
    return rows;
  }
}

const taskOf = (model: ResidualBind, output: number): { readonly task?: string } => {
  const task = readoutAt(model, output)?.task;
  return task === undefined ? {} : { task };
};

/** Letters of a part, without padding. */
function lettersOf(codes: Uint8Array, i: number, { start, end }: Window, model: ResidualBind): string {
  const { length } = model.architecture;
  const from = i * length + Math.floor((length - (end - start)) / 2);
  return Array.from(codes.subarray(from, from + end - start), letterOf).join('');
}

/** What the windows of one sequence are predicted to be. */
interface Summary {
  readonly window: Window;
  windows: number;
  length: number;
  readonly sum: Float64Array;
  readonly best: { value: number; window: Window; letters: string }[];
}

/** A row for each sequence and task: mean and maximum over its windows. */
async function* summaries(run: PartsRun): AsyncGenerator<readonly object[]> {
  const { model } = run;
  let open: Summary | undefined;
  for await (const { batch, predictions } of run.batches()) {
    const { windows, codes } = batch;
    const done: Summary[] = [];
    windows.forEach((window, i) => {
      if (open && open.window.sequence !== window.sequence) done.push(open);
      if (open?.window.sequence !== window.sequence)
        open = { window, windows: 0, length: 0, sum: new Float64Array(model.outputs), best: [] };
      open.windows++;
      open.length = Math.max(open.length, window.end);
      for (let output = 0; output < model.outputs; output++) {
        const value = predictions[output * windows.length + i]!;
        open.sum[output]! += value;
        if (!(value <= (open.best[output]?.value ?? Number.NEGATIVE_INFINITY)))
          open.best[output] = { value, window, letters: lettersOf(codes, i, window, model) };
      }
    });
    if (done.length > 0) yield run.counted(done.flatMap((summary) => summaryRows(run, summary)));
  }
  if (open) yield run.counted(summaryRows(run, open));
}

const summaryRows = (
  { model, parts }: PartsRun,
  { window, windows, length, sum, best }: Summary,
): readonly object[] =>
  best.map(({ value, window: highest, letters }, output) => {
    const interval = parts.interval(window);
    const place = interval ? placeIn(interval, highest) : highest;
    return {
      name: window.name,
      ...(interval && {
        chrom: interval.chrom,
        start: interval.start,
        end: interval.end,
        strand: interval.strand,
      }),
      ...taskOf(model, output),
      length: interval ? interval.end - interval.start : length,
      windows,
      mean: sum[output]! / windows,
      max: value,
      // Where the window with the highest prediction is (the first of equals), and its letters.
      max_start: place.start,
      max_end: place.end,
      window: spell(letters, model.alphabet),
    };
  });

const digits = (value: number): string => String(Number(value.toPrecision(9)));

/** Rows as lines of a table, a piece of text for each batch. @param kept gets the rows too */
async function* textOf(
  batches: AsyncIterable<readonly object[]>,
  kept: object[] | undefined,
): AsyncGenerator<string> {
  const cell = (value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? digits(value) : tsvField(String(value));
  let isFirst = true;
  if (kept) kept.length = 0;
  for await (const rows of batches) {
    if (rows.length === 0) continue;
    for (const row of kept ? rows : []) kept!.push(row);
    const lines = rows.map((row) => Object.values(row).map(cell).join('\t'));
    if (isFirst) lines.unshift(Object.keys(rows[0]!).join('\t'));
    isFirst = false;
    yield `${lines.join('\n')}\n`;
  }
}

/** Writes to stdout, and waits where its reader is slower. */
async function writePiece(io: Io, text: string): Promise<void> {
  const { stdout } = io;
  if (stdout.write(shown(io, text)) !== false || !('once' in stdout)) return;
  const stream = stdout as unknown as NodeJS.WritableStream;
  await new Promise<void>((resolve) => {
    for (const event of ['drain', 'close', 'error']) stream.once(event, () => resolve());
  });
}

/** Windows fill the input; training probes may have been shorter. */
function noteWindowsInPadding(io: Io, { architecture: { length }, facts: { profile } }: ModelFile): void {
  if (!profile) return;
  const letters = lettersOfProfile(profile);
  if (reachesOut(length, length, letters))
    note(
      io,
      `a window has ${length} letters, but training probes have letters only at positions ${describeRange(letters)} of the input: the model has learned nothing about the others`,
    );
}
