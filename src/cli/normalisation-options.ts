/** Options that say how scores are normalised, on commands that fit this to a table. */

import type { Command } from 'commander';
import type { TransformOptions } from '../data/index.node.js';
import type { Head } from '../nn/architecture.js';
import { choice } from './options.js';
import { UsageError } from './terminal/errors.js';

export interface NormalisationOptions {
  readonly transform?: 'log' | 'clip' | 'none';
  readonly clipAt?: 'percentile' | 'std';
  readonly fitOn?: 'train' | 'all' | 'split';
}

/** --transform, --clip-at and --fit-on. */
export const withNormalisation = (command: Command): Command =>
  command
    .addOption(
      choice('--transform <kind>', 'transformation of scores before the z-score (default: log)', [
        'log',
        'clip',
        'none',
      ]),
    )
    .addOption(
      choice(
        '--clip-at <what>',
        'where --transform clip cuts: at the 99.9th percentile or at 4 standard deviations (default: percentile)',
        ['percentile', 'std'],
      ),
    )
    .addOption(
      choice('--fit-on <what>', 'scores that the transformation and z-score are fitted to (default: train)', [
        'train',
        'all',
        'split',
      ]),
    );

/** @throws UsageError for options that say nothing about these scores */
export function normalisationOptions({
  head,
  transform,
  clipAt,
  fitOn,
}: NormalisationOptions & { readonly head: Head }) {
  if (head === 'classification' && (transform ?? clipAt ?? fitOn) !== undefined)
    throw new UsageError(
      '--transform, --clip-at and --fit-on are for --head regression; classes are used as they are',
    );
  if (clipAt !== undefined && transform !== 'clip') throw new UsageError('--clip-at needs --transform clip');
  const options: TransformOptions = { kind: transform ?? 'log', ...(clipAt ? { clipAt } : {}) };
  return { ...options, scope: fitOn ?? 'train' } as const;
}
