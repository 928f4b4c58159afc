import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  consensusOf,
  encodeSequences,
  formatProbes,
  type Probes,
  parseProbes,
  pwmFromConsensus,
  simulateProbes,
  siteAffinity,
} from '../src/data/index.js';
import { ArgumentError, InvalidSequenceError } from '../src/device/errors.js';

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const centred = (v: ArrayLike<number>) => {
    const mean = Array.from(v).reduce((a, b) => a + b, 0) / v.length;
    return Array.from(v, (value) => value - mean);
  };
  const [a, b] = [centred(x), centred(y)];
  const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** The 6-mer whose carriers have the highest mean ln score, among those in at least 20 probes. */
function strongestSixMer({ sequences, scores }: Probes): string {
  const sums = new Map<string, { total: number; n: number }>();
  sequences.forEach((sequence, i) => {
    const present = new Set(Array.from({ length: sequence.length - 5 }, (_, j) => sequence.slice(j, j + 6)));
    for (const word of present) {
      const entry = sums.get(word) ?? { total: 0, n: 0 };
      sums.set(word, { total: entry.total + Math.log(scores[i]!), n: entry.n + 1 });
    }
  });
  const frequent = [...sums].filter(([, { n }]) => n >= 20);
  return frequent.reduce((best, next) =>
    next[1].total / next[1].n > best[1].total / best[1].n ? next : best,
  )[0];
}

describe('simulateProbes', () => {
  it('is a pure function of seed and record', () => {
    const long = simulateProbes({ count: 60, seed: 5 }).probes;
    const short = simulateProbes({ count: 20, seed: 5 }).probes;
    expect(simulateProbes({ count: 60, seed: 5 }).probes).toEqual(long);
    expect(long.sequences.slice(0, 20)).toEqual(short.sequences);
    expect(long.scores.slice(0, 20)).toEqual(short.scores);
    expect(simulateProbes({ count: 20, seed: 6 }).probes.sequences).not.toEqual(short.sequences);
  });

  it('looks like an array: 38 … 41 nt, half in each set, positive scores with a heavy right tail', () => {
    const { probes } = simulateProbes({ count: 2000 });
    expect(new Set(probes.sequences.map((s) => s.length))).toEqual(new Set([38, 39, 40, 41]));
    expect(probes.sets.filter((set) => set === 'A')).toHaveLength(1000);
    expect(probes.sets.filter((set) => set === 'B')).toHaveLength(1000);
    expect(Math.min(...probes.scores)).toBeGreaterThan(0);
    const sorted = probes.scores.toSorted();
    const mean = probes.scores.reduce((a, b) => a + b, 0) / 2000;
    expect(mean).toBeGreaterThan(1.1 * sorted[1000]!);
    expect(new Set(probes.pools)).toEqual(new Set(['linear']));
  });

  it.each(['UGCAUG', 'GCACGA'])('plants %s so that it can be found again', (motif) => {
    const { probes, truth } = simulateProbes({ count: 4000, motif, seed: 2 });
    expect(truth.consensus).toBe(motif);
    expect(strongestSixMer(probes)).toBe(motif);
    expect(correlation(truth.signal, probes.scores.map(Math.log))).toBeGreaterThan(0.8);
  });

  it('without noise, ln score is effect · summed affinity, site by site', () => {
    const { probes, truth } = simulateProbes({ count: 50, noise: 0, effect: 2 });
    probes.sequences.forEach((sequence, i) => {
      let expected = 0;
      const codes = encodeSequences([sequence], sequence.length);
      for (let offset = 0; offset + 6 <= codes.length; offset++) {
        expected += 2 * siteAffinity(truth.pwm, codes, offset);
      }
      expect(truth.signal[i]).toBeCloseTo(expected, 10);
      expect(Math.abs(probes.scores[i]! - Math.exp(expected))).toBeLessThanOrEqual(0.500001e-4);
    });
  });

  it('adds the GC bias in proportion to the GC fraction', () => {
    const plain = simulateProbes({ count: 40 });
    const biased = simulateProbes({ count: 40, gcBias: 0.8 });
    biased.probes.sequences.forEach((sequence, i) => {
      const gc = sequence.replace(/[AU]/g, '').length / sequence.length;
      expect(biased.truth.signal[i]! - plain.truth.signal[i]!).toBeCloseTo(0.8 * gc, 10);
    });
  });

  it.each(['5', '3'] as const)(
    'adds a GC bias of the %s′ end in proportion to the GC of that half',
    (gcSide) => {
      const plain = simulateProbes({ count: 40 });
      const biased = simulateProbes({ count: 40, gcBias: -0.8, gcSide });
      expect(biased.truth).toMatchObject({ gcBias: -0.8, gcSide });
      biased.probes.sequences.forEach((sequence, i) => {
        const middle = Math.floor(sequence.length / 2);
        const half = gcSide === '5' ? sequence.slice(0, middle) : sequence.slice(-middle);
        const gc = half.replace(/[AU]/g, '').length / middle;
        expect(biased.truth.signal[i]! - plain.truth.signal[i]!).toBeCloseTo(-0.8 * gc, 10);
      });
    },
  );

  it('takes a penalty from two sites near each other, and from no others', () => {
    const of = (penalty: number) =>
      simulateProbes({ count: 400, noise: 0, spacing: { fraction: 0.5, reach: 4, penalty } });
    const [free, taxed] = [of(0), of(2)];
    expect(taxed.probes.sequences).toEqual(free.probes.sequences);
    const seen = { near: 0, far: 0 };
    taxed.probes.sequences.forEach((sequence, i) => {
      const codes = encodeSequences([sequence], sequence.length);
      let near = 0;
      for (let a = 0; a + 6 <= codes.length; a++)
        for (let b = a + 6; b < a + 10 && b + 6 <= codes.length; b++)
          near += siteAffinity(taxed.truth.pwm, codes, a) * siteAffinity(taxed.truth.pwm, codes, b);
      const lost = free.truth.signal[i]! - taxed.truth.signal[i]!;
      expect(lost).toBeCloseTo(2 * near, 10);
      const gap = /UGCAUG([ACGU]*)UGCAUG/.exec(sequence)?.[1]?.length;
      if (gap === undefined) return;
      if (gap < 4) expect(lost).toBeGreaterThan(1.99);
      else expect(lost).toBeLessThan(1);
      seen[gap < 4 ? 'near' : 'far'] += 1;
    });
    expect(seen.near).toBeGreaterThan(50);
    expect(seen.far).toBeGreaterThan(50);
  });

  it.each([
    [8, 10, {}],
    [10, 7, { arm: 10, loop: 7 }],
  ])('designs stem-loops (arms %i, loop %i) and prefers sites in their loops', (arm, loop, sizes) => {
    const of = (factor: number) =>
      simulateProbes({ count: 1000, hairpin: { fraction: 0.4, factor, ...sizes } });
    const last = 2 * arm + loop - 1;
    const indifferent = of(1);
    const choosy = of(4);
    const { sequences, pools } = choosy.probes;
    expect(sequences).toEqual(indifferent.probes.sequences);
    const gain = choosy.truth.signal.map((s, i) => s - indifferent.truth.signal[i]!);
    const structured = pools.flatMap((pool, i) => (pool === 'structured' ? [i] : []));
    expect(structured.length).toBeGreaterThan(330);
    expect(structured.length).toBeLessThan(470);
    const pairs: Record<string, string> = { A: 'U', C: 'G', G: 'C', U: 'A' };
    for (const i of structured) {
      const s = sequences[i]!;
      const isStemLoop = Array.from({ length: s.length - last }, (_, start) => start).some((start) =>
        Array.from({ length: arm }, (_, j) => j).every((j) => pairs[s[start + j]!] === s[start + last - j]),
      );
      expect(isStemLoop).toBe(true);
      expect(gain[i]).toBeGreaterThan(0);
    }
    pools.forEach((pool, i) => {
      if (pool === 'linear') expect(gain[i]).toBe(0);
    });
  });

  it('writes a table that parseProbes reads back', () => {
    const { probes } = simulateProbes({ count: 30 });
    expect(parseProbes(formatProbes(probes), probes.source)).toEqual(probes);
  });

  it.each([
    [{ count: 0 }, 'count must be at least 1'],
    [{ count: 5, length: 19 }, 'length must be at least 20 nt, not 19'],
    [{ count: 5, length: 28, hairpin: { fraction: 1, factor: 2 } }, 'at least 29 nt to hold a stem-loop'],
    [{ count: 5, length: 2049 }, 'length must be at most 2048 nt'],
    [{ count: 5, missing: 0.1 }, 'missing needs tasks'],
    [{ count: 5, motif: 'A'.repeat(39) }, 'a motif of 39 nt does not fit into 38 nt'],
    [{ count: 5, motif: 'A'.repeat(11), hairpin: { fraction: 1, factor: 2 } }, 'does not fit into 10 nt'],
    [{ count: 5, motif: 'A'.repeat(8), hairpin: { fraction: 1, factor: 2, loop: 7 } }, 'into 7 nt'],
    [{ count: 5, hairpin: { fraction: 1, factor: 2, arm: 2 } }, 'arm must be a whole number of at least 3'],
    [{ count: 5, hairpin: { fraction: 1, factor: 2, loop: 6.5 } }, 'loop must be a whole number'],
    [{ count: 5, length: 41, hairpin: { fraction: 1, factor: 2, arm: 17 } }, 'at least 47 nt'],
    [{ count: 5, spacing: { fraction: 2, reach: 4, penalty: 1 } }, 'from 0 to 1, not 2'],
    [{ count: 5, spacing: { fraction: 1, reach: 0, penalty: 1 } }, 'reach must be at least 1'],
    [{ count: 5, motif: 'A'.repeat(20), spacing: { fraction: 1, reach: 4, penalty: 1 } }, 'do not fit into'],
    [{ count: 5, noise: Number.NaN }, 'noise must be a finite number'],
    [{ count: 5, hairpin: { fraction: 1, factor: Number.NaN } }, 'factor must be a finite number'],
  ])('refuses %j', (options, message) => {
    expect(() => simulateProbes(options)).toThrow(ArgumentError);
    expect(() => simulateProbes(options)).toThrow(message);
  });

  it('refuses motifs that are not motifs', () => {
    expect(() => simulateProbes({ count: 5, motif: 'UGXA' })).toThrow(InvalidSequenceError);
    expect(() => simulateProbes({ count: 5, motif: 'UGNA' })).toThrow('N has no consensus');
    expect(() => simulateProbes({ count: 5, motif: [] })).toThrow('no positions');
    expect(() => simulateProbes({ count: 5, motif: [[0.5, 0.5, 0.5, 0.5]] })).toThrow('motif position 1');
  });
});

describe('a simulation of several tasks', () => {
  const MOTIFS = { A: 'GAUUACA', B: 'UGACUCA', C: 'CACGUG' };
  const tasks = Object.entries(MOTIFS).map(([name, motif]) => ({ name, motif }));
  const options = { count: 3000, length: 200, tasks, missing: 0.1, noise: 0.2, seed: 3 } as const;
  const { probes, truth } = simulateProbes(options);
  /** ln scores of one task by record; NaN where missing. */
  const ofTask = (t: number) =>
    probes.sequences.map((_, i) => Math.log(probes.scores[i * tasks.length + t]!));

  it('says what was planted, and makes probes of 197 to 200 nt', () => {
    expect(probes.tasks).toEqual(['A', 'B', 'C']);
    expect(truth.tasks!.map(({ task, consensus }) => [task, consensus])).toEqual(Object.entries(MOTIFS));
    expect(truth).toMatchObject({ consensus: MOTIFS.A, missing: 0.1 });
    expect(new Set(probes.sequences.map(({ length }) => length))).toEqual(new Set([197, 198, 199, 200]));
  });

  it('lacks the share of scores that is asked for, each by itself', () => {
    const missing = tasks.map((_, t) => ofTask(t).map((score) => Number(Number.isNaN(score))));
    const share = (flags: readonly number[]) => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
    // Four standard errors.
    for (const flags of missing) expect(Math.abs(share(flags) - 0.1)).toBeLessThan(0.022);
    const both = missing[0]!.map((flag, i) => flag * missing[1]![i]!);
    expect(Math.abs(share(both) - 0.01)).toBeLessThan(0.0073);
  });

  it('raises the scores of a task where its motif stands, and no others', () => {
    tasks.forEach(({ motif }, m) => {
      tasks.forEach((_, t) => {
        const mean = (has: boolean) => {
          const values = ofTask(t).filter(
            (score, i) => probes.sequences[i]!.includes(motif) === has && !Number.isNaN(score),
          );
          return values.reduce((sum, value) => sum + value, 0) / values.length;
        };
        const difference = mean(true) - mean(false);
        if (m === t) expect(difference).toBeGreaterThan(1.2);
        else expect(Math.abs(difference)).toBeLessThan(0.15);
      });
    });
  });

  it('has scores that follow the signal of their own task', () => {
    tasks.forEach((_, t) => {
      const scores = ofTask(t);
      const there = scores.flatMap((score, i) => (Number.isNaN(score) ? [] : [i]));
      const signal = (of: number) => there.map((i) => truth.signal[i * tasks.length + of]!);
      const own = there.map((i) => scores[i]!);
      expect(correlation(signal(t), own)).toBeGreaterThan(0.9);
      expect(Math.abs(correlation(signal((t + 1) % 3), own))).toBeLessThan(0.08);
    });
  });

  it('is written as a table that is read back, in letters of RNA or DNA', () => {
    const few = simulateProbes({ ...options, count: 40 }).probes;
    const text = formatProbes(few);
    expect(text).toMatch(/^set\tpool\tsequence\tA\tB\tC\nA\tlinear\t[ACGU]+\t/);
    expect(text).toContain('\tNA');
    const { notes, ...read } = parseProbes(text, few.source, { columns: { score: 'A,B,C' } });
    expect(read).toEqual(few);
    expect(notes).toHaveLength(3);
    const dna = formatProbes(few, 'dna');
    expect(dna).toMatch(/^[^\n]*\nA\tlinear\t[ACGT]+\t/);
    expect(parseProbes(dna, few.source, { columns: { score: 'A,B,C' } })).toEqual({ ...read, notes });
  });

  it('has a shorter simulation as its beginning, and any length from 20 to 2,048', () => {
    const short = simulateProbes({ ...options, count: 20 }).probes;
    expect(short.sequences).toEqual(probes.sequences.slice(0, 20));
    expect(short.scores).toEqual(probes.scores.slice(0, 60));
    for (const length of [20, 2048])
      for (const sequence of simulateProbes({ ...options, count: 8, length }).probes.sequences)
        expect(length - sequence.length).toBeOneOf([0, 1, 2, 3]);
  });

  it.each([
    [{ tasks: tasks.slice(0, 1) }, 'tasks must be two or more, not 1; for one score, give motif'],
    [{ motif: 'GCAUG' }, 'give either motif or tasks'],
    [{ tasks: [...tasks, { name: 'a', motif: 'GCAUG' }] }, 'two tasks are named "a"'],
    [{ missing: 1 }, 'missing must be a share from 0 to less than 1, not 1'],
  ])('refuses %j', (wrong, message) => {
    expect(() => simulateProbes({ ...options, count: 5, ...wrong })).toThrow(ArgumentError);
    expect(() => simulateProbes({ ...options, count: 5, ...wrong })).toThrow(message);
  });

  it.each(['', 'sequence', 'Probe-Set', 'pool', 'spot_flag', 'na', 'inf', '3', 'a,b', 'a\tb'])(
    'refuses a task named %j, which the table could not have as a column',
    (name) => {
      const wrong = [{ name, motif: 'GCAUG' }, ...tasks];
      expect(() => simulateProbes({ ...options, tasks: wrong })).toThrow('cannot be named');
    },
  );
});

describe('a simulation of one motif', () => {
  it.each([
    [{}, '07dde7e7bcc4ca379339bcadead930661bcc50f0f91a342be066abfbf3d17956'],
    [
      {
        ...{ motif: 'GCAUG', length: 60, noise: 0.5, effect: 2, gcBias: -1, gcSide: '3' as const },
        hairpin: { fraction: 0.4, factor: 3 },
        spacing: { fraction: 0.5, reach: 4, penalty: 2 },
      },
      'cb4e0f5d7ad3429a6b3e9c16a9b016bec8692bc7be29b7deb50a6fec7fe478bc',
    ],
  ])('keeps its bytes from version to version: %j', (options, sha256) => {
    const { probes } = simulateProbes({ count: 300, seed: 4, ...options });
    expect(createHash('sha256').update(formatProbes(probes)).digest('hex')).toBe(sha256);
  });
});

describe('position weight matrices', () => {
  it('affinity is 1 for the consensus and the product of ratios elsewhere', () => {
    const pwm = pwmFromConsensus('ugT');
    expect(consensusOf(pwm)).toBe('UGU');
    const codes = encodeSequences(['AUGUUCU'], 7);
    expect(siteAffinity(pwm, codes, 1)).toBe(1);
    expect(siteAffinity(pwm, codes, 4)).toBeCloseTo(1 / 7, 12);
    expect(siteAffinity(pwm, codes, 3)).toBeCloseTo(1 / 49, 12);
  });
});
