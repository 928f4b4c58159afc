/** The reader of parameter files: its inputs, and what must be true of everything that it accepts. */
import { parseEnergies } from '../../dist/data/index.js';
import { TABLE_SIZES } from '../../dist/kernels/folding/energies.js';
import { texts } from './inputs.mjs';

function holds(condition, what) {
  if (!condition) throw new Error(`accepted, although ${what}`);
}

/** Sections and the numbers of each. */
const SECTIONS = {
  stack: 49,
  mismatch_hairpin: 175,
  mismatch_interior: 175,
  mismatch_interior_1n: 175,
  mismatch_interior_23: 175,
  mismatch_multi: 175,
  mismatch_exterior: 175,
  dangle5: 35,
  dangle3: 35,
  int11: 1225,
  int21: 6125,
  int22: 9216,
  hairpin: 31,
  bulge: 31,
  interior: 31,
  NINIO: 3,
  ML_params: 6,
  Misc: 4,
};
const whole = [
  '## RNAfold parameter file v2.0',
  ...Object.entries(SECTIONS).map(([name, size]) => `# ${name}\n${'-30 '.repeat(size)}`),
  '# Tetraloops\nGGGGAC 20 -1110\nCGAAAG 40 -1340',
  '# END',
].join('\n');

const energies = {
  name: 'energies',
  share: 1,
  inputs: texts(
    [
      whole,
      whole,
      '## RNAfold parameter file v2.0\n# stack\n/* CG */\n-240 INF\n# Misc\n410 0 50 0 107.856 0\n# Hexaloops\nACAGUACU 280 -1680\n',
    ],
    [
      ...'# stack|# END|#|##|/*|*/|INF|DEF|-240|1e9|1.5|nan|GGGGAC|\t|\r\n|# int22|# Triloops|CAACG'.split(
        '|',
      ),
    ],
  ),
  read: (text) => parseEnergies(text, 'x'),
  check(read) {
    for (const [name, size] of Object.entries(TABLE_SIZES)) {
      holds(read[name].length === size, `${name} is incomplete`);
      holds(read[name].every(Number.isInteger), `${name} has a fraction`);
    }
    holds(Number.isFinite(read.extrapolation), 'the extrapolation is no number');
    holds(
      [...read.hairpins].every(([loop, energy]) => /^[ACGU]{5,8}$/.test(loop) && Number.isInteger(energy)),
      'a loop is none',
    );
  },
};

export const ENERGY_READERS = [energies];
