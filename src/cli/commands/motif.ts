/**
 * `residualbind motif`: from a sweep's table to a motif, as matrix, MEME file and logo, and to the known
 * motifs like it.
 */

import { extname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { ALPHABETS } from '../../data/sequences/letters.js';
import { echo } from '../../device/echo.js';
import type { KnownMotif } from '../../gia/files/motif-files.node.js';
import {
  formatMatrix,
  formatMeme,
  informationContent,
  informationHeights,
  MINIMUM_OVERLAP,
  type RankedMotif,
  rankMotifs,
  TOP_KMERS,
} from '../../gia/motif/index.js';
import { type MotifChoice, motifIn, type SpelledMotif } from '../analysis/motif-in.js';
import { type Match, matchesText, motifText } from '../analysis/motif-text.js';
import { COMPARE, knownRecord, readKnown } from '../known-motifs.js';
import {
  type CommonOptions,
  choice,
  examples,
  finite,
  outputPath,
  positiveInteger,
  withCommon,
} from '../options.js';
import { checkFile, writeResult } from '../output/files.js';
import { jsonText } from '../output/output.js';
import { Session } from '../session.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, printResult } from '../terminal/io.js';

interface MotifOptions extends CommonOptions, MotifChoice {
  readonly name?: string;
  readonly out?: readonly string[];
  readonly compare?: readonly string[];
  readonly overlap: number;
  readonly matches: number;
  readonly bothStrands: boolean;
  readonly logos?: string;
}

type Ranked = readonly RankedMotif<KnownMotif>[];

const OUTPUTS = ['.meme', '.json', '.svg', '.png', '.tsv'] as const;
type Output = (typeof OUTPUTS)[number];

export function addMotif(program: Command, io: Io): void {
  const command = program
    .command('motif')
    .description('the motif of a sweep: its top k-mers aligned, weighted by importance')
    .argument(
      '<table>',
      'the .tsv or .json table that gia sweep wrote, or a model of the preset pwm, whose weights are a motif',
    )
    .option('--top <n>', 'k-mers to align', positiveInteger, TOP_KMERS)
    .option('--trim <bits>', 'cut off outer positions with less information', bits, 0)
    .option('--model <name>', 'the model to use, if the table has several')
    .option('--task <name>', 'the task to use, if the table has several')
    .addOption(
      choice('--alphabet <name>', 'write the motif with U or with T (default: as the table)', ALPHABETS),
    )
    .option('--name <name>', "the motif's name, one word (default: the top k-mer)")
    .option(
      '--out <file>',
      'a file by its extension: .meme, .json, .svg or .png (logo) or .tsv; may be repeated',
      (path: string, paths: readonly string[] = []) => [...paths, outputPath(path)],
    )
    .option(
      COMPARE,
      'files and folders of known motifs to rank by similarity (MEME, CIS-BP, HOMER, JASPAR, TRANSFAC …)',
    )
    .option(
      '--overlap <n>',
      'minimum overlap with a known motif, in positions',
      positiveInteger,
      MINIMUM_OVERLAP,
    )
    .option('--both-strands', 'compare with the reverse complements of known motifs too (DNA only)', false)
    .option('--matches <n>', 'known motifs to print, and to draw with --logos', positiveInteger, 10)
    .option(
      '--logos <file>',
      'draw the motif above the best known motifs, aligned (.svg or .png)',
      outputPath,
    );
  withCommon(command)
    .addHelpText(
      'after',
      examples(
        'motif 6-mers.tsv',
        'motif 6-mers.tsv --out motif.meme --out motif.svg',
        'motif 6-mers.tsv --trim 0.2 --compare known.meme',
        'motif 6-mers.tsv --compare CISBP-RNA/ jaspar.txt known.meme',
        'motif 6-mers.tsv --compare known.meme --matches 5 --logos matches.svg',
        'motif folds.json --model fold-1 --json',
        'motif methods/U1A/pwm-1 --trim 0.25 --out pwm.svg',
        'motif tasks.tsv --task RBFOX2',
      ),
    )
    .action((table: string, options: MotifOptions) => motifOf(io, table, options));
}

async function motifOf(io: Io, path: string, options: MotifOptions): Promise<void> {
  const { out = [], compare, logos } = options;
  const outputs = out.map((file) => ({ file, as: outputOf(file) }));
  if (logos !== undefined) checkLogos(logos, compare);
  for (const file of [...out, ...(logos === undefined ? [] : [logos])]) await checkFile(file);
  const session = await Session.start(io, { command: 'motif', given: { table: path }, options });
  const { sha256, ...motif } = await motifIn(path, options);
  const name = nameOf(options.name ?? motif.alignment[0]?.kmer ?? motif.consensus);
  const known = compare === undefined ? undefined : await readKnown(io, compare);
  const ranked = known && rankedFor(motif, known.motifs, options);
  const matches = ranked?.map(matchOf) ?? null;
  const record = await session.finish({
    input: { path, sha256 },
    known: known ? knownRecord(known) : null,
    name,
    consensus: motif.consensus,
    start: motif.start,
    alphabet: motif.letters,
    pwm: motif.pwm,
    information: informationContent(motif.pwm),
    ...(motif.sign === undefined ? { alignment: motif.alignment } : { sign: motif.sign }),
    matches,
  });
  for (const { file, as } of outputs) await writeResult(file, await contents(as, name, motif, record));
  const best = ranked?.slice(0, options.matches);
  if (logos !== undefined && best)
    await writeResult(logos, await drawn(logos, await placedLogos(name, motif, best)));
  const shown = matches?.slice(0, options.matches) ?? null;
  const written = logos === undefined ? out : [...out, logos];
  const lines = [
    ...motifText(name, motif),
    ...(shown ? matchesText(shown, compare!.join(', '), options.bothStrands) : []),
    ...(written.length > 0 ? [`Written: ${written.join(', ')}.`] : []),
  ];
  const files = { out, ...(logos !== undefined && { logos }) };
  printResult(io, options.json, { ...record, matches: shown, ...files }, lines.join('\n'));
}

function checkLogos(file: string, compare: readonly string[] | undefined): void {
  if (compare === undefined) throw new UsageError('--logos needs --compare: it draws the known motifs');
  if (!/\.(?:svg|png)$/i.test(file)) throw new UsageError(`${file}: the name must end in .svg or .png`);
}

/** @throws UsageError for the other strand of an RNA motif */
function rankedFor(
  { pwm, alphabet }: SpelledMotif,
  known: readonly KnownMotif[],
  { overlap, bothStrands }: MotifOptions,
): Ranked {
  if (bothStrands && alphabet !== 'dna')
    throw new UsageError(
      '--both-strands is for DNA; the motif is RNA, which has one strand (--alphabet dna makes it DNA)',
    );
  return rankMotifs(pwm, known, { minimumOverlap: overlap, bothStrands });
}

const matchOf = ({ motif: { name, alternateName, file }, similarity, rank }: Ranked[number]): Match => ({
  rank,
  motif: name,
  alternateName: alternateName ?? null,
  file,
  ...similarity,
});

async function placedLogos(name: string, { pwm, alphabet }: SpelledMotif, ranked: Ranked): Promise<string> {
  const { alignedLogos } = await import('../../report/figures/aligned-logos.js');
  const known = ranked.map(({ motif, similarity }) => ({
    name: motif.alternateName === undefined ? motif.name : `${motif.name} ${motif.alternateName}`,
    pwm: motif.pwm,
    match: similarity,
  }));
  return alignedLogos({ name, pwm }, known, {
    title: `Motif ${name} above the known motifs most like it`,
    alphabet,
  });
}

/** A picture as its file's name asks. */
async function drawn(file: string, svg: string): Promise<string | Uint8Array> {
  if (!/\.png$/i.test(file)) return svg;
  const { svgToPng } = await import('../../report/figures/png.node.js');
  return await svgToPng(svg);
}

function outputOf(file: string): Output {
  const found = OUTPUTS.find((known) => known === extname(file).toLowerCase());
  if (!found)
    throw new UsageError(
      `${file}: the name of the output must end in ${OUTPUTS.join(', ')}, because the ending determines the format`,
    );
  return found;
}

function nameOf(name: string): string {
  if (!/^\S+$/.test(name)) throw new UsageError(`--name must be one word, not ${echo(name)}`);
  return name;
}

async function contents(
  as: Output,
  name: string,
  motif: SpelledMotif,
  record: object,
): Promise<string | Uint8Array> {
  switch (as) {
    case '.meme':
      return formatMeme(
        [{ name, pwm: motif.pwm, ...(motif.sign === undefined && { sites: motif.alignment.length }) }],
        undefined,
        motif.alphabet,
      );
    case '.json':
      return jsonText(record);
    case '.tsv':
      return formatMatrix(motif.pwm, motif.alphabet);
    case '.svg':
    case '.png':
      return await drawn(as, await logo(name, motif));
  }
}

async function logo(name: string, { pwm, consensus, alphabet }: SpelledMotif): Promise<string> {
  const { BITS, sequenceLogo } = await import('../../report/figures/logo.js');
  const title = `Sequence logo of the motif ${name}, consensus ${consensus}`;
  return sequenceLogo(informationHeights(pwm), { ...BITS, title, alphabet });
}

function bits(text: string): number {
  const value = finite(text);
  if (value < 0 || value > 2) throw new InvalidArgumentError('It must be 0 to 2 bits.');
  return value;
}
