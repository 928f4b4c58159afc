/**
 * Simulated RNAcompete-like probes with planted truth: what the tests, the examples and a first try of the
 * program run on. Probe i is a pure function of (seed, i), so a longer simulation begins with the shorter
 * one.
 */
import { atOnce, type Steps } from '../../device/breathe.js';
import { ArgumentError } from '../../device/errors.js';
import { Random, STREAM } from '../../kernels/random.js';
import { consensusOf, type PositionWeightMatrix, siteAffinity } from '../pwm.js';
import { isGc } from '../sequences/letters.js';
import { decodeSequence, INPUT_LENGTH } from '../sequences/sequence.js';
import type { ProbeSet, Probes } from '../tables/probes.js';
import { designProbe, type Interval } from './design.js';
import { checkedMotifs, type GcSide, type Simulation, type SimulationOptions } from './options.js';

/**
 * Simulates an array. Intensities are log-normal: ln intensity = effect · Σ over offsets of site affinity (×
 * hairpin factor within a designed loop) - penalty · Σ over near pairs of offsets of both affinities'
 * product + gcBias · GC fraction (of a half, where that is asked) + noise · N(0, 1). Of several tasks each
 * has sites, a score and noise of its own; the sites of all tasks stand in the same letters.
 * @throws ArgumentError for parameters out of range or a motif that does not fit the probe or its loop,
 * InvalidSequenceError for a motif with unknown letters
 */
export const simulateProbes = (options: SimulationOptions): Simulation =>
  atOnce(simulateProbesInSteps(options));

/** The same in steps, for `breathing`. */
export function* simulateProbesInSteps(options: SimulationOptions): Steps<Simulation> {
  const pwms = checkedMotifs(options);
  const { count, length = INPUT_LENGTH, tasks, missing = 0, effect = 1.5, hairpin, spacing } = options;
  const { gcBias = 0, gcSide = 'both', noise = 0.3, seed = 1 } = options;
  const random = new Random(seed, STREAM.simulate);
  const sequences: string[] = [];
  const pools: string[] = [];
  const scores = new Float64Array(count * pwms.length);
  const signal = new Float64Array(count * pwms.length);
  for (let i = 0; i < count; i++) {
    yield;
    const draws = random.draws(i);
    const { codes, loop } = designProbe(draws, length, pwms, { hairpin, spacing });
    const bias = gcBias * gcFraction(half(codes, gcSide));
    pwms.forEach((pwm, task) => {
      const at = i * pwms.length + task;
      const sites = affinities(codes, pwm, loop, hairpin?.factor ?? 1);
      const binding = effect * sites.reduce((sum, affinity) => sum + affinity, 0);
      const crowding = spacing ? spacing.penalty * nearPairs(sites, pwm.length, spacing.reach) : 0;
      signal[at] = binding - crowding + bias;
      const score = measured(signal[at] + noise * draws.normal(), i);
      scores[at] = missing > 0 && draws.uniform() < missing ? Number.NaN : score;
    });
    sequences.push(decodeSequence(codes));
    pools.push(loop ? 'structured' : 'linear');
  }
  const probes: Probes = {
    source: `simulation (seed ${seed})`,
    // The lines on which formatProbes writes them, below its header.
    lines: Uint32Array.from({ length: count }, (_, i) => i + 2),
    sequences,
    scores,
    ...(tasks && { tasks: tasks.map(({ name }) => name) }),
    sets: sequences.map((_, i): ProbeSet => (i % 2 === 0 ? 'A' : 'B')),
    pools,
    dropped: 0,
  };
  const planted = pwms.map((pwm) => ({ consensus: consensusOf(pwm), pwm }));
  const each = tasks && {
    tasks: planted.map((motif, task) => ({ task: tasks[task]!.name, ...motif })),
    missing,
  };
  const how = { hairpin: hairpin ?? null, spacing: spacing ?? null, gcBias, gcSide };
  return { probes, truth: { ...planted[0]!, ...each, effect, ...how, noise, seed, signal } };
}

/**
 * The intensity of probe `i`. It has four decimals, as array files have; this also hides last-digit
 * differences between engines' exp and cos.
 */
function measured(logarithm: number, i: number): number {
  const intensity = Number(Math.exp(logarithm).toFixed(4));
  if (Number.isFinite(intensity)) return intensity;
  throw new ArgumentError(
    'noise',
    `the intensity of probe ${i + 1} is too large for a number; use a smaller effect or noise`,
  );
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
  return codes.filter(isGc).length / codes.length;
}
