/** Single fields of tables: missing values, numbers, and what messages repeat of them. */
import { describe, expect, it } from 'vitest';
import { ECHOED, echo } from '../src/data/echo.js';
import { isMissing } from '../src/data/tables/missing.js';
import { hasDecimalComma, isInfinite, readNumber } from '../src/data/tables/numbers.js';

describe('isMissing', () => {
  it.each([
    ...[
      '',
      '  ',
      'NA',
      'na',
      'N/A',
      'n/a',
      '#N/A',
      '#N/A N/A',
      '#NA',
      '<NA>',
      'NaN',
      'nan',
      '-nan',
      '-NaN',
      '+nan',
    ],
    ...[
      'null',
      'NULL',
      'None',
      'none',
      '-',
      '--',
      '—',
      '.',
      '?',
      'n.d.',
      'ND',
      '1.#IND',
      '-1.#QNAN',
      '#VALUE!',
    ],
    ...['#DIV/0!', ' NA ', '\\N', 'missing'],
  ])('takes %j for missing', (field) => {
    expect(isMissing(field)).toBe(true);
  });

  it.each(['0', 'N', 'A', 'NN', 'NAC', 'ANA', 'inf', '-1', 'NANNA', 'NAT', 'x'.repeat(1000)])(
    'takes %j for a value',
    (field) => {
      expect(isMissing(field)).toBe(false);
    },
  );
});

describe('readNumber', () => {
  it.each([
    ['1', 1],
    ['-2.5e-3', -0.0025],
    ['+.5', 0.5],
    ['3.', 3],
    ['1E5', 100_000],
    ['1e999', Number.POSITIVE_INFINITY],
    ['0'.repeat(64), 0],
  ])('%j is %d', (field, value) => {
    expect(readNumber(field)).toBe(value);
  });

  it.each([
    ...['', '.', '1,5', '0x10', '1 2', ' 1', '1e', 'e5', '1.2.3', 'inf', 'NaN', '--1', '1_000', '１'],
    ...['0'.repeat(65), `${'1'.repeat(100_000)}x`, '\u00001'],
  ])('%j is no number', (field) => {
    expect(readNumber(field)).toBeUndefined();
  });

  it('knows infinity in words and decimal commas', () => {
    for (const field of ['inf', '-Inf', '+INF', 'Infinity', '-infinity'])
      expect(isInfinite(field)).toBe(true);
    for (const field of ['info', '1', 'nan', '']) expect(isInfinite(field)).toBe(false);
    for (const field of ['1,5', '-0,25', ',5', '1,5e-3']) expect(hasDecimalComma(field)).toBe(true);
    for (const field of ['1.5', '1,', '1,2,3', '1,000.5', ',', ''])
      expect(hasDecimalComma(field)).toBe(false);
  });
});

describe('echo', () => {
  it('quotes a field, cuts it after 80 characters and escapes control characters', () => {
    expect(echo('a "b"')).toBe('"a \\"b\\""');
    expect(echo('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
    expect(echo('x'.repeat(50_000))).toBe(`"${'x'.repeat(ECHOED)}…"`);
    expect(echo('\u0001'.repeat(50_000))).toBe(`"${'\\u0001'.repeat(20)}…"`);
    expect(echo('\u001b[31m\u009b\u2028\u007f')).toBe('"\\u001b[31m\\u009b\\u2028\\u007f"');
  });
});
