/** The text transformation of shaders: tile constants, written-out loops, arrays that become scalars. */

import { describe, expect, it } from 'vitest';
import { shaders } from '../src/kernels/shaders.generated.js';
import { instantiate } from '../src/kernels/unroll.js';

const lines = (...text: string[]): string => `${text.join('\n')}\n`;
/** Without the indentation and the blocks' own lines. */
const statements = (code: string): string[] =>
  code
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '{' && line !== '}');

describe('tile constants', () => {
  const code = lines('const ROWS = 4u; // tile', 'const FIXED = 8u; // fixed');

  it('keep the value in the file, or take the chosen one', () => {
    expect(instantiate(code)).toBe(lines('const ROWS = 4u;', 'const FIXED = 8u;'));
    expect(instantiate(code, { ROWS: 16 })).toBe(lines('const ROWS = 16u;', 'const FIXED = 8u;'));
  });

  it.each(['FIXED', 'ROW', 'OTHER'])('%s is none', (name) => {
    expect(() => instantiate(code, { [name]: 1 })).toThrow(RangeError);
    expect(() => instantiate(code, { [name]: 1 })).toThrow(`no tile constant "${name}"`);
  });
});

describe('lists of tile constants', () => {
  const code = lines(
    'const STAGES = 2u; // tile',
    'const MOST = 3u; // tile',
    'const COLUMNS = array(1u, 2u); // tile',
    'for (var s = 0u; s < STAGES; s++) { // unroll',
    '  var x: array<f32, MOST>; // scalars',
    '  for (var o = 0u; o < COLUMNS[s] + 1u; o++) { // unroll',
    '    if (o < COLUMNS[s]) { // when',
    '      x[COLUMNS[s] - 1u - o] = f(COLUMNS[s]);',
    '    }',
    '  }',
    '}',
  );

  it('are of any length, and indexed by unrolled counters', () => {
    const written = statements(instantiate(code, { STAGES: 1, COLUMNS: [3] }));
    expect(written[2]).toBe('const COLUMNS = array(3u);');
    expect(written.filter((line) => line.startsWith('x'))).toEqual([
      'x_2 = f(COLUMNS[0u]);',
      'x_1 = f(COLUMNS[0u]);',
      'x_0 = f(COLUMNS[0u]);',
    ]);
  });

  it('keep what the file says', () => {
    const written = statements(instantiate(code));
    expect(written).toContain('const COLUMNS = array(1u, 2u);');
    expect(written.filter((line) => line.startsWith('x'))).toEqual([
      'x_0 = f(COLUMNS[0u]);',
      'x_1 = f(COLUMNS[1u]);',
      'x_0 = f(COLUMNS[1u]);',
    ]);
  });
});

describe('marked loops', () => {
  it('are written out with the index as a number, whole words only', () => {
    const code = lines(
      'const N = 2u; // tile',
      '  for (var i = 0u; i < N; i++) { // unroll',
      '    a[i] = in + i;',
      '  }',
      'done();',
    );
    expect(instantiate(code, { N: 3 })).toBe(
      lines(
        'const N = 3u;',
        ...[0, 1, 2].flatMap((i) => ['  {', `    a[${i}u] = in + ${i}u;`, '  }']),
        'done();',
      ),
    );
  });

  it('nest, and leave unmarked loops within alone', () => {
    const code = lines(
      'const N = 2u; // tile',
      'for (var i = 0u; i < N; i++) { // unroll',
      '  for (var k = 0u; k < 9u; k++) {',
      '    f(i, k);',
      '  }',
      '  for (var j = 0u; j < N; j++) { // unroll',
      '    g(i, j);',
      '  }',
      '}',
    );
    const loop = (i: number) => ['for (var k = 0u; k < 9u; k++) {', `f(${i}u, k);`];
    expect(statements(instantiate(code))).toEqual([
      'const N = 2u;',
      ...loop(0),
      'g(0u, 0u);',
      'g(0u, 1u);',
      ...loop(1),
      'g(1u, 0u);',
      'g(1u, 1u);',
    ]);
  });

  it('need a tile constant as their bound', () => {
    const code = lines('const N = 2u;', 'for (var i = 0u; i < N; i++) { // unroll', '}');
    expect(() => instantiate(code)).toThrow('"N" is not a tile constant');
  });
});

describe('marked conditions', () => {
  const code = lines(
    'const N = 2u; // tile',
    'const SKIP = 0u; // tile',
    'var<storage> skip: array<f32>; // when SKIP == 1u',
    'for (var i = 0u; i < N; i++) { // unroll',
    '  if (SKIP == 1u && i > 0u) { // when',
    '    if (deep) {',
    '      f(i);',
    '    }',
    '  }',
    '  g(i);',
    '}',
  );

  it('leave out lines and blocks that do not hold', () => {
    expect(statements(instantiate(code)).slice(2)).toEqual(['g(0u);', 'g(1u);']);
  });

  it('keep those that do, of constants and of unrolled counters', () => {
    expect(statements(instantiate(code, { SKIP: 1 })).slice(2)).toEqual([
      'var<storage> skip: array<f32>;',
      'g(0u);',
      'if (SKIP == 1u && 1u > 0u) {',
      'if (deep) {',
      'f(1u);',
      'g(1u);',
    ]);
  });

  it('must be of tile constants', () => {
    const open = lines('if (lane == 1u) { // when', '}');
    expect(() => instantiate(open)).toThrow('"lane == 1u" is not a condition of tile constants');
  });
});

describe('marked arrays', () => {
  it('become scalars, the outermost dimension first in the name', () => {
    const code = lines(
      'const A = 1u; // tile',
      'const B = 2u; // tile',
      'var x: array<u32, B>; // scalars',
      'var acc: array<array<f32, A>, B>; // scalars',
      'for (var i = 0u; i < B; i++) { // unroll',
      '  for (var j = 0u; j < A; j++) { // unroll',
      '    acc[i][j] += f32(x[i]) * max[i];',
      '  }',
      '}',
    );
    expect(statements(instantiate(code))).toEqual([
      'const A = 1u;',
      'const B = 2u;',
      'var x_0: u32;',
      'var x_1: u32;',
      'var acc_0_0: f32;',
      'var acc_1_0: f32;',
      'acc_0_0 += f32(x_0) * max[0u];',
      'acc_1_0 += f32(x_1) * max[1u];',
    ]);
  });

  it('may be of a type that has another name', () => {
    const code = lines(
      'const A = 2u; // tile',
      'const B = 1u; // tile',
      'var acc: array<array<Sums, A>, B>; // scalars',
      'for (var i = 0u; i < A; i++) { // unroll',
      '  acc[0u][i] = multiply(acc[0u][i]);',
      '}',
    );
    expect(statements(instantiate(code)).slice(2)).toEqual([
      'var acc_0_0: Sums;',
      'var acc_0_1: Sums;',
      'acc_0_0 = multiply(acc_0_0);',
      'acc_0_1 = multiply(acc_0_1);',
    ]);
  });

  it('of vectors leave the index of a component alone', () => {
    const code = lines(
      'const N = 2u; // tile',
      'var v: array<vec4f, N>; // scalars',
      'for (var i = 0u; i < N; i++) { // unroll',
      '  f(v[i][i], v[i].x);',
      '}',
    );
    expect(statements(instantiate(code)).slice(1)).toEqual([
      'var v_0: vec4f;',
      'var v_1: vec4f;',
      'f(v_0[0u], v_0.x);',
      'f(v_1[1u], v_1.x);',
    ]);
  });

  it('take expressions of constants and loop indices', () => {
    const code = lines(
      'const N = 2u; // tile',
      'const W = 6u; // tile',
      'var x: array<u32, W>; // scalars',
      'for (var i = 0u; i < N; i++) { // unroll',
      '  x[(i + 1u) * N + 5u % 3u - 1u] = x[W / 2u - i] + x[lane];',
      '}',
    );
    expect(statements(instantiate(code)).slice(-2)).toEqual(['x_3 = x_3 + x[lane];', 'x_5 = x_2 + x[lane];']);
  });

  it('take sums of two loop indices', () => {
    const code = lines(
      'const N = 2u; // tile',
      'const W = 3u; // tile',
      'var x: array<u32, W>; // scalars',
      'for (var i = 0u; i < N; i++) { // unroll',
      '  for (var j = 0u; j < N; j++) { // unroll',
      '    f(x[i + j]);',
      '  }',
      '}',
    );
    const calls = statements(instantiate(code)).filter((line) => line.startsWith('f'));
    expect(calls).toEqual(['f(x_0);', 'f(x_1);', 'f(x_1);', 'f(x_2);']);
  });
});

describe('the shaders', () => {
  it.each(Object.keys(shaders) as (keyof typeof shaders)[])('%s leaves no mark behind', (name) => {
    const { code } = shaders[name];
    const text = instantiate(code);
    const marked = (wgsl: string) =>
      wgsl.split('\n').filter((line) => / \/\/ (tile|unroll|scalars)$/.test(line));
    expect(marked(text)).toEqual([]);
    if (marked(code).length === 0) expect(text === code).toBe(true);
  });
});
