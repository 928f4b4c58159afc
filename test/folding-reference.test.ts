/**
 * The float64 partition function against an enumeration of all structures, and against ViennaRNA's numbers.
 */

import { describe, expect, it } from 'vitest';
import { TURNER_1999 } from '../src/kernels/folding/turner1999.js';
import {
  CONTEXT_NAMES,
  codesOf,
  enumerated,
  folded,
  type Profile,
  structureEnergy,
} from './support/folding.js';
import { randomCodes } from './support/numbers.js';

const worst = (a: Profile, b: Profile): number =>
  Math.max(...CONTEXT_NAMES.flatMap((name) => Array.from(a[name], (p, k) => Math.abs(p - b[name][k]!))));

describe('energies of structures', () => {
  // As RNAeval -d2 of ViennaRNA 2.5.1 prints them with the Turner 1999 parameters, in dcal/mol.
  it.each([
    ['GGGGAAAACCCC', '((((....))))', -540],
    ['GGCACUUCGGUGCC', '(((((....)))))', -1020],
    ['AGGGACCUUAGCAAAGCUAGCCAAGGCAAGCCUCCCA', '.((((...((((...))))((....)).....)))).', -1060],
    ['GCGAUUCGAGAAAUCGAGGAACGC', '(((.(((((....)))))...)))', -880],
    ['GACUGCAAAAGCAGUCA', '((((((....)))))).', -980],
    ['GACUUGCAAAAGCAAGUCA', '(((.(((....))).))).', -660],
    ['GACUUGGCAAAAGCCAAAGUC', '(((..(((....)))...)))', -490],
    ['GACUUGGCAAAAGCCAGUC', '(((..(((....))).)))', -320],
    ['GACUGGCAAAAGCCAAAGUC', '(((.(((....)))...)))', -450],
    ['GAUUGCAAAAGCAAAAAAUC', '((.(((....))).....))', 160],
    [
      'CGUUUUGCGAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACGCACG',
      '((....(((...................................))).))',
      185,
    ],
  ])('%s %s', (letters, brackets, energy) => {
    expect(Math.abs(structureEnergy(TURNER_1999, letters, brackets) - energy)).toBeLessThan(1);
  });
});

describe('the partition function', () => {
  // Multiloops need closing pairs around two hairpins; cheap ones weigh enough to be seen.
  const cheap = { ...TURNER_1999, multi: Int32Array.of(-20, -600, -300) };
  const drawn = Array.from({ length: 6 }, (_, k) =>
    Array.from(randomCodes(12 + k, k), (code) => 'ACGU'[code % 4]).join(''),
  );
  it.each([...drawn, 'GGGAAACCGAAACGC', 'GGCAAAGCGCAAAGCC', 'GGGAAANCCC', 'GNGGAAACCUC'])(
    'of %s',
    (sequence) => {
      for (const energies of [TURNER_1999, cheap]) {
        const expected = enumerated(energies, sequence);
        const actual = folded(energies, codesOf(sequence));
        expect(actual.whole / expected.whole).toBeCloseTo(1, 10);
        expect(worst(actual.profile, expected.profile)).toBeLessThan(1e-10);
      }
    },
  );

  it('agrees with RNAplfold', () => {
    // RNAplfold 2.5.1 -W 35 -L 35 -u 1 with the Turner 1999 parameters: probabilities of being unpaired. It
    // smooths some Boltzmann factors, so digits beyond the fourth differ.
    const unpaired = [
      0.03694806, 0.00744324, 0.01481963, 0.1894171, 0.8029352, 0.7040405, 0.5900733, 0.1748669, 0.3119285,
      0.09871523, 0.2531717, 0.9924036, 0.9734902, 0.9756992, 0.3047337, 0.1788932, 0.1912574, 0.4103901,
      0.1003618, 0.2088085, 0.9942462, 0.8408315, 0.779859, 0.621418, 0.00922298, 0.3777949, 0.9476679,
      0.789636, 0.7517174, 0.6420976, 0.7489832, 0.1039269, 0.05003523, 0.05345488, 0.08211754,
    ];
    const { profile } = folded(TURNER_1999, codesOf('GGGACCUUAGCAAAGCUAGCCAAGGCAAGCCUCCC'));
    unpaired.forEach((p, k) => {
      expect(Math.abs(1 - profile.P[k]! - p)).toBeLessThan(1e-4);
    });
  });
});
