/** What a model says of a motif database, as text for the terminal. */

import { spell } from '../../data/sequences/letters.js';
import { count } from '../../device/count.js';
import type { MotifDatabaseResult, MotifRanking } from '../../gia/databases/index.js';
import { coefficient } from '../../report/correlation.js';
import { probability } from '../../report/wording.js';
import { aligned, interval } from '../tables.js';

/** The first motifs of every model and task. */
export function databaseText(
  result: MotifDatabaseResult,
  paths: readonly string[],
  shown: number,
  how: string,
): string[] {
  const { models, backgrounds, leftOut } = result;
  const motifs = models[0]!.motifs.length;
  const heading = `Importance of ${count(motifs, 'motif')}, each by one site in each of ${count(backgrounds, 'background')}, ${how}`;
  const top = shown < motifs ? `; the top ${shown}:` : ':';
  return [
    `${heading}${top}`,
    ...models.flatMap((ranking, r) => [
      ...titleOf(ranking, r, result, paths),
      tableOf(ranking, shown, result),
    ]),
    'shuffled: importance of the same letters in random order; specific: what the order adds (its q is over all motifs).',
    ...(leftOut.length > 0
      ? [`${count(leftOut.length, 'motif')} left out, because the sequences have no room for them.`]
      : []),
  ];
}

function titleOf(
  { model, task }: MotifRanking,
  r: number,
  { models }: MotifDatabaseResult,
  paths: readonly string[],
): string[] {
  if (models.length === 1) return [];
  const path = paths.length > 1 ? [paths[model ?? r]!] : [];
  return [`${[...path, ...(task === undefined ? [] : [task])].join(', ')}:`];
}

const tableOf = ({ motifs }: MotifRanking, shown: number, { alphabet }: MotifDatabaseResult): string =>
  aligned([
    [
      'motif',
      'rank',
      'consensus',
      'importance',
      '95 % interval',
      'q',
      'shuffled',
      'specific',
      'q',
      'score r',
    ],
    ...motifs
      .slice(0, shown)
      .map(({ motif, rank, consensus, importance, shuffled, specific, scoreR }) => [
        motif.alternateName === undefined ? motif.name : `${motif.name} ${motif.alternateName}`,
        String(rank),
        spell(consensus, alphabet),
        importance.mean.toFixed(4),
        interval(importance.ciLow, importance.ciHigh),
        probability(importance.q, ''),
        shuffled.mean.toFixed(4),
        specific.mean.toFixed(4),
        probability(specific.q, ''),
        coefficient(scoreR),
      ]),
  ]);
