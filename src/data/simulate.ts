/**
 * Simulated RNAcompete-like probes with planted truth: what the tests, the examples and a first try of the
 * program run on. Probe i is a pure function of (seed, i), so a longer simulation begins with the shorter
 * one.
 */
import { atOnce, type Steps } from '../device/breathe.js';
import * as check from '../device/check.js';
import { ArgumentError } from '../device/errors.js';
import { checkHostMemory } from '../device/host-memory.js';
import { type Draws, Random, STREAM } from '../kernels/random.js';
import { checkPwm, consensusOf, type PositionWeightMatrix, pwmFromConsensus, siteAffinity } from './pwm.js';
import { decodeSequence, INPUT_LENGTH } from './sequences/sequence.js';
import type { ProbeSet, Probes } from './tables/probes.js';

/** Preference for sites in hairpin loops, and how often the array has such loops. */
export interface HairpinPreference {
  /** Share of probes designed as a stem-loop (pool `structured`), 0 … 1. */
  readonly fraction: number;
  /** Affinity of a site that lies wholly in the loop, relative to the same site elsewhere. */
  readonly factor: number;
}

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

/** What `simulateProbes` plants, and in how many probes. */
export interface SimulationOptions {
  /** Number of probes; even ones make set A, odd ones set B. */
  readonly count: number;
  /** Longest probe, nt; the shortest has three fewer. */
  readonly length?: number;
  /** Consensus letters or a matrix; default UGCAUG, the motif of RBFOX1. */
  readonly motif?: string | PositionWeightMatrix;
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

/** What was planted. */
export interface SimulationTruth {
  readonly consensus: string;
  readonly pwm: PositionWeightMatrix;
  readonly effect: number;
  readonly hairpin: HairpinPreference | null;
  readonly spacing: SpacingPenalty | null;
  readonly gcBias: number;
  readonly gcSide: GcSide;
  readonly noise: number;
  readonly seed: number;
  /**
   * ln intensity of each probe without noise; its correlation with the scores bounds what a model can reach.
   */
  readonly signal: Float64Array;
}

/** A probe as text, its score and its signal. */
const PROBE_BYTES = 150;
/** Probes span this many nt in length, as on the arrays (38 … 41). */
const LENGTH_SPREAD = 3;
const STEM = 8;
const LOOP = 10;
/** Zero to two sites are planted in a probe, each with zero to two point mutations, all equally often. */
const MOST_SITES = 2;
const MOST_MUTATIONS = 2;

interface Designs {
  readonly hairpin: HairpinPreference | undefined;
  readonly spacing: SpacingPenalty | undefined;
}

interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * Simulates an array. Intensities are log-normal: ln intensity = effect · Σ over offsets of site affinity (×
 * hairpin factor within a designed loop) - penalty · Σ over near pairs of offsets of both affinities'
 * product + gcBias · GC fraction (of a half, where that is asked) + noise · N(0, 1).
 * @throws ArgumentError for parameters out of range or a motif that does not fit the probe or its loop,
 * InvalidSequenceError for a motif with unknown letters
 */
export const simulateProbes = (options: SimulationOptions): Simulation =>
  atOnce(simulateProbesInSteps(options));

/** The same in steps, for `breathing`. */
export function* simulateProbesInSteps(options: SimulationOptions): Steps<Simulation> {
  check.options(options, {
    seed: check.optional(check.seed),
    gcSide: check.optional(check.oneOf(...GC_SIDES)),
  });
  const { count, length = INPUT_LENGTH, motif = 'UGCAUG', effect = 1.5, hairpin, spacing } = options;
  const { gcBias = 0, gcSide = 'both', noise = 0.3, seed = 1 } = options;
  const pwm = typeof motif === 'string' ? pwmFromConsensus(motif) : motif;
  checkPwm(pwm);
  checkSizes(count, length, pwm.length, hairpin, spacing);
  if (spacing) checkSpacing(spacing);
  checkFinite({ effect, gcBias, noise, ...hairpin, ...spacing });
  const random = new Random(seed, STREAM.simulate);
  const sequences: string[] = [];
  const pools: string[] = [];
  const scores = new Float64Array(count);
  const signal = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    yield;
    const draws = random.draws(i);
    const { codes, loop } = designProbe(draws, length, pwm, { hairpin, spacing });
    const sites = affinities(codes, pwm, loop, hairpin?.factor ?? 1);
    const binding = effect * sites.reduce((sum, affinity) => sum + affinity, 0);
    const crowding = spacing ? spacing.penalty * nearPairs(sites, pwm.length, spacing.reach) : 0;
    signal[i] = binding - crowding + gcBias * gcFraction(half(codes, gcSide));
    // Four decimals, as array files have; this also hides last-digit differences between engines' exp and
    // cos.
    scores[i] = Number(Math.exp(signal[i]! + noise * draws.normal()).toFixed(4));
    if (!Number.isFinite(scores[i]))
      throw new ArgumentError(
        'noise',
        `the intensity of probe ${i + 1} is too large for a number; use a smaller effect or noise`,
      );
    sequences.push(decodeSequence(codes));
    pools.push(loop ? 'structured' : 'linear');
  }
  const probes: Probes = {
    source: `simulation (seed ${seed})`,
    // The lines on which formatProbes writes them, below its header.
    lines: Uint32Array.from({ length: count }, (_, i) => i + 2),
    sequences,
    scores,
    sets: sequences.map((_, i): ProbeSet => (i % 2 === 0 ? 'A' : 'B')),
    pools,
    dropped: 0,
  };
  const consensus = consensusOf(pwm);
  const planted = { hairpin: hairpin ?? null, spacing: spacing ?? null, gcBias, gcSide };
  return { probes, truth: { consensus, pwm, effect, ...planted, noise, seed, signal } };
}

function designProbe(
  draws: Draws,
  length: number,
  pwm: PositionWeightMatrix,
  { hairpin, spacing }: Designs,
): { codes: Uint8Array; loop: Interval | undefined } {
  const size = length - draws.below(LENGTH_SPREAD + 1);
  const codes = Uint8Array.from({ length: size }, () => draws.below(4));
  const isStructured = hairpin !== undefined && draws.uniform() < hairpin.fraction;
  const start = STEM + draws.below(size - 2 * STEM - LOOP + 1);
  const loop = isStructured ? { start, end: start + LOOP } : undefined;
  if (spacing && !loop && draws.uniform() < spacing.fraction) {
    plantPair(draws, codes, pwm, spacing.reach);
    return { codes, loop };
  }
  for (let sites = draws.below(MOST_SITES + 1); sites > 0; sites--) {
    const room = loop && draws.below(2) === 0 ? loop : { start: 0, end: size };
    plantSite(draws, codes, pwm, room);
  }
  // The 3′ arm comes last: it pairs with whatever stands in the 5′ arm (codes of complements sum to 3).
  if (loop) for (let j = 0; j < STEM; j++) codes[loop.end + j] = 3 - codes[loop.start - 1 - j]!;
  return { codes, loop };
}

/** Writes the consensus, up to two of its letters mutated, somewhere in `room`. */
function plantSite(draws: Draws, codes: Uint8Array, pwm: PositionWeightMatrix, room: Interval): void {
  const offset = room.start + draws.below(room.end - room.start - pwm.length + 1);
  plantConsensus(codes, pwm, offset);
  for (let mutations = draws.below(MOST_MUTATIONS + 1); mutations > 0; mutations--) {
    const position = offset + draws.below(pwm.length);
    codes[position] = (codes[position]! + 1 + draws.below(3)) % 4;
  }
}

/** Writes the consensus twice, nearer and further apart equally often. */
function plantPair(draws: Draws, codes: Uint8Array, pwm: PositionWeightMatrix, reach: number): void {
  const gap = Math.min(draws.below(2 * reach + 1), codes.length - 2 * pwm.length);
  const first = draws.below(codes.length - 2 * pwm.length - gap + 1);
  plantConsensus(codes, pwm, first);
  plantConsensus(codes, pwm, first + pwm.length + gap);
}

function plantConsensus(codes: Uint8Array, pwm: PositionWeightMatrix, offset: number): void {
  pwm.forEach((column, j) => {
    codes[offset + j] = column.indexOf(Math.max(...column));
  });
}

/** Affinity of every offset. */
function affinities(
  codes: Uint8Array,
  pwm: PositionWeightMatrix,
  loop: Interval | undefined,
  loopFactor: number,
): number[] {
  return Array.from({ length: codes.length - pwm.length + 1 }, (_, offset) => {
    const inLoop = loop !== undefined && offset >= loop.start && offset + pwm.length <= loop.end;
    return siteAffinity(pwm, codes, offset) * (inLoop ? loopFactor : 1);
  });
}

/**
 * Σ of both affinities' product over pairs of sites of k letters that do not overlap, with fewer than `reach`
 * letters between.
 */
function nearPairs(sites: readonly number[], k: number, reach: number): number {
  let total = 0;
  for (let first = 0; first < sites.length; first++) {
    const last = Math.min(sites.length, first + k + reach);
    for (let second = first + k; second < last; second++) total += sites[first]! * sites[second]!;
  }
  return total;
}

function half(codes: Uint8Array, side: GcSide): Uint8Array {
  const middle = codes.length >> 1;
  if (side === 'both') return codes;
  return side === '5' ? codes.subarray(0, middle) : codes.subarray(codes.length - middle);
}

function gcFraction(codes: Uint8Array): number {
  return codes.filter((code) => code === 1 || code === 2).length / codes.length;
}

function checkSizes(
  count: number,
  length: number,
  k: number,
  hairpin?: HairpinPreference,
  spacing?: SpacingPenalty,
): void {
  if (!Number.isInteger(count) || count < 1)
    throw new ArgumentError('count', `count must be at least 1, not ${count}`);
  checkHostMemory(count * PROBE_BYTES, `${count.toLocaleString('en')} probes`, 'simulate fewer (--probes)');
  const shortest = 2 * STEM + LOOP + LENGTH_SPREAD;
  if (!Number.isInteger(length) || length < shortest) {
    throw new ArgumentError(
      'length',
      `length must be at least ${shortest} nt to hold a stem-loop, not ${length}`,
    );
  }
  const room = hairpin ? LOOP : length - LENGTH_SPREAD;
  if (k > room) throw new ArgumentError('motif', `a motif of ${k} nt does not fit into ${room} nt`);
  if (spacing && 2 * k > length - LENGTH_SPREAD)
    throw new ArgumentError('motif', `two motifs of ${k} nt do not fit into ${length - LENGTH_SPREAD} nt`);
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
