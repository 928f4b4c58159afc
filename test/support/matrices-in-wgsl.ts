/**
 * Subgroup matrices in plain WGSL, for adapters that have none: a kernel's text with the extension's types
 * and functions written out. An operand is where it lies until it is multiplied; of sums, called `sums`, a
 * lane holds PART.
 */

/**
 * The text of a kernel with f16 matrices of SIDE called Left, Right and Sums.
 *
 * @param memories names of what operands are loaded from; `count`, a number of 1 or more that compilers do
 * not know: written out, the loops over matrices would take minutes to compile
 */
export function matricesInWgsl(code: string, memories: readonly string[], count: string): string {
  /** Memory is panels, arrays of arrays, or one. */
  const isPanels = (name: string): boolean => new RegExp(`&${name}\\[`).test(code);
  const cases = memories
    .map((name, i) => `case ${i}u: { return f32(${name}${isPanels(name) ? '[matrix.y]' : ''}[at]); }`)
    .join(' ');
  return (
    code
      .replace(/^enable chromium_experimental_subgroup_matrix;\n/m, '')
      .replace(/^diagnostic\(.*subgroup_matrix_uniformity\);\n/m, '')
      .replace(/^alias \w+ = subgroup_matrix_.*\n/gm, '')
      .replace(/subgroupMatrixLoad<Sums, row_major>\(&sums\[([^\]]*)\], /g, 'load_sums($1, ')
      .replace(
        /subgroupMatrixLoad<\w+, (\w+)_major>\(&(\w+)(?:\[([^\]]*)\])?, /g,
        (_, major: string, name: string, panel = '0u') => {
          const memory = memories.indexOf(name);
          if (memory < 0) throw new RangeError(`operands are loaded from ${name} too`);
          return `vec4u(${2 * memory + Number(major === 'col')}u, ${panel}, `;
        },
      )
      .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_accumulate(')
      .replace(/subgroupMatrixStore<row_major>\(&sums\[([^\]]*)\], /g, 'store_sums($1, ')
      .replace('@builtin(subgroup_id) subgroup: u32,\n) {', '$&\n  lane = local % LANES;')
      // As where subgroups turn out half as large as they might: twice as many, half of them without
      // matrices.
      .replace('THREADS = LANES * SUBGROUPS', 'THREADS = 2u * LANES * SUBGROUPS')
      .concat(`
// Twice the memory and whether it is read by columns, panel, offset and stride.
alias Left = vec4u;
alias Right = vec4u;
const PART = AREA / LANES;
alias Sums = array<f32, PART>;
var<private> lane: u32;
fn one() -> u32 { return min(${count}, 1u); }
fn number(matrix: vec4u, row: u32, column: u32) -> f32 {
  let by_columns = matrix.x % 2u == 1u;
  let at = matrix.z + select(row, column, by_columns) * matrix.w + select(column, row, by_columns);
  switch (matrix.x / 2u) { ${cases} default: { return 0.0; } }
}
fn multiply_accumulate(left: Left, right: Right, before: Sums) -> Sums {
  var result = before;
  for (var j = 0u; j < PART * one(); j++) {
    for (var k = 0u; k < SIDE * one(); k++) {
      result[j] += number(left, (lane * PART + j) / SIDE, k) * number(right, k, j % SIDE);
    }
  }
  return result;
}
fn load_sums(panel: u32, offset: u32, stride: u32) -> Sums {
  var result: Sums;
  for (var j = 0u; j < PART * one(); j++) { result[j] = sums[panel][offset + (lane * PART + j) / SIDE * stride + j % SIDE]; }
  return result;
}
fn store_sums(panel: u32, offset: u32, matrix: Sums, stride: u32) {
  for (var j = 0u; j < PART * one(); j++) { sums[panel][offset + (lane * PART + j) / SIDE * stride + j % SIDE] = matrix[j]; }
}
`)
  );
}
