import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShaderSource } from '../src/kernels/shaders.generated.js';

const SCRIPT = 'scripts/embed-shaders.mjs';
const ENTRY = '@compute @workgroup_size(8 * 8)\nfn main() { const_assert true; if (true) { return; } }\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** What the script makes of the files. */
async function embed(files: Record<string, string>): Promise<Record<string, ShaderSource>> {
  write(files);
  const output = join(folder, 'out.ts');
  execFileSync(process.execPath, [SCRIPT, folder, output]);
  const module = (await import(output)) as { shaders: Record<string, ShaderSource> };
  return module.shaders;
}

/** The script's complaint about the files, without the folder's name. */
function complaint(files: Record<string, string>): string {
  write(files);
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, folder, join(folder, 'out.ts')], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  return stderr.replaceAll(`${folder}/`, '').trim();
}

describe('embed-shaders', () => {
  it('passes over types that no interface holds', async () => {
    const { kernel } = await embed({
      'kernel.wgsl': `enable chromium_experimental_subgroup_matrix;
const M = 8u; // tile
alias T = f32; // stores slices
alias Left = subgroup_matrix_left<T, 8u, M>;
@group(0) @binding(0) var<storage, read_write> y: array<T>;
${ENTRY}`,
    });
    expect(kernel?.bindings).toEqual([{ name: 'y', binding: 0, kind: 'storage' }]);
    expect(kernel?.code).toContain('alias Left = subgroup_matrix_left<T, 8u, M>;');
  });

  it('reflects bindings in order and uniform layouts', async () => {
    const { kernel } = await embed({
      'kernel.wgsl': `// A comment with a { brace, and \`\${text}\`.
enable subgroups;
const ROWS = 16u; // tile
struct Params { rows: u32, shift: i32, scale: f32 }
@group(0) @binding(2) var<storage, read_write> y: array<f32, ROWS * 2u>;
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
fn helper(@builtin(subgroup_invocation_id) lane: u32) -> u32 { return subgroupShuffle(lane, 1u); }
${ENTRY}`,
    });
    expect(kernel?.bindings).toEqual([
      {
        name: 'params',
        binding: 0,
        kind: 'uniform',
        layout: {
          size: 12,
          fields: [
            { name: 'rows', offset: 0, type: 'u32' },
            { name: 'shift', offset: 4, type: 'i32' },
            { name: 'scale', offset: 8, type: 'f32' },
          ],
        },
      },
      { name: 'x', binding: 1, kind: 'read-only-storage' },
      { name: 'y', binding: 2, kind: 'storage' },
    ]);
    expect(kernel?.code).toBe(readFileSync(join(folder, 'kernel.wgsl'), 'utf8'));
  });

  it('reflects a uniform list by one of its structs', async () => {
    const { kernel } = await embed({
      'kernel.wgsl': `struct Each { a: u32, b: f32, c: u32, d: u32 }
struct All { list: array<Each, 5> }
@group(0) @binding(0) var<uniform> all: All;
${ENTRY}`,
    });
    const fields = ['a', 'b', 'c', 'd'].map((name, i) => ({
      name,
      offset: 4 * i,
      type: name === 'b' ? 'f32' : 'u32',
    }));
    expect(kernel?.bindings).toEqual([
      {
        name: 'all',
        binding: 0,
        kind: 'uniform',
        layout: { size: 80, list: { count: 5, stride: 16 }, fields },
      },
    ]);
  });

  it('lists what a launch chooses: constants marked tile, and memory that may hold f16', async () => {
    const { kernel } = await embed({
      'kernel.wgsl': `const ROWS = 16u; // tile
const COLUMNS = array(1u, 2u); // tile
const FOUR = 4u; // fixed
const SKIP = 0u; // tile
const PLAIN = 1u;
alias T = f32; // stores slices
alias X = f32; // stores x
@group(0) @binding(0) var<storage, read> x: array<X>;
@group(0) @binding(1) var<storage, read> skip: array<f32>; // when SKIP == 1u
${ENTRY}`,
    });
    expect(kernel?.tile).toEqual({ ROWS: 'number', COLUMNS: 'list', SKIP: 'number' });
    expect(kernel?.halves).toEqual(['slices']);
    expect(kernel?.bindings.map(({ name, when }) => [name, when])).toEqual([
      ['x', undefined],
      ['skip', 'SKIP == 1u'],
    ]);
  });

  it('includes a library once, also through another one', async () => {
    const { kernel } = await embed({
      'kernel.wgsl': `//! include "outer"\n//! include "inner"\n${ENTRY}`,
      'lib/outer.wgsl': '//! include "inner"\nconst OUTER = INNER;\n',
      'lib/inner.wgsl': 'const INNER = 1u;\n',
    });
    expect(kernel?.code).toBe(`const INNER = 1u;\nconst OUTER = INNER;\n${ENTRY}`);
  });

  it.each([
    { case: 'a missing library', text: `\n//! include "nowhere"\n${ENTRY}`, says: 'k.wgsl:2: there is no' },
    {
      case: 'a misspelt directive',
      text: `//! inclued "a"\n${ENTRY}`,
      says: 'k.wgsl:1: expected //! include',
    },
    {
      case: 'two buffers on one binding',
      text: `@group(0) @binding(1) var<storage> a: array<f32>;\n@group(0) @binding(1) var<storage> b: array<f32>;\n${ENTRY}`,
      says: 'k.wgsl:2: "b" and "a" share @binding(1)',
    },
    {
      case: 'another group',
      text: `\n\n@group(1) @binding(0) var<storage> a: array<f32>;\n${ENTRY}`,
      says: 'k.wgsl:3: "a" is in @group(1)',
    },
    {
      case: 'a texture',
      text: `@group(0) @binding(0) var a: texture_2d<f32>;\n${ENTRY}`,
      says: 'k.wgsl:1: "a" is not a buffer',
    },
    {
      case: 'a vector in a uniform',
      text: `struct Params {\n  a: u32,\n  b: vec2f,\n}\n@group(0) @binding(0) var<uniform> params: Params;\n${ENTRY}`,
      says: 'k.wgsl:3: Params.b is vec2f, not u32, i32 or f32',
    },
    {
      case: 'a vector in a list of structs',
      text: `struct Each {\n  a: vec4f,\n}\nstruct All {\n  list: array<Each, 3>,\n}\n@group(0) @binding(0) var<uniform> all: All;\n${ENTRY}`,
      says: 'k.wgsl:2: Each.a is vec4f, not u32, i32 or f32',
    },
    {
      case: 'a mark on something else than a constant',
      text: `const ROWS = 2.5; // tile\n${ENTRY}`,
      says: 'k.wgsl:1: not a constant that can be marked',
    },
    { case: 'a second kernel', text: `${ENTRY}${ENTRY}`, says: 'k.wgsl:3: a file is one kernel' },
    { case: 'a syntax error', text: `\nstruct { a: u32 }\n${ENTRY}`, says: 'k.wgsl:2: ' },
  ])('refuses $case and says where', ({ text, says }) => {
    expect(complaint({ 'k.wgsl': text })).toContain(says);
  });

  it('names the library file of an error in it', () => {
    const library = '\n@group(2) @binding(0) var<storage> a: array<f32>;\n';
    expect(complaint({ 'k.wgsl': `//! include "l"\n${ENTRY}`, 'lib/l.wgsl': library })).toMatch(
      /^lib\/l\.wgsl:2:/,
    );
  });
});
