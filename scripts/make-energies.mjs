/**
 * Writes `src/kernels/folding/turner1999.ts`, the built-in energies, from a parameter file of ViennaRNA 2 with
 * the Turner 1999 parameters. The numbers are those of Mathews, Sabina, Zuker and Turner 1999
 * (J. Mol. Biol. 288:911), as the nearest-neighbour database (NNDB, rna.urmc.rochester.edu/NNDB) lists them.
 *
 *   npm run build && node scripts/make-energies.mjs rna_turner1999.par
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseEnergies } from '../dist/data/energies/parameter-file.js';
import { TABLE_SIZES } from '../dist/kernels/folding/energies.js';

const OUTPUT = 'src/kernels/folding/turner1999.ts';
/** Tables of more numbers are written as one letter a number. */
const LARGE = 100;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-*/=<>()[]{}.,:;!?%&#@^_~|';
const WIDTH = 100;

/** Numbers wrapped into lines of an array literal. */
function listed(numbers) {
  const lines = [''];
  for (const number of numbers) {
    if (lines.at(-1).length + `${number}, `.length > WIDTH) lines.push('');
    lines[lines.length - 1] += `${number}, `;
  }
  return lines.map((line) => `    ${line.trimEnd()}`).join('\n');
}

function coded(numbers) {
  const values = [...new Set(numbers)].sort((a, b) => a - b);
  if (values.length > LETTERS.length) throw new Error('too many different numbers for one letter each');
  const text = Array.from(numbers, (number) => LETTERS[values.indexOf(number)]).join('');
  const parts = text.match(new RegExp(`.{1,${WIDTH}}`, 'g'));
  return `coded(\n    [\n  ${listed(values).replaceAll('\n', '\n  ')}\n    ],\n${parts.map((part) => `    '${part}'`).join(' +\n')},\n  )`;
}

const energies = parseEnergies(readFileSync(process.argv[2], 'utf8'), process.argv[2]);
const tables = Object.keys(TABLE_SIZES).map((name) => {
  const numbers = energies[name];
  const literal = numbers.length > LARGE ? coded(numbers) : `Int32Array.of(\n${listed(numbers)}\n  )`;
  return `  ${name}: ${literal},`;
});
const all = Int32Array.from(Object.keys(TABLE_SIZES).flatMap((name) => Array.from(energies[name])));
const checksum = createHash('sha256').update(new Uint8Array(all.buffer)).digest('hex');
const loops = [...energies.hairpins].map(([loop, energy]) => `['${loop}', ${energy}], `);
const loopLines = [];
while (loops.length > 0) loopLines.push(`    ${loops.splice(0, 6).join('').trimEnd()}`);

writeFileSync(
  OUTPUT,
  `/**
 * The Turner 1999 energies of RNA loops at 37 °C (Mathews, Sabina, Zuker and Turner 1999, J. Mol. Biol.
 * 288:911; nearest-neighbour database NNDB). Written by \`scripts/make-energies.mjs\`; do not edit.
 */

import { type Energies, INFINITE } from './energies.js';

/** The order of the letters in which large tables are written. */
const LETTERS = '${LETTERS}';

/** A table as one letter for each number, which says which of \`values\` it is. */
const coded = (values: readonly number[], text: string): Int32Array =>
  Int32Array.from(text, (letter) => values[LETTERS.indexOf(letter)]!);

/** sha256 of all tables, in the order of \`TABLE_SIZES\`, as little-endian 32-bit integers. */
export const TURNER_1999_SHA256 = '${checksum}';

/** The built-in energies. */
export const TURNER_1999: Energies = {
  name: 'Turner 1999',
${tables.join('\n').replaceAll(/\b1000000\b/g, 'INFINITE')}
  extrapolation: ${energies.extrapolation},
  hairpins: new Map([
${loopLines.join('\n')}
  ]),
};
`,
);
