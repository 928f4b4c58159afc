/**
 * Motifs: from a sweep's k-mers to a position weight matrix, its logo's heights, MEME files, and likeness to
 * others.
 */

export { type AlignedKmer, alignKmers, type Placement, placeKmer } from './alignment.js';
export { mutationsToBestMatch } from './best-match.js';
export { formatMeme, type MemeMotif } from './formats/meme-format.js';
export { type MemeFile, parseMeme } from './formats/meme-parse.js';
export { type MotifFile, type MotifFormat, motifFormat, parseMotifs } from './formats/motif-file.js';
export { parseProteinNames } from './formats/protein-names.js';
export {
  columnInformation,
  informationContent,
  informationHeights,
  type LetterHeights,
  mutagenesisHeights,
  mutagenesisNorms,
} from './information.js';
export {
  type KmerImportance,
  type KmerMotif,
  type KmerMotifOptions,
  kmerMotif,
  TOP_KMERS,
  trimMotif,
} from './kmer-motif.js';
export { compareMotifs, MINIMUM_OVERLAP, type Similarity } from './matching/compare.js';
export {
  type MotifMatch,
  type RankedMotif,
  type RankOptions,
  rankMotifs,
  reverseComplement,
} from './matching/rank.js';
export { formatMatrix } from './matrix-tsv.js';
