/**
 * Backgrounds for trained models: as long as their input, and with letters only where their training probes
 * have them, which the models' files say.
 */

import * as check from '../../device/check.js';
import { ArgumentError } from '../../device/errors.js';
import { type BackgroundOptions, type Backgrounds, makeBackgrounds } from './backgrounds.js';
import { lettersOfModels } from './letters.js';

/** What backgrounds depend on in a model; a `ModelFile` has it. */
export interface TrainedModel {
  readonly architecture: { readonly length: number };
  readonly facts: {
    /** Nucleotide frequencies of the training probes [length * 4]. */
    readonly profile?: readonly number[];
  };
}

/**
 * `BackgroundOptions` without what models say themselves; the null model is `profile` unless another is
 * named.
 */
export interface ModelBackgroundOptions
  extends Omit<BackgroundOptions, 'kind' | 'length' | 'seed' | 'profile' | 'letters'> {
  /** The null model. Default `profile`: the nucleotide frequencies of the first model's training probes. */
  readonly kind?: BackgroundOptions['kind'];
  /** Default 1. */
  readonly seed?: number;
}

/**
 * What `makeBackgrounds` takes for models that are asked together.
 *
 * @throws ArgumentError where the null model is `profile`, no sequences are given, and the first model's file
 * has none
 */
export function backgroundOptionsOf(
  models: readonly TrainedModel[],
  { kind = 'profile', seed = 1, ...asked }: ModelBackgroundOptions,
): BackgroundOptions {
  check.list(check.object, 1)(models, check.argument('models'));
  const [first] = models as [TrainedModel];
  const { profile } = first.facts;
  const letters = lettersOfModels(models.map(({ facts }) => facts));
  const isProfile = kind === 'profile' && asked.sequences === undefined;
  if (isProfile && !profile)
    throw new ArgumentError(
      'models',
      'the file of this model has no nucleotide profile; give sequences, or take uniform backgrounds',
    );
  return {
    ...asked,
    kind,
    seed,
    length: first.architecture.length,
    ...(letters && { letters }),
    ...(isProfile && profile && { profile: Float64Array.from(profile) }),
  };
}

/**
 * Draws backgrounds for models that are asked together.
 *
 * @throws as `backgroundOptionsOf` and `makeBackgrounds`
 * @example
 * const file = await readModel('run');
 * const backgrounds = gia.backgroundsOf([file], { count: 1000 });
 */
export const backgroundsOf = (
  models: readonly TrainedModel[],
  options: ModelBackgroundOptions,
): Backgrounds => makeBackgrounds(backgroundOptionsOf(models, options));
