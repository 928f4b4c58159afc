/** What can be simulated, what is said of it afterwards, and the checks of it. */
import * as check from '../../device/check.js';
import { echo } from '../../device/echo.js';
import { ArgumentError } from '../../device/errors.js';
import { checkHostMemory } from '../../device/host-memory.js';
import { checkPwm, type PositionWeightMatrix, pwmFromConsensus } from '../pwm.js';
import { INPUT_LENGTH, MOST_INPUT_LENGTH } from '../sequences/sequence.js';
import type { Probes } from '../tables/probes.js';
import { isTaskName } from '../tables/recognise.js';

/** Probes span this many nt in length, as on the arrays (38 … 41). */
export const LENGTH_SPREAD = 3;
/** Letters of each arm of a designed stem-loop, and of its loop, where the options do not say. */
const ARM = 8;
const LOOP = 10;
/** Shorter stems do not hold, and a loop cannot be narrower. */
const LEAST_ARM = 3;
const LEAST_LOOP = 3;
/** Shortest `length` of probes without stem-loops. */
const LEAST_LENGTH = 20;
/** A probe as text, and a score and its signal; letters count by themselves. */
const PROBE_BYTES = 70;
const SCORE_BYTES = 40;

/** Preference for sites in hairpin loops, and how often the array has such loops. */
export interface HairpinPreference {
  /** Share of probes designed as a stem-loop (pool `structured`), 0 … 1. */
  readonly fraction: number;
  /** Affinity of a site that lies wholly in the loop, relative to the same site elsewhere. */
  readonly factor: number;
  /** Pairs of the stem, at least 3. Default 8. The array of Ray et al. 2009 has 10, and loops of 6 or 7. */
  readonly arm?: number;
  /** Letters of the loop, at least 3. Default 10. */
  readonly loop?: number;
}

/** Arm and loop of the designed stem-loops. */
export const stemLoopOf = ({ arm = ARM, loop = LOOP }: Pick<HairpinPreference, 'arm' | 'loop'>) => ({
  arm,
  loop,
});

/** What two sites near each other lose, and how often the array has two of them. */
export interface SpacingPenalty {
  /** Share of probes with two consensus sites, 0 to twice `reach` letters apart, 0 … 1. */
  readonly fraction: number;
  /** Two sites with fewer letters between them are near. */
  readonly reach: number;
  /** What two consensus sites that are near have less, in ln intensity, than the same two further apart. */
  readonly penalty: number;
}

/** Where letters count for the GC bias: in the whole probe, or in the half of it at one end. */
export const GC_SIDES = ['both', '5', '3'] as const;
/** One of `GC_SIDES`. */
export type GcSide = (typeof GC_SIDES)[number];

/** A task of a simulation: its sites raise its own score and no other. */
export interface TaskMotif {
  /** Name of its column: a letter, then letters, digits, `.`, `_` or `-`. */
  readonly name: string;
  /** Consensus letters or a matrix. */
  readonly motif: string | PositionWeightMatrix;
}

/** What `simulateProbes` plants, and in how many probes. */
export interface SimulationOptions {
  /** Number of probes; even ones make set A, odd ones set B. */
  readonly count: number;
  /** Longest probe, nt, 20 to 2,048; the shortest has three fewer. Default 41. */
  readonly length?: number;
  /** Consensus letters or a matrix; default UGCAUG, the motif of RBFOX1. */
  readonly motif?: string | PositionWeightMatrix;
  /** Several scores for each probe, instead of `motif`: two tasks or more. */
  readonly tasks?: readonly TaskMotif[];
  /** Share of the scores of `tasks` that are missing, below 1; each is drawn by itself. Default 0. */
  readonly missing?: number;
  /** What one consensus site adds to the ln intensity. */
  readonly effect?: number;
  /** Absent: every probe is `linear`. */
  readonly hairpin?: HairpinPreference;
  /** Absent: sites add up however near they are. */
  readonly spacing?: SpacingPenalty;
  /** Difference in ln intensity between an all-GC and an all-AU probe. */
  readonly gcBias?: number;
  /** Default both. */
  readonly gcSide?: GcSide;
  /** Standard deviation of the measurement noise, in ln intensity. */
  readonly noise?: number;
  /** Seed of sequences and scores. Default 1. */
  readonly seed?: number;
}

/** Probes and what was planted in them. */
export interface Simulation {
  readonly probes: Probes;
  readonly truth: SimulationTruth;
}

/** What was planted for one of several tasks. */
export interface PlantedTask {
  readonly task: string;
  readonly consensus: string;
  readonly pwm: PositionWeightMatrix;
}

/** What was planted. */
export interface SimulationTruth {
  /** The motif; of several tasks the first one's. */
  readonly consensus: string;
  readonly pwm: PositionWeightMatrix;
  /** Every task's motif, where there are several. */
  readonly tasks?: readonly PlantedTask[];
  /** Share of scores that were to be missing, where there are several tasks. */
  readonly missing?: number;
  readonly effect: number;
  readonly hairpin: HairpinPreference | null;
  readonly spacing: SpacingPenalty | null;
  readonly gcBias: number;
  readonly gcSide: GcSide;
  readonly noise: number;
  readonly seed: number;
  /**
   * ln intensity of each probe without noise; its correlation with the scores bounds what a model can reach.
   * Of T tasks [N * T], probe by probe, also where the score is missing.
   */
  readonly signal: Float64Array;
}

/**
 * The matrices to plant, one for each score of a probe.
 *
 * @throws ArgumentError for parameters out of range or a motif that does not fit the probe or its loop,
 * InvalidSequenceError for a motif with unknown letters
 */
export function checkedMotifs(options: SimulationOptions): readonly PositionWeightMatrix[] {
  check.options(options, {
    seed: check.optional(check.seed),
    gcSide: check.optional(check.oneOf(...GC_SIDES)),
    tasks: check.optional(check.list(check.record({ name: check.text }))),
  });
  const {
    count,
    length = INPUT_LENGTH,
    motif,
    tasks,
    missing,
    effect = 1.5,
    gcBias = 0,
    noise = 0.3,
  } = options;
  const { hairpin, spacing } = options;
  if (tasks) checkTasks(tasks, motif);
  else if (missing !== undefined)
    throw new ArgumentError('missing', 'missing needs tasks; a probe without its only score has no use');
  const pwms = (tasks?.map((task) => task.motif) ?? [motif ?? 'UGCAUG']).map((given) =>
    typeof given === 'string' ? pwmFromConsensus(given) : given,
  );
  pwms.forEach(checkPwm);
  if (hairpin) checkHairpin(hairpin);
  checkLength(count, length, hairpin, pwms.length);
  for (const { length: k } of pwms) checkRoom(k, length, hairpin, spacing);
  if (spacing) checkSpacing(spacing);
  checkFinite({ effect, gcBias, noise, missing: missing ?? 0, ...hairpin, ...spacing });
  if (missing !== undefined && !(missing >= 0 && missing < 1))
    throw new ArgumentError('missing', `missing must be a share from 0 to less than 1, not ${missing}`);
  return pwms;
}

function checkTasks(tasks: readonly TaskMotif[], motif: unknown): void {
  if (motif !== undefined)
    throw new ArgumentError('tasks', 'give either motif or tasks; each task has a motif of its own');
  if (tasks.length < 2)
    throw new ArgumentError(
      'tasks',
      `tasks must be two or more, not ${tasks.length}; for one score, give motif`,
    );
  const names = tasks.map(({ name }) => name);
  for (const name of names)
    if (!/^[a-z][\w.-]*$/i.test(name) || !isTaskName(name))
      throw new ArgumentError(
        'tasks',
        `a column of scores cannot be named ${echo(name)}; use a letter and then letters, digits, ".", "_" or "-", and none of the names that columns of sequences, sets, pools and flags have`,
      );
  const twice = names.find((name, i) => names.slice(0, i).some((other) => isSame(other, name)));
  if (twice !== undefined) throw new ArgumentError('tasks', `two tasks are named ${echo(twice)}`);
}

/** Columns are found by their names in upper or lower case. */
const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function checkLength(
  count: number,
  length: number,
  hairpin: HairpinPreference | undefined,
  scores: number,
): void {
  if (!Number.isInteger(count) || count < 1)
    throw new ArgumentError('count', `count must be at least 1, not ${count}`);
  const { arm, loop } = hairpin ? stemLoopOf(hairpin) : { arm: 0, loop: 0 };
  const shortest = hairpin ? 2 * arm + loop + LENGTH_SPREAD : LEAST_LENGTH;
  if (!Number.isInteger(length) || length < shortest || length > MOST_INPUT_LENGTH) {
    const why = hairpin ? ' to hold a stem-loop' : '';
    throw new ArgumentError(
      'length',
      length > MOST_INPUT_LENGTH
        ? `length must be at most ${MOST_INPUT_LENGTH} nt, which is the longest input of a network, not ${length}`
        : `length must be at least ${shortest} nt${why}, not ${length}`,
    );
  }
  const bytes = count * (PROBE_BYTES + length + scores * SCORE_BYTES);
  checkHostMemory(bytes, `${count.toLocaleString('en')} probes`, 'simulate fewer (--probes)');
}

function checkRoom(
  k: number,
  length: number,
  hairpin: HairpinPreference | undefined,
  spacing: SpacingPenalty | undefined,
): void {
  const room = hairpin ? stemLoopOf(hairpin).loop : length - LENGTH_SPREAD;
  if (k > room) throw new ArgumentError('motif', `a motif of ${k} nt does not fit into ${room} nt`);
  if (spacing && 2 * k > length - LENGTH_SPREAD)
    throw new ArgumentError('motif', `two motifs of ${k} nt do not fit into ${length - LENGTH_SPREAD} nt`);
}

function checkHairpin(hairpin: HairpinPreference): void {
  const { arm, loop } = stemLoopOf(hairpin);
  const sizes = { arm: [arm, LEAST_ARM], loop: [loop, LEAST_LOOP] } as const;
  for (const [name, [size, least]] of Object.entries(sizes))
    if (!Number.isInteger(size) || size < least)
      throw new ArgumentError(
        name,
        `${name} must be a whole number of at least ${least} letters, not ${size}`,
      );
}

function checkSpacing({ fraction, reach }: SpacingPenalty): void {
  if (!(fraction >= 0 && fraction <= 1))
    throw new ArgumentError(
      'fraction',
      `fraction (the share of probes with two sites) must be from 0 to 1, not ${fraction}`,
    );
  if (!Number.isInteger(reach) || reach < 1)
    throw new ArgumentError('reach', `reach must be at least 1 letter, not ${reach}`);
}

function checkFinite(parameters: Record<string, number>): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (!Number.isFinite(value))
      throw new ArgumentError(name, `${name} must be a finite number, not ${value}`);
  }
}
