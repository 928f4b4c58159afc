/**
 * Two files of figures, row by row: `npm run bench:compare A.json B.json [--anyway]`. Files of different
 * adapters or sizes are refused, unless `--anyway` is given.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { differences, whyNot } from './differences.mjs';
import { describe } from './record.mjs';
import { table } from './table.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { anyway: { type: 'boolean', default: false } },
});
if (positionals.length !== 2) {
  console.error('two files are needed: npm run bench:compare A.json B.json [--anyway]');
  process.exit(2);
}
const [a, b] = positionals.map((path) => JSON.parse(readFileSync(path, 'utf8')));
const reason = whyNot(a, b);
if (reason && !options.anyway) {
  console.error(`they cannot be compared: ${reason}; --anyway compares them`);
  process.exit(2);
}
for (const [i, record] of [a, b].entries())
  console.log(`${positionals[i]}, ${record.date}\n${describe(record).replace(/^/gm, '  ')}`);
if (reason) console.log(`Careful: ${reason}.`);

const { rows, onlyFirst, onlySecond } = differences(a, b);
const show = (value) => value.toPrecision(4);
console.log(
  `\n${table(
    {
      '<figure': ({ name }) => name,
      first: (row) => show(row.a),
      second: (row) => show(row.b),
      '<unit': ({ unit }) => unit,
      'second is faster': ({ ratio }) => `${ratio.toFixed(2)}x`,
      '<faster': ({ faster }) => faster,
    },
    rows,
  )}`,
);
for (const [path, names] of [
  [positionals[0], onlyFirst],
  [positionals[1], onlySecond],
])
  if (names.length > 0) console.log(`only in ${path}: ${names.join('; ')}`);
