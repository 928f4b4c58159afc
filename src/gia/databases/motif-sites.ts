/**
 * Sites drawn from position weight matrices: one for each motif and background, and the same letters in
 * random order. Numbers come from counters of (seed, background), so a motif's sites depend neither on the
 * other motifs of a database nor on chunk sizes.
 */

import type { PositionWeightMatrix } from '../../data/pwm.js';
import { Random, STREAM } from '../../kernels/random.js';
import type { Backgrounds } from '../backgrounds/backgrounds.js';
import type { DrawnPatterns } from '../sweep/drawn-patterns.js';

/** A motif and where its sites are embedded. */
export interface PlacedMatrix {
  readonly pwm: PositionWeightMatrix;
  /** 0-based positions of a site's first letter. */
  readonly positions: readonly number[];
}

/** How the letters of a site stand: as drawn, or in random order, which keeps their composition. */
export const ARRANGEMENTS = ['site', 'shuffled'] as const;

/**
 * Numbers that one background has for all motifs, in [0, 1): one for each letter, and one for its new place.
 */
interface Uniforms {
  readonly background: number;
  readonly letters: Float64Array;
  readonly places: Float64Array;
}

/** Draws the sites of a seed. */
export class SiteDraws {
  readonly #random: Random;
  #current: Uniforms = { background: -1, letters: new Float64Array(), places: new Float64Array() };

  /** @param widest letters of the longest motif */
  constructor(
    seed: number,
    readonly widest: number,
  ) {
    this.#random = new Random(seed, STREAM.motifSite);
  }

  /** Base codes of a motif's site in a background. Each letter is drawn on its own. */
  site(pwm: PositionWeightMatrix, background: number): Uint8Array {
    const { letters } = this.#of(background);
    const codes = new Uint8Array(pwm.length);
    for (let i = 0; i < codes.length; i++) codes[i] = letterAt(pwm[i]!, letters[i]!);
    return codes;
  }

  /** The same letters in random order, every order equally likely (Fisher-Yates). */
  shuffled(pwm: PositionWeightMatrix, background: number): Uint8Array {
    const codes = this.site(pwm, background);
    const { places } = this.#of(background);
    for (let i = codes.length - 1; i > 0; i--) {
      const j = Math.floor(places[i]! * (i + 1));
      const moved = codes[i]!;
      codes[i] = codes[j]!;
      codes[j] = moved;
    }
    return codes;
  }

  #of(background: number): Uniforms {
    if (this.#current.background !== background) {
      const draw = (from: number) =>
        Float64Array.from(
          { length: this.widest },
          (_, i) => this.#random.bits(background, from + i) / 4294967296,
        );
      this.#current = { background, letters: draw(0), places: draw(PLACES) };
    }
    return this.#current;
  }
}

/** First draw for places; no motif has so many letters. */
const PLACES = 2 ** 16;

/** The letter in whose share of the probability a number lies. */
function letterAt(column: readonly [number, number, number, number], uniform: number): number {
  let rest = uniform * (column[0] + column[1] + column[2] + column[3]);
  for (let letter = 0; letter < 4; letter++) {
    rest -= column[letter]!;
    if (rest < 0) return letter;
  }
  // Only rounding leads here: take the last letter with a probability above 0.
  return column.findLastIndex((p) => p > 0);
}

/** Base-2 logarithm of a site's probability under its matrix, relative to letters of equal probability. */
export const logOdds = (pwm: PositionWeightMatrix, site: Uint8Array): number =>
  pwm.reduce((sum, column, i) => sum + Math.log2(4 * column[site[i]!]!), 0);

/** Place of a motif's sites in the grid of `motifPatterns`. */
export const patternOf = (position: number, motif: number, arrangement: number, motifs: number): number =>
  (position * motifs + motif) * ARRANGEMENTS.length + arrangement;

/**
 * Sites of all motifs, as drawn and shuffled, at all of their positions. Every motif has as many positions.
 *
 * @param names of the motifs
 */
export function motifPatterns(
  motifs: readonly PlacedMatrix[],
  names: readonly string[],
  { codes, length }: Pick<Backgrounds, 'codes' | 'length'>,
  draws: SiteDraws,
): DrawnPatterns {
  const each = motifs.length * ARRANGEMENTS.length;
  const count = each * motifs[0]!.positions.length;
  return {
    names: Array.from(
      { length: count },
      (_, p) => names[Math.floor(p / ARRANGEMENTS.length) % names.length]!,
    ),
    length,
    fill(rows, pair) {
      for (let i = 0; i * length < rows.length; i++) {
        const background = Math.floor((pair + i) / count);
        const pattern = (pair + i) % count;
        const { pwm, positions } = motifs[Math.floor(pattern / ARRANGEMENTS.length) % motifs.length]!;
        const site =
          pattern % ARRANGEMENTS.length === 0 ? draws.site(pwm, background) : draws.shuffled(pwm, background);
        rows.set(codes.subarray(background * length, (background + 1) * length), i * length);
        rows.set(site, i * length + positions[Math.floor(pattern / each)]!);
      }
    },
  };
}
