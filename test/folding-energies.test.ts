/** The built-in energies, and those of parameter files. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseEnergies } from '../src/data/energies/parameter-file.js';
import { FormatError } from '../src/device/errors.js';
import { type EnergyTable, TABLE_SIZES } from '../src/kernels/folding/energies.js';
import { boltzmann, factorsOf } from '../src/kernels/folding/factors.js';
import { TURNER_1999, TURNER_1999_SHA256 } from '../src/kernels/folding/turner1999.js';
import { parameterFile } from './support/energies.js';

const tables = Object.keys(TABLE_SIZES) as EnergyTable[];

describe('the built-in energies', () => {
  it('are whole, and have their checksum', () => {
    for (const name of tables) expect(TURNER_1999[name].length, name).toBe(TABLE_SIZES[name]);
    const all = Int32Array.from(tables.flatMap((name) => Array.from(TURNER_1999[name])));
    expect(createHash('sha256').update(new Uint8Array(all.buffer)).digest('hex')).toBe(TURNER_1999_SHA256);
  });

  it('are the same from both sides of a loop', () => {
    const { stack, interior11, interior22 } = TURNER_1999;
    for (let outer = 0; outer < 6; outer++)
      for (let inner = 0; inner < 6; inner++) {
        const [one, other] = [outer * 6 + inner, inner * 6 + outer];
        expect(stack[one]).toBe(stack[other]);
        for (let a = 0; a < 4; a++)
          for (let b = 0; b < 4; b++) {
            expect(interior11[one * 16 + a * 4 + b]).toBe(interior11[other * 16 + b * 4 + a]);
            for (let c = 0; c < 4; c++)
              for (let d = 0; d < 4; d++)
                expect(interior22[one * 256 + a * 64 + b * 16 + c * 4 + d]).toBe(
                  interior22[other * 256 + c * 64 + d * 16 + a * 4 + b],
                );
          }
      }
  });
});

describe('Boltzmann factors', () => {
  it('take the least favourable letter for N', () => {
    const factors = factorsOf(TURNER_1999, 10);
    const hairpins = factors.subarray(108, 108 + 25);
    const least = Math.max(...TURNER_1999.mismatchHairpin.subarray(0, 16));
    expect(hairpins[24]).toBe(Math.fround(boltzmann(least)));
    expect(hairpins[1]).toBe(Math.fround(boltzmann(TURNER_1999.mismatchHairpin[1]!)));
  });
});

describe('parameter files', () => {
  it.each([false, true])('are read back; old names: %s', (old) => {
    const energies = {
      ...TURNER_1999,
      hairpins: new Map([...TURNER_1999.hairpins, ['GAAAC', -50], ['GAAAAAAC', 120]]),
    };
    const text = parameterFile(energies, old).replaceAll('\n', old ? '\r\n' : '\n');
    const read = parseEnergies(text, 'a.par');
    expect(read).toEqual({ ...energies, name: 'a.par' });
  });

  const text = parameterFile(TURNER_1999);
  const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length;
  it.each([
    ['', 'a.par: the file is empty'],
    ['> a\nACGU\n', 'a.par:1: a parameter file of ViennaRNA 2 begins with'],
    [text.replace('# hairpin', '# hair'), 'a.par: the section hairpin is missing'],
    [text.replace('# int21', '# int11'), `a.par:${lineOf('# int21')}: the section "int11" is there twice`],
    [text.replace('# END', '/* open\n'), `a.par:${lineOf('# END')}: the comment has no end`],
    [text.replace('# stack\n', '12\n# stack\n'), 'a.par:3: "12" stands before the first section'],
    [text.replace('INF\tINF', 'INF\tINF\tINF'), 'the section hairpin has 32 numbers; it needs 31'],
    [text.replace('-240', '-24x'), 'a.par:5: "-24x" is not a number'],
    [text.replace('-240', '-24.5'), 'a.par:5: an energy is a whole number of dcal/mol, not "-24.5"'],
    [text.replace('-240', '-24000'), 'a.par:5: "-24000" is out of range'],
    [text.replace('GGGGAC\t', 'GGGAC\t'), 'a loop of Tetraloops has 6 letters of ACGU'],
    [text.replace('GGGGAC\t', 'GGUGAC\t'), 'the loop GGUGAC is there twice'],
    [text.replace(/(GGGGAC\t\S+)\t\S+/, '$1'), 'the loop GGGGAC needs an energy and an enthalpy'],
  ])('that are wrong say where (%#)', (wrong, message) => {
    expect(() => parseEnergies(wrong, 'a.par')).toThrow(FormatError);
    expect(() => parseEnergies(wrong, 'a.par')).toThrow(message);
  });
});
