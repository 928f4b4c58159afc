/**
 * What `train` stores beside a model's weights, checked when it is read back like options that a user gives.
 */

import type { Normalisation } from '../../data/experiment.js';
import type { FittedTransform, Splits } from '../../data/transform.js';
import * as check from '../../device/check.js';
import type { Head } from '../../nn/architecture.js';
import { PRESET_NAMES } from '../../nn/presets.js';

/** Models from elsewhere may lack any of it. */
export interface ModelFacts {
  readonly preset?: string;
  readonly seed?: number;
  readonly normalisation?: Normalisation;
  /** Nucleotide frequencies of the training sequences [length * 4]. */
  readonly profile?: readonly number[];
  readonly data?: { readonly path: string; readonly sha256: string };
}

const transform: check.Check<FittedTransform> = (value, place) => {
  const fitted = check.record<FittedTransform>({
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

const normalisation = check.record<NonNullable<Normalisation>>({
  scope: check.oneOf('train', 'all', 'split'),
  fitted: check.record<Splits<FittedTransform>>({ train: transform, valid: transform, test: transform }),
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

/** @throws FormatError naming the file and the field */
export function checkFacts(
  extra: Readonly<Record<string, unknown>>,
  file: string,
  { length, head }: { readonly length: number; readonly head: Head },
): ModelFacts {
  const facts = check.record<ModelFacts>({
    preset: check.optional(check.oneOf(...PRESET_NAMES)),
    seed: check.optional(check.seed),
    normalisation: check.optional(check.nullable(normalisation)),
    profile: check.optional(profileOf(length)),
    data: check.optional(check.record({ path: check.text, sha256: check.text })),
  })(extra, check.fieldOf(file, ''));
  if (facts.normalisation !== undefined && (facts.normalisation === null) !== (head === 'classification'))
    throw check
      .fieldOf(file, 'normalisation')
      .error(`normalisation must be null for classification alone, and the head is ${head}`);
  return facts;
}
