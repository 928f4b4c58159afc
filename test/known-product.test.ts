/**
 * The known product on adapters that have no subgroup matrices: the same text with the extension's types and
 * functions written out in plain WGSL. What Dawn's compiler says to it is precision.test.ts.
 */

import { describe, expect, it, vi } from 'vitest';
import { checkKnownProduct, firstWrong } from '../src/kernels/matrix/known-product.js';
import type * as generated from '../src/kernels/shaders.generated.js';
import { useGpu } from './support/gpu.js';

/**
 * The extension in plain WGSL: every lane holds whole matrices, and the lanes of a subgroup store the same
 * numbers.
 */
const EXTENSION = vi.hoisted(() => {
  const load = (type: string, memory: string, order: 'row_major' | 'col_major', panel = '') => `
fn load_${type}_${order}_${memory}(${panel && 'panel: u32, '}offset: u32, stride: u32) -> ${type} {
  var matrix: ${type};
  for (var i = 0u; i < SIDE; i++) { for (var j = 0u; j < SIDE; j++) {
    matrix[i][j] = ${memory}${panel}[offset + ${order === 'row_major' ? 'i * stride + j' : 'j * stride + i'}];
  } }
  return matrix;
}`;
  const store = (memory: string) => `
fn store_${memory}(offset: u32, matrix: Sums, stride: u32) {
  for (var i = 0u; i < SIDE; i++) { for (var j = 0u; j < SIDE; j++) {
    ${memory}[offset + i * stride + j] = matrix[i][j];
  } }
}`;
  return `
alias Left = array<array<f16, SIDE>, SIDE>;
alias Right = array<array<f16, SIDE>, SIDE>;
alias Sums = array<array<f32, SIDE>, SIDE>;
fn multiply_accumulate(left: Left, right: Right, sums: Sums) -> Sums {
  var matrix = sums;
  for (var m = 0u; m < SIDE; m++) { for (var n = 0u; n < SIDE; n++) { for (var k = 0u; k < SIDE; k++) {
    matrix[m][n] += f32(left[m][k]) * f32(right[k][n]);
  } } }
  return matrix;
}
${load('Left', 'a', 'row_major')}${load('Left', 'a_panels', 'row_major', '[panel]')}
${load('Right', 'b', 'row_major')}${load('Right', 'b_padded', 'row_major')}${load('Right', 'b_tiles', 'col_major', '[panel]')}
${load('Sums', 'begun', 'row_major')}
${['y', 'plain', 'begun'].map(store).join('')}
`;
});

vi.mock('../src/kernels/shaders.generated.js', async (original) => {
  const { shaders } = await original<typeof generated>();
  const { code, bindings } = shaders.known_product;
  const plain = code
    .replace(/^enable chromium_experimental_subgroup_matrix;\n/m, '')
    .replace(/^diagnostic\(.*subgroup_matrix_uniformity\);\n/m, '')
    .replace(/^alias \w+ = subgroup_matrix_.*\n/gm, '')
    .replace(/subgroupMatrixLoad<(\w+), (\w+)>\(&(\w+)\[([^\]]*)\], /g, 'load_$1_$2_$3($4, ')
    .replace(/subgroupMatrixLoad<(\w+), (\w+)>\(&(\w+), /g, 'load_$1_$2_$3(')
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_accumulate(')
    .replace(/subgroupMatrixStore<row_major>\(&(\w+), /g, 'store_$1(')
    // As where subgroups turn out half as large as they might: twice as many, half of them without matrices.
    .replace('THREADS = LANES * SUBGROUPS', 'THREADS = 2u * LANES * SUBGROUPS')
    .concat(EXTENSION);
  return { shaders: { ...shaders, known_product: { code: plain, bindings } } };
});

const gpu = useGpu();

describe('the known product', () => {
  it('is right in every way where matrices multiply right', async ({ skip }) => {
    if (!gpu().device.features.has('shader-f16')) skip('this adapter has no f16');
    // Small matrices: private arrays of 256 numbers take software adapters minutes to compile.
    await expect(checkKnownProduct(gpu(), 2)).resolves.toBeUndefined();
  });

  it('names the first number that is wrong', () => {
    const nothing = new Float32Array(3 * 16 * 32);
    expect(firstWrong(nothing, 16)).toMatch(
      /^with operands from storage: 0 instead of -?\d+ in row 0, output 0$/,
    );
  });
});
