/**
 * Simulated RNAcompete-like probes with planted truth: what the tests, the examples and a first try of the program
 * run on. Probe i is a pure function of (seed, i), so a longer simulation begins with the shorter one.
 */
import { type Draws, Random, STREAM } from '../kernels/random.js';
import type { ProbeSet, Probes } from './probes.js';
import { checkPwm, consensusOf, type PositionWeightMatrix, pwmFromConsensus, siteAffinity } from './pwm.js';
import { decodeSequence, INPUT_LENGTH } from './sequence.js';

/** Preference for sites in hairpin loops, and how often the array has such loops. */
export interface HairpinPreference {
  /** Share of probes designed as a stem-loop (pool `structured`), 0 … 1. */
  readonly fraction: number;
  /** Affinity of a site that lies wholly in the loop, relative to the same site elsewhere. */
  readonly factor: number;
}

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
  /** What a probe of G and C alone has over one of A and U alone, in ln intensity. */
  readonly gcBias?: number;
  /** Standard deviation of the measurement noise, in ln intensity. */
  readonly noise?: number;
  readonly seed?: number;
}

/** What was planted. */
export interface SimulationTruth {
  readonly consensus: string;
  readonly pwm: PositionWeightMatrix;
  readonly effect: number;
  readonly hairpin: HairpinPreference | null;
  readonly gcBias: number;
  readonly noise: number;
  readonly seed: number;
  /** ln intensity of each probe without noise; its correlation with the scores bounds what a model can reach. */
  readonly signal: Float64Array;
}

/** Probes span this many nt in length, as on the arrays (38 … 41). */
const LENGTH_SPREAD = 3;
const STEM = 8;
const LOOP = 10;
/** Zero to two sites are planted in a probe, each with zero to two point mutations, all equally often. */
const MOST_SITES = 2;
const MOST_MUTATIONS = 2;

interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * Simulates an array. Intensities are log-normal: ln intensity = effect · Σ over offsets of site affinity
 * (× hairpin factor within a designed loop) + gcBias · GC fraction + noise · N(0, 1).
 * @throws RangeError for parameters out of range or a motif that does not fit the probe or its loop,
 * InvalidSequenceError for a motif with unknown letters
 */
export function simulateProbes(options: SimulationOptions): { probes: Probes; truth: SimulationTruth } {
  const { count, length = INPUT_LENGTH, motif = 'UGCAUG', effect = 1.5, hairpin } = options;
  const { gcBias = 0, noise = 0.3, seed = 1 } = options;
  const pwm = typeof motif === 'string' ? pwmFromConsensus(motif) : motif;
  checkPwm(pwm);
  checkSizes(count, length, pwm.length, hairpin);
  checkFinite({ effect, gcBias, noise, ...hairpin });
  const random = new Random(seed, STREAM.simulate);
  const sequences: string[] = [];
  const pools: string[] = [];
  const scores = new Float64Array(count);
  const signal = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const draws = random.draws(i);
    const { codes, loop } = designProbe(draws, length, pwm, hairpin);
    const binding = totalAffinity(codes, pwm, loop, hairpin?.factor ?? 1);
    signal[i] = effect * binding + gcBias * gcFraction(codes);
    // Four decimals, as array files have; this also hides last-digit differences between engines' exp and cos.
    scores[i] = Number(Math.exp(signal[i]! + noise * draws.normal()).toFixed(4));
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
  return { probes, truth: { consensus, pwm, effect, hairpin: hairpin ?? null, gcBias, noise, seed, signal } };
}

function designProbe(
  draws: Draws,
  length: number,
  pwm: PositionWeightMatrix,
  hairpin: HairpinPreference | undefined,
): { codes: Uint8Array; loop: Interval | undefined } {
  const size = length - draws.below(LENGTH_SPREAD + 1);
  const codes = Uint8Array.from({ length: size }, () => draws.below(4));
  const isStructured = hairpin !== undefined && draws.uniform() < hairpin.fraction;
  const start = STEM + draws.below(size - 2 * STEM - LOOP + 1);
  const loop = isStructured ? { start, end: start + LOOP } : undefined;
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
  pwm.forEach((column, j) => {
    codes[offset + j] = column.indexOf(Math.max(...column));
  });
  for (let mutations = draws.below(MOST_MUTATIONS + 1); mutations > 0; mutations--) {
    const position = offset + draws.below(pwm.length);
    codes[position] = (codes[position]! + 1 + draws.below(3)) % 4;
  }
}

function totalAffinity(
  codes: Uint8Array,
  pwm: PositionWeightMatrix,
  loop: Interval | undefined,
  loopFactor: number,
): number {
  let total = 0;
  for (let offset = 0; offset + pwm.length <= codes.length; offset++) {
    const inLoop = loop !== undefined && offset >= loop.start && offset + pwm.length <= loop.end;
    total += siteAffinity(pwm, codes, offset) * (inLoop ? loopFactor : 1);
  }
  return total;
}

function gcFraction(codes: Uint8Array): number {
  return codes.filter((code) => code === 1 || code === 2).length / codes.length;
}

function checkSizes(count: number, length: number, k: number, hairpin?: HairpinPreference): void {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`count must be at least 1, not ${count}`);
  const shortest = 2 * STEM + LOOP + LENGTH_SPREAD;
  if (!Number.isInteger(length) || length < shortest) {
    throw new RangeError(`length must be at least ${shortest} nt to hold a stem-loop, not ${length}`);
  }
  const room = hairpin ? LOOP : length - LENGTH_SPREAD;
  if (k > room) throw new RangeError(`a motif of ${k} nt does not fit into ${room} nt`);
}

function checkFinite(parameters: Record<string, number>): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (!Number.isFinite(value)) throw new RangeError(`${name} must be a finite number, not ${value}`);
  }
}
