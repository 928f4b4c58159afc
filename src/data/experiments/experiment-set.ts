/**
 * `ExperimentSet`: the probes of many experiments, and a score of each probe in each experiment. Every reader
 * of tables of many experiments makes one, a prepared data set holds one, and commands take one experiment
 * of it as `Probes`.
 */
import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import { ArgumentError, DataError, InvalidSequenceError } from '../../device/errors.js';
import { echo } from '../echo.js';
import { letterOf, PAD } from '../sequences/letters.js';
import type { LeftOut, ProbeSet, Probes } from '../tables/probes.js';

/** Names of the sets, by their codes in `ExperimentSet.sets`. */
export const SETS = ['', 'A', 'B'] as const satisfies readonly ProbeSet[];

/** Files that a data set was read from. */
export interface InputFile {
  readonly path: string;
  /** Of the bytes on disk, hexadecimal. */
  readonly sha256: string;
}

/** The name of a table of scores without folder and endings. */
export const stemOf = (path: string): string =>
  path
    .split(/[/\\]/)
    .at(-1)!
    .replace(/(\.(gz|tsv|txt|csv|tab|h5|hdf5))+$/i, '');

/** The file that an experiment is named after, or else the first. */
export const inputOf = (
  { inputs }: Pick<ExperimentSet, 'inputs'>,
  experiment: string,
): InputFile | undefined => inputs.find(({ path }) => stemOf(path) === experiment) ?? inputs[0];

/** What an experiment has fewer scores for than the source has records. */
export interface ExperimentGaps {
  /** Scores that are missing in the source. */
  readonly missing: number;
  /** Scores of spots that the source flags as spoilt; they are taken as missing. */
  readonly flagged: number;
  /** Scores that are infinite, or too large for a 32-bit float; they are taken as missing. */
  readonly infinite: number;
}

/** N probes of E experiments. */
export interface ExperimentSet {
  /** File path, or what else the probes came from. */
  readonly source: string;
  /** [E], all different. */
  readonly experiments: readonly string[];
  /** Base codes of all sequences, one after the other: A, C, G, U, N are 0 to 4. */
  readonly letters: Uint8Array;
  /** [N + 1]: record i has the letters from `starts[i]` to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  /** [N], each an index of `SETS`. */
  readonly sets: Uint8Array;
  /** [N], 1 for a record of set A that the source keeps for validation. Absent where it keeps none. */
  readonly validation?: Uint8Array;
  /** Array designs, e.g. `linear` or `structured`. Absent where the source does not say. */
  readonly pools?: {
    readonly names: readonly string[];
    /** [N], each an index of `names`. */
    readonly of: Uint8Array;
  };
  /** Raw scores [E, N]; NaN where one is missing. Every record has a score in at least one experiment. */
  readonly scores: Float32Array;
  /** [N], the 1-based line or record of the source, for messages. */
  readonly lines: Uint32Array;
  /** Records of the source that were left out. */
  readonly leftOut: LeftOut;
  /** [E] */
  readonly gaps: readonly ExperimentGaps[];
  /** What was read as something else, in sentences for the user. */
  readonly notes: readonly string[];
  readonly inputs: readonly InputFile[];
}

/** Number of probes. */
export const recordsIn = ({ sets }: Pick<ExperimentSet, 'sets'>): number => sets.length;

/** Scores of one experiment [N], a view. */
export const scoresIn = ({ scores, sets }: ExperimentSet, experiment: number): Float32Array =>
  scores.subarray(experiment * sets.length, (experiment + 1) * sets.length);

/** Letters of a record: ACGU and N. */
export function sequenceIn({ letters, starts }: ExperimentSet, record: number): string {
  let sequence = '';
  for (let at = starts[record]!; at < starts[record + 1]!; at++) sequence += letterOf(letters[at]!);
  return sequence;
}

/** Letters of the records of sets that experiments are taken from. */
const texts = new WeakMap<ExperimentSet, readonly string[]>();

/** Letters of every record. They are kept with the set, since all its experiments share them. */
export function sequencesIn(set: ExperimentSet): readonly string[] {
  const known = texts.get(set);
  if (known) return known;
  const { letters, starts } = set;
  // One text, of which all others are parts: joining letters one by one takes ten times as long.
  const whole = new TextDecoder().decode(letters.map((code) => letterOf(code)!.charCodeAt(0)));
  const made = Array.from({ length: recordsIn(set) }, (_, record) =>
    whole.slice(starts[record]!, starts[record + 1]!),
  );
  texts.set(set, made);
  return made;
}

/**
 * Base codes of all records, each in the centre of its row as `encodeSequences` places it.
 *
 * @returns [N * length]
 * @throws InvalidSequenceError for a sequence longer than `length`, naming its line
 */
export function codesIn(set: ExperimentSet, length: number): Uint8Array {
  check.whole(1)(length, check.argument('length'));
  const { letters, starts, source, lines } = set;
  const records = recordsIn(set);
  const codes = new Uint8Array(records * length).fill(PAD);
  for (let record = 0; record < records; record++) {
    const own = letters.subarray(starts[record]!, starts[record + 1]!);
    if (own.length > length)
      throw new InvalidSequenceError(
        `${source}:${lines[record]}: the sequence has ${count(own.length, 'letter')}, but the input takes at most ${length}`,
      );
    codes.set(own, record * length + Math.floor((length - own.length) / 2));
  }
  return codes;
}

/**
 * The places of experiments by name, in the order given.
 *
 * @throws DataError for a name that there is not, naming some that there are; ArgumentError for an experiment
 * that is named twice
 */
export function placesOf(
  { experiments, source }: Pick<ExperimentSet, 'experiments' | 'source'>,
  names: readonly string[],
): number[] {
  const places = names.map((name) => {
    const exact = experiments.indexOf(name);
    if (exact >= 0) return exact;
    const alike = experiments.flatMap((other, at) =>
      other.toLowerCase() === name.toLowerCase() ? [at] : [],
    );
    if (alike.length === 1) return alike[0]!;
    throw new DataError(`${source}: there is no experiment ${echo(name)}; it has ${listed(experiments)}`);
  });
  const twice = places.find((place, i) => places.indexOf(place) !== i);
  if (twice !== undefined)
    throw new ArgumentError('names', `${source}: ${echo(experiments[twice]!)} is chosen twice; name it once`);
  return places;
}

/** Names in words: the first few of them, quoted. */
export const listed = (names: readonly string[]): string =>
  names.length <= 12
    ? names.map(echo).join(', ')
    : `${names.slice(0, 10).map(echo).join(', ')} and ${names.length - 10} more`;

/**
 * The only experiment.
 *
 * @throws DataError where there are several, naming some
 */
export function onlyExperiment({
  experiments,
  source,
}: Pick<ExperimentSet, 'experiments' | 'source'>): string {
  if (experiments.length > 1)
    throw new DataError(
      `${source}: holds ${experiments.length} experiments (${listed(experiments)}); choose one with --experiment <name>, or several as tasks, separated by commas`,
    );
  return experiments[0]!;
}

/**
 * Some experiments of a set as `Probes`: the records that have a score in at least one of them. Several are
 * tasks.
 *
 * @param names may be left out where there is a single experiment
 * @throws DataError where none is named and there are several, for a name that there is not, or where no
 * record has a score; ArgumentError for a name that comes twice
 */
export function probesOf(set: ExperimentSet, names?: readonly string[]): Probes {
  const chosen = names ?? [onlyExperiment(set)];
  const places = placesOf(set, chosen);
  const columns = places.map((place) => scoresIn(set, place));
  const records: number[] = [];
  for (let record = 0; record < recordsIn(set); record++)
    if (columns.some((column) => !Number.isNaN(column[record]!))) records.push(record);
  if (records.length === 0)
    throw new DataError(
      `${set.source}: no probe has a score in ${chosen.map((name) => echo(name)).join(', ')}`,
    );
  const scores = new Float64Array(records.length * columns.length);
  records.forEach((record, i) => {
    columns.forEach((column, task) => {
      scores[i * columns.length + task] = column[record]!;
    });
  });
  const sequences = sequencesIn(set);
  const { pools, validation } = set;
  const without = recordsIn(set) - records.length;
  const { sequence, both } = set.leftOut;
  const leftOut = { score: without + set.leftOut.score, sequence, both, infinite: set.leftOut.infinite };
  const kept = validation ? records.filter((record) => validation[record] === 1).length : 0;
  const notes = [
    ...set.notes,
    ...(kept > 0
      ? [
          `${set.source}: ${count(kept, 'probe')} of set A validate, as the file says; --validation does not apply`,
        ]
      : []),
  ];
  const dropped = leftOut.score + leftOut.sequence + leftOut.both + leftOut.infinite;
  return {
    source: set.source,
    lines: Uint32Array.from(records, (record) => set.lines[record]!),
    sequences: records.map((record) => sequences[record]!),
    scores,
    sets: records.map((record) => SETS[set.sets[record]!]!),
    pools: records.map((record) => (pools ? pools.names[pools.of[record]!]! : '')),
    ...(validation && kept > 0 && { validates: records.map((record) => validation[record] === 1) }),
    dropped,
    ...(places.length > 1 && { tasks: places.map((place) => set.experiments[place]!) }),
    ...(dropped > 0 && { leftOut }),
    ...(notes.length > 0 && { notes }),
  };
}
