/**
 * Subgroup matrices of f16 in plain WGSL, for adapters that have none: a kernel's text with the extension's
 * types and functions written out. A matrix is where it lies until it is multiplied; of sums, a thread keeps
 * eight of one row.
 */

/** Threads that share a matrix: the kernel's LANES. */
const LANES = 32;

/**
 * The text of a kernel with matrices of 16 x 16 x 16 called Left, Right and Sums, and `local` or nothing for
 * the thread.
 *
 * @param memories names of what operands are loaded from
 * @param target name of what sums are stored to
 * @param positive a parameter that is never 0
 */
export function inPlainWgsl(
  code: string,
  memories: readonly string[],
  target: string,
  positive: string,
): string {
  /** The length of the arrays that a memory consists of; undefined where it is one array. */
  const panelOf = (name: string): string | undefined =>
    new RegExp(`\\b${name}: array<array<f\\d+, ([^>]+)>`).exec(code)?.[1];
  const placed = (name: string, at: string): string => {
    const panel = panelOf(name);
    return panel === undefined ? `${name}[${at}]` : `${name}[(${at}) / (${panel})][(${at}) % (${panel})]`;
  };
  const element = memories
    .map((name, i) => `if (matrix.x == ${i}u) { return f32(${placed(name, 'at')}); }`)
    .join(' ');
  const offsetIn = (name: string, index: string | undefined): string =>
    index === undefined ? '' : `(${index}) * (${panelOf(name)}) + `;
  const thread = `let subgroup = local / ${LANES}u;\n  lane = local % ${LANES}u;\n  sixteen = min(16u, 16u * params.${positive});`;
  return code
    .replace(/^enable (subgroups|chromium_experimental_subgroup_matrix);\n/gm, '')
    .replace(/^diagnostic\(.*subgroup_matrix_uniformity\);\n/m, '')
    .replace(/^alias \w+ = subgroup_matrix_.*\n/gm, '')
    .replace(
      /subgroupMatrixLoad<\w+, \w+>\(&(\w+)(?:\[(.+?)\])?, /g,
      (_, name: string, index?: string) => `vec3u(${memories.indexOf(name)}u, ${offsetIn(name, index)}`,
    )
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_accumulate(')
    .replace(
      /subgroupMatrixStore<col_major>\(&(\w+)(?:\[(.+?)\])?, /g,
      (_, name: string, index?: string) => `store_sums(${offsetIn(name, index)}`,
    )
    .replace(
      /(@builtin\(local_invocation_index\) local: u32, )?@builtin\(subgroup_id\) subgroup: u32\) \{/,
      `@builtin(local_invocation_index) local: u32) {\n  ${thread}`,
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
    ${placed(target, 'offset + (lane % 2u * 8u + n) * stride + lane / 2u')} = sums[n / 4u][n % 4u];
  }
}
`);
}
