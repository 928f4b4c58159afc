/** Results of experiments with numbers that are easy to follow, for tests of pages and sentences. */

import {
  type AffinityResult,
  ARMS,
  type Comparison,
  type CopyNumbers,
  type ExperimentResult,
  type ExperimentRow,
  type GcResult,
  type HairpinResult,
  type MultiplicityResult,
  type MutagenesisResult,
  PLACES,
  type PositionsResult,
  type SpacingResult,
} from '../../src/gia/experiments/index.js';

const spread = { sd: 1, se: 0.1, t: 5, n: 100 };

const row = <Own>(labels: Own, importance: number): ExperimentRow<Own> => ({
  model: 0,
  labels,
  importance,
  ...spread,
  p: 1e-6,
  q: 1e-5,
  ciLow: importance - 0.2,
  ciHigh: importance + 0.2,
  low: importance - 2,
  q1: importance - 1,
  median: importance,
  q3: importance + 1,
  high: importance + 2,
});

const comparison = <Own>(labels: Own, difference: number, q = 1e-5): Comparison<Own> => ({
  model: 0,
  labels,
  difference,
  ...spread,
  d: difference,
  p: q / 2,
  q,
  ciLow: difference - 0.2,
  ciHigh: difference + 0.2,
});

/** Of the comparisons that findings use; the motif alone has an importance of 1. */
export const hairpin = (loopOverStem: number, q: number, broken = 0.5, restored = broken): HairpinResult => ({
  experiment: 'hairpin',
  design: { motif: 'GCA', length: 41, start: 5, arm: 11, loop: 6, inLoop: 17, inStem: 9, gu: false },
  backgrounds: 100,
  rows: [
    ...PLACES.flatMap((place) => ARMS.map((arms) => row({ place, arms, letters: 'GCA' } as const, 1))),
    ...['UGC', 'ACG'].map((letters) => row({ place: 'opposite', arms: 'unpaired', letters } as const, 0)),
  ],
  comparisons: [
    comparison({ comparison: 'loop-paired-minus-broken' }, broken, q),
    comparison({ comparison: 'paired-minus-unpaired-loop-minus-stem' }, loopOverStem, q),
    comparison({ comparison: 'loop-compensated-minus-broken' }, restored, q),
  ],
  facts: [{}],
});

/** Differences from the sum of each alone, by gap. */
export const spacing = (differences: Readonly<Record<number, number>>, q = 1e-5): SpacingResult => {
  const gaps = Object.entries(differences).map(([gap, difference]) => ({
    labels: { first: 3, second: 6 + Number(gap), gap: Number(gap) },
    difference,
  }));
  return {
    experiment: 'spacing',
    design: { motif: 'GCA', second: 'GCA', arrangement: 'gaps' },
    backgrounds: 100,
    rows: gaps.map(({ labels }) => row(labels, 2)),
    comparisons: gaps.map(({ labels, difference }) =>
      comparison({ comparison: 'together-minus-sum', ...labels }, difference, q),
    ),
    facts: [{}],
  };
};

export const affinity = (facts: { slope: number; p: number; r2?: number }): AffinityResult => ({
  experiment: 'affinity',
  design: { position: 17, unit: 'nM' },
  backgrounds: 100,
  rows: [1, 10, 100].map((kd, i) => row({ pattern: `${'ACG'[i]}GCAU`, kd, lnKd: Math.log(kd) }, 3 - i)),
  comparisons: [],
  facts: [{ slopeCiLow: -0.6, slopeCiHigh: -0.2, intercept: 3, r: -0.99, r2: 0.98, points: 3, ...facts }],
});

const MUTAGENESIS: MutagenesisResult = {
  experiment: 'mutagenesis',
  design: { motif: 'GCA', position: 17 },
  backgrounds: 100,
  rows: [row({ pattern: 'GCA' }, 2)],
  comparisons: Array.from('GCA').flatMap((from, position) =>
    Array.from('ACGU')
      .filter((to) => to !== from)
      .map((to) => comparison({ pattern: 'x', position, from, to }, -1)),
  ),
  facts: [{ heights: [1, 1, 1] }],
};

/** What the last of some copies adds, and its importance alone. */
const copyNumbers = (copies: number): CopyNumbers => ({
  position: 7 * copies - 4,
  added: 1,
  addedCiLow: 0.9,
  addedCiHigh: 1.1,
  alone: 0.75 + copies / 4,
  aloneCiLow: 0.7,
  aloneCiHigh: 2,
});

/** Copies of motifs; those of the second one together have less than the sum of each alone. */
const copies = (...motifs: readonly string[]): Pick<MultiplicityResult, 'rows' | 'comparisons'> => ({
  rows: motifs.flatMap((motif, i) =>
    [1, 2, 3].map((n) => ({
      ...row({ motif, copies: n, pattern: 'x' }, n / (i + 1)),
      more: copyNumbers(n),
    })),
  ),
  comparisons: motifs.flatMap((motif, i) =>
    [2, 3].map((n) =>
      comparison({ comparison: 'together-minus-sum', motif, copies: n } as const, -0.3 * i, i ? 1e-4 : 0.9),
    ),
  ),
});

const MULTIPLICITY: MultiplicityResult = {
  experiment: 'multiplicity',
  design: { motif: 'GCA', positions: [3, 10, 17] },
  backgrounds: 100,
  ...copies('GCA'),
  facts: [{ slope: 1, intercept: 0, r2: 0.999, points: 3 }],
};

export const TWO_MOTIFS: MultiplicityResult = {
  ...MULTIPLICITY,
  design: { motif: 'GCA', suboptimal: 'GGA', positions: [3, 10, 17] },
  ...copies('GCA', 'GGA'),
  facts: [
    {
      slope: 1,
      intercept: 0,
      r2: 0.999,
      suboptimalSlope: 0.5,
      suboptimalIntercept: 0.1,
      suboptimalR2: 0.98,
      points: 3,
    },
  ],
};

const POSITIONS: PositionsResult = {
  experiment: 'positions',
  design: { motif: 'GCA', positions: [0, 5, 9], range: 'given' },
  backgrounds: 100,
  rows: [0, 5, 9].map((position) => row({ position }, position)),
  comparisons: [],
  facts: [{ range: 9, best: 9 }],
};

const interval = (name: 'effect5' | 'effect3' | 'difference', value: number) => ({
  [name]: value,
  [`${name}CiLow`]: value - 0.1,
  [`${name}CiHigh`]: value + 0.1,
});

const GC: GcResult = {
  experiment: 'gc',
  design: { motif: 'GCA', position: 17, gc: 'GGGG', position5: 0, position3: 36 },
  backgrounds: 100,
  rows: (['motif', 'with-gc5', 'with-gc3', 'gc5', 'gc3'] as const).map((condition) =>
    row({ condition, pattern: 'x' }, 1),
  ),
  comparisons: [
    comparison({ comparison: 'with-gc5-minus-motif' }, 0.1, 0.4),
    comparison({ comparison: 'with-gc3-minus-motif' }, 0.3),
  ],
  facts: [
    {
      ...interval('effect5', 1),
      ...interval('effect3', 1.3),
      ...interval('difference', -0.3),
    } as unknown as GcResult['facts'][number],
  ],
};

/** One of each experiment. */
export const RESULTS = {
  mutagenesis: MUTAGENESIS,
  multiplicity: MULTIPLICITY,
  spacing: spacing({ 0: -0.5, 1: 0, 2: 0 }),
  positions: POSITIONS,
  hairpin: hairpin(0.7, 1e-4),
  gc: GC,
  affinity: affinity({ slope: -0.52, p: 0.003 }),
} as const satisfies Partial<Record<ExperimentResult['experiment'], ExperimentResult>>;
