/**
 * Replaces `dist/report/charts/vega.js`, which imports Vega and Vega-Lite, by one file that holds what it
 * uses of them, and writes the licences of their packages beside it. Part of `npm run build`.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const FOLDER = 'dist/report/charts';
const entry = join(FOLDER, 'vega.js');

/**
 * The folder of the package that a module belongs to: the last `node_modules/name` or
 * `node_modules/@scope/name` of its path.
 */
const packageOf = (id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}\n`;
}

const bundle = await rolldown({
  input: entry,
  platform: 'neutral',
  resolve: { mainFields: ['module', 'main'] },
});
const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
const [{ code, moduleIds, imports }] = output;
if (imports.length > 0) throw new Error(`the charts' bundle still imports ${imports.join(', ')}`);
const folders = [...new Set(moduleIds.map(packageOf))]
  .filter((folder) => folder && existsSync(folder))
  .sort();
writeFileSync(entry, `/*! Vega, Vega-Lite and what they use; licences in vega.licences.txt */\n${code}`);
writeFileSync(join(FOLDER, 'vega.licences.txt'), folders.map(licence).join(`\n${'-'.repeat(80)}\n\n`));
// The map is of the two lines that are no longer there; nothing declared refers to the module.
for (const name of ['vega.js.map', 'vega.d.ts']) rmSync(join(FOLDER, name), { force: true });
