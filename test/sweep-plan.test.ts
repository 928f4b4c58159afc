/** The planner against dependencies found by walking the network's taps, letter by letter. */

import { describe, expect, it } from 'vitest';
import { kmerPatterns } from '../src/gia/importance.js';
import { KEEP, overlay, type Pattern, parsePattern } from '../src/gia/patterns/patterns.js';
import { classCount, Partitions, type PatternSet } from '../src/gia/sweep/partition.js';
import { multiplyAddsPerPair, planSweep } from '../src/gia/sweep/plan.js';
import { type Edges, NONE } from '../src/gia/sweep/stages.js';
import { blocksOf, pointsOf } from '../src/kernels/sweep/filtering.js';
import type { Architecture } from '../src/nn/architecture.js';
import { architecture, residualSizes, type Sizes } from '../src/nn/presets.js';
import { randomCodes } from './support/numbers.js';
import { planned, scalarNetwork } from './support/scalar-sweep.js';

const setOf = (patterns: readonly Pattern[], length: number): PatternSet => ({
  names: patterns.map(({ name }) => name),
  overlays: overlay(patterns, length),
  length,
});

/** Positions that a stage's column depends on, by walking taps back to the letters. */
function dependencies({ taps, dilations, length }: Sizes, stage: number, position: number): number[] {
  const inside = (p: number): boolean => p >= 0 && p < length;
  const back = (s: number, p: number): Set<number> => {
    const found = new Set<number>();
    const steps = s === 0 ? taps : 3;
    const dilation = s === 0 ? 1 : dilations[s - 1]!;
    for (let tap = 0; tap < steps; tap++) {
      const q = p + (tap - (steps - 1) / 2) * dilation;
      if (!inside(q)) continue;
      for (const letter of s === 0 ? [q] : back(s - 1, q)) found.add(letter);
    }
    // The skip connection of the last stage.
    if (s === dilations.length) for (const letter of back(0, p)) found.add(letter);
    return found;
  };
  return [...back(stage, position)].sort((a, b) => a - b);
}

/** What a pattern writes at some positions. */
const letters = ({ overlays, length }: PatternSet, pattern: number, at: readonly number[]): string =>
  at.map((p) => overlays[pattern * length + p]).join('');

/** Every pattern's row of an edge. */
const edgeOf = ({ index }: Edges, edge: number, patterns: number): Uint32Array =>
  index.subarray(edge * patterns, (edge + 1) * patterns);

interface Case {
  readonly what: string;
  readonly model: Architecture;
  readonly patterns: readonly Pattern[];
}

const paper = architecture('paper');
const kmers = (k: number, position: number, model = paper): Case => ({
  what: `${k}-mers at ${position}, dilations ${residualSizes(model)!.dilations}, length ${model.length}`,
  model,
  patterns: kmerPatterns(k, position, model.length),
});
const CASES: readonly Case[] = [
  kmers(1, 0),
  kmers(2, 20),
  kmers(3, 38),
  kmers(4, 17),
  kmers(5, 0),
  kmers(5, 36),
  kmers(4, 17, architecture('keras')),
  kmers(3, 2, architecture('paper', { length: 23, dilations: [3, 1] })),
  kmers(2, 9, architecture('paper', { length: 30, dilations: [2, 5, 1], taps: 3, pool: 7 })),
  {
    what: 'a fixed motif and a swept 3-mer',
    model: paper,
    patterns: kmerPatterns(3, 25, 41).map(({ name, sites }) => ({
      name,
      sites: [{ position: 4, letters: 'UGCAUG' }, ...sites],
    })),
  },
  {
    what: 'a grid of two 2-mers far apart',
    model: architecture('paper', { length: 60 }),
    patterns: kmerPatterns(2, 3, 60).flatMap((a) =>
      kmerPatterns(2, 50, 60).map((b) => ({ name: a.name + b.name, sites: [...a.sites, ...b.sites] })),
    ),
  },
  {
    what: 'a list with N and of different lengths',
    model: paper,
    patterns: ['UGCAUG@17', 'UGNNUG@17', 'ACG@30', 'ACG@30+A@3', 'NNN@8'].map(parsePattern),
  },
];

describe.each(CASES)('planSweep: $what', ({ model, patterns }) => {
  const set = setOf(patterns, model.length);
  const count = patterns.length;
  const plan = planSweep(model, set);
  const sizes = residualSizes(model)!;
  const stages = [plan.first, ...plan.convolutions];
  const partitions = new Partitions(set);
  const inRun = (s: number, p: number): boolean => {
    const { first, count: columns } = stages[s]!.run;
    return p >= first && p < first + columns;
  };
  const reach = [(sizes.taps - 1) / 2];
  for (const dilation of sizes.dilations) reach.push(reach.at(-1)! + dilation);

  it('tells patterns apart wherever the network can', () => {
    stages.forEach((_, s) => {
      for (let p = 0; p < model.length; p++) {
        const at = dependencies(sizes, s, p);
        const { classOf } = partitions.of(p - reach[s]!, p + reach[s]!);
        const seen = new Map<number, string>();
        for (let pattern = 0; pattern < count; pattern++) {
          const mine = letters(set, pattern, at);
          expect(seen.get(classOf[pattern]!) ?? mine).toBe(mine);
          seen.set(classOf[pattern]!, mine);
        }
      }
    });
  });

  it('covers every column once: shared, or in a run that reaches all that depends on the run before', () => {
    stages.forEach((stage, s) => {
      const positions = Array.from({ length: model.length }, (_, p) => p);
      const shared = positions.filter((p) => !inRun(s, p));
      const rows = shared.reduce(
        (sum, p) => sum + classCount(partitions.of(p - reach[s]!, p + reach[s]!)),
        0,
      );
      expect(stage.shared).toBe(rows);
      if (s === 0) return;
      const dilation = sizes.dilations[s - 1]!;
      const pooled = Math.floor(model.length / sizes.pool) * sizes.pool;
      const end = s === sizes.dilations.length ? pooled : model.length;
      for (let p = 0; p < end; p++) {
        const reached = [-1, 0, 1].some((tap) => {
          const q = p + tap * dilation;
          return q >= 0 && q < model.length && inRun(s - 1, q);
        });
        if (reached) expect(inRun(s, p)).toBe(true);
      }
    });
  });

  it('adds every tap of every column exactly once', () => {
    plan.convolutions.forEach((stage, i) => {
      const before = stages[i]!;
      const isLast = i + 1 === plan.convolutions.length;
      const { width, sources } = stage.gathered;
      const { blocks, dilation, run, edges } = stage;
      const products = new Map<number, number>();
      if (blocks) {
        for (let b = 0; b < blocks.count; b++) {
          const [residue, within] = [b % blocks.classes, Math.floor(b / blocks.classes)];
          for (let m = 0; m < blocks.size; m++) {
            const column = residue + (within * blocks.size + m) * dilation;
            if (column < before.run.count) products.set(column, (products.get(column) ?? 0) + 1);
          }
        }
      }
      // Every column of the run before is in one block.
      expect(products.size).toBe(blocks ? before.run.count : 0);
      expect([...products.values()].every((times) => times === 1)).toBe(true);

      for (let o = 0; o < run.count; o++) {
        const position = run.first + o;
        const listed = [
          ...(o < edges.left ? [o] : []),
          ...(o >= run.count - edges.right ? [edges.left + o - (run.count - edges.right)] : []),
        ];
        const wanted = [0, 1, 2].filter((tap) => {
          const p = position + (tap - 1) * dilation;
          return p >= 0 && p < model.length && !inRun(i, p);
        });
        if (isLast && !inRun(0, position)) wanted.push(3);
        for (const pattern of [0, count - 1, count >> 1]) {
          const found = listed.flatMap((edge) => {
            const row = stage.shared + edgeOf(edges, edge, count)[pattern]!;
            return Array.from(sources.subarray(row * width, (row + 1) * width).entries())
              .filter(([, source]) => source !== NONE)
              .map(([tap]) => tap);
          });
          expect(found.sort()).toEqual(wanted);
        }
      }
    });
  });

  it('gives every pattern what the network gives its letters, and ends with the pool', () => {
    const background = Uint8Array.from(randomCodes(model.length, 6));
    const net = scalarNetwork(model);
    // A prime step meets every prefix and suffix of k-mers in turn.
    for (let pattern = 0; pattern < count; pattern += count > 64 ? 17 : 1) {
      const codes = background.slice();
      for (let p = 0; p < model.length; p++) {
        const code = set.overlays[pattern * model.length + p]!;
        if (code !== KEEP) codes[p] = code;
      }
      expect(planned(plan, net, background, pattern), patterns[pattern]!.name).toBe(net.predict(codes));
    }
    const last = stages.at(-1)!.run;
    const pooled = Math.floor(model.length / sizes.pool) * sizes.pool;
    if (last.count > 0) expect(last.first + last.count).toBeLessThanOrEqual(pooled);
    const { first, count: windows } = plan.pool.windows;
    const reached = Array.from({ length: last.count }, (_, i) => Math.floor((last.first + i) / sizes.pool));
    expect(Array.from({ length: windows }, (_, w) => first + w)).toEqual([...new Set(reached)]);
  });

  it('counts no more multiply-adds than shared products without minimal filtering', () => {
    const direct = planSweep(model, set, 'shared');
    expect(multiplyAddsPerPair(plan)).toBeLessThanOrEqual(multiplyAddsPerPair(direct));
  });
});

/**
 * Where a slot reaches the sequence's end, the last run ends where the pool does: 41 letters have 40 in
 * windows.
 */
it('ends the last run where the pool ends', () => {
  const plan = planSweep(paper, setOf(kmerPatterns(5, 36, 41), 41));
  const [before, last] = [plan.convolutions.at(-2)!.run, plan.convolutions.at(-1)!.run];
  expect(before.first + before.count).toBe(41);
  expect(last.first + last.count).toBe(40);
  expect(plan.pool.windows).toEqual({ first: 2, count: 2 });
});

describe('multiply-adds', () => {
  it.each([
    { k: 6, preset: 'paper', method: 'shared', theory: 0.84e6 },
    { k: 7, preset: 'paper', method: 'shared', theory: 0.75e6 },
    { k: 8, preset: 'paper', method: 'shared', theory: 0.66e6 },
    { k: 6, preset: 'keras', method: 'shared', theory: 1.44e6 },
    { k: 6, preset: 'paper', method: 'filtered', theory: 0.5e6 },
  ] as const)('of $k-mers at 17, $preset, $method, are the theory’s', ({ k, preset, method, theory }) => {
    const plan = planSweep(architecture(preset), setOf(kmerPatterns(k, 17, 41), 41), method);
    expect(Math.abs(multiplyAddsPerPair(plan) / theory - 1)).toBeLessThan(0.03);
  });
});

describe('blocksOf', () => {
  it.each([
    { columns: 6, dilation: 1, blocks: { classes: 1, count: 2, size: 3, products: 10 } },
    { columns: 8, dilation: 2, blocks: { classes: 2, count: 2, size: 4, products: 12 } },
    { columns: 12, dilation: 4, blocks: { classes: 4, count: 4, size: 3, products: 20 } },
    { columns: 11, dilation: 4, blocks: { classes: 4, count: 4, size: 3, products: 20 } },
    { columns: 1, dilation: 4, blocks: { classes: 1, count: 1, size: 1, products: 3 } },
  ])(
    'takes the fewest products of $columns columns at dilation $dilation',
    ({ columns, dilation, blocks }) => {
      expect(blocksOf(columns, dilation, 'filtered')).toMatchObject(blocks);
      const direct = blocksOf(columns, dilation, 'shared');
      expect(direct.size).toBe(1);
      expect(direct.products).toBe(pointsOf(1) * columns);
    },
  );
});

describe('Partitions', () => {
  it('numbers classes by their first pattern, and knows KEEP as a letter of its own', () => {
    const set = setOf(['AC@1', 'AN@1', 'GC@1', 'AC@1'].map(parsePattern), 4);
    const partitions = new Partitions(set);
    expect(partitions.slot).toEqual([1, 2]);
    expect(Array.from(partitions.of(0, 1).classOf)).toEqual([0, 0, 1, 0]);
    expect(Array.from(partitions.of(1, 3).classOf)).toEqual([0, 1, 2, 0]);
    expect(partitions.of(1, 3).first).toEqual([0, 1, 2]);
    expect(classCount(partitions.of(3, 3))).toBe(1);
    expect(set.overlays[3]).toBe(KEEP);
  });
});
