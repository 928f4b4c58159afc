/**
 * Structure in importance analysis: a model with structure channels needs a profile for each embedded
 * sequence. Either every sequence is folded anew, or it keeps the profile of its background.
 */

import { ArgumentError, ShapeError } from '../device/errors.js';
import type { Architecture } from '../nn/architecture.js';
import { contextsOf, withStructure } from '../nn/contexts.js';
import { type Backgrounds, makeBackgrounds } from './backgrounds/backgrounds.js';
import {
  type AskedModel,
  alphabetIn,
  isLayered,
  type LayeredModel,
  type Model,
  type Written,
} from './model.js';

/**
 * Which structure profile an embedded sequence has. `fold`: its own, so that a pattern may make or break
 * pairs. `keep`: that of its background without the pattern, so that only letters change.
 */
export const TREATMENTS = ['fold', 'keep'] as const;
/** One of `TREATMENTS`. */
export type Treatment = (typeof TREATMENTS)[number];

/** How the structure of embedded sequences is treated. */
export interface StructureOptions {
  /** Only for models with structure channels. Default `fold`. */
  readonly structure?: Treatment | undefined;
}

/** A result that knows how structure was treated. */
export interface Treated {
  /** Absent for models without structure channels. */
  readonly structure?: Treatment | undefined;
}

/** Whether a model shows that it takes structure profiles. */
export const isStructured = (model: AskedModel): model is LayeredModel =>
  isLayered(model) && contextsOf(model.architecture) !== undefined;

/** What makes predictions of a model NaN, for messages; empty where nothing is known. */
export const causeOfNaN = (model: AskedModel): string =>
  isStructured(model)
    ? '; most likely the partition function of the sequence leaves the range of 32-bit numbers: use shorter sequences, or others'
    : '';

/** How results were treated. */
export const treatmentIn = (model: Model, { structure = 'fold' }: StructureOptions): Treated =>
  'record' in model && isStructured(model) ? { structure } : {};

/** What results note of their model and its structure. */
export const writtenBy = (model: Model, options: StructureOptions): Written & Treated => ({
  ...alphabetIn(model),
  ...treatmentIn(model, options),
});

/** @throws ArgumentError for `keep` with a model that has no structure channels, or shows none */
export function checkTreatment(model: AskedModel, { structure }: StructureOptions): void {
  if (structure === 'keep' && !isStructured(model))
    throw new ArgumentError(
      'structure',
      'structure "keep" needs a model with structure channels, which takes profiles; leave it out',
    );
}

/**
 * The profiles that embedded sequences keep: those that the backgrounds bring, or those that they fold to;
 * undefined where every sequence is folded anew or the model takes no profile.
 *
 * @throws ArgumentError for backgrounds that bring profiles which are not used; ShapeError for too many or
 * too few numbers
 */
export async function keptProfiles(
  model: AskedModel,
  { codes, profile }: Pick<Backgrounds, 'codes' | 'profile'>,
  { structure = 'fold', signal }: StructureOptions & { readonly signal?: AbortSignal | undefined },
): Promise<Float32Array | undefined> {
  if (!isStructured(model)) return undefined;
  if (structure === 'fold') {
    if (profile)
      throw new ArgumentError(
        'structure',
        'backgrounds with a structure profile need structure "keep"; with "fold" every sequence is folded anew',
      );
    return undefined;
  }
  const count = codes.length * (model.architecture.channels - 4);
  if (profile && profile.length !== count)
    throw new ShapeError(`structure profiles: ${count} numbers are needed, not ${profile.length}`);
  return (
    await withStructure(model.gpu, model.architecture, { codes, ...(profile && { profile }) }, { signal })
  ).profile;
}

/**
 * Measured rates of folding sequences of 41 letters (docs/structure.md). The time of a sequence grows with
 * about the third power of its letters.
 */
export const FOLDING_RATES = [{ on: 'lavapipe on two CPU cores', sequencesPerSecond: 1800 }] as const;

/** How long an analysis folds on some adapter. */
export interface FoldingTime {
  readonly on: string;
  readonly sequencesPerSecond: number;
  readonly seconds: number;
}

/** What an analysis folds, and estimates of how long that takes. */
export interface FoldingCost {
  readonly structure: Treatment;
  /** Sequences that are folded: with `fold` every embedded one, and always the bare backgrounds. */
  readonly foldings: number;
  readonly times: readonly FoldingTime[];
}

/**
 * The folding of an analysis; undefined for a model without structure channels.
 *
 * @param here sequences a second on this adapter, where that was measured
 */
export function foldingCost(
  architecture: Pick<Architecture, 'channels' | 'length'>,
  { patterns, backgrounds }: { readonly patterns: number; readonly backgrounds: number },
  { structure = 'fold' }: StructureOptions,
  here?: number,
): FoldingCost | undefined {
  if (!contextsOf(architecture)) return undefined;
  const foldings = backgrounds * (structure === 'fold' ? patterns + 1 : 1);
  const scale = (architecture.length / 41) ** 3;
  const rates = [
    ...(here === undefined ? [] : [{ on: 'this adapter', sequencesPerSecond: here }]),
    ...FOLDING_RATES.map(({ on, sequencesPerSecond }) => ({
      on,
      sequencesPerSecond: sequencesPerSecond / scale,
    })),
  ];
  return {
    structure,
    foldings,
    times: rates.map((rate) => ({ ...rate, seconds: foldings / rate.sequencesPerSecond })),
  };
}

/** Sequences whose folding is timed. */
const TIMED = 256;

/**
 * Sequences that are folded a second on an adapter, measured on random ones.
 *
 * @throws CancelledError
 */
export async function foldingRate(
  { gpu, architecture }: Pick<LayeredModel, 'gpu' | 'architecture'>,
  signal?: AbortSignal,
): Promise<number> {
  const { length } = architecture;
  const some = makeBackgrounds({ kind: 'uniform', count: TIMED, length, seed: 1 });
  const fold = () => withStructure(gpu, architecture, { codes: some.codes }, { signal });
  // The first run includes compilation.
  await fold();
  const started = performance.now();
  await fold();
  return (1000 * TIMED) / (performance.now() - started);
}
