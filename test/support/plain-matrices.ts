/**
 * Subgroup matrices of f16 in plain WGSL, for adapters that have none: a kernel's text with the extension's types and
 * functions written out. A matrix is where it lies until it is multiplied; of sums, a thread keeps eight of one row.
 */

/** Threads that share a matrix: the kernel's LANES. */
const LANES = 32;

/**
 * The text of a kernel with matrices of 16 x 16 x 16 called Left, Right and Sums.
 *
 * @param memories names of what operands are loaded from
 * @param target name of what sums are stored to
 */
export function inPlainWgsl(code: string, memories: readonly string[], target: string): string {
  const element = memories.map((name, i) => `if (matrix.x == ${i}u) { return f32(${name}[at]); }`).join(' ');
  return code
    .replace(/^enable (subgroups|chromium_experimental_subgroup_matrix);\n/gm, '')
    .replace(/^diagnostic\(.*subgroup_matrix_uniformity\);\n/m, '')
    .replace(/^alias \w+ = subgroup_matrix_.*\n/gm, '')
    .replace(
      /subgroupMatrixLoad<\w+, \w+>\(&(\w+), /g,
      (_, name: string) => `vec3u(${memories.indexOf(name)}u, `,
    )
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_accumulate(')
    .replaceAll(`subgroupMatrixStore<col_major>(&${target}, `, 'store_sums(')
    .replace(
      '@builtin(subgroup_id) subgroup: u32) {',
      `) {\n  let subgroup = local / ${LANES}u;\n  lane = local % ${LANES}u;\n  sixteen = min(16u, 16u * params.patterns);`,
    )
    .concat(`
alias Left = vec3u;
alias Right = vec3u;
alias Sums = mat2x4f;
var<private> lane: u32;
// Not known to the compiler, which would write the loop out everywhere.
var<private> sixteen: u32;
fn element(matrix: vec3u, line: u32, k: u32) -> f32 { let at = matrix.y + line * matrix.z + k; ${element} return 0.0; }
fn four(matrix: vec3u, line: u32, k: u32) -> vec4f {
  return vec4f(element(matrix, line, k), element(matrix, line + 1u, k), element(matrix, line + 2u, k), element(matrix, line + 3u, k));
}
fn multiply_accumulate(left: Left, right: Right, sums: Sums) -> Sums {
  var result = sums;
  let first = lane % 2u * 8u;
  for (var k = 0u; k < sixteen; k++) {
    let row = element(left, lane / 2u, k);
    result[0] += row * four(right, first, k);
    result[1] += row * four(right, first + 4u, k);
  }
  return result;
}
fn store_sums(offset: u32, sums: Sums, stride: u32) {
  for (var n = 0u; n < 8u; n++) {
    ${target}[offset + (lane % 2u * 8u + n) * stride + lane / 2u] = sums[n / 4u][n % 4u];
  }
}
`);
}
