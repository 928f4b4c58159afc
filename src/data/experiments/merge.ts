/** Several tables as one set of experiments: each adds its experiments, for the probes that it has. */
import { DataError } from '../../device/errors.js';
import { echo } from '../echo.js';
import {
  type ExperimentSet,
  listed,
  placesOf,
  recordsIn,
  SETS,
  scoresIn,
  sequenceIn,
} from './experiment-set.js';

/**
 * One set with the experiments of all. Records of two tables are the same probe where sequence and set are
 * equal; the second record of a sequence in one table is that in the other, and so on. A probe that a table
 * does not have has no score in its experiments.
 *
 * @throws DataError where two experiments have the same name
 */
export function mergeSets(sets: readonly ExperimentSet[]): ExperimentSet {
  const [first, ...others] = sets;
  if (!first) throw new DataError('there are no tables to merge');
  if (others.length === 0) return first;
  checkNames(sets);
  const places = new Map<string, number>();
  const origin: { readonly set: ExperimentSet; readonly record: number }[] = [];
  const placed = sets.map((set) => {
    const seen = new Map<string, number>();
    return Uint32Array.from({ length: recordsIn(set) }, (_, record) => {
      const probe = `${SETS[set.sets[record]!]}\t${sequenceIn(set, record)}`;
      const repeat = (seen.get(probe) ?? 0) + 1;
      seen.set(probe, repeat);
      const key = `${probe}\t${repeat}`;
      const known = places.get(key);
      if (known !== undefined) return known;
      places.set(key, origin.length);
      return origin.push({ set, record }) - 1;
    });
  });
  const experiments = sets.flatMap((set) => set.experiments);
  const scores = new Float32Array(experiments.length * origin.length).fill(Number.NaN);
  let column = 0;
  sets.forEach((set, s) => {
    for (let e = 0; e < set.experiments.length; e++, column++) {
      const own = scoresIn(set, e);
      placed[s]!.forEach((place, record) => {
        scores[column * origin.length + place] = own[record]!;
      });
    }
  });
  return { ...columnsOf(origin), experiments, scores, ...said(sets) };
}

function checkNames(sets: readonly ExperimentSet[]): void {
  const of = new Map<string, string>();
  for (const { experiments, source } of sets)
    for (const name of experiments) {
      const other = of.get(name);
      if (other !== undefined)
        throw new DataError(
          `${other} and ${source} both have an experiment ${echo(name)}; rename a column or a file`,
        );
      of.set(name, source);
    }
}

/** What the sources say beside their scores. */
const said = (sets: readonly ExperimentSet[]) => ({
  source: sets.map(({ source }) => source).join(', '),
  leftOut: sets.reduce(
    (sum, { leftOut }) => ({
      score: sum.score + leftOut.score,
      sequence: sum.sequence + leftOut.sequence,
      both: sum.both + leftOut.both,
      infinite: sum.infinite + leftOut.infinite,
    }),
    { score: 0, sequence: 0, both: 0, infinite: 0 },
  ),
  gaps: sets.flatMap(({ gaps }) => gaps),
  notes: sets.flatMap(({ notes }) => notes),
  inputs: sets.flatMap(({ inputs }) => inputs),
});

/** Sequences, sets, pools and lines of records that lie in several sets. */
function columnsOf(origin: readonly { readonly set: ExperimentSet; readonly record: number }[]) {
  const starts = new Uint32Array(origin.length + 1);
  origin.forEach(({ set, record }, i) => {
    starts[i + 1] = starts[i]! + set.starts[record + 1]! - set.starts[record]!;
  });
  const letters = new Uint8Array(starts.at(-1)!);
  origin.forEach(({ set, record }, i) => {
    letters.set(set.letters.subarray(set.starts[record]!, set.starts[record + 1]!), starts[i]!);
  });
  const byte = (of: (set: ExperimentSet, record: number) => number) =>
    Uint8Array.from(origin, ({ set, record }) => of(set, record));
  const poolOf = ({ pools }: ExperimentSet, record: number) => (pools ? pools.names[pools.of[record]!]! : '');
  const pools = [...new Set(origin.map(({ set, record }) => poolOf(set, record)))];
  if (pools.length > 256)
    throw new DataError(`the tables name ${pools.length} pools together; at most 256 are kept`);
  return {
    letters,
    starts,
    sets: byte((set, record) => set.sets[record]!),
    ...(origin.some(({ set }) => set.validation) && {
      validation: byte((set, record) => set.validation?.[record] ?? 0),
    }),
    ...(pools.some((pool) => pool !== '') && {
      pools: { names: pools, of: byte((set, record) => pools.indexOf(poolOf(set, record))) },
    }),
    lines: Uint32Array.from(origin, ({ set, record }) => set.lines[record]!),
  };
}

/** The set with some of its experiments, and the records that have a score in them. @throws DataError */
export function chosenExperiments(set: ExperimentSet, names: readonly string[]): ExperimentSet {
  const places = placesOf(set, names);
  const columns = places.map((place) => scoresIn(set, place));
  const kept = Array.from({ length: recordsIn(set) }, (_, record) => record).filter((record) =>
    columns.some((column) => !Number.isNaN(column[record]!)),
  );
  if (kept.length === 0) throw new DataError(`${set.source}: no probe has a score in ${listed(names)}`);
  const scores = new Float32Array(columns.length * kept.length);
  columns.forEach((column, e) => {
    kept.forEach((record, i) => {
      scores[e * kept.length + i] = column[record]!;
    });
  });
  return {
    ...set,
    ...columnsOf(kept.map((record) => ({ set, record }))),
    experiments: places.map((place) => set.experiments[place]!),
    gaps: places.map((place) => set.gaps[place]!),
    leftOut: { ...set.leftOut, score: set.leftOut.score + recordsIn(set) - kept.length },
    scores,
  };
}

/** The same probes as set A or B whatever the source says: a file that only trains, or one that only tests. */
export const asSet = (set: ExperimentSet, name: 'A' | 'B'): ExperimentSet => {
  const { validation, ...rest } = set;
  return {
    ...rest,
    ...(validation && name === 'A' && { validation }),
    sets: new Uint8Array(recordsIn(set)).fill(SETS.indexOf(name)),
  };
};

/** Records of both, one after the other, of the same experiments. @throws DataError where these differ */
export function joinedRecords(first: ExperimentSet, second: ExperimentSet): ExperimentSet {
  const places = placesOf(second, first.experiments);
  if (second.experiments.length !== first.experiments.length)
    throw new DataError(
      `${second.source} has the experiments ${listed(second.experiments)}, but ${first.source} has ${listed(first.experiments)}`,
    );
  const [n, m] = [recordsIn(first), recordsIn(second)];
  const scores = new Float32Array((n + m) * places.length);
  places.forEach((place, e) => {
    scores.set(scoresIn(first, e), e * (n + m));
    scores.set(scoresIn(second, place), e * (n + m) + n);
  });
  const origin = [first, second].flatMap((set) =>
    Array.from({ length: recordsIn(set) }, (_, record) => ({ set, record })),
  );
  const gaps = places.map((place, e) => ({
    missing: first.gaps[e]!.missing + second.gaps[place]!.missing,
    flagged: first.gaps[e]!.flagged + second.gaps[place]!.flagged,
    infinite: first.gaps[e]!.infinite + second.gaps[place]!.infinite,
  }));
  return { ...columnsOf(origin), experiments: first.experiments, scores, ...said([first, second]), gaps };
}
