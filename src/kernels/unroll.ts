/**
 * The one text transformation between a shader file and the adapter: tile constants get their values, marked
 * loops are written out, and marked arrays become scalars. The files are valid WGSL without it; software
 * adapters do not unroll loops or keep indexed arrays in registers by themselves. The marks, each at the end
 * of a line:
 *
 *   const ROWS = 4u; // tile                                   the value may be replaced
 *   const COLUMNS = array(6u, 8u); // tile                     likewise, a list of any length: COLUMNS[s]
 *   const FOUR = 4u; // fixed                                  its value is known to the other marks, and stays
 *   alias X = f32; // stores x                                 becomes f16 where x, a buffer or workgroup memory,
 *                                                               holds f16
 *   for (var i = 0u; i < ROWS; i++) { // unroll                 the body is repeated with i = 0u, 1u, …
 *   if (SKIP == 1u && i < ROWS) { // when                       the block is left out where the condition, of tile
 *                                                               constants and unrolled counters, does not
 *                                                                 hold
 *   var<storage> skip: array<f32>; // when SKIP == 1u           the line, likewise
 *   var acc: array<array<f32, COLS>, ROWS>; // scalars          acc[0u][2u * COLS + 1u] becomes acc_0_5, if COLS is 2;
 *                                                               an index beyond the dimensions takes a
 *                                                                 component
 *                                                               of a vector
 */

import { type Constant, valueOfExpression } from './constant-expression.js';

/** Values of a kernel's tile constants. */
export type Tile = Readonly<Record<string, Constant>>;

const CONSTANT = /^const (\w+) = (?:(\d+)u|array\(([^()]+)\)); \/\/ (tile|fixed)$/gm;
const ALIAS = /^alias (\w+) = f32; \/\/ stores (\w+)$/gm;
const WHEN = /^([ \t]*)(?:if \((.*)\) \{ \/\/ when|(\S.*) \/\/ when (\S.*))$/;
const LOOP = /^[ \t]*for \(var (\w+) = 0u; \1 < ([^;]+); \1\+\+\) \{ \/\/ unroll$/;
const SCALARS = /^([ \t]*)var (\w+): (array<.*>); \/\/ scalars$/;
/** An index, which may name entries of lists. */
const INDEX = String.raw`\[(?:[^[\]]|\[[^[\]]*\])+\]`;

/**
 * The WGSL of one variant of a kernel.
 *
 * @param halves names of the buffers and workgroup memory that hold f16
 * @throws RangeError when `tile` names a constant, or `halves` a buffer, that the shader does not mark
 */
export function instantiate(code: string, tile: Tile = {}, halves: readonly string[] = []): string {
  const constants = new Map<string, Constant>();
  const aliases = new Set<string>();
  let text = code.replace(ALIAS, (line, alias: string, buffer: string) => {
    aliases.add(buffer);
    return halves.includes(buffer) ? `alias ${alias} = f16;` : line;
  });
  for (const name of halves) {
    if (!aliases.has(name)) throw new RangeError(`the shader has no storage type for "${name}"`);
  }
  if (halves.length > 0) text = `enable f16;\n${text}`;
  const choices = new Set<string>();
  text = text.replace(CONSTANT, (_, name: string, value?: string, list?: string, mark?: string) => {
    if (mark === 'tile') choices.add(name);
    const written = value === undefined ? list!.split(',').map(Number.parseFloat) : Number(value);
    const chosen = tile[name] ?? written;
    constants.set(name, chosen);
    return `const ${name} = ${inWgsl(chosen)};`;
  });
  for (const name of Object.keys(tile)) {
    if (!choices.has(name)) throw new RangeError(`the shader has no tile constant "${name}"`);
  }
  const constantOf = (name: string): Constant | undefined => constants.get(name);
  return asScalars(writtenOut(text.split('\n'), constantOf), constantOf).join('\n');
}

const inWgsl = (value: Constant): string =>
  typeof value === 'number' ? `${value}u` : `array(${value.map((it) => `${it}u`).join(', ')})`;

type ConstantOf = (name: string) => Constant | undefined;

/**
 * Marked loops written out, without what marked conditions leave out. A block ends at the brace below its
 * first letter.
 */
function writtenOut(lines: readonly string[], constantOf: ConstantOf): string[] {
  const written: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [, , own, statement, given] = WHEN.exec(line) ?? [];
    const [, index, turns] = LOOP.exec(line) ?? [];
    if (given !== undefined) {
      if (holds(given, constantOf)) written.push(`${indentOf(line)}${statement}`);
      continue;
    }
    if (own === undefined && turns === undefined) {
      written.push(line);
      continue;
    }
    const end = lines.indexOf(`${indentOf(line)}}`, at);
    if (end < 0) throw new RangeError(`"${line.trim()}" has no end below it`);
    const body = lines.slice(at + 1, end);
    if (own !== undefined) {
      if (holds(own, constantOf)) {
        written.push(`${indentOf(line)}if (${own}) {`, ...writtenOut(body, constantOf), lines[end]!);
      }
    } else {
      const mention = new RegExp(`\\b${index}\\b`, 'g');
      for (let i = 0; i < count(turns!, constantOf); i++) {
        const turn = body.map((it) => it.replace(mention, `${i}u`));
        written.push(`${indentOf(line)}{`, ...writtenOut(turn, constantOf), lines[end]!);
      }
    }
    at = end;
  }
  return written;
}

const indentOf = (line: string): string => /^[ \t]*/.exec(line)![0];

function holds(condition: string, constantOf: ConstantOf): boolean {
  const value = valueOfExpression(condition, constantOf);
  if (value === undefined) throw new RangeError(`"${condition}" is not a condition of tile constants`);
  return value !== 0;
}

function count(expression: string, constantOf: ConstantOf): number {
  const value = valueOfExpression(expression, constantOf);
  if (value === undefined) throw new RangeError(`"${expression}" is not a tile constant of this shader`);
  return value;
}

/** Marked arrays as scalars. Arrays of one name may differ in their lengths. */
function asScalars(lines: readonly string[], constantOf: ConstantOf): string[] {
  /** Of every name, by the number of its dimensions. */
  const mentions = new Map<string, RegExp>();
  const declared = lines.flatMap((line) => {
    const [, indent, name, type] = SCALARS.exec(line) ?? [];
    if (name === undefined) return [line];
    const element = /array<(\w+),/.exec(type!)![1]!;
    // Written inside out: the outermost dimension comes last.
    const dimensions = [...type!.matchAll(/, (\w+)>/g)].map(([, size]) => count(size!, constantOf)).reverse();
    const names = dimensions.reduce(
      (all, n) => all.flatMap((it) => Array.from({ length: n }, (_, i) => `${it}_${i}`)),
      [name],
    );
    const indices = `((?:${INDEX}){${dimensions.length}})`;
    mentions.set(`${name} ${dimensions.length}`, new RegExp(`\\b(${name})${indices}`, 'g'));
    return names.map((scalar) => `${indent}var ${scalar}: ${element};`);
  });
  const each = new RegExp(INDEX, 'g');
  const scalar = (written: string, name: string, indices: string): string => {
    const values = indices.match(each)!.map((it) => valueOfExpression(it.slice(1, -1), constantOf));
    return values.includes(undefined) ? written : [name, ...values].join('_');
  };
  return [...mentions.values()].reduce(
    (all, mention) => all.map((line) => (line.includes('[') ? line.replace(mention, scalar) : line)),
    declared,
  );
}
