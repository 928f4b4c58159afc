/**
 * How well a model predicts measurements that it was not trained on: figure and table (paper, figures 2a and
 * 3a).
 */
import { mutationsToBestMatch } from '../../gia/motif/index.js';
import type { UndefinedCorrelation } from '../../nn/agreement.js';
import { scatterPlot } from '../charts/index.js';
import { isBetterThanChance, whyUndefined } from '../correlation.js';
import type { Files } from '../figures/figure-files.js';
import { COLOURS, fixed } from '../figures/svg.js';
import { paragraph, type Section, sortable } from '../page/page.js';
import { count } from '../wording.js';

/** Measured and predicted scores of sequences that the model was not trained on. */
export interface TaskAgreement {
  readonly measured: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** NaN where `reason` says why there is none. */
  readonly pearson: number;
  readonly reason?: UndefinedCorrelation | null;
  /** Of the same sequences; gives points their colour, and the table of the best and the worst. */
  readonly sequences?: readonly string[] | undefined;
}

/** One sequence, as the table lists it. */
interface Listed {
  readonly prediction: string;
  /** From 1, in the order given. */
  readonly test_sequence: number;
  readonly sequence: string;
  readonly measured: number;
  readonly predicted: number;
  readonly difference: number;
  readonly mutations?: number | undefined;
}

/** Sequences listed in each group. */
const LISTED = 5;

/** Points drawn. */
const MOST = 3000;

/** By the number of mutations; nearest first. */
const NEARNESS: Readonly<Record<string, string>> = {
  0: COLOURS.red,
  1: COLOURS.orange,
  2: COLOURS.blue,
  '3 or more': COLOURS.grey,
};

const seriesOf = (mutations: number | undefined): string =>
  mutations === undefined || mutations > 2 ? '3 or more' : String(mutations);

/** Predictions and measurements in a sentence. */
export function agreementFinding({ measured, pearson, reason = null }: TaskAgreement): string {
  const n = measured.length;
  const why = whyUndefined({ reason, n });
  const on = `On ${count(n, 'sequence')} that it was not trained on,`;
  return why === undefined
    ? `${on} predictions correlate with measurements at r = ${fixed(pearson, 3)}.`
    : `${on} the correlation of predictions with measurements is undefined: ${why}.`;
}

/**
 * The only findings where predictions are no better than chance: what such a network computes says nothing of
 * what was measured. Undefined where they are better, or where that is not known.
 */
export function chanceFindings(agreement: TaskAgreement | undefined): readonly string[] | undefined {
  if (!agreement || !isNoBetter(agreement)) return undefined;
  const chance = Number.isNaN(agreement.pearson)
    ? 'The model has learned nothing of the measurements.'
    : 'This is no better than chance (r is below 0.1, or its 95 % interval includes 0).';
  return [
    `${agreementFinding(agreement)} ${chance}`,
    'The figures below show what the network computes. They say nothing about the measurements, so the page draws no conclusions from them.',
  ];
}

const isNoBetter = ({ measured: { length: n }, pearson, reason = null }: TaskAgreement): boolean =>
  reason === null ? !isBetterThanChance(pearson, n) : reason === 'constant-predictions';

/** @param motif what points are coloured by; none for a top pattern that is not a word */
export async function agreementSection(
  files: Files,
  { measured, predicted, sequences }: TaskAgreement,
  motif: string | undefined,
  unit: string,
): Promise<Section> {
  const mutations =
    motif === undefined ? undefined : sequences?.map((letters) => mutationsToBestMatch(letters, motif));
  const points = Array.from(measured, (x, i) => ({
    x: rounded(x),
    y: rounded(predicted[i]!),
    ...(mutations && { series: seriesOf(mutations[i]) }),
  }));
  const chart = await scatterPlot(points, {
    title: 'Measured and predicted scores',
    xLabel: `measured, ${unit}`,
    yLabel: `predicted, ${unit}`,
    most: MOST,
    guide: 'identity',
    ...(mutations && { colours: NEARNESS, legend: `mutations from ${motif}` }),
  });
  const rows = points.map(({ x, y }, i) => ({
    measured: x,
    predicted: y,
    ...(mutations && { mutations: mutations[i] }),
  }));
  const colours = mutations ? ` Colour: mutations between ${motif} and its best match in the sequence.` : '';
  const caption = `Measured and predicted scores of ${count(points.length, 'sequence')} that were not trained on; on the dashed line both are the same; r is Pearson’s.${colours} Where points are dense, only some are drawn.`;
  return {
    id: 'agreement',
    title: 'Agreement with measurements',
    body:
      files.figure('agreement', chart.svg, rows, caption) +
      (sequences ? bestAndWorst(files, listed(measured, predicted, sequences, mutations), unit) : ''),
  };
}

/**
 * The sequences whose predictions lie furthest below and above what was measured, and those that are
 * predicted best among the highest hundredth of the measurements: elsewhere many are, by chance.
 */
function listed(
  measured: ArrayLike<number>,
  predicted: ArrayLike<number>,
  sequences: readonly string[],
  mutations: readonly (number | undefined)[] | undefined,
): readonly Listed[] {
  const difference = (i: number) => predicted[i]! - measured[i]!;
  const all = [...sequences.keys()];
  const first = (indices: readonly number[], key: (i: number) => number) =>
    [...indices].sort((a, b) => key(a) - key(b) || a - b).slice(0, LISTED);
  const high = [...all]
    .sort((a, b) => measured[b]! - measured[a]! || a - b)
    .slice(0, Math.max(2 * LISTED, Math.ceil(all.length / 100)));
  const groups: readonly (readonly [string, readonly number[]])[] = [
    [
      'too low',
      first(
        all.filter((i) => difference(i) < 0),
        difference,
      ),
    ],
    [
      'too high',
      first(
        all.filter((i) => difference(i) > 0),
        (i) => -difference(i),
      ),
    ],
    ['best', first(high, (i) => Math.abs(difference(i)))],
  ];
  return groups.flatMap(([group, indices]) =>
    indices.map((i) => ({
      prediction: group,
      test_sequence: i + 1,
      sequence: sequences[i]!,
      measured: rounded(measured[i]!),
      predicted: rounded(predicted[i]!),
      difference: rounded(difference(i)),
      ...(mutations && { mutations: mutations[i] }),
    })),
  );
}

function bestAndWorst(files: Files, rows: readonly Listed[], unit: string): string {
  const path = files.table('agreement-sequences', rows);
  const number = (heading: string, of: (row: Listed) => number) => ({
    heading,
    value: of,
    cell: (row: Listed) => fixed(of(row), 2),
  });
  const table = sortable(rows, [
    { heading: 'prediction', cell: ({ prediction }) => prediction },
    number('measured', (row) => row.measured),
    number('predicted', (row) => row.predicted),
    number('difference', (row) => row.difference),
    ...(rows.some(({ mutations }) => mutations !== undefined)
      ? [
          {
            heading: 'mutations',
            value: ({ mutations }: Listed) => mutations ?? Number.NaN,
            cell: ({ mutations }: Listed) => String(mutations ?? ''),
          },
        ]
      : []),
    {
      heading: 'no.',
      hint: 'among the test sequences, from 1',
      cell: (row) => String(row.test_sequence),
      value: (row) => row.test_sequence,
    },
    { heading: 'sequence', cell: ({ sequence }) => sequence, letters: true },
  ]);
  return `${paragraph(
    `The sequences with the worst predictions, too low and too high, and the best predictions among the highest hundredth of the measurements, in ${unit}.`,
  )}${table}<p><a href="${path}">These sequences</a></p>`;
}

const rounded = (value: number): number => Number(value.toPrecision(5));
