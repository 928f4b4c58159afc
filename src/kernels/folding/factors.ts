/**
 * Energies as the kernels read them: one table of Boltzmann factors, laid out as
 * `shaders/lib/fold_factors.wgsl` says. A letter N counts as the letter that is least favourable where it
 * stands. A position outside the sequence has no dangling end.
 */

import {
  type Energies,
  type EnergyTable,
  INFINITE,
  LONGEST_LOOP,
  PAIRS,
  SHORTEST_HAIRPIN,
  THERMAL_ENERGY,
} from './energies.js';

/** Letters in a table of mismatches: A, C, G, U and N. */
const LETTERS = 5;
const SIZES = LONGEST_LOOP + 1;
const NO_SPECIAL = -1;

/** Letters of special hairpin loops with their closing pairs, in the order of their tables. */
const SPECIAL = [5, 6, 8] as const;

/** Boltzmann factor of an energy in dcal/mol at 37 °C. */
export const boltzmann = (energy: number): number =>
  energy >= INFINITE ? 0 : Math.exp(-energy / (100 * THERMAL_ENERGY));

/** Energy of a loop of any size: beyond 30 letters it grows with the logarithm. */
export const initiation = (energies: Energies, table: 'hairpin' | 'bulge' | 'interior', letters: number) =>
  letters <= LONGEST_LOOP
    ? energies[table][letters]!
    : energies[table][LONGEST_LOOP]! + energies.extrapolation * Math.log(letters / LONGEST_LOOP);

/** Penalty of a pair at the end of a helix. */
export const terminal = (energies: Energies, pair: number): number =>
  pair > 1 ? energies.terminalAu[0]! : 0;

/**
 * An entry of a table whose last dimensions are letters: the largest over all letters where one is N (4).
 *
 * @param index of the dimensions before
 */
export function worst(table: Int32Array, index: number, letters: readonly number[]): number {
  const [letter, ...rest] = letters;
  if (letter === undefined) return table[index]!;
  if (letter < 4) return worst(table, index * 4 + letter, rest);
  return Math.max(...[0, 1, 2, 3].map((any) => worst(table, index * 4 + any, rest)));
}

/** Every combination of `count` letters of A, C, G, U and N, the last one fastest. */
function* combinations(count: number): Generator<number[]> {
  for (let index = 0; index < LETTERS ** count; index++)
    yield Array.from({ length: count }, (_, k) => Math.floor(index / LETTERS ** (count - 1 - k)) % LETTERS);
}

/** A table of pairs and letters, with N. */
const withN = (energies: Energies, table: EnergyTable, rows: number, letters: number): number[] =>
  Array.from({ length: rows }, (_, row) =>
    Array.from(combinations(letters), (these) => boltzmann(worst(energies[table], row, these))),
  ).flat();

/**
 * A table [pair, 6, 6] of the letters beside a pair; the sixth is a position outside the sequence.
 *
 * @param energy of a pair between two letters, one or both of which may be undefined
 */
function flanks(energy: (pair: number, before: number | undefined, after: number | undefined) => number) {
  const letters = [0, 1, 2, 3, 4, undefined];
  return PAIRS.flatMap((_, pair) =>
    letters.flatMap((before) => letters.map((after) => boltzmann(energy(pair, before, after)))),
  );
}

function branch(energies: Energies) {
  return flanks((pair, before, after) =>
    before === undefined || after === undefined
      ? INFINITE
      : worst(energies.mismatchMulti, pair, [before, after]) + terminal(energies, pair) + energies.multi[2]!,
  );
}

function exterior(energies: Energies) {
  const dangling = (pair: number, before: number | undefined, after: number | undefined): number => {
    if (before !== undefined && after !== undefined)
      return worst(energies.mismatchExterior, pair, [before, after]);
    if (before !== undefined) return worst(energies.dangle5, pair, [before]);
    return after === undefined ? 0 : worst(energies.dangle3, pair, [after]);
  };
  return flanks((pair, before, after) => dangling(pair, before, after) + terminal(energies, pair));
}

/** Factors of special hairpin loops by their letters, two bits each; negative where there is none. */
function specialLoops({ hairpins }: Energies): number[] {
  return SPECIAL.flatMap((letters) => {
    const factors = new Array<number>(4 ** letters).fill(NO_SPECIAL);
    for (const [loop, energy] of hairpins) {
      if (loop.length !== letters) continue;
      const word = Array.from(loop).reduce((sum, letter) => sum * 4 + 'ACGU'.indexOf(letter), 0);
      factors[word] = boltzmann(energy);
    }
    return factors;
  });
}

/**
 * The table that the kernels read, in the order of `shaders/lib/fold_factors.wgsl`.
 *
 * @param length the longest sequence
 */
export function factorsOf(energies: Energies, length: number): Float32Array {
  const bySize = (factor: (size: number) => number): number[] =>
    Array.from({ length: SIZES }, (_, k) => factor(k));
  return Float32Array.from([
    ...Array.from(energies.stack, boltzmann),
    ...PAIRS.map((_, pair) => boltzmann(terminal(energies, pair))),
    boltzmann(energies.multi[1]!),
    boltzmann(energies.multi[0]!),
    ...bySize((size) => boltzmann(energies.bulge[size]!)),
    ...bySize((size) => boltzmann(energies.interior[size]!)),
    boltzmann(Math.min(energies.asymmetry[0]!, energies.asymmetry[1]!)),
    boltzmann(energies.asymmetry[1]!),
    ...withN(energies, 'mismatchHairpin', 6, 2),
    ...withN(energies, 'mismatchInterior', 6, 2),
    ...withN(energies, 'mismatchInterior1n', 6, 2),
    ...withN(energies, 'mismatchInterior23', 6, 2),
    ...branch(energies),
    ...exterior(energies),
    ...withN(energies, 'interior11', 36, 2),
    ...withN(energies, 'interior21', 36, 3),
    ...withN(energies, 'interior22', 36, 4),
    ...specialLoops(energies),
    ...Array.from({ length }, (_, size) =>
      size < SHORTEST_HAIRPIN ? 0 : boltzmann(initiation(energies, 'hairpin', size)),
    ),
  ]);
}
