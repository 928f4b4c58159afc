/**
 * A motif in the loop or in the stem of designed hairpins, against the same places in backgrounds whose arms do not pair
 * (paper, figure 3c). Every comparison is paired by the background that a hairpin was made from.
 */

import { ALPHABET } from '../../data/sequences/sequence.js';
import { count } from '../../device/count.js';
import { ShapeError } from '../../device/errors.js';
import { lettersIn } from '../backgrounds/backgrounds.js';
import { type LetterRange, widthOf } from '../backgrounds/letters.js';
import { checkRoom, isWithin, middleOf } from '../backgrounds/placement.js';
import type { Model } from '../model.js';
import type { Pattern } from '../patterns/patterns.js';
import { differences } from '../statistics/paired.js';
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
  type ExperimentResult,
  type Locals,
  localsOf,
  paddingMarks,
  rowsOf,
  wholeMotif,
} from './study.js';

/** `hairpin`: which motif stands in the loop, and how long the stem is. */
export interface HairpinOptions extends ExperimentOptions {
  /** The motif, as letters or IUPAC codes. */
  readonly motif: string;
  /**
   * Default the paper's: arms of 11 from 5, a loop of 6 (1-based 6–16 with 23–33), or of what a longer motif
   * takes. Where probes have no letters there it stands in the middle of their letters, with shorter arms
   * where these are few.
   */
  readonly stem?: Partial<StemLoop> | undefined;
  /** Makes half of the pairs G·U where the letters allow it. Default false. */
  readonly gu?: boolean | undefined;
}

const PAPER = { start: 5, arm: 11, loop: 6 } as const satisfies StemLoop;

/**
 * Importance of a motif in loop and stem of hairpins (`paired`), of hairpins whose stem is broken or compensated, and in
 * unpaired backgrounds; always against the same background without the motif. In a stem the letters opposite the motif are
 * written too, as the arms stand, and what they are worth alone in the unpaired background is subtracted: a motif that
 * resembles its own reverse complement would gain from them wherever they stand. Rows `opposite` say what that is. Comparisons: a place in hairpins - the same place elsewhere; loop - stem; compensated -
 * broken, which share the right arm; and loop - stem in hairpins - the same in unpaired backgrounds, which is what remains where
 * positions differ anyway.
 *
 * @throws ShapeError where stem-loop or motif do not fit; PaddingError where they do not fit the letters of
 * probes; InvalidSequenceError for a motif with other letters than A, C, G, U and T; and as `importance`
 */
export async function hairpin(
  model: Model,
  { motif: given, stem: wanted, gu = false, backgrounds, onProgress, ...options }: HairpinOptions,
): Promise<ExperimentResult> {
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
  const places = ['loop', 'stem'] as const;
  type Place = (typeof places)[number];
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
  const { mark, note, found: padding } = paddingMarks([whole, ...patternsOf('unpaired')], backgrounds);
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
  const localOf = (name: string, arms: Arms, e: number) => found.get(arms)![e]!.get(name)!;
  const values = (place: Place, arms: Arms, e: number): ArrayLike<number> => {
    const local = localOf(place, arms, e);
    return place === 'loop' || arms === 'unpaired'
      ? local
      : differences(local, localOf(partners(motif, arms), 'unpaired', e));
  };
  const models = found.get('paired')!.length;
  const conditions = [
    ...places.flatMap((place) =>
      ARMS.map((arms) => ({
        labels: {
          place,
          arms,
          letters: motif,
          ...mark(arms === 'unpaired' ? named(arms, place) : whole),
        },
        sample: (e: number) => values(place, arms, e),
      })),
    ),
    ...alone.map(({ name: letters }) => ({
      labels: { place: 'opposite', arms: 'unpaired', letters, ...mark(named('unpaired', letters)) },
      sample: (e: number): ArrayLike<number> => localOf(letters, 'unpaired', e),
    })),
  ];
  const loopOverStem = (arms: Arms, e: number) =>
    differences(values('loop', arms, e), values('stem', arms, e));
  const compared = [
    ...places.flatMap((place) =>
      ARMS.slice(1).map((arms) => ({
        labels: { comparison: `${place}: paired - ${arms}`, ...mark(whole) },
        sides: (e: number) => [values(place, 'paired', e), values(place, arms, e)] as const,
      })),
    ),
    {
      labels: { comparison: 'paired: loop - stem', ...mark(whole) },
      sides: (e: number) => [values('loop', 'paired', e), values('stem', 'paired', e)] as const,
    },
    ...places.map((place) => ({
      labels: { comparison: `${place}: compensated - broken`, ...mark(whole) },
      sides: (e: number) => [values(place, 'compensated', e), values(place, 'broken', e)] as const,
    })),
    {
      labels: { comparison: 'loop - stem: paired - unpaired', ...mark(whole) },
      sides: (e: number) => [loopOverStem('paired', e), loopOverStem('unpaired', e)] as const,
    },
  ];
  const range = (from: number, count: number) => `${from}–${from + count - 1}`;
  return {
    experiment: 'hairpin',
    what: `${motif} in the loop (at ${inLoop}) or the stem (at ${inStem}) of hairpins that pair ${range(stem.start, stem.arm)} with ${range(first + stem.loop, stem.arm)}${gu ? ', half of them G·U where the letters allow it' : ''}${note}`,
    ...padding,
    backgrounds: backgrounds.count,
    rows: rowsOf(
      models,
      conditions,
      ({ sample }, e) => sample(e),
      ({ labels }) => labels,
    ),
    comparisons: comparisonsOf(
      models,
      compared,
      ({ sides }, e) => sides(e),
      ({ labels }) => labels,
    ),
    facts: Array.from({ length: models }, () => ({ length, ...stem, inLoop, inStem })),
  };
}

/** What stands opposite a motif in the left arm, read from left to right. */
const partners = (motif: string, arms: Arms): string =>
  Array.from(motif, (letter) => (arms === 'broken' ? letter : ALPHABET[3 - ALPHABET.indexOf(letter)]!))
    .reverse()
    .join('');

/** The stem-loop asked for, with what was left open chosen to fit motif and letters. */
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
  const keepsPaper = isWithin(letters, PAPER.start, width) || width > widthOf(letters);
  return { start: keepsPaper ? PAPER.start : middleOf(letters, width, 'a hairpin'), arm: pairs, loop };
}
