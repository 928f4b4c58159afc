/** Expressions of constants: operators, precedence, and what is none. */

import { describe, expect, it } from 'vitest';
import { type Constant, valueOfExpression } from '../src/kernels/constant-expression.js';

const constants = new Map<string, Constant>([
  ['ROWS', 6],
  ['COLS', 4],
  ['LIST', [5, 9]],
]);
const value = (expression: string) => valueOfExpression(expression, (name) => constants.get(name));

describe('evaluate', () => {
  it.each([
    ['7u', 7],
    ['3i', 3],
    ['ROWS', 6],
    ['2u * ROWS + 1u', 13],
    ['1u + 2u * ROWS', 13],
    ['(1u + 2u) * ROWS', 18],
    ['ROWS - 1u - 2u', 3],
    ['ROWS - (1u - 2u)', 7],
    ['17u / COLS', 4],
    ['17u % COLS + 1u', 2],
    ['ROWS*COLS', 24],
    ['ROWS == 6u', 1],
    ['ROWS != 6u', 0],
    ['COLS < ROWS', 1],
    ['COLS >= ROWS', 0],
    ['1u <= 1u && 2u > 1u', 1],
    ['LIST[1u]', 9],
    ['2u * LIST[ROWS - 2u - COLS] - LIST[0u]', 5],
    ['LIST[LIST[0u] - COLS]', 9],
    ['0u == 1u || COLS == 4u && ROWS == 5u', 0],
    ['1u == 1u || COLS == 4u && ROWS == 5u', 1],
  ])('%s is %d', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  it.each([
    '',
    'lane',
    'ROWS + lane',
    '(ROWS',
    'ROWS)',
    '2u *',
    'f(1u)',
    'a[1u]',
    '1.5',
    '1u 2u',
    '-1u',
    'LIST',
    'LIST[2u]',
    'LIST[0u',
    'ROWS[0u]',
  ])('"%s" is none of constants only', (expression) => {
    expect(value(expression)).toBeUndefined();
  });
});
