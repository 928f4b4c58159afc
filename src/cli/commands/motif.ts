/**
 * `residualbind motif`: from a sweep's table to a motif, as matrix, MEME file and logo, and to the known
 * motifs like it.
 */

import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { STDIN } from '../../data/files/input.node.js';
import type { FileDigest } from '../../data/files/text-file.node.js';
import { consensusOf } from '../../data/pwm.js';
import { type Alphabet, lettersOf, spell } from '../../data/sequences/letters.js';
import { count } from '../../device/count.js';
import { echo } from '../../device/echo.js';
import { readTable } from '../../gia/files/table-file.node.js';
import {
  formatMatrix,
  formatMeme,
  informationContent,
  informationHeights,
  type KmerMotif,
  kmerMotif,
  MINIMUM_OVERLAP,
  rankMotifs,
  TOP_KMERS,
  trimMotif,
} from '../../gia/motif/index.js';
import type { StoredRow, StoredTable } from '../../gia/tables/table-reader.js';
import { isPwm, learnedMotif } from '../../nn/baselines/pwm.js';
import { readModel } from '../../nn/files/model-files.node.js';
import { coefficient } from '../../report/correlation.js';
import { COMPARE, knownRecord, readKnown } from '../known-motifs.js';
import { type CommonOptions, examples, finite, outputPath, positiveInteger, withCommon } from '../options.js';
import { checkFile, writeResult } from '../output/files.js';
import { jsonText } from '../output/output.js';
import { Session } from '../session.js';
import { aligned } from '../tables.js';
import { UsageError } from '../terminal/errors.js';
import { type Io, printResult } from '../terminal/io.js';

interface MotifOptions extends CommonOptions {
  readonly top: number;
  readonly trim: number;
  readonly model?: string;
  readonly task?: string;
  readonly name?: string;
  readonly out?: readonly string[];
  readonly compare?: readonly string[];
  readonly overlap: number;
  readonly matches: number;
}

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
    .option('--matches <n>', 'known motifs to print', positiveInteger, 10);
  withCommon(command)
    .addHelpText(
      'after',
      examples(
        'motif 6-mers.tsv',
        'motif 6-mers.tsv --out motif.meme --out motif.svg',
        'motif 6-mers.tsv --trim 0.2 --compare known.meme',
        'motif 6-mers.tsv --compare CISBP-RNA/ jaspar.txt known.meme',
        'motif folds.json --model fold-1 --json',
        'motif methods/U1A/pwm-1 --trim 0.25 --out pwm.svg',
        'motif tasks.tsv --task RBFOX2',
      ),
    )
    .action((table: string, options: MotifOptions) => motifOf(io, table, options));
}

async function motifOf(io: Io, path: string, options: MotifOptions): Promise<void> {
  const { out = [] } = options;
  const outputs = out.map((file) => ({ file, as: outputOf(file) }));
  for (const { file } of outputs) await checkFile(file);
  const session = await Session.start(io, { command: 'motif', given: { table: path }, options });
  const { sha256, ...motif } = await motifIn(path, options);
  const name = nameOf(options.name ?? motif.alignment[0]?.kmer ?? motif.consensus);
  const known = options.compare === undefined ? undefined : await readKnown(io, options.compare);
  const ranked = known && rankMotifs(motif.pwm, known.motifs, options.overlap);
  const matches = ranked?.map(({ motif: other, similarity, rank }) => ({
    rank,
    motif: other.name,
    alternateName: other.alternateName ?? null,
    ...similarity,
  }));
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
    matches: matches ?? null,
  });
  for (const { file, as } of outputs) await writeResult(file, await contents(as, name, motif, record));
  const shown = { ...record, matches: matches?.slice(0, options.matches) ?? null };
  printResult(io, options.json, { ...shown, out }, report(name, motif, shown.matches, options));
}

function outputOf(file: string): Output {
  const found = OUTPUTS.find((known) => known === extname(file).toLowerCase());
  if (!found)
    throw new UsageError(
      `${file}: the name of the output must end in ${OUTPUTS.join(', ')}, because the ending determines the format`,
    );
  return found;
}

/** The motif of a sweep's table, or that of a model that is one. */
async function motifIn(
  path: string,
  options: MotifOptions,
): Promise<SpelledMotif & Pick<FileDigest, 'sha256'>> {
  const { top, trim } = options;
  if (!(await isModel(path))) {
    const { rows, alphabet, sha256 } = await rowsOf(path, options);
    return { ...spelledMotif(kmerMotif(rows, { top, trim }), alphabet), sha256 };
  }
  const { architecture, weights, sha256 } = await readModel(path);
  if (!isPwm(architecture))
    throw new UsageError(
      `${path}: the network has more than one filter; make a table of its k-mers with: residualbind gia sweep MODEL --out 6-mers.tsv`,
    );
  const { pwm, sign } = learnedMotif(architecture, weights);
  const learned = { ...trimMotif(pwm, trim), alignment: [] };
  return { ...spelledMotif(learned, architecture.alphabet), sign, sha256 };
}

/** Whether a path is that of a model: a folder or a .safetensors file. */
const isModel = async (path: string): Promise<boolean> =>
  extname(path).toLowerCase() === '.safetensors' ||
  (await stat(path).catch(() => undefined))?.isDirectory() === true;

async function rowsOf(
  path: string,
  { model, task }: MotifOptions,
): Promise<Pick<StoredTable & FileDigest, 'rows' | 'alphabet' | 'sha256'>> {
  const kind = extname(path).toLowerCase();
  if (path !== STDIN && kind !== '.tsv' && kind !== '.json')
    throw new UsageError(
      `${path}: expected the .tsv or .json table of a sweep; make one with: residualbind gia sweep MODEL --out 6-mers.tsv`,
    );
  const { rows, alphabet, sha256 } = await readTable(path);
  const own = rowsNamed(path, 'task', task, rowsNamed(path, 'model', model, rows));
  return { rows: own, alphabet, sha256 };
}

/** The rows of one model or one task. @throws UsageError where none or several have the name */
function rowsNamed(
  path: string,
  kind: 'model' | 'task',
  name: string | undefined,
  rows: readonly StoredRow[],
): readonly StoredRow[] {
  const names = [...new Set(rows.flatMap((row) => row[kind] ?? []))];
  if (name !== undefined && !names.includes(name))
    throw new UsageError(
      `${path} has no ${kind} ${echo(name)}${names.length > 0 ? `; it has ${names.join(', ')}` : ''}`,
    );
  if (name === undefined && names.length > 1)
    throw new UsageError(`${path} has several ${kind}s; choose one with --${kind}: ${names.join(', ')}`);
  return name === undefined ? rows : rows.filter((row) => row[kind] === name);
}

/** A motif in the letters of its table. */
interface SpelledMotif extends KmerMotif {
  readonly alphabet: Alphabet;
  /** The letters of the matrix, in the order of its columns. */
  readonly letters: string;
  readonly consensus: string;
  /** Of a model that is one motif: whether its sites raise (1) or lower (-1) the prediction. */
  readonly sign?: 1 | -1;
}

const spelledMotif = ({ alignment, ...motif }: KmerMotif, alphabet: Alphabet): SpelledMotif => ({
  ...motif,
  alphabet,
  letters: lettersOf(alphabet),
  consensus: spell(consensusOf(motif.pwm), alphabet),
  alignment: alignment.map((each) => ({ ...each, kmer: spell(each.kmer, alphabet) })),
});

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
      return await logo(name, motif);
    case '.png': {
      const { svgToPng } = await import('../../report/figures/png.node.js');
      return await svgToPng(await logo(name, motif));
    }
  }
}

async function logo(name: string, { pwm, consensus, alphabet }: SpelledMotif): Promise<string> {
  const { BITS, sequenceLogo } = await import('../../report/figures/logo.js');
  const title = `Sequence logo of the motif ${name}, consensus ${consensus}`;
  return sequenceLogo(informationHeights(pwm), { ...BITS, title, alphabet });
}

interface Match {
  readonly rank: number;
  readonly motif: string;
  readonly alternateName: string | null;
  readonly r: number;
  readonly offset: number;
  readonly overlap: number;
}

function report(
  name: string,
  { pwm, alignment, start, letters, sign }: SpelledMotif,
  matches: readonly Match[] | null,
  { out = [], compare }: MotifOptions,
): string {
  const information = informationContent(pwm);
  const left = Math.min(start, ...alignment.map(({ offset }) => offset));
  const lines = [
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
  if (matches && compare) {
    lines.push(
      `Known motifs by similarity (${compare.join(', ')}):`,
      aligned([
        ['motif', 'r', 'offset', 'overlap'],
        ...matches.map(({ motif, alternateName, r, offset, overlap }) => [
          alternateName === null ? motif : `${motif} ${alternateName}`,
          coefficient(r),
          String(offset),
          String(overlap),
        ]),
      ]),
    );
  }
  if (out.length > 0) lines.push(`Written: ${out.join(', ')}.`);
  return lines.join('\n');
}

function bits(text: string): number {
  const value = finite(text);
  if (value < 0 || value > 2) throw new InvalidArgumentError('It must be 0 to 2 bits.');
  return value;
}
