/**
 * A motif letter by letter in words, and its logo with what each replacement changes (paper, figures 2e and
 * 3b).
 */

import { codeOf } from '../../data/sequences/letters.js';
import { atReadout, type MutagenesisResult } from '../../gia/experiments/index.js';
import { mutagenesisHeights } from '../../gia/motif/index.js';
import { flatRow } from '../../gia/tables/column-names.js';
import { spelledResult } from '../../gia/tables/spelling.js';
import type { Files } from '../figures/figure-files.js';
import { sequenceLogo } from '../figures/logo.js';
import { count } from '../wording.js';
import type { ExperimentReport } from './experiment-report.js';
import { about, fact, paddingOf } from './shared.js';

export const mutagenesisReport: ExperimentReport<MutagenesisResult> = {
  description: ({ design: { motif, position } }) =>
    `every single-nucleotide variant of ${motif} at position ${position}`,
  columns: () => [{ heading: 'pattern', cell: ({ labels }) => labels.pattern }],
  comparison: (labels, { design }) =>
    about(`${labels.pattern} − ${design.motif}`, [
      `${labels.from} to ${labels.to} at letter ${labels.position + 1}`,
      ...paddingOf(labels),
    ]),
  facts: ({ heights }) => [fact('sensitivity of each letter (L2 norm of its three differences)', heights)],
  finding: () => undefined,
};

/**
 * The motif letter by letter, and under each letter what its replacements change; of the first output of the
 * first model.
 */
export function mutagenesisFigure(files: Files, result: MutagenesisResult, unit: string): string {
  const { alphabet, comparisons, design } = spelledResult(atReadout(result));
  const { motif } = design;
  const scores = new Float64Array(4 * motif.length);
  for (const { labels, difference } of comparisons)
    scores[codeOf(labels.to) * motif.length + labels.position] = difference;
  const logo = sequenceLogo(mutagenesisHeights(motif, scores), {
    title: `${motif}, by mutagenesis`,
    yLabel: 'sensitivity',
    plotHeight: 100,
    alphabet,
    mutations: {
      changes: Array.from(motif, (_, i) => [0, 1, 2, 3].map((base) => scores[base * motif.length + i]!)),
      wildType: motif,
      label: `change, ${unit}`,
    },
  });
  return files.figure(
    'mutagenesis',
    logo,
    comparisons.map(flatRow),
    `${motif}. The height of a letter is its sensitivity: the L2 norm of the changes of importance by its three replacements. Below, the change by each replacement: blue lowers the importance, red raises it, dots mark the letters of the motif. In ${unit}, paired over ${count(result.backgrounds, 'background')}.`,
  );
}
