/** Parameter files of ViennaRNA 2, written from energies. */

import { type Energies, INFINITE } from '../../src/kernels/folding/energies.js';

const written = (energy: number): string => (energy === INFINITE ? 'INF' : String(energy));

/** The numbers of a table with a filler where the file has pairs or letters that no table holds. */
function filled(table: Int32Array, pairs: number, letters: number): string[] {
  const rows: string[] = [];
  const take = (axis: number, index: number | undefined): void => {
    if (axis === pairs + letters) rows.push(index === undefined ? '77' : written(table[index]!));
    else if (axis < pairs)
      for (let pair = 0; pair < 7; pair++)
        take(axis + 1, pair < 6 && index !== undefined ? index * 6 + pair : undefined);
    else
      for (let letter = 0; letter < 5; letter++)
        take(axis + 1, letter > 0 && index !== undefined ? index * 4 + letter - 1 : undefined);
  };
  take(0, 0);
  return rows;
}

const lines = (words: readonly string[]): string[] =>
  Array.from({ length: Math.ceil(words.length / 8) }, (_, k) => words.slice(8 * k, 8 * k + 8).join('\t'));

/** A parameter file as ViennaRNA 2 writes it; with the section names of older versions, if `old`. */
export function parameterFile(energies: Energies, old = false): string {
  const interior = old ? 'internal' : 'interior';
  const section = (name: string, words: readonly string[]) => [
    '',
    `# ${name}`,
    '/* a comment */',
    ...lines(words),
  ];
  const loops = (name: string, letters: number) => [
    '',
    `# ${name}`,
    ...Array.from(energies.hairpins)
      .filter(([loop]) => loop.length === letters)
      .map(([loop, energy]) => `${loop}\t${energy}\t-100`),
  ];
  const [each, most] = energies.asymmetry;
  const [unpaired, closing, branch] = energies.multi;
  return [
    '## RNAfold parameter file v2.0',
    ...section('stack', filled(energies.stack, 2, 0)),
    ...section('stack_enthalpies', ['1', '2']),
    ...section('mismatch_hairpin', filled(energies.mismatchHairpin, 1, 2)),
    ...section(`mismatch_${interior}`, filled(energies.mismatchInterior, 1, 2)),
    ...section(`mismatch_${interior}_1n`, filled(energies.mismatchInterior1n, 1, 2)),
    ...section(`mismatch_${interior}_23`, filled(energies.mismatchInterior23, 1, 2)),
    ...section('mismatch_multi', filled(energies.mismatchMulti, 1, 2)),
    ...section('mismatch_exterior', filled(energies.mismatchExterior, 1, 2)),
    ...section('dangle5', filled(energies.dangle5, 1, 1)),
    ...section('dangle3', filled(energies.dangle3, 1, 1)),
    ...section('int11', filled(energies.interior11, 2, 2)),
    ...section('int21', filled(energies.interior21, 2, 3)),
    ...section('int22', Array.from(energies.interior22, written)),
    ...section('hairpin', Array.from(energies.hairpin, written)),
    ...section('bulge', Array.from(energies.bulge, written)),
    ...section(interior, Array.from(energies.interior, written)),
    ...section('NINIO', [`${each}`, '0', `${most}`]),
    ...section('ML_params', [`${unpaired}`, '0', `${closing}`, '0', `${branch}`, '0']),
    ...section('Misc', ['410', '0', `${energies.terminalAu[0]}`, '0', `${energies.extrapolation}`, '0']),
    ...loops('Triloops', 5),
    ...loops('Tetraloops', 6),
    ...loops('Hexaloops', 8),
    '',
    '# END',
    '',
  ].join('\n');
}
