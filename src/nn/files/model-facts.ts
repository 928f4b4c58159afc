/**
 * What a model's file says of the model beside its architecture and weights, checked like options that a user
 * gives. `train` writes these facts; analyses take backgrounds and the unit of predictions from them.
 */

import * as check from '../../device/check.js';
import { count } from '../../device/count.js';
import type { Head } from '../architecture.js';
import { PRESET_NAMES } from '../presets.js';

/**
 * A transformation of scores, z-score included, as it was fitted in training: the `FittedTransform` of the
 * data floor, which this floor does not know.
 */
export interface StoredTransform {
  readonly kind: 'log' | 'clip' | 'none';
  readonly min: number;
  readonly cap: number | null;
  readonly mean: number;
  readonly std: number;
  /** Scores that it was fitted to. */
  readonly n: number;
}

type StoredFits = Readonly<Record<'train' | 'valid' | 'test', StoredTransform>>;

/** The `Normalisation` of the data floor; null for classes, which are used as they are. */
export type StoredNormalisation = {
  readonly scope: 'train' | 'all' | 'split';
  /** Of the only task, or of the first. */
  readonly fitted: StoredFits;
  /** Of the other tasks, in order, where there are several. */
  readonly others?: readonly StoredFits[];
} | null;

/** Where the structure profiles came from that a model of 6 or 9 channels was trained on. */
export interface StoredStructure {
  /** Paired and unpaired, or paired, hairpin, interior, multi and exterior. */
  readonly contexts: 'pu' | 'phime';
  /** Folded by this program, or read from files. */
  readonly source: 'folded' | 'file';
  /** The name of the energies that they were folded with, where they were folded. */
  readonly energies?: string;
}

/** Facts that this package reads. Models from elsewhere may lack any of them. */
export interface KnownFacts {
  readonly preset?: string;
  readonly seed?: number;
  readonly normalisation?: StoredNormalisation;
  /** Nucleotide frequencies of the training sequences [length * 4]. */
  readonly profile?: readonly number[];
  /** Names of the tasks, where there are several. */
  readonly tasks?: readonly string[];
  /** The table of probes that trained it. */
  readonly data?: { readonly path: string; readonly sha256: string };
  /** Of a model with structure channels. */
  readonly structure?: StoredStructure;
}

/**
 * Facts about a model that its weights do not tell, as JSON holds them. Further facts of your own pass as
 * they are.
 */
export type ModelFacts = KnownFacts & Readonly<Record<string, unknown>>;

const transform: check.Check<StoredTransform> = (value, place) => {
  const fitted = check.record<StoredTransform>({
    kind: check.oneOf('log', 'clip', 'none'),
    min: check.number(),
    cap: check.nullable(check.number()),
    mean: check.number(),
    std: check.number({ above: 0 }),
    n: check.whole(1),
  })(value, place);
  if ((fitted.kind === 'clip') !== (fitted.cap !== null))
    throw place.error(`${place.name}.cap does not go with its kind, "${fitted.kind}": only "clip" has one`);
  return fitted;
};

const fits = check.record<StoredFits>({
  train: transform,
  valid: transform,
  test: transform,
});

const normalisation = check.record<NonNullable<StoredNormalisation>>({
  scope: check.oneOf('train', 'all', 'split'),
  fitted: fits,
  others: check.optional(check.list(fits, 1)),
});

/** Frequencies of A, C, G and U by position; they sum to 1, or to 0 where no sequence has a letter. */
const profileOf =
  (length: number): check.Check<number[]> =>
  (value, place) => {
    const profile = check.list(check.number({ least: 0, most: 1 }), 4 * length, 4 * length)(value, place);
    for (let position = 0; position < length; position++) {
      const total = profile.slice(4 * position, 4 * position + 4).reduce((sum, share) => sum + share, 0);
      if (total !== 0 && Math.abs(total - 1) > 1e-6)
        throw place.error(
          `${place.name}: the frequencies of position ${position} sum to ${total}, not to 1 or 0`,
        );
    }
    return profile;
  };

const structure = check.record<StoredStructure>({
  contexts: check.oneOf('pu', 'phime'),
  source: check.oneOf('folded', 'file'),
  energies: check.optional(check.text),
});

/** Channels of a model with these contexts. */
const CHANNELS = { pu: 6, phime: 9 } as const;

/**
 * Facts that may be believed.
 *
 * @param placeOf where a fact stands, by its name, for messages
 * @throws the place's error naming the fact
 */
export function checkFacts(
  facts: Readonly<Record<string, unknown>>,
  placeOf: (name: string) => check.Place,
  {
    length,
    channels,
    head,
    outputs,
  }: {
    readonly length: number;
    readonly channels: number;
    readonly head: Head;
    readonly outputs: number;
  },
): ModelFacts {
  const known = check.record<KnownFacts>({
    preset: check.optional(check.oneOf(...PRESET_NAMES)),
    seed: check.optional(check.seed),
    tasks: check.optional(check.list(check.text, 2)),
    normalisation: check.optional(check.nullable(normalisation)),
    profile: check.optional(profileOf(length)),
    data: check.optional(check.record({ path: check.text, sha256: check.text })),
    structure: check.optional(structure),
  })(facts, placeOf(''));
  if (known.normalisation !== undefined && (known.normalisation === null) !== (head === 'classification'))
    throw placeOf('normalisation').error(
      `normalisation is null for classification only, but the head is ${head}`,
    );
  if (known.tasks && known.tasks.length !== outputs)
    throw placeOf('tasks').error(
      `tasks names ${known.tasks.length} tasks, but the head has ${count(outputs, 'output')}`,
    );
  if (known.structure && CHANNELS[known.structure.contexts] !== channels)
    throw placeOf('structure').error(
      `structure.contexts is ${known.structure.contexts}, which takes ${CHANNELS[known.structure.contexts]} channels, but the network has ${channels}`,
    );
  return { ...facts, ...known };
}
