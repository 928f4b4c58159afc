/** `Probes` → text: the tab-separated table that `parseProbes` reads back without loss. */
import type { Probes } from './probes.js';

/** A table with the columns set, pool, sequence, intensity; scores are written with all their digits. */
export function formatProbes({ sets, pools, sequences, scores }: Probes): string {
  const rows = sequences.map((sequence, i) => `${sets[i]}\t${pools[i]}\t${sequence}\t${scores[i]}\n`);
  return `set\tpool\tsequence\tintensity\n${rows.join('')}`;
}
