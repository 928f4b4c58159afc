/**
 * Energies from a parameter file of ViennaRNA 2 (`## RNAfold parameter file v2.0`). Enthalpies are passed
 * over, since all energies are those at 37 °C. So are the entries for unknown letters, which the folding
 * derives itself, and those for pairs other than the six.
 */

import { FormatError } from '../../device/errors.js';
import {
  type Energies,
  type EnergyTable,
  INFINITE,
  LONGEST_LOOP,
  PAIRS,
} from '../../kernels/folding/energies.js';
import { echo } from '../echo.js';
import { textLines } from '../files/text-lines.js';
import { inRna } from '../sequences/letters.js';
import { readNumber } from '../tables/numbers.js';

const HEADER = /^##\s*RNAfold parameter file v2\.0\s*$/;

/** A number or a word of a section, and its line. */
interface Word {
  readonly text: string;
  readonly line: number;
}

/** A dimension of a table in the file: how many entries it has, and which of them count. */
type Axis = readonly [size: number, from: number, to: number];
const PAIR: Axis = [PAIRS.length + 1, 0, PAIRS.length];
/** Only the known pairs. */
const KNOWN_PAIR: Axis = [PAIRS.length, 0, PAIRS.length];
/** Any letter, then A, C, G and U. */
const LETTER: Axis = [5, 1, 5];
/** Only A, C, G and U. */
const KNOWN_LETTER: Axis = [4, 0, 4];
const SIZE: Axis = [LONGEST_LOOP + 1, 0, LONGEST_LOOP + 1];

interface Section {
  /** Names that versions of ViennaRNA give it. */
  readonly names: readonly string[];
  readonly axes: readonly Axis[];
}

const TABLES = {
  stack: { names: ['stack'], axes: [PAIR, PAIR] },
  hairpin: { names: ['hairpin'], axes: [SIZE] },
  bulge: { names: ['bulge'], axes: [SIZE] },
  interior: { names: ['interior', 'internal'], axes: [SIZE] },
  mismatchHairpin: { names: ['mismatch_hairpin'], axes: [PAIR, LETTER, LETTER] },
  mismatchInterior: { names: ['mismatch_interior', 'mismatch_internal'], axes: [PAIR, LETTER, LETTER] },
  mismatchInterior1n: {
    names: ['mismatch_interior_1n', 'mismatch_internal_1n'],
    axes: [PAIR, LETTER, LETTER],
  },
  mismatchInterior23: {
    names: ['mismatch_interior_23', 'mismatch_internal_23'],
    axes: [PAIR, LETTER, LETTER],
  },
  mismatchMulti: { names: ['mismatch_multi'], axes: [PAIR, LETTER, LETTER] },
  mismatchExterior: { names: ['mismatch_exterior'], axes: [PAIR, LETTER, LETTER] },
  dangle5: { names: ['dangle5'], axes: [PAIR, LETTER] },
  dangle3: { names: ['dangle3'], axes: [PAIR, LETTER] },
  interior11: { names: ['int11'], axes: [PAIR, PAIR, LETTER, LETTER] },
  interior21: { names: ['int21'], axes: [PAIR, PAIR, LETTER, LETTER, LETTER] },
  interior22: {
    names: ['int22'],
    axes: [KNOWN_PAIR, KNOWN_PAIR, KNOWN_LETTER, KNOWN_LETTER, KNOWN_LETTER, KNOWN_LETTER],
  },
} as const satisfies Partial<Record<EnergyTable, Section>>;

/** Sections of special hairpin loops, and their letters with the closing pair. */
const LOOPS = { Triloops: 5, Tetraloops: 6, Hexaloops: 8 } as const;

/** Growth of energies with the logarithm of a loop's letters, where the file names none. */
const EXTRAPOLATION = 107.856;

/** The lowest energy that is read, in dcal/mol: below it, factors leave the range of f32. */
const LOWEST = -5000;
const HIGHEST = INFINITE;

/**
 * Reads a parameter file of ViennaRNA 2.
 *
 * @param source the file's name, for errors
 * @throws FormatError naming file and line
 */
export function parseEnergies(text: string, source: string): Energies {
  const sections = sectionsOf(text, source);
  const read = new Reader(sections, source);
  const tables = Object.fromEntries(
    Object.entries(TABLES).map(([name, section]) => [name, read.table(section)]),
  ) as Record<keyof typeof TABLES, Int32Array>;
  const ninio = read.numbers(['NINIO'], 3);
  const multi = read.numbers(['ML_params'], 6);
  const misc = read.numbers(['Misc'], 4);
  return {
    name: source,
    ...tables,
    asymmetry: Int32Array.of(ninio[0]!, ninio[2]!),
    multi: Int32Array.of(multi[0]!, multi[2]!, multi[4]!),
    terminalAu: Int32Array.of(misc[2]!),
    extrapolation: misc[4] ?? EXTRAPOLATION,
    hairpins: read.loops(),
  };
}

/** The words of each section. Comments, which may span several lines, are removed. */
function sectionsOf(text: string, source: string): Map<string, Word[]> {
  const sections = new Map<string, Word[]>();
  let words: Word[] | undefined;
  let comment: number | undefined;
  let begun = false;
  for (const { number, text: line } of textLines(text)) {
    const where = `${source}:${number}`;
    const [bare, open] = withoutComments(line, comment !== undefined);
    comment = open ? (comment ?? number) : undefined;
    const trimmed = bare.trim();
    if (trimmed === '') continue;
    if (!begun) {
      if (!HEADER.test(trimmed))
        throw new FormatError(
          `${where}: a parameter file of ViennaRNA 2 begins with "## RNAfold parameter file v2.0", not ${echo(trimmed)}`,
        );
      begun = true;
      continue;
    }
    if (trimmed.startsWith('##')) continue;
    if (trimmed.startsWith('#')) {
      const name = trimmed.slice(1).trim().split(/\s/, 1)[0]!;
      if (name.toUpperCase() === 'END') break;
      if (sections.has(name)) throw new FormatError(`${where}: the section ${echo(name)} is there twice`);
      words = [];
      sections.set(name, words);
      continue;
    }
    if (!words) throw new FormatError(`${where}: ${echo(trimmed)} stands before the first section`);
    for (const word of trimmed.split(/\s+/)) words.push({ text: word, line: number });
  }
  if (!begun) throw new FormatError(`${source}: the file is empty`);
  if (comment !== undefined) throw new FormatError(`${source}:${comment}: the comment has no end`);
  return sections;
}

/** A line without its comments, and whether one is still open at its end. */
function withoutComments(line: string, inside: boolean): [bare: string, open: boolean] {
  let bare = '';
  let open = inside;
  let at = 0;
  for (;;) {
    const next = line.indexOf(open ? '*/' : '/*', at);
    if (next < 0) return [open ? bare : bare + line.slice(at), open];
    if (!open) bare += `${line.slice(at, next)} `;
    open = !open;
    at = next + 2;
  }
}

class Reader {
  constructor(
    readonly sections: ReadonlyMap<string, readonly Word[]>,
    readonly source: string,
  ) {}

  /** The entries of a table that count. */
  table({ names, axes }: Section): Int32Array {
    const size = axes.reduce((product, [entries]) => product * entries, 1);
    const words = this.#words(names);
    if (words.length !== size)
      throw new FormatError(
        `${this.#where(words)}: the section ${names[0]} has ${words.length} numbers; it needs ${size}`,
      );
    const kept: number[] = [];
    const take = (axis: number, row: number): void => {
      const [entries, from, to] = axes[axis] ?? [];
      if (entries === undefined) kept.push(this.#energy(words[row]!));
      else for (let k = from!; k < to!; k++) take(axis + 1, row * entries + k);
    };
    take(0, 0);
    return Int32Array.from(kept);
  }

  /** The numbers of a section, `least` of them or more. */
  numbers(names: readonly string[], least: number): number[] {
    const words = this.#words(names);
    if (words.length < least)
      throw new FormatError(
        `${this.#where(words)}: the section ${names[0]} has ${words.length} numbers; it needs ${least}`,
      );
    return words.map((word) => this.#number(word));
  }

  /** Special hairpin loops: letters, energy and enthalpy of each. */
  loops(): Map<string, number> {
    const loops = new Map<string, number>();
    for (const [name, letters] of Object.entries(LOOPS)) {
      const words = this.sections.get(name) ?? [];
      for (let k = 0; k < words.length; k += 3) {
        const where = `${this.source}:${words[k]!.line}`;
        const loop = inRna(words[k]!.text);
        if (loop.length !== letters || !/^[ACGU]+$/.test(loop))
          throw new FormatError(
            `${where}: a loop of ${name} has ${letters} letters of ACGU with its closing pair, not ${echo(words[k]!.text)}`,
          );
        if (!words[k + 1] || !words[k + 2] || words[k + 2]!.line !== words[k]!.line)
          throw new FormatError(`${where}: the loop ${loop} needs an energy and an enthalpy in its line`);
        if (loops.has(loop)) throw new FormatError(`${where}: the loop ${loop} is there twice`);
        loops.set(loop, this.#energy(words[k + 1]!));
      }
    }
    return loops;
  }

  #words(names: readonly string[]): readonly Word[] {
    for (const name of names) {
      const words = this.sections.get(name);
      if (words) return words;
    }
    throw new FormatError(`${this.source}: the section ${names[0]} is missing`);
  }

  #where(words: readonly Word[]): string {
    return words.length > 0 ? `${this.source}:${words[0]!.line}` : this.source;
  }

  /** An energy in dcal/mol; `INF` is a loop that cannot form. */
  #energy(word: Word): number {
    const value = word.text === 'INF' ? INFINITE : this.#number(word);
    if (!Number.isInteger(value))
      throw new FormatError(
        `${this.source}:${word.line}: an energy is a whole number of dcal/mol, not ${echo(word.text)}`,
      );
    return value;
  }

  #number(word: Word): number {
    const value = readNumber(word.text);
    if (value === undefined)
      throw new FormatError(`${this.source}:${word.line}: ${echo(word.text)} is not a number`);
    if (value < LOWEST || value > HIGHEST)
      throw new FormatError(
        `${this.source}:${word.line}: ${echo(word.text)} is out of range; energies lie between ${LOWEST} and ${HIGHEST} dcal/mol`,
      );
    return value;
  }
}
