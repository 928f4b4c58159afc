/** Motifs of surveyed models as logos, each above the known motif that is most similar (paper, figure 4b). */

import { checkPwm, consensusOf, type PositionWeightMatrix } from '../../data/pwm.js';
import { ALPHABETS, lettersOf, spell } from '../../data/sequences/letters.js';
import { parseDelimited } from '../../data/tables/delimited.js';
import { readNumber } from '../../data/tables/numbers.js';
import { FormatError } from '../../device/errors.js';
import { type MemeMotif, MINIMUM_OVERLAP, type MotifMatch, rankMotifs } from '../../gia/motif/index.js';
import { fileNamesOf } from '../../gia/tables/file-names.js';
import type { Files } from '../figures/figure-files.js';
import {
  baseLine,
  COLUMN,
  EDGE,
  inPage,
  LETTER_SYMBOLS,
  LETTERS,
  ROW,
  type SmallPicture,
  smallLetters,
} from '../figures/small-logo.js';
import { fixed, svgDocument } from '../figures/svg.js';
import { paragraph, type Section, sortable } from '../page/page.js';
import { count, listed, probability } from '../wording.js';
import { experimentOf, fileOf, type StoredMotif, type Surveyed } from './surveyed.js';

/** Known motifs, and where they are from. */
export interface KnownMotifs {
  readonly source: string;
  readonly motifs: readonly MemeMotif[];
}

/**
 * Reads a report's `motif.tsv`: a position, then the frequencies of its letters.
 *
 * @throws FormatError naming file and line
 */
export function parseMotif(text: string, source: string): StoredMotif {
  const [header, ...rows] = parseDelimited(text, source).rows();
  const letters = header?.fields.slice(1).join('');
  const alphabet = ALPHABETS.find((each) => lettersOf(each) === letters);
  if (!alphabet || rows.length === 0)
    throw new FormatError(`${source}: expected columns position, A, C, G and U or T, and a row per position`);
  const pwm = rows.map(({ number, fields }) => {
    const [a, c, g, u] = fields.slice(1).map((field) => readNumber(field) ?? Number.NaN);
    const column = [a!, c!, g!, u!] as const;
    try {
      checkPwm([column]);
    } catch (cause) {
      throw new FormatError(`${source}:${number}: frequencies must be numbers that sum to 1`, { cause });
    }
    return column;
  });
  return { pwm, alphabet };
}

/** A model's motif, the most similar known one, and those that are named after its experiment or protein. */
export interface Match {
  readonly model: Surveyed;
  readonly matrix: StoredMotif;
  readonly motif: MemeMotif;
  readonly similarity: MotifMatch;
  readonly named: readonly {
    readonly motif: MemeMotif;
    readonly similarity: MotifMatch;
    readonly rank: number;
  }[];
}

/**
 * The known motifs that are most similar to those of models; most similar first. Models without a motif have
 * none.
 */
export const matchMotifs = (models: readonly Surveyed[], { motifs }: KnownMotifs): readonly Match[] =>
  models
    .flatMap((model) => (model.matrix ? [matchOf(model, model.matrix, motifs)] : []))
    .sort((a, b) => a.similarity.eValue - b.similarity.eValue || order(b) - order(a));

/**
 * @param learned the models whose motifs are shown
 * @param matches of these
 */
export function motifsSection(
  files: Files,
  learned: readonly Surveyed[],
  matches: readonly Match[],
  { source, motifs }: KnownMotifs,
  units: string,
): Section {
  const without = learned.filter(({ matrix }) => matrix === undefined).map(({ name }) => name);
  filesOf(files, matches);
  const missing =
    without.length > 0
      ? ` ${count(without.length, 'report has', 'reports have')} no motif: ${listed(without)}.`
      : '';
  const about = `Each logo is the top k-mers of a ${units}, aligned and weighted by importance; below it is the most similar of the ${count(motifs.length, 'known motif')} in ${fileOf(source)}, position under position. Both axes reach from 0 to 2 bits. E is the number of known motifs that would match so well by chance, if their positions were drawn at random from all of them. Similarity is Pearson’s r of the frequencies where both motifs have positions, at least ${MINIMUM_OVERLAP} if they are long enough.`;
  return {
    id: 'motifs',
    title: 'Motifs',
    body: `${paragraph(`${about}${missing}`)}${matches.length > 0 ? `${LETTER_SYMBOLS}${tableOf(matches, units)}${LINKS}` : ''}`,
  };
}

const LINKS =
  '<p><a href="figures/motifs.tsv">Similarities</a>, <a href="figures/motifs-matrices.tsv">matrices</a></p>';

const order = ({ similarity: { r } }: Match): number => (Number.isNaN(r) ? -2 : r);

function matchOf(model: Surveyed, matrix: StoredMotif, motifs: readonly MemeMotif[]): Match {
  const ranked = rankMotifs(matrix.pwm, motifs);
  const names = [experimentOf(model), ...(model.protein?.aliases ?? [])].map((name) => name.toLowerCase());
  const named = ranked.filter(({ motif }) => namesOf(motif).some((name) => names.includes(name)));
  return { model, matrix, ...ranked[0]!, named };
}

/** The names of a motif; alternate names may be several, after commas. */
const namesOf = ({ name, alternateName = '' }: MemeMotif): readonly string[] =>
  [name, ...alternateName.split(/[,;\s]+/)].map((each) => each.toLowerCase());

const titleOf = ({ name, alternateName }: MemeMotif): string =>
  // Names after commas get a space, so that a long list has several lines.
  alternateName === undefined ? name : `${name} ${alternateName.replace(/,(?=\S)/g, ', ')}`;

const number = (value: number): string => (Number.isNaN(value) ? 'undefined' : fixed(value, 3));

/** The most similar known motif, and the one of the same name, as columns of tables. */
export const knownColumns = ({ motif, similarity: { r, eValue, offset, overlap }, named: [own] }: Match) => ({
  known: motif.name,
  knownName: motif.alternateName,
  eValue,
  similarity: Number.isNaN(r) ? undefined : r,
  offset,
  overlap,
  sameName: own?.motif.name,
  sameNameSimilarity: own && !Number.isNaN(own.similarity.r) ? own.similarity.r : undefined,
  sameNameRank: own?.rank,
});

function filesOf(files: Files, matches: readonly Match[]): void {
  if (matches.length === 0) return;
  files.table(
    'motifs',
    matches.map((match) => ({
      name: match.model.name,
      consensus: spell(consensusOf(match.matrix.pwm), match.matrix.alphabet),
      ...knownColumns(match),
    })),
  );
  files.table(
    'motifs-matrices',
    matches.flatMap(({ model, matrix }) =>
      matrix.pwm.map((column, i) => ({
        name: model.name,
        position: i + 1,
        ...Object.fromEntries(
          Array.from(lettersOf(matrix.alphabet), (letter, base) => [letter, column[base]!]),
        ),
      })),
    ),
  );
  const names = fileNamesOf(matches.map(({ model }) => model.name));
  matches.forEach((match, i) => {
    const { width, height, content, title } = pictureOf(match);
    files.all.push({
      path: `${files.folder}/motifs/${names[i]}.svg`,
      contents: svgDocument(width, height, title, LETTERS + content, 'class="logo"'),
    });
  });
}

function tableOf(matches: readonly Match[], units: string): string {
  return sortable(matches, [
    { heading: units, cell: ({ model }) => model.name, href: ({ model }) => model.page },
    {
      heading: 'motif above known motif',
      cell: ({ matrix }) => spell(consensusOf(matrix.pwm), matrix.alphabet),
      picture: (match) => inPage(pictureOf(match)),
    },
    {
      heading: 'E',
      hint: 'known motifs that would match so well by chance',
      value: ({ similarity }) => similarity.eValue,
      cell: ({ similarity }) => probability(similarity.eValue, ''),
    },
    { heading: 'similarity', value: order, cell: ({ similarity }) => number(similarity.r) },
    {
      heading: 'positions',
      hint: 'positions in which the motifs overlap',
      value: ({ similarity }) => similarity.overlap,
      cell: ({ similarity }) => String(similarity.overlap),
    },
    ...(matches.some(({ named }) => named.length > 0)
      ? [
          {
            heading: 'of the same name',
            hint: 'similarity and rank of the most similar known motif that is named after the experiment or its protein',
            value: ({ named: [own] }: Match) => (own ? own.rank : Number.POSITIVE_INFINITY),
            cell: ({ named: [own] }: Match) => (own ? `${number(own.similarity.r)}, rank ${own.rank}` : ''),
          },
        ]
      : []),
    { heading: 'known motif', cell: ({ motif }) => titleOf(motif) },
  ]);
}

/** Between a motif and the known one below it, px. */
const GAP = 5;

/** A motif above the known one, in the model's alphabet. */
function pictureOf({ model, matrix, motif, similarity }: Match): SmallPicture {
  const left = Math.min(0, similarity.offset);
  const right = Math.max(matrix.pwm.length, similarity.offset + motif.pwm.length);
  const line = (pwm: PositionWeightMatrix, offset: number, foot: number) =>
    smallLetters(pwm, matrix.alphabet, EDGE + (offset - left) * COLUMN, foot);
  const width = 2 * EDGE + (right - left) * COLUMN;
  const feet = [ROW, 2 * ROW + GAP] as const;
  return {
    width,
    height: feet[1] + EDGE,
    title: `Motif of ${model.name} above the known motif ${titleOf(motif)}`,
    content:
      line(matrix.pwm, 0, feet[0]) +
      baseLine(width, feet[0]) +
      line(motif.pwm, similarity.offset, feet[1]) +
      baseLine(width, feet[1]),
  };
}
