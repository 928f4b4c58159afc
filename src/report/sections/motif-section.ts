/**
 * The motif of a model: the top k-mers aligned, and the first of them letter by letter (paper, figures 2e and
 * 3b).
 */

import { type Alphabet, isWord, lettersOf, spell } from '../../data/sequences/letters.js';
import type { MutagenesisResult } from '../../gia/experiments/index.js';
import { informationHeights, kmerMotif } from '../../gia/motif/index.js';
import type { StoredRow } from '../../gia/tables/table-reader.js';
import { mutagenesisFigure } from '../experiments/mutagenesis.js';
import type { Files } from '../figures/figure-files.js';
import { BITS, sequenceLogo } from '../figures/logo.js';
import type { Section } from '../page/page.js';
import { count } from '../wording.js';

/**
 * The aligned top k-mers, where the sweep has k-mers at no place of their own, and the mutagenesis of the
 * first.
 *
 * @param swept takes what comes from the sweep, `files` the rest
 */
export function motifSection(
  swept: Files,
  files: Files,
  ranked: readonly StoredRow[],
  unit: string,
  mutagenesis?: MutagenesisResult,
  alphabet?: Alphabet,
): Section {
  const words = ranked.filter(({ pattern }) => isWord(pattern));
  const figures = [
    ...(words.length > 0 ? [aligned(swept, words, alphabet)] : []),
    ...(mutagenesis ? [mutagenesisFigure(files, mutagenesis, unit)] : []),
  ];
  return { id: 'motif', title: 'The motif', body: figures.join('\n') };
}

function aligned(files: Files, words: readonly StoredRow[], alphabet: Alphabet | undefined): string {
  const { pwm, alignment } = kmerMotif(words);
  const logo = sequenceLogo(informationHeights(pwm), {
    title: 'Motif of the top k-mers, aligned',
    ...BITS,
    alphabet,
  });
  const rows = pwm.map((column, i) => ({
    position: i + 1,
    ...Object.fromEntries(Array.from(lettersOf(alphabet), (letter, base) => [letter, column[base]!])),
  }));
  return files.figure(
    'motif',
    logo,
    rows,
    `The most important ${count(alignment.length, 'k-mer')} aligned to the first (${alignment.map(({ kmer }) => spell(kmer, alphabet)).join(', ')}), letters weighted by global importance; height is information (2 bits: always this letter).`,
  );
}
