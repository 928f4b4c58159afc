/**
 * What is published: entry points that exist, browsers' ones without Node, and sources in the maps. Reads
 * `dist/`, which the build writes.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

type Target = string | { readonly [condition: string]: Target };

/**
 * The file of an entry point under the given conditions, as Node and bundlers choose: the first that matches.
 */
function resolve(target: Target | undefined, conditions: readonly string[]): string | undefined {
  if (target === undefined || typeof target === 'string') return target;
  const chosen = Object.keys(target).find((name) => conditions.includes(name) || name === 'default');
  return chosen && resolve(target[chosen], conditions);
}

const entries = Object.keys(manifest.exports).filter((name) => name !== './package.json');
const entry = (name: string, ...conditions: string[]) =>
  resolve(manifest.exports[name] as Target, conditions)!;

it.each(entries)('%s has code and types on every host', (name) => {
  for (const host of ['node', 'browser']) {
    for (const kind of [['import'], ['types'], ['types@<6', 'types']]) {
      const file = entry(name, host, ...kind);
      expect(existsSync(new URL(file, root)), file).toBe(true);
    }
    // What type-checks is what is there.
    const code = entry(name, host, 'import');
    expect(entry(name, host, 'types')).toBe(code.replace(/js$/, 'd.ts'));
  }
});

it.each(entries.filter((name) => name !== './files'))(
  '%s holds nothing of Node for browsers',
  async (name) => {
    const input = fileURLToPath(new URL(entry(name, 'browser', 'import'), root));
    const foreign: string[] = [];
    const bundle = await rolldown({
      input,
      platform: 'browser',
      external: (id) => {
        const isForeign = /^(node:|webgpu$)|\.node\.js$/.test(id);
        if (isForeign) foreign.push(id);
        return isForeign;
      },
    });
    const { output } = await bundle.generate({ format: 'esm' });
    expect(foreign).toEqual([]);
    for (const chunk of output) {
      if (chunk.type === 'chunk') expect(chunk.imports.filter((file) => !/\.js$/.test(file))).toEqual([]);
    }
  },
);

it('installs few packages', () => {
  expect(Object.keys(manifest.dependencies)).not.toContain('vega');
  expect(Object.keys(manifest.dependencies).filter((name) => name.startsWith('@stdlib'))).toEqual([]);
  const charts = readFileSync(new URL('dist/report/charts/vega.js', root), 'utf8');
  expect(charts).not.toMatch(/from\s*["'](vega|d3)/);
  const licences = readFileSync(new URL('dist/report/charts/vega.licences.txt', root), 'utf8');
  expect(licences).toMatch(/^vega \d.*BSD-3-Clause/m);
  expect(licences).toMatch(/^d3-scale \d.*ISC/m);
});

it('has source maps that hold their sources', () => {
  const map = JSON.parse(readFileSync(new URL('dist/index.js.map', root), 'utf8')) as {
    sourcesContent?: string[];
  };
  expect(map.sourcesContent?.[0]).toContain('The public face');
});

it('shows in the README the examples that are tried', () => {
  const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
  /** Without comments and without what a formatter may change. */
  const bare = (code: string) =>
    code
      .replace(/\/\*.*?\*\/|\/\/ .*$/gms, '')
      .replace(/\s+/g, '')
      .replace(/,(?=[)}])/g, '');
  const [, shown] = /## The library\n.*?```js\n(.*?)```/s.exec(text('README.md')) ?? [];
  expect(bare(shown!)).toBe(bare(text('examples/quickstart.mjs')));
  const readme = text('README.md');
  const blocks = Array.from(readme.matchAll(/```js\n(.*?)```/gs), ([, block]) => bare(block!));
  for (const example of ['train', 'gia-all', 'report']) {
    const path = `examples/${example}.mjs`;
    expect(blocks, path).toContain(bare(text(path)));
    expect(readme).toContain(path);
  }
});
