/** Sizes that the code keeps: no file is over 400 lines, and no function of the command line over 60. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const MOST_LINES = { file: 400, function: 60 };

const root = join(import.meta.dirname, '..');

/** Paths of all files in a folder that people write. */
async function filesIn(folder: string): Promise<string[]> {
  const paths = await readdir(join(root, folder), { recursive: true });
  return paths
    .filter((path) => /(?<!\.generated)\.(ts|mjs|wgsl)$/.test(path) && !/(^|\/)node_modules\//.test(path))
    .map((path) => join(folder, path));
}

const text = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** The functions of a module, also those within others, with their lines from the first to the last. */
function functionsIn(path: string, source: string): { name: string; lines: number }[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const lineOf = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const first = lineOf(node.getStart(file));
      found.push({ name: `${path}:${first + 1}`, lines: lineOf(node.end) - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('the counter of lines', () => {
  it('counts every kind of function from its first line to its last', () => {
    const source = [
      'function one() {}',
      'const two = () => {',
      '  const inner = function () { return 1; };',
      '  return inner; };',
      'class A {',
      '  get b() {',
      '    return 1;',
      '  }',
      '}',
      'declare function none(): void;',
    ].join('\n');
    expect(functionsIn('a.ts', source)).toEqual([
      { name: 'a.ts:1', lines: 1 },
      { name: 'a.ts:2', lines: 3 },
      { name: 'a.ts:3', lines: 1 },
      { name: 'a.ts:6', lines: 3 },
    ]);
  });
});

describe('the code', () => {
  it(`has no file of more than ${MOST_LINES.file} lines`, async () => {
    const folders = ['src', 'shaders', 'test', 'bench', 'scripts', 'examples'];
    const paths = (await Promise.all(folders.map(filesIn))).flat();
    const sizes = await Promise.all(
      paths.map(async (path) => ({ path, lines: (await text(path)).trimEnd().split('\n').length })),
    );
    expect(sizes.length).toBeGreaterThan(400);
    expect(sizes.filter(({ lines }) => lines > MOST_LINES.file)).toEqual([]);
  });

  it(`has no function of more than ${MOST_LINES.function} lines in the command line`, async () => {
    const functions = await Promise.all(
      (await filesIn('src/cli')).map(async (path) => functionsIn(path, await text(path))),
    );
    expect(functions.flat().length).toBeGreaterThan(100);
    expect(functions.flat().filter(({ lines }) => lines > MOST_LINES.function)).toEqual([]);
  });
});
