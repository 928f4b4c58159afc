/** `Probes` → text: the tab-separated table that `parseProbes` reads back without loss. */
import { type Alphabet, spell } from '../sequences/letters.js';
import { type Probes, scoresOf } from './probes.js';

/**
 * A table with the columns set, pool, sequence and intensity, or a column for each task, where a missing score
 * is `NA`. Scores are written with all their digits.
 *
 * @param alphabet of the sequences. Default `rna`
 */
export function formatProbes(probes: Probes, alphabet?: Alphabet): string {
  const { sets, pools, sequences, tasks = ['intensity'] } = probes;
  const rows = sequences.map((sequence, i) => {
    const scores = Array.from(scoresOf(probes, i), (score) => (Number.isNaN(score) ? 'NA' : score));
    return `${[sets[i], pools[i], spell(sequence, alphabet), ...scores].join('\t')}\n`;
  });
  return `${['set', 'pool', 'sequence', ...tasks].join('\t')}\n${rows.join('')}`;
}
