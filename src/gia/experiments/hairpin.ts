/**
 * A motif in the loop or in the stem of designed hairpins, compared with the same positions in backgrounds
 * whose arms do not pair (paper, figure 3c). Comparisons are paired by the background that a hairpin was made
 * from.
 */

import { reverseComplement } from '../../data/sequences/letters.js';
import { count } from '../../device/count.js';
import { ShapeError } from '../../device/errors.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom, isPaperSized, isWithin, middleOf } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
import { differences } from '../statistics/paired.js';
import { writtenBy } from '../structure.js';
import {
  ARMS,
  type Arms,
  checkStemLoop,
  lengthOf,
  loopOf,
  partnerOf,
  type StemLoop,
  withStemLoop,
} from './stem-loops.js';
import {
  comparisonsOf,
  type ExperimentOptions,
  type ExperimentRow,
  factsOf,
  type InPadding,
  type Locals,
  localsOf,
  paddingMarks,
  rowsOf,
  type StudyResult,
  wholeMotif,
} from './study.js';

/** Options of `hairpin`: which motif, and the stem-loops that it is embedded in. */
export interface HairpinOptions extends ExperimentOptions {
  /** The motif, as letters A, C, G and U or T. */
  readonly motif: string;
  /**
   * Default the paper's: arms of 11 from position 5 and a loop of 6 (1-based 6–16 with 23–33); the loop is
   * longer for a longer motif. Where probes have no letters there: in the middle of their letters, with
   * shorter arms if needed.
   */
  readonly stem?: Partial<StemLoop> | undefined;
  /** Makes half of the pairs G·U where the letters allow it. Default false. */
  readonly gu?: boolean | undefined;
}

/** What `hairpin` embeds, and where. */
export interface HairpinDesign extends StemLoop {
  readonly motif: string;
  /** Letters of a background. */
  readonly length: number;
  /** Position of the motif in the loop. */
  readonly inLoop: number;
  /** Position of the motif in the stem. */
  readonly inStem: number;
  /** Whether half of the pairs are G·U where the letters allow it. */
  readonly gu: boolean;
}

/** The places of the motif. */
export const PLACES = ['loop', 'stem'] as const;
/** The place of the motif: one of `PLACES`. */
export type MotifPlace = (typeof PLACES)[number];

/** What a row of `hairpin` is. */
export type HairpinLabels = InPadding & {
  /** Of the motif; `opposite` for the letters opposite it, embedded without it. */
  readonly place: MotifPlace | 'opposite';
  readonly arms: Arms;
  /** The letters that are embedded. */
  readonly letters: string;
};

/**
 * What is compared. The last one is a difference of differences: loop - stem in hairpins minus loop - stem in
 * unpaired backgrounds.
 */
export type HairpinComparison =
  | `${MotifPlace}-paired-minus-${Exclude<Arms, 'paired'>}`
  | `${MotifPlace}-compensated-minus-broken`
  | 'paired-loop-minus-stem'
  | 'paired-minus-unpaired-loop-minus-stem';

/** What a comparison of `hairpin` is. */
export type HairpinCompared = InPadding & { readonly comparison: HairpinComparison };

/** The result of `hairpin`. */
export type HairpinResult = StudyResult<
  'hairpin',
  HairpinDesign,
  ExperimentRow<HairpinLabels>,
  HairpinCompared,
  Record<never, never>
>;

const PAPER = { start: 5, arm: 11, loop: 6 } as const satisfies StemLoop;

/**
 * Importance of a motif in the loop and in the stem of hairpins whose arms are paired, broken or compensated,
 * and at the same positions of unpaired backgrounds. Local importances are relative to the same background
 * without the motif.
 *
 * In a stem the letters opposite the motif are written too, so that they stand to it as the arms do to each
 * other. The importance of these letters alone in the unpaired background is subtracted: otherwise a motif
 * that resembles its own reverse complement would gain from them wherever they stand. The rows `opposite`
 * have this importance.
 *
 * Comparisons: a place in hairpins - the same place in other backgrounds; loop - stem; compensated - broken,
 * which have the same right arm; and loop - stem in hairpins - loop - stem in unpaired backgrounds, which
 * removes the effect of position.
 *
 * @throws ShapeError where stem-loop or motif do not fit; PaddingError where they do not fit the letters of
 * probes; InvalidSequenceError for a motif with letters other than A, C, G, U and T; and what `importance`
 * throws
 */
export async function hairpin(
  model: Model,
  { motif: given, stem: wanted, gu = false, backgrounds, onProgress, ...options }: HairpinOptions,
): Promise<HairpinResult> {
  const motif = wholeMotif(given);
  const letters = lettersIn(backgrounds);
  const { length } = backgrounds;
  const stem = stemFor(motif, letters, wanted);
  checkStemLoop(stem, length);
  const { first } = loopOf(stem);
  const inLoop = first + Math.floor((stem.loop - motif.length) / 2);
  const inStem = stem.start + Math.floor((stem.arm - motif.length) / 2);
  if (motif.length > stem.loop || motif.length > stem.arm)
    throw new ShapeError(
      `${motif} has ${count(motif.length, 'letter')} and must fit the loop (${stem.loop}) and the arm (${stem.arm})`,
    );
  const opposite = partnerOf(stem, inStem + motif.length - 1);
  const partnerIn = (arms: Arms): Pattern['sites'] =>
    arms === 'unpaired' ? [] : [{ letters: partners(motif, arms), position: opposite }];
  const alone = (['paired', 'broken'] as const).map((arms) => {
    const letters = partners(motif, arms);
    return { name: letters, sites: [{ letters, position: opposite }] };
  });
  const patternsOf = (arms: Arms): Pattern[] => [
    { name: 'loop', sites: [{ letters: motif, position: inLoop }] },
    { name: 'stem', sites: [{ letters: motif, position: inStem }, ...partnerIn(arms)] },
    ...(arms === 'unpaired' ? alone : []),
  ];
  const named = (arms: Arms, name: string) => patternsOf(arms).find((one) => one.name === name)!;
  const whole: Pattern = {
    name: 'stem-loop',
    sites: [{ letters: motif[0]!.repeat(lengthOf(stem)), position: stem.start }],
  };
  const { mark, found: padding } = paddingMarks([whole, ...patternsOf('unpaired')], backgrounds);
  const found = new Map<Arms, Locals>();
  const total = ARMS.reduce((sum, arms) => sum + patternsOf(arms).length, 0) * backgrounds.count;
  let before = 0;
  for (const arms of ARMS) {
    const set = withStemLoop(backgrounds, stem, arms, {
      gu,
      allowPadding: options.allowPadding ?? false,
    });
    const patterns = patternsOf(arms);
    const progress = onProgress && {
      onProgress: ({ done }: { done: number }) => onProgress({ done: before + done, total }),
    };
    found.set(arms, await localsOf(model, patterns, { ...options, ...progress, backgrounds: set }));
    before += patterns.length * backgrounds.count;
  }
  const localOf = (name: string, arms: Arms, e: number) => found.get(arms)![e]!.get(name);
  const values = (place: MotifPlace, arms: Arms, e: number): ArrayLike<number> => {
    const local = localOf(place, arms, e);
    return place === 'loop' || arms === 'unpaired'
      ? local
      : differences(local, localOf(partners(motif, arms), 'unpaired', e));
  };
  const readouts = found.get('paired')!;
  const conditions = [
    ...PLACES.flatMap((place) =>
      ARMS.map((arms) => ({
        labels: {
          place,
          arms,
          letters: motif,
          ...mark(arms === 'unpaired' ? named(arms, place) : whole),
        } as HairpinLabels,
        sample: (e: number) => values(place, arms, e),
      })),
    ),
    ...alone.map(({ name: letters }) => ({
      labels: {
        place: 'opposite',
        arms: 'unpaired',
        letters,
        ...mark(named('unpaired', letters)),
      } as HairpinLabels,
      sample: (e: number): ArrayLike<number> => localOf(letters, 'unpaired', e),
    })),
  ];
  const loopOverStem = (arms: Arms, e: number) =>
    differences(values('loop', arms, e), values('stem', arms, e));
  type Sides = (e: number) => readonly [ArrayLike<number>, ArrayLike<number>];
  const compared: readonly (readonly [HairpinComparison, Sides])[] = [
    ...PLACES.flatMap((place) =>
      OTHER_ARMS.map((arms): readonly [HairpinComparison, Sides] => [
        `${place}-paired-minus-${arms}`,
        (e) => [values(place, 'paired', e), values(place, arms, e)],
      ]),
    ),
    ['paired-loop-minus-stem', (e) => [values('loop', 'paired', e), values('stem', 'paired', e)]],
    ...PLACES.map((place): readonly [HairpinComparison, Sides] => [
      `${place}-compensated-minus-broken`,
      (e) => [values(place, 'compensated', e), values(place, 'broken', e)],
    ]),
    [
      'paired-minus-unpaired-loop-minus-stem',
      (e) => [loopOverStem('paired', e), loopOverStem('unpaired', e)],
    ],
  ];
  return {
    experiment: 'hairpin',
    design: { motif, length, ...stem, inLoop, inStem, gu },
    ...padding,
    ...writtenBy(model, options),
    backgrounds: backgrounds.count,
    rows: rowsOf(
      readouts,
      conditions,
      ({ sample }, e) => sample(e),
      ({ labels }) => labels,
    ),
    comparisons: comparisonsOf(
      readouts,
      compared,
      ([, sides], e) => sides(e),
      ([comparison]): HairpinCompared => ({ comparison, ...mark(whole) }),
    ),
    facts: factsOf(readouts, () => ({})),
  };
}

const OTHER_ARMS = ['broken', 'compensated', 'unpaired'] as const satisfies readonly Arms[];

/** The letters opposite a motif in the left arm, from left to right. */
const partners = (motif: string, arms: Arms): string =>
  arms === 'broken' ? Array.from(motif).reverse().join('') : reverseComplement(motif);

/** The stem-loop asked for; what the options leave open is chosen to fit motif and letters. */
function stemFor(
  { length: k }: string,
  letters: LetterRange,
  { start, arm, loop = Math.max(PAPER.loop, k) }: Partial<StemLoop> = {},
): StemLoop {
  const isOpen = start === undefined && arm === undefined;
  if (isOpen) checkRoom(letters, 2 * k + loop, `a hairpin with arms of ${k} and a loop of ${loop}`);
  const most = Math.floor((widthOf(letters) - loop) / 2);
  const pairs = arm ?? (isOpen ? Math.min(Math.max(PAPER.arm, k), most) : PAPER.arm);
  const width = lengthOf({ arm: pairs, loop });
  if (start !== undefined) return { start, arm: pairs, loop };
  const keepsPaper =
    (isPaperSized(letters) && isWithin(letters, PAPER.start, width)) || width > widthOf(letters);
  return { start: keepsPaper ? PAPER.start : middleOf(letters, width, 'a hairpin'), arm: pairs, loop };
}
