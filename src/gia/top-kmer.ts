/** The motifs to ask experiments about, where nobody names one: the most important k-mer of every output. */

import * as check from '../device/check.js';
import { type AdaptiveOptions, topPatterns } from './adaptive.js';
import { checkBackgrounds } from './arguments.js';
import type { Backgrounds } from './backgrounds/backgrounds.js';
import { kmerPatterns, kmerPosition } from './importance.js';
import type { Model } from './model.js';
import { MAX_K } from './patterns/kmers.js';

/** Which k-mers are searched, and where. */
export interface TopKmerOptions extends Omit<AdaptiveOptions, 'top'> {
  /** Letters of a k-mer, 1 to 8. Default 6. */
  readonly k?: number | undefined;
  /**
   * 0-based position of the first letter. Default: the middle of the letters of probes, 17 in 41 letters.
   */
  readonly position?: number | undefined;
}

/** A k-mer and where it was embedded. */
export interface TopKmer {
  readonly kmer: string;
  readonly position: number;
  /** The output that it is the top of; absent where models have one output. */
  readonly task?: string;
}

/**
 * The most important k-mer of the first model, for each of its outputs in order, by successive elimination.
 *
 * @throws as `topPatterns`; PaddingError where k-mers do not fit the letters of probes
 */
export async function topKmers(
  model: Model,
  backgrounds: Backgrounds,
  { k = 6, position, ...options }: TopKmerOptions = {},
): Promise<readonly TopKmer[]> {
  checkBackgrounds(backgrounds);
  check.whole(1, MAX_K)(k, check.argument('k'));
  const at = position ?? kmerPosition(k, backgrounds);
  const patterns = kmerPatterns(k, at, backgrounds.length);
  const { models } = await topPatterns(model, patterns, backgrounds, { ...options, top: 1 });
  return models
    .filter(({ model: e }, r) => (e ?? r) === 0)
    .map(({ patterns: [kmer], task }) => ({
      kmer: kmer!,
      position: at,
      ...(task !== undefined && { task }),
    }));
}

/** The first of `topKmers`: of a model with one output, its most important k-mer. @throws as `topKmers` */
export const topKmer = async (
  model: Model,
  backgrounds: Backgrounds,
  options: TopKmerOptions = {},
): Promise<TopKmer> => (await topKmers(model, backgrounds, options))[0]!;
