/** Experiments in sentences, and numbers in sentences. */

import { describe, expect, it } from 'vitest';
import { descriptionOf, findingOf, reportOf } from '../src/report/experiments/index.js';
import { count, listed, probability } from '../src/report/wording.js';
import { affinity, hairpin, RESULTS, spacing, TWO_MOTIFS } from './support/experiment-results.js';

describe('descriptionOf', () => {
  it('says what was embedded, and where', () => {
    expect(Object.values(RESULTS).map(descriptionOf)).toEqual([
      'every single-nucleotide variant of GCA at position 17',
      '1 to 3 copies of GCA, at positions 3, 10 and 17',
      'GCA and GCA, around the middle, at increasing distance',
      'GCA at positions 0, 5 and 9',
      'GCA in the loop (position 17) or the stem (position 9) of hairpins whose positions 5–15 pair with 22–32',
      'GCA at position 17 with GGGG at position 0 (5′ end) or 36 (3′ end), and GGGG alone',
      '3 variants at position 17, against ln K_D',
    ]);
    expect(descriptionOf(TWO_MOTIFS)).toBe('1 to 3 copies of GCA, and of GGA, at positions 3, 10 and 17');
    const { gc, hairpin: loops, positions, spacing: gaps } = RESULTS;
    expect(descriptionOf({ ...loops, design: { ...loops.design, gu: true } })).toMatch(
      /22–32; half of the pairs are G·U where the letters allow it$/,
    );
    const all = { ...positions.design, positions: [10, 11, 12] };
    expect(descriptionOf({ ...positions, design: { ...all, range: 'letters' } })).toBe(
      'GCA at every position where probes have letters (10–12)',
    );
    expect(descriptionOf({ ...positions, design: { ...all, range: 'input' } })).toBe('GCA at every position');
    const pairs = { ...gaps, design: { ...gaps.design, arrangement: 'pairs' as const } };
    expect(descriptionOf(pairs)).toBe('GCA and GCA, at positions (3, 6), (3, 7), (3, 8)');
    const padding = { letters: { start: 10, end: 30 }, patterns: ['GGGG@0'], of: 5 };
    expect(descriptionOf({ ...gc, padding })).toMatch(
      /; 1 of 5 patterns have letters where no probe has one \(probes have letters at positions 10–29 only\)$/,
    );
  });
});

describe('a comparison in words', () => {
  it('names what is subtracted, and in brackets of what', () => {
    const { mutagenesis, multiplicity, spacing: gaps, hairpin: loops, gc } = RESULTS;
    expect(reportOf(mutagenesis).comparison(mutagenesis.comparisons[0]!.labels, mutagenesis)).toBe(
      'x − GCA (G to A at letter 1)',
    );
    expect(reportOf(multiplicity).comparison(multiplicity.comparisons[1]!.labels, multiplicity)).toBe(
      'together − sum of each alone (3 copies)',
    );
    expect(
      reportOf(TWO_MOTIFS).comparison(
        { comparison: 'added-minus-alone', motif: 'GGA', copies: 3, inPadding: 2 },
        TWO_MOTIFS,
      ),
    ).toBe('added by the last copy − the same copy alone (GGA, 3 copies, 2 letters in padding)');
    expect(reportOf(gaps).comparison(gaps.comparisons[1]!.labels, gaps)).toBe(
      'together − sum of each alone (at 3 and 7, gap 1)',
    );
    expect(reportOf(loops).comparison(loops.comparisons[1]!.labels, loops)).toBe(
      'loop − stem: paired − unpaired',
    );
    expect(reportOf(gc).comparison(gc.comparisons[0]!.labels, gc)).toBe('with 5′ GC − motif');
  });
});

describe('facts in words', () => {
  it('have their intervals, where these are known', () => {
    const { affinity: line, gc, mutagenesis } = RESULTS;
    expect(reportOf(line).facts(line.facts[0]!)).toEqual([
      'slope -0.52 (95 % interval -0.6 to -0.2)',
      'intercept 3',
      'R² 0.98',
      'r -0.99',
      'p = 0.003',
      'points 3',
    ]);
    const unbounded = { ...gc.facts[0]!, effect5CiLow: -Infinity, effect5CiHigh: Infinity };
    expect(reportOf(gc).facts(unbounded)[0]).toBe('with 5′ GC / motif alone 1 (95 % interval unbounded)');
    expect(reportOf(mutagenesis).facts(mutagenesis.facts[0]!)).toEqual([
      'sensitivity of each letter (L2 norm of its three differences) 1, 1, 1',
    ]);
  });
});

describe('findingOf', () => {
  it('says what was found, and that nothing was', () => {
    expect(findingOf(RESULTS.spacing)).toBe(
      'The importance of two copies of GCA next to each other is 0.50 less than the sum of each alone (q = 1e-5). The largest loss is 0.50, next to each other (q = 1e-5).',
    );
    expect(findingOf(spacing({ 0: 0.5, 1: 0.1 }))).toBe(
      'The importance of two copies of GCA next to each other is 0.50 more than the sum of each alone (q = 1e-5). At no gap do the two copies together lose 10 % of the sum of each alone.',
    );
    expect(findingOf(spacing({ 0: -0.5, 1: -0.9 }, 0.2))).toBe(
      'For two copies of GCA next to each other, no difference from the sum of each alone was detected (q = 0.2). At no gap do the two copies together lose 10 % of the sum of each alone.',
    );
    expect(findingOf(RESULTS.positions)).toBe(
      'The importance of GCA ranges from 0.00 (at position 0) to 9.00 (at position 9).',
    );
    expect(findingOf(RESULTS.hairpin)).toBe(
      'In hairpins GCA is 0.70 more important in the loop than in the stem, after subtracting the same difference without hairpins (95 % interval 0.50 to 0.90, q = 1e-4). Breaking the stem lowers the importance of GCA in the loop by 0.50 (95 % interval 0.30 to 0.70, q = 1e-4); other letters that pair again raise it by 0.50 (95 % interval 0.30 to 0.70, q = 1e-4).',
    );
    expect(findingOf(hairpin(-0.7, 1e-4, -0.5))).toMatch(
      /^In hairpins GCA is 0\.70 less important .* \(95 % interval 0\.50 to 0\.90, .* Breaking the stem raises /,
    );
    const none =
      /^No preference of GCA for the loops of hairpins, or against them, was found: breaking the stem changes its importance in the loop by −0\.50 \(q = 0\.3\), and hairpins change the difference between loop and stem by 0\.70 /;
    expect(findingOf(hairpin(0.7, 0.3))).toMatch(none);
    expect(findingOf(RESULTS.affinity)).toBe(
      'Importance falls by 0.52 per unit of ln K_D (R² = 0.980 over 3 points, p = 0.003): variants that bind more tightly are more important.',
    );
    expect(findingOf(affinity({ slope: 0.52, p: 0.003 }))).toBe(
      'Importance rises by 0.52 per unit of ln K_D (R² = 0.980 over 3 points, p = 0.003): variants that bind more weakly are more important.',
    );
    expect(findingOf(affinity({ slope: -0.52, p: 0.3 }))).toBe(
      'No relation between importance and measured affinity was detected (R² = 0.980 over 3 points, p = 0.3).',
    );
    expect(findingOf(affinity({ slope: 0, p: Number.NaN, r2: Number.NaN }))).toBe(
      'No relation between importance and measured affinity was detected (no R², as all 3 points have the same value).',
    );
    expect(findingOf(RESULTS.mutagenesis)).toBeUndefined();
  });

  it('compares a copy with itself at the same position, and says how many points a line has', () => {
    const first =
      '3 copies of GCA together have an importance of 3.00, and no difference from the sum of the same copies alone was detected (q = 0.9). Importance rises by 1.00 per copy (R² = 0.999 over 3 points).';
    expect(findingOf(RESULTS.multiplicity)).toBe(first);
    expect(findingOf(TWO_MOTIFS)).toBe(
      `${first} 3 copies of the sub-optimal GGA together have an importance of 1.50, 0.30 less than the sum of the same copies alone (q = 1e-4). Importance rises by 0.50 per copy (R² = 0.980 over 3 points).`,
    );
    const two = { ...TWO_MOTIFS, rows: TWO_MOTIFS.rows.filter(({ labels }) => labels.copies < 3) };
    expect(findingOf(two)).toContain('rises by 1.00 per copy (no R², as any line fits 2 points).');
  });

  it('names the letters that were embedded', () => {
    expect(findingOf(RESULTS.gc)).toBe(
      'Together with GCA (importance 1.00 alone), GGGG at the 5′ end has no detectable effect (q = 0.4) and GGGG at the 3′ end adds 0.30 (95 % interval 0.10 to 0.50, q = 1e-5).',
    );
    const two = spacing({ 1: -0.3 });
    expect(findingOf({ ...two, design: { ...two.design, second: 'GGA' } })).toMatch(
      /^The importance of GCA and GGA 1 letter apart is 0\.30 less/,
    );
  });

  it('states no difference from a sum that is small beside it, and says where copies overlap', () => {
    expect(findingOf(spacing({ 0: 0.1, 1: -0.2 }))).toBe(
      'The importance of two copies of GCA next to each other is within 10 % of the sum of each alone. At no gap do the two copies together lose 10 % of the sum of each alone.',
    );
    const two = spacing({ 0: 0.5 });
    const repeated = { ...two, design: { ...two.design, motif: 'ACA', second: 'ACA' } };
    expect(findingOf(repeated)).not.toContain('once more');
    const again = { ...two, design: { ...two.design, motif: 'UCUUCU', second: 'UCUUCU' } };
    expect(findingOf(again)).toMatch(/ Side by side they spell the motif once more\.$/);
    const { comparisons, ...multiple } = RESULTS.multiplicity;
    const small = comparisons.map((one) => ({ ...one, difference: 0.2, q: 0.01 }));
    expect(findingOf({ ...multiple, comparisons: small })).toContain(
      'together have an importance of 3.00, which is within 10 % of the sum of the same copies alone.',
    );
  });

  it('states no effect of GC that is small beside the motif', () => {
    const { comparisons, ...gc } = RESULTS.gc;
    const small = comparisons.map((one) => ({ ...one, difference: one.difference / 10 }));
    expect(findingOf({ ...gc, comparisons: small })).toMatch(
      /at the 3′ end has no effect of note \(it adds 0\.03, less than 10 % of the importance\)\.$/,
    );
  });

  it('speaks of the gaps that there are', () => {
    expect(findingOf(spacing({ 5: -0.5, 1: -0.3 }))).toBe(
      'The importance of two copies of GCA 1 letter apart is 0.30 less than the sum of each alone (q = 1e-5). The largest loss is 0.50, 5 letters apart (q = 1e-5).',
    );
    expect(findingOf(spacing({ [-2]: 0.2 }))).toBe(
      'The importance of two copies of GCA overlapping by 2 letters is 0.20 more than the sum of each alone (q = 1e-5).',
    );
  });
});

describe('wording', () => {
  it('counts in the singular and the plural', () => {
    expect([0, 1, 2, 4096].map((n) => count(n, 'letter'))).toEqual([
      '0 letters',
      '1 letter',
      '2 letters',
      '4,096 letters',
    ]);
    expect(count(1, 'copy', 'copies')).toBe('1 copy');
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
  });

  it('writes probabilities as they are read', () => {
    expect([0.5, 0.0123, 0.0004, 0].map((p) => probability(p))).toEqual([
      'p = 0.5',
      'p = 0.012',
      'p = 4e-4',
      'p < 1e-300',
    ]);
    expect([0.5, 0, 3e-17, 2e-300, 5e-324, Number.NaN].map((p) => probability(p, ''))).toEqual([
      '0.5',
      '< 1e-300',
      '3e-17',
      '2e-300',
      '< 1e-300',
      'undefined',
    ]);
    expect(probability(Number.NaN)).toBe('p is undefined');
  });
});
