/**
 * Turns `shaders/*.wgsl` into `src/kernels/shaders.generated.ts`: the text of every kernel with its includes
 * resolved, its bindings, the layouts of its uniforms and its tile constants, reflected from the WGSL so that
 * nothing is packed by hand, a misspelt name is a compile error, and Node, tests and browser bundles load the
 * same thing.
 *
 *   node scripts/embed-shaders.mjs [shader folder] [output file]
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
// The package's `main` is CommonJS in an ESM package, which Node cannot import; this is its ESM build.
import { ResourceType, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';

const [folder = 'shaders', output = 'src/kernels/shaders.generated.ts'] = process.argv.slice(2);
const INCLUDE = /^\/\/!\s*include\s+"([^"]+)"\s*$/;
const SCALARS = new Set(['u32', 'i32', 'f32']);

class ShaderSourceError extends Error {
  constructor({ file, line }, message) {
    super(`${file}:${line}: ${message}`);
  }
}

/**
 * The lines of a file with `//! include "name"` replaced by `lib/name.wgsl`, each file at most once; every
 * line knows its origin.
 */
function expand(file, included = new Set()) {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((text, index) => {
      const origin = { text, file, line: index + 1 };
      if (!text.startsWith('//!')) return [origin];
      const name = INCLUDE.exec(text)?.[1];
      if (name === undefined) throw new ShaderSourceError(origin, `expected //! include "name", not ${text}`);
      const library = join(folder, 'lib', `${name}.wgsl`);
      if (!existsSync(library)) throw new ShaderSourceError(origin, `there is no ${library} to include`);
      if (included.has(library)) return [];
      included.add(library);
      return expand(library, included);
    });
}

const FUNCTION = /(?:@\w+(?:\s*\([^)]*\))?\s*)*\bfn\s/g;

/** No interface can hold these types, and wgsl_reflect does not know them. */
const MATRIX_ALIAS = /^alias \w+ = subgroup_matrix_\w+<[^;]*;/gm;

/**
 * The module without comments and functions, line for line: layouts need only the declarations, and
 * wgsl_reflect does not parse every statement.
 */
function declarations(code) {
  const blank = (text) => text.replace(/[^\n]/g, ' ');
  const bare = code.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, blank).replace(MATRIX_ALIAS, blank);
  let result = '';
  let end = 0;
  for (const { index } of bare.matchAll(FUNCTION)) {
    result += bare.slice(end, index);
    end = bare.indexOf('{', index) + 1;
    for (let depth = 1; depth > 0 && end < bare.length; end++) {
      depth += { '{': 1, '}': -1 }[bare[end]] ?? 0;
    }
    result += blank(bare.slice(index, end));
  }
  return result + bare.slice(end);
}

function parse(code, lines) {
  try {
    return new WgslReflect(declarations(code));
  } catch (error) {
    const line = Number(/Line:\s*(\d+)/.exec(error.message)?.[1] ?? 1);
    throw new ShaderSourceError(lines[line - 1] ?? lines[0], error.message);
  }
}

/** Where a name is declared, for messages. */
function declarationOf(name, lines) {
  return (
    lines.find(({ text }) => new RegExp(`\\b(var\\s*(<[^>]*>)?\\s*)?${name}\\s*:`).test(text)) ?? lines[0]
  );
}

/** The marks of `src/kernels/unroll.ts` that say what a launch may choose. */
const TILE = /^const (\w+) = (?:\d+u|(array)\([^()]+\)); \/\/ tile$/;
const FIXED = /^const \w+ = \d+u; \/\/ fixed$/;
const STORES = /^alias \w+ = f32; \/\/ stores (\w+)$/;
const WHEN = /\/\/ when (\S.*)$/;

/** By name, whether a constant that launches choose is a number or a list. */
function tileConstants(lines) {
  const constants = {};
  for (const line of lines) {
    if (!/\/\/ (tile|fixed)$/.test(line.text) || FIXED.test(line.text)) continue;
    const [, name, list] = TILE.exec(line.text) ?? [];
    if (name === undefined)
      throw new ShaderSourceError(line, `not a constant that can be marked: ${line.text}`);
    constants[name] = list ? 'list' : 'number';
  }
  return constants;
}

/** Workgroup memory that may hold f16; whether a buffer does is said by what is bound. */
function halfMemory(lines, bindings) {
  const stored = lines.map(({ text }) => STORES.exec(text)?.[1]).filter((name) => name !== undefined);
  return stored.filter((name) => !bindings.some((binding) => binding.name === name));
}

/**
 * The condition of tile constants under which a variant has a binding; undefined where every variant has it.
 */
function conditionOf(name, lines) {
  const declared = lines.find(({ text }) => new RegExp(`\\bvar<[^>]*> ${name}:`).test(text));
  return WHEN.exec(declared?.text ?? '')?.[1];
}

function bindingKind({ name, resourceType, access }, lines) {
  if (resourceType === ResourceType.Uniform) return 'uniform';
  if (resourceType === ResourceType.Storage) return access === 'read' ? 'read-only-storage' : 'storage';
  throw new ShaderSourceError(
    declarationOf(name, lines),
    `"${name}" is not a buffer; kernels bind only buffers`,
  );
}

function reflectBindings(module, lines) {
  const variables = [...module.uniforms, ...module.storage, ...module.textures, ...module.samplers];
  const names = new Map();
  for (const { name, group, binding } of variables) {
    const at = declarationOf(name, lines);
    if (group !== 0)
      throw new ShaderSourceError(at, `"${name}" is in @group(${group}); kernels use @group(0)`);
    const other = names.get(binding);
    if (other) throw new ShaderSourceError(at, `"${name}" and "${other}" share @binding(${binding})`);
    names.set(binding, name);
  }
  return variables
    .map((variable) => {
      const kind = bindingKind(variable, lines);
      const layout = kind === 'uniform' ? { layout: uniformLayout(variable, lines) } : {};
      const when = conditionOf(variable.name, lines);
      return { name: variable.name, binding: variable.binding, kind, ...layout, ...(when && { when }) };
    })
    .sort((a, b) => a.binding - b.binding);
}

/** The layout of a uniform: a struct of scalars, or one whose only member is a list of such structs. */
function uniformLayout({ name, type }, lines) {
  if (!type.isStruct)
    throw new ShaderSourceError(declarationOf(name, lines), `uniform "${name}" must be a struct`);
  const [first] = type.members;
  if (type.members.length > 1 || !first.type.isArray || !first.type.format.isStruct)
    return { size: type.size, fields: scalarFields(type, lines) };
  const { count, stride, format } = first.type;
  return { size: type.size, list: { count, stride }, fields: scalarFields(format, lines) };
}

function scalarFields(type, lines) {
  return type.members.map((member) => {
    const scalar = member.type.name;
    if (SCALARS.has(scalar)) return { name: member.name, offset: member.offset, type: scalar };
    throw new ShaderSourceError(
      declarationOf(member.name, lines),
      `${type.name}.${member.name} is ${scalar}, not u32, i32 or f32`,
    );
  });
}

function embed(file) {
  const lines = expand(file);
  const code = `${lines.map(({ text }) => text).join('\n')}\n`;
  const module = parse(code, lines);
  const entries = lines.filter(({ text }) => text.startsWith('@compute'));
  if (entries.length !== 1) {
    throw new ShaderSourceError(
      entries[1] ?? lines[0],
      `a file is one kernel: one @compute function, not ${entries.length}`,
    );
  }
  const literal = code.replace(/[\\`]|\$\{/g, '\\$&');
  const bindings = reflectBindings(module, lines);
  return `  ${JSON.stringify(basename(file, '.wgsl'))}: {
    bindings: [\n${bindings.map((binding) => `      ${JSON.stringify(binding)},\n`).join('')}    ],
    tile: ${JSON.stringify(tileConstants(lines))},
    halves: ${JSON.stringify(halfMemory(lines, bindings))},
    code: \`${literal}\` as string,
  },
`;
}

const HEADER = `/** Written by scripts/embed-shaders.mjs from shaders/*.wgsl; edit those. */

import type { BindingInfo } from '../device/program.js';

/** A kernel's text and its interface, from which \`shader-interface.ts\` derives what a launch must name. */
export interface ShaderSource {
  /**
   * All in group 0, in the order of the binding numbers. \`when\` is the condition under which a variant has
   * one.
   */
  readonly bindings: readonly (BindingInfo & { readonly when?: string })[];
  /** Constants marked \`// tile\`: a number, or a list of numbers. */
  readonly tile: Readonly<Record<string, 'number' | 'list'>>;
  /** Workgroup memory that may hold f16. */
  readonly halves: readonly string[];
  readonly code: string;
}

`;

function main() {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.wgsl'))
    .sort();
  const entries = files.map((name) => embed(join(folder, name)));
  const text = `${HEADER}export const shaders = {\n${entries.join('')}} as const satisfies Record<string, ShaderSource>;\n`;
  // Untouched when nothing changed and replaced in one step otherwise, so that watchers never see half a
  // file.
  if (existsSync(output) && readFileSync(output, 'utf8') === text) return;
  mkdirSync(dirname(output), { recursive: true });
  const temporary = `${output}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, output);
}

try {
  main();
} catch (error) {
  if (!(error instanceof ShaderSourceError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
