/** What was counted of a set of experiments, in sentences. */
import type { SetCheck } from '../data/index.js';
import { count } from '../device/count.js';
import { echo } from '../device/echo.js';

/** Experiments that a sentence names. */
const NAMED = 5;

const named = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.map(echo).join(', ')
    : `${names.slice(0, NAMED).map(echo).join(', ')} and ${names.length - NAMED} more`;

const number = (n: number): string => n.toLocaleString('en');

/** The size of a set, one fact each: what it is about, and the sentence. */
export function dataFacts(check: SetCheck): (readonly [string, string])[] {
  const { records, sets, validation, shortest, longest, experiments } = check;
  const scored = experiments.reduce((sum, { scored: own }) => sum + own, 0);
  const share = (100 * (1 - scored / (records * experiments.length))).toFixed(1);
  const letters = shortest === longest ? count(longest, 'letter') : `${shortest} to ${longest} letters`;
  const validating = validation > 0 ? `, of which ${number(validation)} validate` : '';
  const neither = sets.none > 0 ? `, ${number(sets.none)} in neither` : '';
  const names = named(experiments.map(({ name }) => name));
  return [
    ['probes', `${number(records)} of ${letters}`],
    [
      'sets',
      sets.A + sets.B === 0
        ? 'none; all probes train or validate'
        : `${number(sets.A)} in set A${validating}, ${number(sets.B)} in set B${neither}`,
    ],
    ['experiments', `${number(experiments.length)}: ${names}`],
    ['scores', `${number(scored)}; ${share} % are missing`],
  ];
}

/** What a user should know before training, each in a sentence with its count. */
export function dataWarnings(check: SetCheck): string[] {
  const { records, sets, leaking, repeated, withUnknown, experiments } = check;
  const sum = (of: 'flagged' | 'infinite') => experiments.reduce((total, own) => total + own[of], 0);
  const namesOf = (test: (own: SetCheck['experiments'][number]) => boolean) =>
    experiments.filter(test).map(({ name }) => name);
  const constant = namesOf(({ constant: is }) => is);
  const empty = namesOf(({ scored }) => scored === 0);
  const hasSets = sets.A + sets.B > 0;
  const [untrained, untested] = [
    namesOf(({ inA, scored }) => hasSets && scored > 0 && inA === 0),
    namesOf(({ inB, scored }) => hasSets && scored > 0 && inB === 0),
  ];
  const said: readonly (readonly [number, string])[] = [
    [
      leaking,
      `${count(leaking, 'probe')} of set B ${leaking === 1 ? 'has' : 'have'} a sequence of set A, so a test is not independent of ${leaking === 1 ? 'it' : 'them'}`,
    ],
    [
      repeated,
      `${count(repeated, 'probe repeats', 'probes repeat')} the sequence of an earlier probe of the same set; all probes with the same sequence go to the same part, training or validation`,
    ],
    [withUnknown, `${count(withUnknown, 'sequence has', 'sequences have')} an N, which matches no letter`],
    [
      sum('flagged'),
      `${count(sum('flagged'), 'score')} of flagged spots ${sum('flagged') === 1 ? 'is' : 'are'} taken as missing`,
    ],
    [
      sum('infinite'),
      `${count(sum('infinite'), 'infinite score')} ${sum('infinite') === 1 ? 'is' : 'are'} taken as missing`,
    ],
    [
      hasSets ? sets.none : 0,
      `${count(sets.none, 'probe is', 'probes are')} in neither set A nor set B: ${records === sets.none ? 'no set is known' : 'not used for training or tests'}`,
    ],
    [
      constant.length,
      `${count(constant.length, 'experiment has', 'experiments have')} a single score, from which nothing can be learned: ${named(constant)}`,
    ],
    [empty.length, `${count(empty.length, 'experiment has', 'experiments have')} no score: ${named(empty)}`],
    [
      untrained.length,
      `${count(untrained.length, 'experiment has', 'experiments have')} no score in set A, so no model can be trained: ${named(untrained)}`,
    ],
    [
      untested.length,
      `${count(untested.length, 'experiment has', 'experiments have')} no score in set B, so there is no test: ${named(untested)}`,
    ],
  ];
  return said.filter(([found]) => found > 0).map(([, sentence]) => sentence);
}
