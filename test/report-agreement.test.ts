/**
 * The report's agreement with measurements: colours by best match, and the best and the worst predictions.
 */

import { describe, expect, it } from 'vitest';
import { InvalidSequenceError } from '../src/device/errors.js';
import { mutationsToBestMatch } from '../src/gia/motif/index.js';
import { Files } from '../src/report/figures/figure-files.js';
import { agreementSection } from '../src/report/sections/agreement-section.js';
import { elementsOf } from './support/svg.js';

describe('mutationsToBestMatch', () => {
  it.each([
    ['AAUGCAUGAA', 'UGCAUG', 0],
    ['aatgcatgaa', 'UGCAUG', 0],
    ['UGCAUC', 'UGCAUG', 1],
    ['CCCCUGCAAGCC', 'UGCAUG', 1],
    // The last place there is.
    ['AAAAAAGCUGG', 'GCUGG', 0],
    ['UGNAUG', 'UGCAUG', 1],
    ['AAAAAA', 'UGCUUG', 6],
    ['UGCAU', 'UGCAUG', undefined],
  ])('in %s of %s: %s', (sequence, motif, mutations) => {
    expect(mutationsToBestMatch(sequence, motif)).toBe(mutations);
  });

  it('refuses other letters', () => {
    expect(() => mutationsToBestMatch('AXC', 'A')).toThrow(InvalidSequenceError);
  });
});

/**
 * 1,200 sequences, measured as predicted but for a few; every fourth has the motif, all others are two from
 * it.
 */
const COUNT = 1200;
const measured = Float64Array.from({ length: COUNT }, (_, i) => (i % 600) / 100);
const predicted = measured.map((value, i) => value + (i % 2 === 0 ? 0.01 : -0.01));
const sequences: string[] = Array.from({ length: COUNT }, (_, i) => (i % 4 === 0 ? 'AAGCAUAA' : 'AAGGGUAA'));
predicted[7] = measured[7]! + 3;
predicted[13] = measured[13]! + 2;
predicted[1001] = measured[1001]! - 4;
// The best of the highest hundredth: 5.99 and 5.98 are there twice, 12 sequences in all.
predicted[599] = measured[599]! + 0.001;
sequences[599] = 'AAGCAGAA';
sequences[7] = 'GC';

const made = async (motif: string | undefined, given: readonly string[] | undefined = sequences) => {
  const files = new Files();
  const section = await agreementSection(
    files,
    { measured, predicted, pearson: 0.9, sequences: given },
    motif,
    's.d.',
  );
  const contents = (path: string) => files.all.find((file) => file.path === `figures/${path}`)?.contents;
  return { section, contents };
};

describe('agreementSection', () => {
  it('colours points by the mutations of their best match, over the same range of both axes', async () => {
    const { section, contents } = await made('GCAU');
    const svg = contents('agreement.svg')!;
    const fills = elementsOf(svg).flatMap(({ tag, attributes: { fill, d } }) =>
      tag === 'path' && d?.includes('A') && fill !== 'transparent' ? [fill] : [],
    );
    // 0, 1, 2 mutations, and more; a sequence that is too short counts with the farthest.
    expect(new Set(fills)).toEqual(new Set(['#dc3d43', '#cf6f00', '#3d85c6', '#7d8590']));
    expect(svg).toContain('>mutations from GCAU</text>');
    for (const name of ['0', '1', '2', '3 or more']) expect(svg).toContain(`>${name}</text>`);
    const axes = [...svg.matchAll(/([XY])-axis titled .*? for a linear scale with values from ([^"]*)"/g)];
    expect(axes.map(([, axis]) => axis)).toEqual(['X', 'Y']);
    expect(axes[0]![2]).toBe(axes[1]![2]);
    expect(contents('agreement.tsv')!.split('\n').slice(0, 3)).toEqual([
      'measured\tpredicted\tmutations',
      '0\t0.01\t0',
      '0.01\t0\t2',
    ]);
    expect(section.body).toContain('mutations between GCAU and its best match');
    expect(section.body).not.toContain('least-squares');
  });

  it('lists the worst predictions, too low and too high, and the best of what was measured highest', async () => {
    const { section, contents } = await made('GCAU');
    const [heading, ...lines] = contents('agreement-sequences.tsv')!.trim().split('\n');
    expect(heading).toBe('prediction\ttest_sequence\tsequence\tmeasured\tpredicted\tdifference\tmutations');
    const rows = lines.map((line) => line.split('\t'));
    const numbers = (group: string) => rows.filter(([name]) => name === group).map(([, number]) => number);
    expect(numbers('too low')).toHaveLength(5);
    expect(numbers('too high')).toHaveLength(5);
    expect(numbers('best')).toHaveLength(5);
    expect(numbers('too low')[0]).toBe('1002');
    expect(numbers('too high').slice(0, 2)).toEqual(['8', '14']);
    expect(numbers('best')[0]).toBe('600');
    expect(rows.find(([, number]) => number === '600')).toEqual([
      'best',
      '600',
      'AAGCAGAA',
      '5.99',
      '5.991',
      '0.001',
      '1',
    ]);
    expect(section.body).toContain('href="figures/agreement-sequences.tsv"');
    expect(section.body).toContain('<td class="letters">AAGCAGAA</td>');
  });

  it('does without a motif, and without sequences', async () => {
    const { contents } = await made(undefined);
    expect(contents('agreement.svg')).not.toContain('mutations from');
    expect(contents('agreement-sequences.tsv')!.split('\n')[0]).not.toContain('mutations');
    const files = new Files();
    await agreementSection(files, { measured, predicted, pearson: 0.9 }, 'GCAU', 's.d.');
    expect(files.all.map(({ path }) => path)).toEqual(['figures/agreement.svg', 'figures/agreement.tsv']);
  });
});
