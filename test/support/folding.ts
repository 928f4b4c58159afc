/**
 * The partition function as plain float64 loops, and every structure of a short sequence with its energy:
 * the references of the kernels. Both are written from the definitions and share only the energies of loops.
 */

import type { Energies } from '../../src/kernels/folding/energies.js';

const PAIRS = ['CG', 'GC', 'GU', 'UG', 'AU', 'UA'];
const LETTERS = 'ACGUN';
/** Gas constant times 37 °C, in dcal/mol. */
const THERMAL = (100 * 1.98717 * 310.15) / 1000;

const factor = (energy: number): number => Math.exp(-energy / THERMAL);
const pairOf = (a: number, b: number): number => PAIRS.indexOf(`${LETTERS[a]}${LETTERS[b]}`);

/** Codes of letters. */
export const codesOf = (letters: string): number[] =>
  Array.from(letters, (letter) => LETTERS.indexOf(letter));

/**
 * The probabilities of a letter's contexts: paired, hairpin loop, interior loop, multiloop, exterior loop.
 */
export const CONTEXT_NAMES = ['P', 'H', 'I', 'M', 'E'] as const;
export type Profile = Record<(typeof CONTEXT_NAMES)[number], Float64Array>;

const blankProfile = (n: number): Profile => ({
  P: new Float64Array(n),
  H: new Float64Array(n),
  I: new Float64Array(n),
  M: new Float64Array(n),
  E: new Float64Array(n),
});

/** Energies of the loops of one sequence, in dcal/mol. */
class Loops {
  readonly letters: string;

  constructor(
    readonly energies: Energies,
    readonly s: readonly number[],
  ) {
    this.letters = s.map((code) => LETTERS[code]).join('');
  }

  pair(i: number, j: number): number {
    return j - i > 3 ? pairOf(this.s[i]!, this.s[j]!) : -1;
  }

  /** An entry of a table behind `row`, the largest over all letters where one is N. */
  #at(table: Int32Array, row: number, positions: readonly number[]): number {
    let rows = [row];
    for (const position of positions) {
      const code = this.s[position]!;
      const any = code < 4 ? [code] : [0, 1, 2, 3];
      rows = rows.flatMap((before) => any.map((letter) => before * 4 + letter));
    }
    return Math.max(...rows.map((index) => table[index]!));
  }

  #size(table: Int32Array, letters: number): number {
    return letters <= 30
      ? table[letters]!
      : table[30]! + this.energies.extrapolation * Math.log(letters / 30);
  }

  #end(pair: number): number {
    return pair >= 2 ? this.energies.terminalAu[0]! : 0;
  }

  hairpin(i: number, j: number): number {
    const { energies } = this;
    const special = energies.hairpins.get(this.letters.slice(i, j + 1));
    if (special !== undefined) return special;
    const pair = this.pair(i, j);
    const start = this.#size(energies.hairpin, j - i - 1);
    if (j - i - 1 === 3) return start + this.#end(pair);
    return start + this.#at(energies.mismatchHairpin, pair, [i + 1, j - 1]);
  }

  interior(i: number, j: number, p: number, q: number): number {
    const { energies } = this;
    const outer = this.pair(i, j);
    const inner = pairOf(this.s[q]!, this.s[p]!);
    const both = outer * 6 + inner;
    const left = p - i - 1;
    const right = j - q - 1;
    const most = Math.max(left, right);
    const least = Math.min(left, right);
    if (most === 0) return energies.stack[both]!;
    if (least === 0 && most === 1) return energies.bulge[1]! + energies.stack[both]!;
    if (least === 0) return this.#size(energies.bulge, most) + this.#end(outer) + this.#end(inner);
    if (most === 1) return this.#at(energies.interior11, both, [i + 1, j - 1]);
    if (left === 1 && right === 2) return this.#at(energies.interior21, both, [i + 1, q + 1, j - 1]);
    if (left === 2 && right === 1)
      return this.#at(energies.interior21, inner * 6 + outer, [q + 1, i + 1, p - 1]);
    if (left === 2 && right === 2) return this.#at(energies.interior22, both, [i + 1, p - 1, q + 1, j - 1]);
    const mismatches =
      least === 1
        ? energies.mismatchInterior1n
        : least === 2 && most === 3
          ? energies.mismatchInterior23
          : energies.mismatchInterior;
    return (
      this.#size(energies.interior, left + right) +
      Math.min(energies.asymmetry[1]!, energies.asymmetry[0]! * (most - least)) +
      this.#at(mismatches, outer, [i + 1, j - 1]) +
      this.#at(mismatches, inner, [q + 1, p - 1])
    );
  }

  /** A pair as a branch of a multiloop. */
  branch(i: number, j: number): number {
    const pair = this.pair(i, j);
    return (
      this.energies.multi[2]! + this.#end(pair) + this.#at(this.energies.mismatchMulti, pair, [i - 1, j + 1])
    );
  }

  /** A pair that closes a multiloop. */
  closing(i: number, j: number): number {
    const pair = pairOf(this.s[j]!, this.s[i]!);
    const { multi, mismatchMulti } = this.energies;
    return multi[1]! + multi[2]! + this.#end(pair) + this.#at(mismatchMulti, pair, [j - 1, i + 1]);
  }

  get unpaired(): number {
    return this.energies.multi[0]!;
  }

  /** A pair of the exterior loop. */
  exterior(i: number, j: number): number {
    const { mismatchExterior, dangle5, dangle3 } = this.energies;
    const pair = this.pair(i, j);
    const last = j === this.s.length - 1;
    const end = this.#end(pair);
    if (i > 0 && !last) return end + this.#at(mismatchExterior, pair, [i - 1, j + 1]);
    if (i > 0) return end + this.#at(dangle5, pair, [i - 1]);
    return last ? end : end + this.#at(dangle3, pair, [j + 1]);
  }
}

/** A structure as the partner of every letter, -1 where there is none. */
type Partners = readonly number[];

/** Energy of a structure in dcal/mol; each loop's letters are handed to `visit`. */
function energyOf(
  loops: Loops,
  partners: Partners,
  visit?: (context: 'H' | 'I' | 'M' | 'E', letters: number[]) => void,
): number {
  const inside = (from: number, to: number) => {
    const branches: [number, number][] = [];
    const letters: number[] = [];
    for (let k = from; k < to; k++) {
      const partner = partners[k]!;
      if (partner < 0) letters.push(k);
      else {
        branches.push([k, partner]);
        k = partner;
      }
    }
    return { branches, letters };
  };
  const closed = (i: number, j: number): number => {
    const { branches, letters } = inside(i + 1, j);
    const within = branches.reduce((sum, [p, q]) => sum + closed(p, q), 0);
    const [first] = branches;
    if (!first) {
      visit?.('H', letters);
      return loops.hairpin(i, j);
    }
    if (branches.length === 1) {
      visit?.('I', letters);
      return within + loops.interior(i, j, ...first);
    }
    visit?.('M', letters);
    return (
      within +
      loops.closing(i, j) +
      letters.length * loops.unpaired +
      branches.reduce((sum, [p, q]) => sum + loops.branch(p, q), 0)
    );
  };
  const { branches, letters } = inside(0, partners.length);
  visit?.('E', letters);
  return branches.reduce((sum, [i, j]) => sum + loops.exterior(i, j) + closed(i, j), 0);
}

/** Energy of a structure in dot-brackets, in dcal/mol. */
export function structureEnergy(energies: Energies, letters: string, brackets: string): number {
  const open: number[] = [];
  const partners = new Array<number>(brackets.length).fill(-1);
  Array.from(brackets).forEach((symbol, k) => {
    if (symbol === '(') open.push(k);
    if (symbol !== ')') return;
    const from = open.pop()!;
    partners[from] = k;
    partners[k] = from;
  });
  return energyOf(new Loops(energies, codesOf(letters)), partners);
}

/** Every structure of a sequence, one after the other. */
function* structures(loops: Loops, partners: number[], from: number): Generator<Partners> {
  const n = partners.length;
  let i = from;
  while (i < n && partners[i]! >= 0) i++;
  if (i >= n) {
    yield partners;
    return;
  }
  // A pair that closes around i ends where a letter between would have to pair across it.
  const limit = partners.findIndex((partner, k) => k > i && partner >= 0 && partner < i);
  for (let j = i + 4; j < (limit < 0 ? n : limit); j++) {
    if (loops.pair(i, j) < 0 || partners[j]! >= 0) continue;
    partners[i] = j;
    partners[j] = i;
    yield* structures(loops, partners, i + 1);
    partners[i] = -1;
    partners[j] = -1;
  }
  partners[i] = -2;
  yield* structures(loops, partners, i + 1);
  partners[i] = -1;
}

/** The partition function and the profile of a short sequence, by enumeration of its structures. */
export function enumerated(energies: Energies, letters: string): { whole: number; profile: Profile } {
  const s = codesOf(letters);
  const loops = new Loops(energies, s);
  const profile = blankProfile(s.length);
  let whole = 0;
  for (const partners of structures(loops, new Array<number>(s.length).fill(-1), 0)) {
    const seen: [keyof Profile, number[]][] = [];
    const energy = energyOf(loops, partners, (context, at) => seen.push([context, at]));
    const weight = factor(energy);
    whole += weight;
    partners.forEach((partner, k) => {
      if (partner >= 0) profile.P[k]! += weight;
    });
    for (const [context, at] of seen) for (const k of at) profile[context][k]! += weight;
  }
  for (const name of CONTEXT_NAMES)
    for (const [k, sum] of profile[name].entries()) profile[name][k] = sum / whole;
  return { whole, profile };
}

/** The same for sequences of any length, by McCaskill's recursions in plain loops. */
export function folded(energies: Energies, s: readonly number[]): { whole: number; profile: Profile } {
  const n = s.length;
  const loops = new Loops(energies, s);
  const table = () => new Float64Array((n + 2) * (n + 2));
  const at = (i: number, j: number): number => (i + 1) * (n + 2) + j + 1;
  const [closed, some, one, more] = [table(), table(), table(), table()];
  const unpaired = factor(loops.unpaired);
  const canBranch = (i: number, j: number) => i > 0 && j < n - 1 && closed[at(i, j)]! > 0;
  const branch = (i: number, j: number) =>
    canBranch(i, j) ? closed[at(i, j)]! * factor(loops.branch(i, j)) : 0;
  for (let d = 4; d < n; d++)
    for (let i = 0; i + d < n; i++) {
      const j = i + d;
      if (loops.pair(i, j) >= 0) {
        let sum = factor(loops.hairpin(i, j)) + more[at(i + 1, j - 1)]! * factor(loops.closing(i, j));
        for (let p = i + 1; p < j - 4; p++)
          for (let q = p + 4; q < j; q++)
            if (closed[at(p, q)]! > 0 && p - i + j - q - 2 <= 30)
              sum += closed[at(p, q)]! * factor(loops.interior(i, j, p, q));
        closed[at(i, j)] = sum;
      }
      one[at(i, j)] = one[at(i, j - 1)]! * unpaired + branch(i, j);
      let split = 0;
      for (let l = i + 4; l < j; l++) split += branch(i, l) * some[at(l + 1, j)]!;
      more[at(i, j)] = unpaired * more[at(i + 1, j)]! + split;
      some[at(i, j)] = unpaired * some[at(i + 1, j)]! + one[at(i, j)]! + split;
    }
  const outer = (i: number, j: number) =>
    closed[at(i, j)]! > 0 ? closed[at(i, j)]! * factor(loops.exterior(i, j)) : 0;
  const head = new Float64Array(n + 1).fill(1);
  for (let j = 0; j < n; j++) {
    head[j + 1] = head[j]!;
    for (let i = 0; i < j; i++) head[j + 1]! += head[i]! * outer(i, j);
  }
  const tail = new Float64Array(n + 1).fill(1);
  for (let i = n - 1; i >= 0; i--) {
    tail[i] = tail[i + 1]!;
    for (let j = i + 1; j < n; j++) tail[i]! += tail[j + 1]! * outer(i, j);
  }
  const whole = head[n]!;
  const profile = blankProfile(n);
  const [out, outSome, outOne, outMore] = [table(), table(), table(), table()];
  for (let d = n - 1; d >= 4; d--)
    for (let i = 0; i + d < n; i++) {
      const j = i + d;
      if (i > 0 && j < n - 1) {
        const around = out[at(i - 1, j + 1)]!;
        outMore[at(i, j)] =
          unpaired * outMore[at(i - 1, j)]! + (around > 0 ? around * factor(loops.closing(i - 1, j + 1)) : 0);
        let sum = unpaired * outSome[at(i - 1, j)]!;
        for (let h = 1; h < i - 4; h++) sum += branch(h, i - 1) * (outSome[at(h, j)]! + outMore[at(h, j)]!);
        outSome[at(i, j)] = sum;
        outOne[at(i, j)] = sum + unpaired * outOne[at(i, j + 1)]!;
      }
      if (!(closed[at(i, j)]! > 0)) continue;
      let sum = (head[i]! * tail[j + 1]! * factor(loops.exterior(i, j))) / whole;
      for (let h = Math.max(0, i - 31); h < i; h++)
        for (let l = j + 1; l < n && i - h + l - j - 2 <= 30; l++)
          if (out[at(h, l)]! > 0) {
            const loop = out[at(h, l)]! * factor(loops.interior(h, l, i, j));
            sum += loop;
            for (let x = h + 1; x < l; x++) if (x < i || x > j) profile.I[x]! += loop * closed[at(i, j)]!;
          }
      if (canBranch(i, j)) {
        let ways = outOne[at(i, j)]!;
        for (let l = j + 1; l < n - 1; l++)
          ways += some[at(j + 1, l)]! * (outSome[at(i, l)]! + outMore[at(i, l)]!);
        sum += ways * factor(loops.branch(i, j));
      }
      out[at(i, j)] = sum;
      profile.P[i]! += sum * closed[at(i, j)]!;
      profile.P[j]! += sum * closed[at(i, j)]!;
      for (let x = i + 1; x < j; x++) profile.H[x]! += sum * factor(loops.hairpin(i, j));
    }
  for (let x = 0; x < n; x++) {
    profile.E[x] = (head[x]! * tail[x + 1]!) / whole;
    for (let j = x + 1; j < n; j++)
      profile.M[x]! +=
        unpaired * (some[at(x + 1, j)]! * outSome[at(x, j)]! + more[at(x + 1, j)]! * outMore[at(x, j)]!);
    for (let i = 0; i < x; i++) profile.M[x]! += unpaired * one[at(i, x - 1)]! * outOne[at(i, x)]!;
  }
  return { whole, profile };
}
