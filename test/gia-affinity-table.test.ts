/** Tables of dissociation constants as laboratories keep them. */
import { describe, expect, it } from 'vitest';
import { parseDelimited } from '../src/data/tables/delimited.js';
import { FormatError } from '../src/device/errors.js';
import { isAffinityTable, readAffinityTable } from '../src/gia/experiments/affinity-table.js';

const ROWS = [
  { letters: 'UGCAUG', kd: 1.5 },
  { letters: 'UGCACG', kd: 20 },
  { letters: 'UGAAUG', kd: 300 },
];
const read = (text: string) => readAffinityTable(text, 'kd.csv');

describe('readAffinityTable', () => {
  it.each([
    ['tabs', 'UGCAUG\t1.5\nUGCACG\t20\nUGAAUG\t300\n'],
    ['commas and a header', 'pattern,kd\nUGCAUG,1.5\nUGCACG,20\nUGAAUG,300\n'],
    ['semicolons', 'pattern;kd\r\nUGCAUG;1.5\r\nUGCACG;20\r\nUGAAUG;300\r\n'],
    ['blanks', 'UGCAUG 1.5\nUGCACG   20\nUGAAUG 300\n'],
    ['quotes', '"Motif","K_D"\n"UGCAUG","1.5"\n"UGCACG",20\n"UGAAUG",300\n'],
    ['swapped columns', 'kd\tsequence\n1.5\tUGCAUG\n20\tUGCACG\n300\tUGAAUG\n'],
    ['swapped columns without a header', '1.5,ugcatg\n20,ugcacg\n300,ugaatg\n'],
    ['errors in the field', 'UGCAUG\t1.5 ± 0.2\nUGCACG\t20+/-3\nUGAAUG\t300 +- 20\n'],
    ['another name beside a known one', 'variant,value\nUGCAUG,1.5\nUGCACG,20\nUGAAUG,300\n'],
  ])('reads %s', (_, text) => {
    expect(read(text)).toEqual({ measured: ROWS, censored: 0, missing: 0, replicates: 0, ignored: [] });
  });

  it.each([
    ['sequence\tkd_nM\tsd\nUGCAUG\t1.5\t0.2\nUGCACG\t20\t3\nUGAAUG\t300\t20\n', ['sd']],
    [
      'name,RNA sequence,Kd (nM),Kd error (nM)\na,UGCAUG,1.5,1\nb,UGCACG,20,1\nc,UGAAUG,300,\n',
      ['name', 'Kd error (nM)'],
    ],
    [
      'kd_lower;kd_nM;kd_upper;motif\n1;1.5;2;UGCAUG\n15;20;25;UGCACG\n2;300;4;UGAAUG\n',
      ['kd_lower', 'kd_upper'],
    ],
  ])('ignores other columns of %j, and takes the unit from the header', (text, ignored) => {
    expect(read(text)).toMatchObject({ measured: ROWS, unit: 'nM', ignored });
  });

  it('takes units of values, all of them in nM or in that of the header', () => {
    const values = 'UGCAUG\t1500 pM\nUGCACG\t20nM\nUGAAUG\t0.3 ± 0.1 uM\n';
    const inNanomolar = read(values);
    expect(inNanomolar.unit).toBe('nM');
    for (const [i, { kd }] of inNanomolar.measured.entries()) expect(kd).toBeCloseTo(ROWS[i]!.kd, 9);
    const inMicromolar = read(`motif\tKd (µM)\n${values}`);
    expect(inMicromolar.unit).toBe('µM');
    for (const [i, { kd }] of inMicromolar.measured.entries()) expect(kd).toBeCloseTo(ROWS[i]!.kd / 1000, 12);
    expect(() => read('UGCAUG\t1.5 nM\nUGCACG\t20\nUGAAUG\t300\n')).toThrow(
      /kd\.csv:2: K_D "20" has no unit, unlike/,
    );
  });

  it('leaves out bounds and missing values and counts them, the first line included', () => {
    const text = 'UGCNUG\t>2000\nUGCAUG\t1.5\nUGCACG\t20\nUGAAUG\t300\n';
    expect(read(text)).toMatchObject({ measured: ROWS, censored: 1, missing: 0 });
    const more =
      'pattern\tkd\nUGCAUG\t1.5\nUGCACG\t20\nUGAAUG\t300\nAAA\t< 1\nCCC\t≥2,000\nAAC\tn.d.\nAAG\tNA\nAAU\t\nACA\tn.b.\nACC\tno binding\nNA\t5\n\t\n';
    expect(read(more)).toMatchObject({ measured: ROWS, censored: 2, missing: 6 });
    expect(() => read('AAA\t>9\nUGC\t1\nUGG\tn.d.\nUGA\t2\n')).toThrow(
      'kd.csv: 2 affinities (1 more are only bounds, 1 have no value); at least 3 are needed for the p of a line',
    );
  });

  it('averages replicates of a pattern geometrically', () => {
    const { measured, replicates } = read('UGCAUG\t1\nUGCACG\t20\ntgcatg\t100\nUGAAUG\t300\nUGCAUG\t10\n');
    expect(measured.map(({ letters }) => letters)).toEqual(['UGCAUG', 'UGCACG', 'UGAAUG']);
    expect(measured[0]!.kd).toBeCloseTo(10, 12);
    expect(replicates).toBe(2);
  });

  it.each([
    [
      'pattern;kd\nUGCAUG;1,5\n',
      /^kd\.csv:2: K_D "1,5" must be a number above 0; it has a decimal comma; write/,
    ],
    ['pattern\tkd\nUGCAUG\t1,5\n', /^kd\.csv:2: .*decimal comma/],
    ['UGCAUG 1,5\n', /^kd\.csv:1: .*decimal comma/],
    ['pattern\tkd\nUGCAUG\t1,234.5\n', /^kd\.csv:2: .*separators of thousands/],
    ['pattern,kd\nUGCAUG,1,5\n', /^kd\.csv:2: expected 2 columns, found 3; if K_D has a decimal comma/],
    ['UGCAUG,1,5\n', /^kd\.csv:1: there is no header, and columns 2 and 3 could all hold K_D.*decimal comma/],
    ['UGCAUG\t1.5\t0.2\n', /^kd\.csv:1: there is no header, .*add a header line such as pattern, kd, sd/],
    [
      'sequence\tkd_nM\tkd_uM\nUGC\t1\t2\n',
      /^kd\.csv:1: 2 columns could hold dissociation constants \("kd_nM", "kd_uM"\)/,
    ],
    ['motif\tsequence\tkd\nUGC\tUGC\t2\n', /^kd\.csv:1: 2 columns could hold patterns/],
    [
      'motif\tlnKd\tn\nUGC\t1\t2\n',
      /^kd\.csv:1: 2 columns could hold dissociation constants \("lnKd", "n"\)/,
    ],
    ['one,two\nUGC,1\n', /^kd\.csv:1: expected 2 columns \(pattern and K_D\)/],
    ['UGC\t1\nmotif\tkd\nUGG\t2\n', /^kd\.csv:2: "motif" is not a pattern/],
    ['UGC\t1\nAGC\t-2\nUGG\t2\n', /^kd\.csv:2: K_D "-2" must be a number above 0/],
    ['', /^kd\.csv: the file holds no affinities/],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(FormatError);
    expect(() => read(text)).toThrow(message);
  });

  it('is done quickly with long fields', () => {
    for (const field of ['1'.repeat(200_000), `${' '.repeat(200_000)}nM`, '±'.repeat(100_000)]) {
      try {
        read(`pattern\tkd\nUGC\tx${field}x\n`);
        expect.unreachable();
      } catch (error) {
        expect((error as Error).message.length).toBeLessThan(250);
      }
    }
  });
});

it('a table without a header is taken for affinities by all of its rows, which may have one field', () => {
  const isOne = (text: string) => isAffinityTable(parseDelimited(text, 'x'));
  expect(isOne('UGC\t12\nGCA\t>2000\nAAA\t3\nCCC\t4\n')).toBe(true);
  expect(isOne('0.04\tAGGU\nACGU\n')).toBe(false);
});
