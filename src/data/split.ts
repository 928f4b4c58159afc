/**
 * Training and validation parts of a probe table that can be used: a sequence stands on one side only, and
 * each part has scores that differ, so that a correlation is defined. Where there is no such split, it says
 * why before training.
 */
import * as check from '../device/check.js';
import { count } from '../device/count.js';
import { DataError } from '../device/errors.js';
import { type Probes, scoresOf, splitValidation } from './tables/probes.js';

/** Fewest different sequences that validate: with two, Pearson's r is always 1 or −1. */
export const LEAST_VALIDATION = 3;

/** How probes are divided. */
export interface SplitOptions {
  /** Share of validation, strictly between 0 and 1. Default 0.1. */
  readonly fraction?: number;
  /** Default 1. */
  readonly seed?: number;
}

interface Parts {
  readonly train: Uint32Array;
  readonly valid: Uint32Array;
}

/** Indices of the records that train and of those that validate. */
export interface ProbeSplit extends Parts {
  /** Records whose sequence stands in an earlier record too. */
  readonly repeated: number;
  /**
   * Whether the rarer scores were divided apart, since a plain random split left a part with a single score.
   */
  readonly stratified: boolean;
}

/** Records of one sequence. */
type Group = readonly number[];

/**
 * Divides probes into training and validation by a seeded permutation. All records of one sequence go to the
 * same part. A table without repeated sequences is divided as `splitValidation` does, unless that leaves a
 * part with a single score: then the most common score and all others are divided apart, each by the
 * fraction. Probes whose source keeps some for validation are divided as the source says.
 *
 * @throws DataError where fewer than three different sequences validate, where all scores are equal, or where
 * too few differ from the others for both parts; it says what is missing. ArgumentError for a fraction that
 * is not strictly between 0 and 1
 */
export function splitProbes(probes: Probes, options: SplitOptions = {}): ProbeSplit {
  check.object(probes, check.argument('probes'));
  check.options(options, { seed: check.optional(check.seed) });
  const { fraction = 0.1, seed = 1 } = options;
  const { source, scores, sequences } = probes;
  const groups = groupsOf(sequences);
  if (groups.length < 2) throw tooFew(probes, groups.length);
  if (probes.validates?.includes(true)) return givenSplit(probes, groups, probes.validates);
  if (probes.tasks) return splitTasks(probes, groups, { fraction, seed });
  const common = mostCommon(scores);
  const isOther = (record: number): boolean => scores[record] !== common;
  const others = groups.filter((group) => group.some(isOther)).length;
  if (others === 0)
    throw new DataError(
      `${source}: all ${scores.length} probes that train and validate have the score ${common}; training needs at least two different scores, or both classes`,
    );

  const permuted = splitValidation(scores.length, fraction, seed);
  const order = [...permuted.valid, ...permuted.train];
  const plain = divide(order, groups, permuted.valid.length);
  const checkParts = ({ valid }: Parts): void => {
    const validating = new Set(Array.from(valid, (record) => sequences[record])).size;
    if (validating < LEAST_VALIDATION) throw tooFew(probes, groups.length, validating);
  };
  const differs = (part: Uint32Array): boolean => part.some((record) => scores[record] !== scores[part[0]!]);
  checkParts(plain);
  const stratified = !(differs(plain.valid) && differs(plain.train));
  const split = stratified ? divideApart(order, groups, isOther, fraction) : plain;
  if (!differs(split.valid) || !differs(split.train))
    throw new DataError(
      `${source}: only ${others} of the ${groups.length} different sequences in training and validation ${others === 1 ? 'has' : 'have'} a score (or class) other than ${common}; training and validation need at least one each, so give more probes with another score`,
    );
  checkParts(split);
  return { ...split, repeated: scores.length - groups.length, stratified };
}

/** Of several tasks: at random, and refused where a part has too little of a task. */
function splitTasks(
  probes: Probes,
  groups: readonly Group[],
  { fraction, seed }: Required<SplitOptions>,
): ProbeSplit {
  const { source, sequences, tasks = [] } = probes;
  const permuted = splitValidation(sequences.length, fraction, seed);
  const parts = divide([...permuted.valid, ...permuted.train], groups, permuted.valid.length);
  for (const [part, records] of [['train', parts.train] as const, ['validate', parts.valid] as const])
    tasks.forEach((task, t) => {
      const scores = Array.from(records, (record) => scoresOf(probes, record)[t]!).filter(Number.isFinite);
      const purpose = part === 'train' ? 'training' : 'validation';
      if (scores.length < LEAST_VALIDATION)
        throw new DataError(
          `${source}: task ${task} has ${count(scores.length, 'score')} for ${purpose}, and needs at least ${LEAST_VALIDATION}; give more probes, or leave this task out`,
        );
      if (scores.every((score) => score === scores[0]))
        throw new DataError(
          `${source}: all ${scores.length} scores of task ${task} for ${purpose} are ${scores[0]}; give probes with different scores, or leave this task out`,
        );
    });
  return { ...parts, repeated: sequences.length - groups.length, stratified: false };
}

/** The division that the source gives. @throws DataError where a part is too small, or has a single score */
function givenSplit(probes: Probes, groups: readonly Group[], validates: readonly boolean[]): ProbeSplit {
  const { source, scores, sequences, tasks } = probes;
  const records = Uint32Array.from(sequences, (_, record) => record);
  const parts = {
    train: records.filter((record) => !validates[record]),
    valid: records.filter((record) => validates[record]),
  };
  const validating = new Set(Array.from(parts.valid, (record) => sequences[record])).size;
  if (validating < LEAST_VALIDATION || parts.train.length === 0)
    throw new DataError(
      `${source}: it keeps ${count(validating, 'different sequence')} for validation and ${parts.train.length} for training; a correlation needs at least ${LEAST_VALIDATION} to validate on`,
    );
  for (const [part, own] of Object.entries(parts))
    if (!tasks && own.every((record) => scores[record] === scores[own[0]!]))
      throw new DataError(
        `${source}: all ${count(own.length, 'probe')} that it keeps to ${part === 'train' ? 'train' : 'validate'} have one score; training needs different ones`,
      );
  return { ...parts, repeated: sequences.length - groups.length, stratified: false };
}

/** Records of each different sequence, in the order of their first records. */
function groupsOf(sequences: readonly string[]): readonly Group[] {
  const groups = new Map<string, number[]>();
  sequences.forEach((sequence, record) => {
    const group = groups.get(sequence);
    if (group) group.push(record);
    else groups.set(sequence, [record]);
  });
  return [...groups.values()];
}

/**
 * Fills validation with whole groups, in the order given, up to `wanted` records; a group that no longer fits
 * trains. With groups of one record these are the first `wanted` records.
 */
function divide(order: readonly number[], groups: readonly Group[], wanted: number): Parts {
  const groupOf: (Group | undefined)[] = order.map(() => undefined);
  for (const group of groups) for (const record of group) groupOf[record] = group;
  const chosen = new Set<Group>();
  let filled = 0;
  for (const record of order) {
    const group = groupOf[record];
    if (!group || chosen.has(group) || filled + group.length > wanted) continue;
    chosen.add(group);
    filled += group.length;
    if (filled === wanted) break;
  }
  const members = order.filter((record) => groupOf[record] !== undefined);
  const isValid = (record: number): boolean => chosen.has(groupOf[record]!);
  return {
    train: Uint32Array.from(members.filter((record) => !isValid(record))),
    valid: Uint32Array.from(members.filter(isValid)),
  };
}

/**
 * Divides the groups that have another score than the most common one, and the rest, each by the fraction.
 */
function divideApart(
  order: readonly number[],
  groups: readonly Group[],
  isOther: (record: number) => boolean,
  fraction: number,
): Parts {
  const hasOther = (group: Group): boolean => group.some(isOther);
  const parts = [groups.filter(hasOther), groups.filter((group) => !hasOther(group))].map((stratum) => {
    const sizes = stratum.map(({ length }) => length);
    const records = sizes.reduce((sum, size) => sum + size, 0);
    const smallest = sizes.reduce((least, size) => Math.min(least, size), records);
    return divide(order, stratum, Math.max(smallest, Math.round(records * fraction)));
  });
  const join = (side: keyof Parts): Uint32Array => Uint32Array.from(parts.flatMap((part) => [...part[side]]));
  return { train: join('train'), valid: join('valid') };
}

function mostCommon(scores: Float64Array): number {
  const counts = new Map<number, number>();
  for (const score of scores) counts.set(score, (counts.get(score) ?? 0) + 1);
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0];
}

/** @param validating different sequences that would validate; absent where there is nothing to divide */
function tooFew({ source, sequences }: Probes, different: number, validating?: number): DataError {
  const held =
    different < sequences.length
      ? `${count(sequences.length, 'probe')} of ${count(different, 'different sequence')}`
      : count(different, 'probe');
  const share = LEAST_VALIDATION / different;
  if (validating === undefined || share > 0.5)
    return new DataError(
      `${source}: ${held} ${sequences.length === 1 ? 'is' : 'are'} too few to train and validate on; validation needs at least ${LEAST_VALIDATION} different sequences, and training needs more`,
    );
  return new DataError(
    `${source}: only ${validating} of ${held} would be in validation, which needs at least ${LEAST_VALIDATION} different sequences; give more probes, or a larger share for validation (--validation ${Math.ceil(share * 100) / 100})`,
  );
}
