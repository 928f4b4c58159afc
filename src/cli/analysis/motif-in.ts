/** The motif that a sweep's table or a model holds. */

import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { STDIN } from '../../data/files/input.node.js';
import type { FileDigest } from '../../data/files/text-file.node.js';
import { consensusOf } from '../../data/pwm.js';
import { type Alphabet, lettersOf, spell } from '../../data/sequences/letters.js';
import { echo } from '../../device/echo.js';
import { readTable } from '../../gia/files/table-file.node.js';
import { type KmerMotif, kmerMotif, trimMotif } from '../../gia/motif/index.js';
import type { StoredRow, StoredTable } from '../../gia/tables/table-reader.js';
import { isPwm, learnedMotif } from '../../nn/baselines/pwm.js';
import { readModel } from '../../nn/files/model-files.node.js';
import { UsageError } from '../terminal/errors.js';

/** Which motif of a table, and how it is made. */
export interface MotifChoice {
  readonly top: number;
  readonly trim: number;
  readonly model?: string;
  readonly task?: string;
  /** Letters of what is written; default those of the table or the model. */
  readonly alphabet?: Alphabet;
}

/** The motif of a sweep's table, or that of a model that is one. */
export async function motifIn(
  path: string,
  options: MotifChoice,
): Promise<SpelledMotif & Pick<FileDigest, 'sha256'>> {
  const { top, trim } = options;
  if (!(await isModel(path))) {
    const { rows, alphabet, sha256 } = await rowsOf(path, options);
    return { ...spelledMotif(kmerMotif(rows, { top, trim }), options.alphabet ?? alphabet), sha256 };
  }
  const { architecture, weights, sha256 } = await readModel(path);
  if (!isPwm(architecture))
    throw new UsageError(
      `${path}: the network has more than one filter; make a table of its k-mers with: residualbind gia sweep MODEL --out 6-mers.tsv`,
    );
  const { pwm, sign } = learnedMotif(architecture, weights);
  const learned = { ...trimMotif(pwm, trim), alignment: [] };
  return { ...spelledMotif(learned, options.alphabet ?? architecture.alphabet), sign, sha256 };
}

/** Whether a path is that of a model: a folder or a .safetensors file. */
const isModel = async (path: string): Promise<boolean> =>
  extname(path).toLowerCase() === '.safetensors' ||
  (await stat(path).catch(() => undefined))?.isDirectory() === true;

async function rowsOf(
  path: string,
  { model, task }: MotifChoice,
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
export interface SpelledMotif extends KmerMotif {
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
