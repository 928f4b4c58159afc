/**
 * Writes `src/kernels/folding/turner1999.ts`, the built-in energies, from a parameter file of ViennaRNA 2
 * with the Turner 1999 parameters. The numbers are those of Mathews, Sabina, Zuker and Turner 1999
 * (J. Mol. Biol. 288:911), as the nearest-neighbour database (NNDB, rna.urmc.rochester.edu/NNDB) lists them.
 *
 *   npm run build && node scripts/make-energies.mjs rna_turner1999.par
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseEnergies } from '../dist/data/energies/parameter-file.js';
import { INFINITE, TABLE_SIZES } from '../dist/kernels/folding/energies.js';
import { LETTERS } from '../dist/kernels/folding/written-tables.js';

const OUTPUT = 'src/kernels/folding/turner1999.ts';
/** Tables with more numbers are written with one letter for each number. */
const LARGE = 100;
const WIDTH = 100;

/** A text as a sum of string literals, broken at blanks if it has any. */
function wrapped(text) {
  const parts = text.match(new RegExp(text.includes(' ') ? `.{1,${WIDTH}}(?: |$)` : `.{1,${WIDTH}}`, 'g'));
  return parts.map((part) => `'${part}'`).join(' +\n      ');
}

const inWords = (numbers) =>
  Array.from(numbers, (number) => (number === INFINITE ? 'INF' : number)).join(' ');

/** One letter for each number. */
function coded(numbers) {
  const values = [...new Set(numbers)].sort((a, b) => a - b);
  if (values.length > LETTERS.length) throw new Error('too many different numbers for one letter each');
  const text = Array.from(numbers, (number) => LETTERS[values.indexOf(number)]).join('');
  return `coded(\n    ${wrapped(inWords(values))},\n    ${wrapped(text)},\n  )`;
}

const energies = parseEnergies(readFileSync(process.argv[2], 'utf8'), process.argv[2]);
const tables = Object.keys(TABLE_SIZES).map((name) => {
  const numbers = energies[name];
  const literal = numbers.length > LARGE ? coded(numbers) : `listed(\n    ${wrapped(inWords(numbers))},\n  )`;
  return `  ${name}: ${literal},`;
});
const all = Int32Array.from(Object.keys(TABLE_SIZES).flatMap((name) => Array.from(energies[name])));
const checksum = createHash('sha256').update(new Uint8Array(all.buffer)).digest('hex');
const loops = wrapped(Array.from(energies.hairpins, ([loop, energy]) => `${loop} ${energy}`).join(' '));

writeFileSync(
  OUTPUT,
  `/**
 * The Turner 1999 energies of RNA loops at 37 °C (Mathews, Sabina, Zuker and Turner 1999, J. Mol. Biol.
 * 288:911; nearest-neighbour database NNDB). Written by \`scripts/make-energies.mjs\`; do not edit.
 */

import type { Energies } from './energies.js';
import { coded, listed, loops } from './written-tables.js';

/** sha256 of all tables, in the order of \`TABLE_SIZES\`, as little-endian 32-bit integers. */
export const TURNER_1999_SHA256 = '${checksum}';

/** The built-in energies. */
export const TURNER_1999: Energies = {
  name: 'Turner 1999',
${tables.join('\n')}
  extrapolation: ${energies.extrapolation},
  hairpins: loops(
    ${loops},
  ),
};
`,
);
