/**
 * Tables of many experiments as text → `ExperimentSet`, for Node: a column for each experiment, beside the
 * sequences or in a second file whose lines have the same order. Files are read line by line.
 */
import { Breath } from '../../device/breathe.js';
import { count } from '../../device/count.js';
import { FormatError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { sourceOf } from '../files/input.node.js';
import type { TextLine } from '../files/text-lines.js';
import { type StreamOptions, TextStream } from '../files/text-stream.node.js';
import { type LetterOptions, Letters } from '../sequences/letter-reader.js';
import { type ColumnChoice, layoutOf } from '../tables/columns.js';
import { type Delimited, parseDelimited, type Row, RowReader, type Separator } from '../tables/delimited.js';
import { flagIn, type Part, parsePart } from '../tables/fields.js';
import { isMissing } from '../tables/missing.js';
import { isInfinite, numberAdvice, readNumber } from '../tables/numbers.js';
import { checkWidth } from '../tables/parse-probes.js';
import { type ExperimentSet, listed, SETS } from './experiment-set.js';
import { type NewRecord, SetBuilder } from './set-builder.js';
import { mixedMessage, type ScoreColumn, type WideLayout, wideLayout } from './wide-layout.js';

/** How a table of many experiments is read. */
export interface ReadWideOptions extends LetterOptions, StreamOptions {
  /** Columns instead of those that are recognised; `score` may name several, separated by commas. */
  readonly columns?: ColumnChoice | undefined;
  /** A second file that has the scores, one line for each line of the first. */
  readonly scores?: string | undefined;
}

/** Rows that the layout is recognised from: all of the first batch of lines, up to as many. */
const SAMPLE = 200;

/**
 * Reads a table of many experiments, plain or gzipped.
 *
 * @throws FormatError for what does not follow its format, InvalidSequenceError for a bad letter; both name
 * file and line
 */
export async function readWideTable(
  path: string,
  { columns = {}, scores, iupacAsN, signal, onRead }: ReadWideOptions = {},
): Promise<ExperimentSet> {
  const { score, ...others } = columns;
  const reading = { signal, onRead };
  const [named, scoresNamed] = [sourceOf(path), scores === undefined ? undefined : sourceOf(scores)];
  using opened = new Opened();
  const main = await opened.table(path, reading, (sample) =>
    scores === undefined ? wideLayout(sample, named, columns) : sequencesOnly(sample, named, others),
  );
  const scored =
    scores === undefined || scoresNamed === undefined
      ? undefined
      : await opened.table(scores, reading, (sample) => wideLayout(sample, scoresNamed, { score }, false));
  const source = scored ?? main;
  const experiments = source.layout.columns.map(({ name }) => name);
  const builder = new SetBuilder(named, experiments);
  const letters = new Letters({ iupacAsN });
  const values = new Float64Array(experiments.length);
  const hasFlags = source.layout.columns.some(({ flag }) => flag >= 0);
  const flagged = hasFlags ? new Uint8Array(experiments.length) : undefined;
  const breath = new Breath(signal);
  for await (const { rows, others: partners } of joined(main, scored)) {
    rows.forEach((row, i) => {
      const from = partners?.[i] ?? row;
      checkWidth(row, main);
      if (partners) checkWidth(from, source);
      readScores(from, source, values, flagged);
      builder.add(recordOf(row, main, letters), values, flagged);
    });
    await breath.take();
  }
  if (builder.records === 0) throw new FormatError(`${named}: no probe with a score`);
  const inputs = opened.tables.map(({ stream }) => ({ path: stream.path, sha256: stream.sha256 }));
  return builder.finish(inputs, [
    ...letters.notes(named),
    ...passedOver(source.source, source.layout),
    ...withoutValues(source.source, source.layout),
    ...source.layout.mixed.map((column) => `${source.source}:${column.line}: ${mixedMessage(column)}`),
  ]);
}

const passedOver = (source: string, { passedOver: names }: WideLayout): string[] =>
  names.length === 0
    ? []
    : [
        `${source}: ${count(names.length, 'column')} of numbers ${names.length === 1 ? 'is' : 'are'} not read as scores (${listed(names)}); --score-column chooses others`,
      ];

const withoutValues = (source: string, { empty: names }: WideLayout): string[] =>
  names.length === 0
    ? []
    : [
        `${source}: ${count(names.length, 'column')} without a value in the first rows ${names.length === 1 ? 'is' : 'are'} not read as scores (${listed(names)}); --score-column chooses others`,
      ];

/** The layout of a table of which only sequences are read. */
function sequencesOnly(sample: Delimited, path: string, choice: ColumnChoice): WideLayout {
  const layout = layoutOf(sample, path, choice, { needs: ['sequence'] });
  return { ...layout, columns: [], passedOver: [], empty: [], mixed: [] };
}

/** A table that is read row by row. */
class Table {
  readonly #rows: RowReader;
  #isHeaderDue: boolean;

  private constructor(
    readonly source: string,
    readonly stream: TextStream,
    readonly layout: WideLayout,
    readonly table: { readonly separator: Separator },
    readonly first: readonly TextLine[],
    readonly lines: AsyncGenerator<TextLine[]>,
  ) {
    this.#rows = new RowReader(source);
    this.#isHeaderDue = layout.hasHeader;
  }

  /** @param layoutOfSample the layout, from the first rows */
  static async open(
    stream: TextStream,
    lines: AsyncGenerator<TextLine[]>,
    layoutOfSample: (sample: Delimited) => WideLayout,
  ): Promise<Table> {
    const first: TextLine[] = [];
    while (first.length < SAMPLE) {
      const next = await lines.next();
      if (next.done) break;
      first.push(...next.value);
    }
    const texts = first.slice(0, SAMPLE).map(({ text }) => text);
    const sample = parseDelimited(texts.join('\n'), stream.source);
    return new Table(stream.source, stream, layoutOfSample(sample), sample, first, lines);
  }

  /** Rows in batches, without the header. */
  async *rows(): AsyncGenerator<Row[]> {
    yield this.#of(this.first);
    for await (const batch of this.lines) yield this.#of(batch);
  }

  #of(lines: readonly TextLine[]): Row[] {
    const rows = lines.flatMap((line) => this.#rows.row(line) ?? []);
    if (this.#isHeaderDue && rows.length > 0) {
      this.#isHeaderDue = false;
      rows.shift();
    }
    return rows;
  }
}

/** Tables that are being read. Their files are closed with it, also where reading ends early. */
class Opened implements Disposable {
  readonly tables: Table[] = [];
  readonly #streams: AsyncGenerator<TextLine[]>[] = [];

  async table(
    path: string,
    options: StreamOptions,
    layout: (sample: Delimited) => WideLayout,
  ): Promise<Table> {
    const stream = new TextStream(path, options);
    const lines = stream.lines();
    this.#streams.push(lines);
    const table = await Table.open(stream, lines, layout);
    this.tables.push(table);
    return table;
  }

  [Symbol.dispose](): void {
    for (const lines of this.#streams) void lines.return(undefined);
  }
}

/** Rows of a batch, with those of the second table that stand at their places. */
interface Joined {
  readonly rows: readonly Row[];
  readonly others?: readonly Row[];
}

/** @throws FormatError unless both tables have as many rows */
async function* joined(main: Table, scored: Table | undefined): AsyncGenerator<Joined> {
  if (!scored) {
    for await (const rows of main.rows()) yield { rows };
    return;
  }
  const [left, right] = [new Queue(main.rows()), new Queue(scored.rows())];
  for (;;) {
    const size = Math.min(await left.fill(), await right.fill());
    if (size === 0) break;
    yield { rows: left.take(size), others: right.take(size) };
  }
  const [found, matched] = [await left.drain(), await right.drain()];
  if (found !== matched)
    throw new FormatError(
      `${main.source} has ${count(found, 'record')}, but ${scored.source} has ${count(matched, 'score')}; they are joined line by line, so there must be as many`,
    );
}

/** Rows that wait for those of the other table. */
class Queue {
  #waiting: Row[] = [];
  #taken = 0;

  constructor(readonly batches: AsyncGenerator<Row[]>) {}

  /** How many rows wait; none at the end only. */
  async fill(): Promise<number> {
    while (this.#waiting.length === 0) {
      const next = await this.batches.next();
      if (next.done) return 0;
      this.#waiting = next.value;
    }
    return this.#waiting.length;
  }

  take(size: number): Row[] {
    this.#taken += size;
    const rows = this.#waiting.slice(0, size);
    this.#waiting = this.#waiting.slice(size);
    return rows;
  }

  /** How many rows there were in all. */
  async drain(): Promise<number> {
    while ((await this.fill()) > 0) this.take(this.#waiting.length);
    return this.#taken;
  }
}

/** @throws InvalidSequenceError or FormatError naming the line */
function recordOf({ number, fields }: Row, { source, layout }: Table, letters: Letters): NewRecord {
  const where = `${source}:${number}`;
  const spelled = fields[layout.sequence]!;
  return {
    sequence: isMissing(spelled) ? '' : letters.read(spelled, where),
    ...placed(parsePart(fields[layout.set] ?? '', where)),
    pool: fields[layout.pool] ?? '',
    line: number,
  };
}

const placed = ({ set, validates }: Part): Pick<NewRecord, 'set' | 'validates'> => ({
  set: SETS.indexOf(set),
  validates,
});

/** Reads the scores of a row into `values`, and its flags. @throws FormatError naming line and column */
function readScores(row: Row, table: Table, values: Float64Array, flagged: Uint8Array | undefined): void {
  const { columns } = table.layout;
  for (let e = 0; e < columns.length; e++) {
    const column = columns[e]!;
    const field = row.fields[column.place]!;
    values[e] = readNumber(field) ?? unusual(field, row, table, column);
    if (flagged && column.flag >= 0)
      flagged[e] = flagIn(row.fields[column.flag]!, column.name, `${table.source}:${row.number}`);
  }
}

/** A field that is no plain number: NaN where it is missing. */
function unusual(field: string, { number }: Row, { source }: Table, { name, place }: ScoreColumn): number {
  if (isMissing(field)) return Number.NaN;
  if (isInfinite(field)) return Number.POSITIVE_INFINITY;
  throw new FormatError(
    `${source}:${number}: expected a score in column ${place + 1} (${echo(name)}), found ${echo(field)}${numberAdvice(field)}`,
  );
}
