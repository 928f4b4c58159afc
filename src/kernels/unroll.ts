/**
 * The one text transformation between a shader file and the adapter: tile constants get their values, marked loops
 * are written out, and marked arrays become scalars. The files are valid WGSL without it; software adapters do not
 * unroll loops or keep indexed arrays in registers by themselves. Five marks, each at the end of a line:
 *
 *   const ROWS = 4u; // tile                                   the value may be replaced
 *   alias X = f32; // stores x                                 becomes f16 where x, a buffer or workgroup memory,
 *                                                               holds f16
 *   for (var i = 0u; i < ROWS; i++) { // unroll                 the body is repeated with i = 0u, 1u, …
 *   if (SKIP == 1u && i < ROWS) { // when                       the block is left out where the condition, of tile
 *                                                               constants and unrolled counters, does not hold
 *   var<storage> skip: array<f32>; // when SKIP == 1u           the line, likewise
 *   var acc: array<array<f32, COLS>, ROWS>; // scalars          acc[0u][2u * COLS + 1u] becomes acc_0_5, if COLS is 2;
 *                                                               an index beyond the dimensions takes a component
 *                                                               of a vector
 */

import { evaluate } from './constant-expression.js';

/** Values of a kernel's tile constants. */
export type Tile = Readonly<Record<string, number>>;

const TILE = /^const (\w+) = (\d+)u; \/\/ tile$/gm;
const ALIAS = /^alias (\w+) = f32; \/\/ stores (\w+)$/gm;
const WHEN = /^([ \t]*)(?:if \((.*)\) \{ \/\/ when|(\S.*) \/\/ when (\S.*))$/;
const LOOP = /^([ \t]*)for \(var (\w+) = 0u; \2 < (\w+); \2\+\+\) \{ \/\/ unroll\n([\s\S]*?)^\1\}\n/m;
const SCALARS = /^([ \t]*)var (\w+): (array<.*>); \/\/ scalars\n/m;

/**
 * The WGSL of one variant of a kernel.
 *
 * @param halves names of the buffers and workgroup memory that hold f16
 * @throws RangeError when `tile` names a constant, or `halves` a buffer, that the shader does not mark
 */
export function instantiate(code: string, tile: Tile = {}, halves: readonly string[] = []): string {
  const constants = new Map<string, number>();
  const aliases = new Set<string>();
  let text = code.replace(ALIAS, (line, alias: string, buffer: string) => {
    aliases.add(buffer);
    return halves.includes(buffer) ? `alias ${alias} = f16;` : line;
  });
  for (const name of halves) {
    if (!aliases.has(name)) throw new RangeError(`the shader has no storage type for "${name}"`);
  }
  if (halves.length > 0) text = `enable f16;\n${text}`;
  text = text.replace(TILE, (_, name: string, value: string) => {
    const chosen = tile[name] ?? Number(value);
    constants.set(name, chosen);
    return `const ${name} = ${chosen}u;`;
  });
  for (const name of Object.keys(tile)) {
    if (!constants.has(name)) throw new RangeError(`the shader has no tile constant "${name}"`);
  }
  const constant = (name: string): number => {
    const value = constants.get(name);
    if (value === undefined) throw new RangeError(`"${name}" is not a tile constant of this shader`);
    return value;
  };
  for (let loop = LOOP.exec(text); loop; loop = LOOP.exec(text)) {
    const [whole, indent, index, count, body] = loop as unknown as [string, string, string, string, string];
    const turns = Array.from({ length: constant(count) }, (_, i) => {
      return `${indent}{\n${body.replace(new RegExp(`\\b${index}\\b`, 'g'), `${i}u`)}${indent}}\n`;
    });
    text = text.replace(whole, () => turns.join(''));
  }
  text = withoutWhatDoesNotHold(text, (name) => constants.get(name));
  for (let array = SCALARS.exec(text); array; array = SCALARS.exec(text)) {
    const [whole, indent, name, type] = array as unknown as [string, string, string, string];
    const element = /array<(\w+),/.exec(type)![1]!;
    // Written inside out: the outermost dimension comes last.
    const dimensions = [...type.matchAll(/, (\w+)>/g)].map(([, count]) => constant(count!)).reverse();
    const names = dimensions.reduce(
      (all, n) => all.flatMap((it) => Array.from({ length: n }, (_, i) => `${it}_${i}`)),
      [name],
    );
    const declarations = names.map((scalar) => `${indent}var ${scalar}: ${element};\n`).join('');
    const mention = new RegExp(`\\b${name}((?:\\[[^\\[\\]]+\\]){${dimensions.length}})`, 'g');
    text = text
      .replace(whole, () => declarations)
      .replace(mention, (written, indices: string) => {
        const values = [...indices.matchAll(/\[([^\]]+)\]/g)].map(([, it]) =>
          evaluate(it!, (n) => constants.get(n)),
        );
        return values.includes(undefined) ? written : [name, ...values].join('_');
      });
  }
  return text;
}

/** Evaluates the marks `when`. A block ends where a closing brace stands below its first line's indentation. */
function withoutWhatDoesNotHold(text: string, constant: (name: string) => number | undefined): string {
  const kept: string[] = [];
  let end: string | undefined;
  for (const line of text.split('\n')) {
    if (end !== undefined) {
      if (line === end) end = undefined;
      continue;
    }
    const when = WHEN.exec(line);
    if (!when) {
      kept.push(line);
      continue;
    }
    const [, indent, own, statement, given] = when as unknown as [string, string, ...(string | undefined)[]];
    const condition = own ?? given!;
    const holds = evaluate(condition, constant);
    if (holds === undefined) throw new RangeError(`"${condition}" is not a condition of tile constants`);
    if (holds !== 0) kept.push(indent + (statement ?? `if (${own}) {`));
    else if (own !== undefined) end = `${indent}}`;
  }
  return kept.join('\n');
}
