/**
 * A sweep's plan carried out on the host, number by number, for a network of one channel whose numbers are
 * residues modulo a prime: it computes exactly, so a plan that takes any vector of another class, position,
 * tap or window gives another prediction. `predict` is the same network letter by letter, without a plan.
 */

import type { SweepPlan } from '../../src/gia/sweep/plan.js';
import { type ColumnKind, type Edges, type Gathered, NONE, type Run } from '../../src/gia/sweep/stages.js';
import { Random } from '../../src/kernels/random.js';
import type { Architecture } from '../../src/nn/architecture.js';
import { residualSizes } from '../../src/nn/presets.js';

const PRIME = 1_000_003;
const residue = (x: number): number => ((x % PRIME) + PRIME) % PRIME;
/** Stands for the rectifier: not linear, and injective on nothing in particular. */
const bent = (x: number): number => residue(residue(x) * residue(x) + 7);

export interface ScalarNetwork {
  readonly architecture: Architecture;
  /** Bias and the weight of letters by tap and code of the first convolution; 0 for a pad. */
  readonly first: { readonly bias: number; readonly weight: (tap: number, code: number) => number };
  readonly convolutions: readonly { readonly bias: number; readonly taps: readonly number[] }[];
  /** Weight of every window in the prediction. */
  readonly windows: readonly number[];
  readonly predict: (codes: ArrayLike<number>) => number;
}

export function scalarNetwork(architecture: Architecture): ScalarNetwork {
  const { taps, dilations, length, pool } = residualSizes(architecture)!;
  const draws = new Random(11, 1003).draws(0);
  const number = () => 1 + draws.below(PRIME - 1);
  const letters = Array.from({ length: taps * 4 }, number);
  const first = {
    bias: number(),
    weight: (tap: number, code: number) => (code < 4 ? letters[tap * 4 + code]! : 0),
  };
  const convolutions = dilations.map(() => ({ bias: number(), taps: [number(), number(), number()] }));
  const windows = Array.from({ length: Math.floor(length / pool) }, number);
  const predict = (codes: ArrayLike<number>): number => {
    const positions = Array.from({ length }, (_, p) => p);
    const entry = positions.map((p) =>
      bent(
        positions.reduce((sum, q) => {
          const tap = q - p + (taps - 1) / 2;
          return tap < 0 || tap >= taps ? sum : sum + first.weight(tap, codes[q]!);
        }, first.bias),
      ),
    );
    const last = convolutions.reduce(
      (x, { bias, taps: w }, i) =>
        positions.map((p) => {
          const sum = w.reduce(
            (all, tap, t) => all + residue(tap * (x[p + (t - 1) * dilations[i]!] ?? 0)),
            bias,
          );
          return bent(i === convolutions.length - 1 ? sum + entry[p]! : sum);
        }),
      entry,
    );
    return residue(
      windows.reduce((sum, weight, w) => {
        const inside = last.slice(w * pool, (w + 1) * pool).reduce((a, b) => a + b, 0);
        return sum + residue(weight * residue(inside));
      }, 0),
    );
  };
  return { architecture, first, convolutions, windows, predict };
}

/** What a plan predicts of a pattern in a background. */
export function planned(
  plan: SweepPlan,
  net: ScalarNetwork,
  background: Uint8Array,
  pattern: number,
): number {
  const { architecture } = net;
  const { dilations, pool: size } = residualSizes(architecture)!;
  const { first, convolutions, pool, dense, set } = plan;
  const patterns = set.names.length;
  /** Edge vectors of a run's column for the pattern, left and right. */
  const edgesAt = ({ count }: Run, { left, right, index }: Edges, column: number): number[] =>
    [column < left ? column : NONE, column + right >= count ? left + column + right - count : NONE]
      .filter((edge) => edge !== NONE)
      .map((edge) => index[edge * patterns + pattern]!);

  const entered = first.columns.map((row) => entryOf(plan, net, background, row));
  const entry = entered.slice(0, first.shared).map(bent);
  const runEntry = Array.from({ length: first.run.count }, (_, o) =>
    bent(edgesAt(first.run, first.edges, o).reduce((sum, edge) => sum + entered[first.shared + edge]!, 0)),
  );
  let [shared, run, at] = [entry, runEntry, first.run];
  convolutions.forEach((stage, i) => {
    const { bias, taps } = net.convolutions[i]!;
    const isLast = i === convolutions.length - 1;
    const before = { shared, run, at };
    const vectors = gathered(stage.gathered, (source, slot) =>
      slot === 3 ? entry[source]! : residue(taps[source % 3]! * before.shared[Math.floor(source / 3)]!),
    );
    shared = vectors.slice(0, stage.shared).map((sum) => bent(sum + bias));
    at = stage.run;
    run = Array.from({ length: at.count }, (_, o) => {
      const position = at.first + o;
      const own = taps.reduce((sum, tap, t) => {
        const column = position + (t - 1) * dilations[i]! - before.at.first;
        return sum + residue(tap * (before.run[column] ?? 0));
      }, bias);
      const edges = edgesAt(at, stage.edges, o).reduce((sum, edge) => sum + vectors[stage.shared + edge]!, 0);
      const skip = isLast ? (runEntry[position - first.run.first] ?? 0) : 0;
      return bent(own + edges + skip);
    });
  });
  const parts = gathered(pool.gathered, (source) => shared[source]!);
  const products = parts.map((sum, row) =>
    residue(net.windows[pool.parts[Math.floor(row / pool.partRows)]!]! * residue(sum)),
  );
  const denseEdges = gathered(dense.gathered, (source) => products[source]!);
  const { left, right, index } = dense.edges;
  let prediction = 0;
  for (let edge = 0; edge < left + right; edge++)
    prediction += denseEdges[index[edge * patterns + pattern]!]!;
  run.forEach((column, o) => {
    prediction += residue(net.windows[Math.floor((at.first + o) / size)]! * column);
  });
  return residue(prediction);
}

/** Sums of vectors computed before, a row of the list each. */
const gathered = (
  { sources, width, rows }: Gathered,
  value: (source: number, slot: number) => number,
): number[] =>
  Array.from({ length: rows }, (_, row) =>
    Array.from(sources.subarray(row * width, (row + 1) * width)).reduce(
      (sum, source, slot) => (source === NONE ? sum : sum + value(source, slot)),
      0,
    ),
  );

/**
 * The first convolution at a position, of all letters or of one side of the slot's cut; the right side has no
 * bias.
 */
function entryOf(
  { first: { cut }, set: { overlays } }: SweepPlan,
  { architecture, first }: ScalarNetwork,
  background: Uint8Array,
  {
    position,
    pattern,
    kind,
  }: { readonly position: number; readonly pattern: number; readonly kind: ColumnKind },
): number {
  const { taps, length } = residualSizes(architecture)!;
  let sum = kind === 'right' ? 0 : first.bias;
  for (let tap = 0; tap < taps; tap++) {
    const p = position + tap - (taps - 1) / 2;
    if (p < 0 || p >= length || (kind === 'left' && p >= cut) || (kind === 'right' && p < cut)) continue;
    const written = overlays[pattern * length + p]!;
    sum += first.weight(tap, written === 4 ? background[p]! : written);
  }
  return sum;
}
