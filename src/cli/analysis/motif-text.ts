/** A motif and the known motifs like it, for the terminal. */

import { count } from '../../device/count.js';
import { informationContent, type MotifMatch } from '../../gia/motif/index.js';
import { coefficient } from '../../report/correlation.js';
import { probability } from '../../report/wording.js';
import { aligned } from '../tables.js';
import type { SpelledMotif } from './motif-in.js';

/** A known motif as the record holds it. */
export interface Match extends MotifMatch {
  readonly rank: number;
  readonly motif: string;
  readonly alternateName: string | null;
  readonly file: string;
}

/** Letters of a name that a table shows. */
const WIDEST_NAME = 48;

/** The alignment of the k-mers, or the sign of a model, and the matrix. */
export function motifText(name: string, { pwm, alignment, start, letters, sign }: SpelledMotif): string[] {
  const information = informationContent(pwm);
  const left = Math.min(start, ...alignment.map(({ offset }) => offset));
  return [
    ...(sign === undefined
      ? [
          `Motif ${name}: the top ${count(alignment.length, 'k-mer')}, aligned.`,
          aligned([
            ['k-mer', 'importance'],
            ...alignment.map(({ kmer, importance, offset }) => [
              `${' '.repeat(offset - left)}${kmer}`,
              importance.toFixed(4),
            ]),
          ]),
        ]
      : [
          `Motif ${name}: the weights of the model. Its sites ${sign > 0 ? 'raise' : 'lower'} the prediction.`,
        ]),
    aligned([
      ['position', ...letters, 'bits'],
      ...pwm.map((column, i) => [
        String(i + 1),
        ...column.map((p) => p.toFixed(3)),
        information[i]!.toFixed(3),
      ]),
    ]),
  ];
}

/** The best matches of the known motifs of a source. */
export function matchesText(matches: readonly Match[], source: string, bothStrands: boolean): string[] {
  return [
    `Known motifs by similarity (${source}):`,
    aligned([
      ['motif', 'E', 'q', 'r', 'offset', 'overlap', ...(bothStrands ? ['strand'] : [])],
      ...matches.map((match) => [
        nameOf(match),
        probability(match.eValue, ''),
        probability(match.q, ''),
        coefficient(match.r),
        String(match.offset),
        String(match.overlap),
        ...(bothStrands ? [match.strand] : []),
      ]),
    ]),
  ];
}

function nameOf({ motif, alternateName }: Match): string {
  const name = alternateName === null ? motif : `${motif} ${alternateName}`;
  return name.length > WIDEST_NAME ? `${name.slice(0, WIDEST_NAME - 1)}…` : name;
}
