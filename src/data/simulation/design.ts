/** The letters of a simulated probe: random ones, perhaps a stem-loop, and the sites of every motif. */
import type { Draws } from '../../kernels/random.js';
import type { PositionWeightMatrix } from '../pwm.js';
import { complement } from '../sequences/letters.js';
import { type HairpinPreference, LENGTH_SPREAD, type SpacingPenalty, stemLoopOf } from './options.js';

/**
 * Zero to two sites of a motif are planted in a probe, each with zero to two point mutations, all equally
 * often.
 */
const MOST_SITES = 2;
const MOST_MUTATIONS = 2;

interface Designs {
  readonly hairpin: HairpinPreference | undefined;
  readonly spacing: SpacingPenalty | undefined;
}

/** Offsets from `start` to before `end`. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** Base codes of a probe of at most `length` nt, and where its loop is if it has one. */
export function designProbe(
  draws: Draws,
  length: number,
  pwms: readonly PositionWeightMatrix[],
  { hairpin, spacing }: Designs,
): { codes: Uint8Array; loop: Interval | undefined } {
  const size = length - draws.below(LENGTH_SPREAD + 1);
  const codes = Uint8Array.from({ length: size }, () => draws.below(4));
  const isStructured = hairpin !== undefined && draws.uniform() < hairpin.fraction;
  const stem = stemLoopOf(hairpin ?? {});
  // Drawn for every probe, so that the same seed gives the same letters with and without stem-loops.
  const start = stem.arm + draws.below(Math.max(1, size - 2 * stem.arm - stem.loop + 1));
  const loop = isStructured ? { start, end: start + stem.loop } : undefined;
  for (const pwm of pwms) {
    if (spacing && !loop && draws.uniform() < spacing.fraction) plantPair(draws, codes, pwm, spacing.reach);
    else plantSites(draws, codes, pwm, loop);
  }
  // The 3′ arm comes last, because it pairs with what stands in the 5′ arm by then.
  if (loop) for (let j = 0; j < stem.arm; j++) codes[loop.end + j] = complement(codes[loop.start - 1 - j]!);
  return { codes, loop };
}

/** Writes sites anywhere, or half of them in the loop where there is one. */
function plantSites(
  draws: Draws,
  codes: Uint8Array,
  pwm: PositionWeightMatrix,
  loop: Interval | undefined,
): void {
  for (let sites = draws.below(MOST_SITES + 1); sites > 0; sites--) {
    const room = loop && draws.below(2) === 0 ? loop : { start: 0, end: codes.length };
    plantSite(draws, codes, pwm, room);
  }
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
