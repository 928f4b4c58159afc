/**
 * What names of columns and fields of a probe table tell: which names are known for what, and which fields
 * are sequences or scores. `columns.ts` decides with it which column holds what.
 */
import { isSequence } from '../sequences/letters.js';
import { isMissing } from './missing.js';
import { isInfinite, isOtherNumber, readNumber } from './numbers.js';

/** What a column may hold. */
export type Role = 'sequence' | 'score' | 'set';

/** Recognised names, after `plain`. */
const NAMES: Readonly<Record<Role | 'pool', RegExp>> = {
  sequence: /^(rna|dna|probe|oligo|nucleotide|nt|insert)?(seq|sequence)s?$/,
  score:
    /^((mean|median|normalized|normalised|norm|raw|log|log2|ln|binding|probe|z)?(intensity|intensities|score|scores|signal|signals)|counts?|affinity|affinities|enrichment|labels?|class|rncmpt\d+|hybid\d+)$/,
  set: /^(set|sets|setid|probesets?|fold|foldid)$/,
  pool: /^pool$/,
};

/** Lower-case letters and digits of a column's name. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '');

/** Whether a name is one that is known for what a column holds. */
export const isNamed = (role: Role | 'pool', name: string): boolean => NAMES[role].test(plain(name));

/** The flags of the RNAcompete pipeline, which mark spoilt spots: never a score. */
export const isFlag = (name: string): boolean => plain(name).endsWith('flag');

/** Whether a column of this name is read as a score without being chosen. */
export const isScoreName = (name: string): boolean => isNamed('score', name) && !isFlag(name);

/** Places and numbers of spots, which are numbers but no scores. */
const PLACE = /^(probe|spot|feature|event|array|block)?(id|no|number|index|row|col|column|x|y|length|name)$/;

/** Whether a column of this name says where a spot is or what it is called. */
export const isPlaceName = (name: string): boolean => PLACE.test(plain(name));

/** Whether a column of this name is read as a task's score wherever the name is chosen. */
export const isTaskName = (name: string): boolean =>
  !(['sequence', 'set', 'pool'] as const).some((role) => isNamed(role, name)) &&
  !isFlag(name) &&
  !isScore(name);

/** Whether a name is known for anything that a column holds. */
export const isKnown = (name: string): boolean =>
  Object.values(NAMES).some((known) => known.test(plain(name)));

/** The column that marks spoilt spots of a score; −1 where there is none. */
export const flagOf = (names: readonly string[], score: string | undefined): number =>
  score === undefined ? -1 : names.findIndex((name) => name.toLowerCase() === `${score.toLowerCase()}_flag`);

/** Whether a field holds letters of a sequence. */
export const isLetters = (field: string): boolean => isSequence(field) && !isMissing(field);
/** Whether a field holds a number, in whichever notation. */
export const isNumber = (field: string): boolean =>
  readNumber(field) !== undefined || isInfinite(field) || isOtherNumber(field);
/** A number, or a spelling of a missing value. */
export const isScore = (field: string): boolean => isNumber(field) || isMissing(field);
