/**
 * Free energies of loops: the nearest-neighbour model of RNA secondary structure. Energies are integers in
 * dcal/mol (0.01 kcal/mol) at 37 °C. `turner1999.ts` holds the built-in numbers;
 * `src/data/energies/` reads files of ViennaRNA.
 */

/** Pairs in the order of every table: the letter on the 5' side, then the letter on the 3' side. */
export const PAIRS = ['CG', 'GC', 'GU', 'UG', 'AU', 'UA'] as const;

/** Longest hairpin, bulge or interior loop with an energy of its own; longer ones are extrapolated. */
export const LONGEST_LOOP = 30;

/** Fewest unpaired letters in a hairpin loop. */
export const SHORTEST_HAIRPIN = 3;

/** Gas constant times 37 °C, in kcal/mol. */
export const THERMAL_ENERGY = (1.98717 * (37 + 273.15)) / 1000;

const SIZES = LONGEST_LOOP + 1;

/**
 * Numbers in each table. A table's index runs over its dimensions, the last one fastest. Letters are A, C, G
 * and U. With a loop closed by (i, j), and with (p, q) inside:
 *
 * - `stack` [pair (i, j), pair (q, p)]
 * - `hairpin`, `bulge`, `interior` [unpaired letters]
 * - `mismatchHairpin`, `mismatchInterior`, `mismatchInterior1n` (loops of 1 and more than 2 letters),
 *   `mismatchInterior23` [pair (i, j), letter i + 1, letter j - 1]
 * - `mismatchMulti`, `mismatchExterior` [pair (i, j), letter i - 1, letter j + 1]
 * - `dangle5` [pair (i, j), letter i - 1], `dangle3` [pair (i, j), letter j + 1]
 * - `interior11` [pair (i, j), pair (q, p), letter i + 1, letter j - 1]
 * - `interior21` [pair (i, j), pair (q, p), letter i + 1, letter q + 1, letter j - 1]
 * - `interior22` [pair (i, j), pair (q, p), letter i + 1, letter p - 1, letter q + 1, letter j - 1]
 * - `asymmetry` [per letter of difference between the sides, at most]
 * - `multi` [per unpaired letter, for closing, per branch]
 * - `terminalAu` [for an end of a helix with A-U or G-U]
 */
export const TABLE_SIZES = {
  stack: 36,
  hairpin: SIZES,
  bulge: SIZES,
  interior: SIZES,
  mismatchHairpin: 96,
  mismatchInterior: 96,
  mismatchInterior1n: 96,
  mismatchInterior23: 96,
  mismatchMulti: 96,
  mismatchExterior: 96,
  dangle5: 24,
  dangle3: 24,
  interior11: 576,
  interior21: 2304,
  interior22: 9216,
  asymmetry: 2,
  multi: 3,
  terminalAu: 1,
} as const;

export type EnergyTable = keyof typeof TABLE_SIZES;

/** A set of energies. `INFINITE` marks a loop that cannot form. */
export interface Energies extends Readonly<Record<EnergyTable, Int32Array>> {
  /** Where the numbers are from, for messages and manifests. */
  readonly name: string;
  /** Growth of the energies of loops of more than 30 letters: this, times ln(letters / 30), in dcal/mol. */
  readonly extrapolation: number;
  /**
   * Hairpin loops with a total energy of their own, by their letters with the closing pair: 5, 6 or 8 letters
   * of `ACGU`.
   */
  readonly hairpins: ReadonlyMap<string, number>;
}

/** Energy of what cannot form. */
export const INFINITE = 1_000_000;
